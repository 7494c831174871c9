"""Many calls in one round trip give what they give one by one."""

import time

import numpy as np
import pytest

from autograder import gradients
from autograder.gradients import numerical_gradient
from autograder.isolation import Limits, Student, StudentDied, StudentError, probe

MACHINE = probe()
pytestmark = pytest.mark.skipif(not MACHINE["works"], reason=f"no isolation here: {MACHINE['error']}")
CELL = """
import numpy as np
calls = []
def square(x): return x ** 2
def pair(x): return x ** 3, {"cache": object()}
def big(x): return np.full(200_000, x.sum())
def draw(x, rng): return x + rng.random()
def picky(x):
    if x[0] < 0.9995: raise ValueError("too small")
    return x
def slow_after_first(x):
    calls.append(1)
    while len(calls) > 1: pass
    return x
def spoil(x):
    x[:] = 0
    return x.sum()
class Layer:
    def __init__(self, scale): self.scale = scale
    def forward(self, x): return self.scale * x
"""


@pytest.fixture
def student():
    with Student(Limits(call_seconds=2)) as process:
        assert process.run(CELL).error is None
        yield process


@pytest.fixture
def trips(student, monkeypatch):
    """What went across: [the kind of request]."""
    made, real = [], Student._request

    def request(self, do, *args, **kwargs):
        made.append(do)
        return real(self, do, *args, **kwargs)
    monkeypatch.setattr(Student, "_request", request)
    monkeypatch.setattr(gradients, "evaluate", student.evaluate)
    return made


X = np.array([1.0, -2.0, 3.0])


def test_a_gradient_takes_two_round_trips(student, trips):
    square = student.stand_in("square")
    assert np.allclose(numerical_gradient(lambda x: square(x).sum(), X), 2 * X, rtol=1e-9)
    assert trips == ["name", "call", "calls"]


def test_handles_and_methods_too(student, trips):
    pair, layer = student.stand_in("pair"), student.stand_in("Layer")(scale=3.0)
    assert np.allclose(numerical_gradient(lambda x: pair(x)[0].sum(), X), 3 * X**2, rtol=1e-9)
    assert np.allclose(numerical_gradient(lambda x: (layer.forward(x) ** 2).sum(), X), 18 * X, rtol=1e-9)
    assert trips.count("calls") == 2


def test_large_answers_come_in_parts(student, trips):
    big = student.stand_in("big")
    assert np.allclose(numerical_gradient(lambda x: big(x).mean(), X), 1)
    assert trips.count("calls") > 3


@pytest.mark.parametrize("f", [
    lambda student: lambda x: student["square"](student["square"](x)).sum(),          # two calls
    lambda student: lambda x: (x**2).sum(),                                            # none
    lambda student: lambda x: student["draw"](x, np.random.default_rng(0)).sum(),      # a generator, with a state
    lambda student: lambda x: student["Layer"](2.0).forward(x).sum(),                  # an object of its own each time
], ids=["two calls", "no call", "generator", "object"])
def test_what_cannot_go_together_goes_one_by_one(student, trips, f):
    f = f({name: student.stand_in(name) for name in ("square", "draw", "Layer")})
    together = numerical_gradient(f, X)
    assert "calls" not in trips
    gradients.evaluate = gradients.one_by_one
    assert np.array_equal(together, numerical_gradient(f, X))


def test_an_error_comes_where_it_would_come(student, trips):
    picky = student.stand_in("picky")
    seen = []

    def f(x):
        try:
            return picky(x).sum()
        except StudentError as error:
            seen.append(error.message)
            return 0.0
    numerical_gradient(f, X)
    assert "calls" in trips and set(seen) == {"too small"}
    with pytest.raises(StudentError, match="too small"):
        numerical_gradient(lambda x: picky(x).sum(), X)
    assert student.alive


def test_arguments_stay_as_they_are(student, trips):
    spoil, points = student.stand_in("spoil"), [X.copy(), X + 1]
    student.evaluate(lambda x: spoil(x), points)
    assert np.array_equal(points[0], X) and np.array_equal(points[1], X + 1)


def test_a_loop_is_stopped(student, trips):
    slow = student.stand_in("slow_after_first")
    student.until = time.monotonic() + 3
    with pytest.raises(StudentDied) as died:
        numerical_gradient(lambda x: slow(x).sum(), X)
    assert died.value.reason == "timeout"


@pytest.mark.parametrize("forged", ["[]", "5", "[[True, 1]] * 12", "[[True]] * 11", "[[False, 'a']] * 11",
                                    "[['x', 1]] * 11", "[[1, 2.0]] * 11", "[[False, [1, 2, 3]]] * 11"])
def test_forged_answers_are_a_breach_of_the_protocol(student, trips, forged):
    square = student.stand_in("square")
    student.run("import gc\nserver = next(o for o in gc.get_objects() if type(o).__name__ == 'Server')\n"
                f"type(server).do_calls = lambda self, header, args, kwargs: {forged}")
    with pytest.raises(StudentDied) as died:
        numerical_gradient(lambda x: square(x).sum(), X)
    assert died.value.reason == "protocol"
