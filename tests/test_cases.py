"""What a probe sees of a function: values, shapes, types, exceptions, changed arguments, and drawn numbers."""

import numpy as np
import pytest

from autograder.cases import Case, CasesProbe, Measure, MeasuresProbe, snap
from autograder.diagnosis import distance, same

X = np.arange(6.0).reshape(3, 2)


@pytest.fixture
def probe():
    return CasesProbe([Case("doubling", {"x": X}, {"double": (3, 2), "total": ()})])


def right(x):
    return 2 * x, x.sum()


def in_place(x):
    x *= 2
    return x, x.sum() / 2


@pytest.mark.parametrize("wrong", [
    lambda x: (2 * x + 1e-3, x.sum()),
    lambda x: (x.sum(), 2 * x),
    lambda x: 2 * x,
    lambda x: (2 * x, x.sum(), None),
    lambda x: None,
    lambda x: (2 * x.T, x.sum()),
    lambda x: ((2 * x).astype(np.float32), x.sum()),
    lambda x: ((2 * x).astype(int), x.sum()),
    lambda x: (2 * x, x.sum(keepdims=True)),
    lambda x: (2 * x, np.nan),
    lambda x: ([[1], [1, 2]], x.sum()),
    lambda x: ("2x", x.sum()),
    lambda x: 1 / 0,
    in_place,
])
def test_a_wrong_function_has_another_signature(probe, wrong):
    assert distance(probe.observe(wrong), probe.observe(right)) > 1e-4
    assert same(probe.observe(wrong), probe.observe(wrong))


@pytest.mark.parametrize("other", [
    lambda x: [2 * x, float(x.sum())],
    lambda x: ((2 * x).tolist(), sum(x.ravel())),
    lambda x: (x + x, np.array(x.sum())),
])
def test_another_right_function_has_the_same(probe, other):
    assert same(probe.observe(other), probe.observe(right))


def test_kinds_of_exceptions_differ(probe):
    def value_error(x):
        raise ValueError
    assert distance(probe.observe(value_error), probe.observe(lambda x: 1 / 0)) > 1e-4


def test_what_is_expected(probe):
    probe.expect(probe.observe(right))
    case = probe.cases["doubling"]
    np.testing.assert_array_equal(case.expected["double"], 2 * X)
    assert case.expected["total"] == 15


def test_a_dict_of_arrays_is_an_output():
    probe = CasesProbe([Case("scaled", {"grads": {"W": X, "b": np.ones(2)}}, {"clipped": {"W": (3, 2), "b": (2,)}})])
    signature = probe.observe(lambda grads: {key: g / 2 for key, g in grads.items()})
    probe.expect(signature)
    np.testing.assert_array_equal(probe.cases["scaled"].expected["clipped"]["b"], [0.5, 0.5])
    for wrong in (lambda grads: {"W": grads["W"] / 2}, lambda grads: list(grads.values()), lambda grads: None):
        assert distance(probe.observe(wrong), signature) > 1e-4


def test_arguments_are_fresh_at_every_access(probe):
    case = probe.cases["doubling"]
    case.x[:] = 0
    np.testing.assert_array_equal(case.x, X)
    with pytest.raises(AttributeError):
        case.y  # noqa: B018


def test_measures_do_not_depend_on_the_way_of_drawing():
    probe = MeasuresProbe([Measure("spread", 1, lambda draw, rng: [snap(np.std(draw(rng)), [1, 2], 0.05)])], seed=5)
    one = probe.observe(lambda rng: rng.normal(size=40_000))
    assert one.tolist() == probe.observe(lambda rng: rng.standard_normal((200, 200))).tolist() == [0, 1]
    assert probe.observe(lambda rng: 2 * rng.normal(size=40_000)).tolist() == [0, 2]
    broken = probe.observe(lambda rng: rng.no_such_method())
    assert broken[0] > 0 and np.isnan(broken[1])


def test_what_nobody_foresaw_is_like_nothing_else():
    """Not even like itself: a name is never given because two things are both unknown."""
    probe = MeasuresProbe([Measure("spread", 1, lambda draw, rng: [snap(np.std(draw(rng)), [1, 2], 0.05)])], seed=5)

    def unknown(rng):
        return 1.4 * rng.normal(size=40_000)
    assert not same(probe.observe(unknown), probe.observe(unknown))


def test_snap():
    assert snap(1.02, [1, 2], 0.05) == 1
    assert snap(1.4, [1, 2], 0.05) == snap(np.nan, [1, 2], 0.05) == np.inf
    assert snap(0.0, [0, 1], 0.05) == 0
