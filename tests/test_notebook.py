"""The student's side: nbgrader's Validate, and the clean message in a kernel."""

import nbformat
from nbclient import NotebookClient
from nbgrader.validator import Validator


def test_validate_passes_a_right_notebook(released, right):
    """A warning and a print in the answers are no failure, though nbgrader counts stderr as one."""
    answers = dict(right)
    answers["sgd"] = answers["sgd"].replace(
        "        for key", "        np.float64(1) / np.float64(0); print('a step')\n        for key")
    assert "a step" in answers["sgd"]
    results = Validator().validate(str(released("en", answers)))
    assert "failed" not in results and "changed" not in results, results


def test_validate_names_the_mistake(assignment, released, right):
    answers = {**right, "adam": assignment.variant_source("adam/no-eps")}
    results = Validator().validate(str(released("zh-TW", answers)))
    assert results["failed"] and all("adam/no-eps" in str(failure["error"]) for failure in results["failed"])


def test_validate_of_the_untouched_stub_fails_everywhere(released):
    results = Validator().validate(str(released("zh-CN", {})))
    assert len(results["failed"]) == 21


def test_the_message_stands_alone_in_the_notebook(assignment, released, right):
    """No way through our package, only the text: in the language of the release."""
    path = released("zh-TW", {**right, "adam": assignment.variant_source("adam/no-eps")})
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [cell.outputs for cell in notebook.cells if cell.get("outputs")]
    assert outputs
    for output in (o for cell in outputs for o in cell):
        assert output.output_type == "error" and output.ename == "CheckFailed"
        text = "\n".join(output.traceback)
        assert "File" not in text and "checking.py" not in text and "(adam/no-eps)" in text
        assert any("\u4e00" <= c <= "\u9fff" for c in text)
