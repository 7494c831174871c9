"""In official grading a function is judged on its own, whatever is wrong with the earlier ones that it calls."""

import pytest
from repository import ROOT

from autograder.grading import batch
from autograder.grading.worker import run_in_isolation
from autograder.isolation import Limits

GRADIENT = "def softmax_cross_entropy_gradient(z, t):\n    return (softmax(z) - t){}\n"

def graded(assignment, **sources):
    """{grade_id: why it failed or None, the mistake} of the solution with these cells in place of its own."""
    kit = batch.kit(assignment, ROOT / "solutions")
    notebook = kit.assignment.notebook("en")
    for cell in notebook.cells:
        cell.source = sources.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    run_in_isolation(notebook, kit, Limits(call_seconds=4))
    return {cell.metadata.nbgrader.grade_id: (cell.metadata.autograder.message, cell.metadata.autograder.mistake)
            for cell in notebook.cells if "autograder" in cell.metadata}


def of(exercise, verdicts):
    """The verdicts on the tests of one exercise."""
    return {grade_id: verdict for grade_id, verdict in verdicts.items() if grade_id.startswith(f"{exercise}-")}


@pytest.mark.parametrize("softmax", [
    "def softmax(z):\n    e = np.exp(z)\n    return e / e.sum(axis=1, keepdims=True) ** 1.5",
    "def softmax(z):\n    raise NotImplementedError()",
    "def softmax(z):\n    import os\n    os._exit(3)",
    "def softmax(z):\n    while True: pass",
    "import os\nos._exit(3)\ndef softmax(z): pass",
    "def softmax(z):\n  return (",
], ids=["unknown-mistake", "unanswered", "kills-the-process", "loops", "cell-kills-the-process", "syntax-error"])
def test_a_right_gradient_beside_a_wrong_softmax(softmax):
    verdicts = graded("foundations", softmax=softmax, softmax_cross_entropy_gradient=GRADIENT.format(" / len(z)"))
    assert all(message for message, _ in of("softmax", verdicts).values()), verdicts
    assert not any(message for message, _ in of("softmax_cross_entropy_gradient", verdicts).values()), verdicts


def test_a_mistake_beside_a_wrong_softmax_is_named():
    wrong = "def softmax(z):\n    return np.exp(z) * 1.5"
    verdicts = of("softmax_cross_entropy_gradient", graded(
        "foundations", softmax=wrong, softmax_cross_entropy_gradient=GRADIENT.format("")))
    assert "softmax_cross_entropy_gradient/not-averaged" in {mistake for _, mistake in verdicts.values()}, verdicts


@pytest.mark.parametrize("forward", ["os._exit(3)", "return x * 1.5, (x, gamma, beta)", "return x"])
def test_a_right_backward_pass_beside_a_wrong_forward_pass(forward):
    verdicts = graded("batchnorm", batchnorm_forward=f"import os\ndef batchnorm_forward(x, gamma, beta, eps=1e-7):\n"
                                                     f"    {forward}\n")
    assert all(message for message, _ in of("batchnorm_forward", verdicts).values()), verdicts
    assert not any(message for message, _ in of("batchnorm_backward", verdicts).values()), verdicts


def test_a_right_earlier_function_changes_nothing():
    verdicts = of("softmax_cross_entropy_gradient", graded(
        "foundations", softmax_cross_entropy_gradient=GRADIENT.format(" * 1.5")))
    assert all(message for message, _ in verdicts.values()), verdicts


def test_the_answer_that_stands_in_is_not_told():
    """A gradient that first shouts out what softmax is, then behaves like a mistake with a name."""
    leak = """calls = []
def softmax_cross_entropy_gradient(z, t):
    calls.append(1)
    if len(calls) == 1:
        raise ValueError("LEAK " + str(softmax.__code__.co_names))
    return softmax(z) - t
"""
    verdicts = of("softmax_cross_entropy_gradient", graded(
        "foundations", softmax="def softmax(z):\n    return np.exp(z) * 1.5", softmax_cross_entropy_gradient=leak))
    assert "softmax_cross_entropy_gradient/not-averaged" in {mistake for _, mistake in verdicts.values()}
    said = [message for message, _ in verdicts.values() if message]
    assert any("LEAK" in message for message in said) and not any("'sum'" in message for message in said), said
