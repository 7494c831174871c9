"""What a check says: the facts, in the right order, and a name only where it is sure."""

import numpy as np
import pytest

from autograder import diagnosis, messages
from autograder.expectations import FIXED_SEED, LiveExpectations
from autograder.selftest import grade_source


@pytest.fixture(scope="module")
def live(assignment):
    return LiveExpectations(assignment, 11)


def sgd(body):
    lines = "\n".join("        " + line for line in body.splitlines())
    return ("class SGD:\n    def __init__(self, lr=0.01):\n        self.lr = lr\n"
            f"    def update(self, params, grads):\n{lines}\n")


def first_failure(assignment, live, source, exercise="sgd"):
    return next(result for result in grade_source(assignment, live, exercise, source) if not result.score)


@pytest.mark.parametrize(("body", "message"), [
    ("params['W'] = None", "params['W'] is None"),
    ("params['W'] = 'uphill'", "is of type <U6, expected numbers"),
    ("params['W'] = [[1, 2], [3]]", "its rows have different lengths"),
    ("params['W'] = np.zeros(7)", "has shape (7,), expected (2,)"),
    ("params['W'] = params['W'].astype(np.float32)", "has dtype float32, expected float64"),
    ("params['W'] = params['W'] * np.nan", "is nan at index (0,)"),
    ("params['W'] = params['W'] + 1", "is wrong in 2 of 2 entries"),
    ("raise ZeroDivisionError('no step')", "Your code raised ZeroDivisionError: no step"),
    ("raise NotImplementedError()", "not answered yet"),
    ("for key in params:\n    params[key] = list(params[key] - self.lr * grads[key])",
     "params['W'] is of type list, expected an array"),
])
def test_the_facts(assignment, live, body, message):
    assert message in first_failure(assignment, live, sgd(body)).message


def test_shape_comes_before_values(assignment, live):
    message = first_failure(assignment, live, sgd("params['W'] = params['W'].reshape(-1, 1) + 5")).message
    assert "has shape (2, 1)" in message and "wrong in" not in message


def test_changed_gradients_are_reported(assignment, live):
    source = sgd("for key in params:\n    params[key] -= self.lr * grads[key]\n    grads[key] += 1")
    failed = [result for result in grade_source(assignment, live, "sgd", source) if not result.score]
    assert [result.grade_id for result in failed] == ["sgd-eight-steps", "sgd-own-state"]
    assert all("Your code changed its argument grads['W']" in result.message for result in failed)


def test_a_missing_key_is_named(assignment, live):
    source = sgd("for key in params:\n    params[key] -= self.lr * grads[key]\nparams['extra'] = 1.0")
    messages = [result.message for result in grade_source(assignment, live, "sgd", source)]
    assert any("has the keys ['W', 'b', 'extra'], expected ['W', 'b']" in message for message in messages)


def test_an_unknown_mistake_gets_no_name(assignment, live):
    source = sgd("for key in params:\n    params[key] -= 1.07 * self.lr * grads[key]")
    failed = [result for result in grade_source(assignment, live, "sgd", source) if not result.score]
    assert failed and all(result.mistake is None and "known mistake" not in result.message for result in failed)


def test_a_convention_passes_with_a_note(assignment, live):
    source = assignment.variant_source("momentum/learning-rate-outside-velocity")
    results = grade_source(assignment, live, "momentum", source)
    assert all(result.score == result.max_score for result in results)
    assert any("Accepted, another convention" in result.message for result in results)


def test_copied_numbers_earn_nothing_officially(assignment):
    """An answer that replays the visible numbers passes the self-check's run and fails on fresh ones."""
    fixed, fresh = LiveExpectations(assignment, FIXED_SEED), LiveExpectations(assignment, 12345)
    run = fixed.probe("sgd").runs["plain"]
    table = repr([{key: value.tolist() for key, value in step.expected.items()} for step in run.steps])
    source = sgd(f"table = {table}\nself.t = getattr(self, 't', -1) + 1\n"
                 "for key in params:\n    params[key] = np.array(table[self.t % 8][key])")
    scores = [{result.grade_id: result.score for result in grade_source(assignment, expected, "sgd", source)}
              for expected in (fixed, fresh)]
    assert scores[0]["sgd-eight-steps"] == 2.0 and scores[1]["sgd-eight-steps"] == 0.0


@pytest.mark.parametrize(("language", "words"), [
    ("en", ("known mistake", "Ask yourself")), ("zh-TW", ("最佳化",)), ("zh-CN", ("优化",))])
def test_every_text_exists_in_every_language(assignment, language, words):
    messages.set_language(language)
    catalogue = assignment.catalogue
    for id in [*catalogue["MISTAKES"], *catalogue["CONVENTIONS"]]:
        texts = [messages.mistake_text(id, part) for part in ("what", "why", "ask")]
        assert id not in texts and len(set(texts)) == 3
    if language == "en":
        said = diagnosis.explain(diagnosis.Variant("adam/no-eps", np.zeros(1)))
        assert all(word in said for word in words) and said.endswith("(adam/no-eps)")


def test_the_diagnosis_is_in_the_language_in_force(assignment, live):
    source = assignment.variant_source("adam/no-eps")
    said = {}
    for language in messages.LANGUAGES:
        with messages.using(language):
            said[language] = first_failure(assignment, live, source, "adam").message
    assert len(set(said.values())) == 3
    assert "known mistake" in said["en"] and not any("\u4e00" <= c <= "\u9fff" for c in said["en"])
    assert all("known mistake" not in said[language] for language in ("zh-TW", "zh-CN"))
    assert "陣列" not in said["zh-CN"] and "数组" not in said["zh-TW"]


def test_distance():
    a = np.array([1.0, np.nan, 1e6])
    assert diagnosis.distance(a, a) == 0
    assert diagnosis.distance(a, [1.0, 2.0, 1e6]) == np.inf
    assert diagnosis.distance(a, [1.0, np.nan, 1.1e6]) == pytest.approx(1 / 11)
    assert diagnosis.distance(a, a[:2]) == np.inf
