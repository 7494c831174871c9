"""No right answer fails and no catalogued mistake passes or is misnamed, on many random probes."""

import os
from concurrent.futures import ProcessPoolExecutor

import matrix
import pytest
from repository import ROOT

from autograder.checks import ASSIGNMENTS, exercises
from autograder.expectations import LiveExpectations
from autograder.selftest import grade_source
from autograder.solutions import Assignment

#: All of them in `make soak` and `make matrix`: ten CPU minutes.
SEEDS = matrix.SEEDS if os.environ.get("SOAK") else 50


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield pool


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_verdict_on_every_probe(name, pool):
    parts = pool.map(matrix.judge, [name] * 8, matrix.stretches(SEEDS, 8))
    found = matrix.Findings()
    for part in parts:
        found.add(part)
    assert found.wrong == []
    for exercise in exercises(name):
        assert found.caught[exercise] == found.named[exercise] >= 6 * SEEDS
        assert found.accepted[exercise] >= 6 * SEEDS, "five other right answers, and the solution"


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_self_check_says_what_the_grade_will_say(name):
    assert [line for seed in (1, 2) for line in matrix.disagreements(name, seed)] == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_two_mistakes_at_once_are_never_given_a_third_name(name):
    """Every fourth of the recognised pairs."""
    assignment = Assignment(name, ROOT / "solutions")
    live, named, count = LiveExpectations(assignment, 3), 0, 0
    for exercise in assignment.names:
        for pair in live.pairs(exercise)[::4]:
            results = grade_source(assignment, live, exercise, assignment.pair_source(pair.ids))
            said = {result.mistake for result in results if result.score < result.max_score}
            assert said and said <= {*pair.ids, None}, pair.ids
            named, count = named + (None not in said), count + 1
    assert named >= 0.95 * count > 0


@pytest.fixture
def solved_wrongly(monkeypatch):
    """A function: has the assignment's `old` text replaced by `new`, in what the matrix reads."""
    def replace(old, new):
        real = Assignment.variant_source
        monkeypatch.setattr(Assignment, "variant_source", lambda self, id: real(self, id).replace(old, new))
    return replace


def test_a_mistake_that_is_none_is_reported(solved_wrongly):
    solved_wrongly("+= self.lr", "-= self.lr")
    wrong = matrix.judge("optimizers", [1]).wrong
    assert "seed 1: sgd/uphill is not caught" in wrong


def test_a_right_answer_that_fails_is_reported(monkeypatch):
    monkeypatch.setattr(matrix, "equivalents", lambda name: {"sgd/odd": "class SGD:\n    pass"})
    (line,) = [line for line in matrix.judge("optimizers", [1]).wrong if "sgd/odd" in line]
    assert line.startswith("seed 1: sgd/odd is right, but fails: sgd-first-step:")
