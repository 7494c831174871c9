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
    outputs = [cell.outputs for cell in notebook.cells
               if cell.get("outputs") and "demo" not in cell.metadata.get("tags", [])]
    assert outputs
    for output in (o for cell in outputs for o in cell):
        assert output.output_type == "error" and output.ename == "CheckFailed"
        text = "\n".join(output.traceback)
        assert "File" not in text and "checking.py" not in text and "(adam/no-eps)" in text
        assert any("\u4e00" <= c <= "\u9fff" for c in text)


def run(path, sources):
    """The text of the error of each cell, by grade id, after some answers were written into the notebook."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = sources.get(id, cell.source)
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(path.parent)}}).execute()
    return {cell.metadata.nbgrader.grade_id: output.evalue for cell in notebook.cells
            for output in cell.get("outputs", []) if output.output_type == "error"}


def test_an_exception_is_told_with_its_line(released, right):
    wrong = right["adagrad"].replace("h + grads[key] ** 2", "h + grad[key] ** 2")
    said = run(released("en", {**right, "adagrad": wrong}), {})["adagrad-first-step"]
    assert "Your code raised NameError: name 'grad' is not defined" in said
    assert "of your cell: self.h[key] = h + grad[key] ** 2" in said


def test_a_fault_of_the_test_is_not_put_on_the_student(released, right):
    said = run(released("en", {**right, "sgd": right["sgd"] + "\nf = 5\n"}), {})["sgd-first-step"]
    assert "The test could not go on: TypeError" in said and "Your code raised" not in said


def test_without_its_numbers_the_notebook_says_so_in_every_language(released, right):
    path = released("zh-CN", right)
    (path.parent / "expected.npz").write_bytes(b"PK\x03\x04 cut off")
    said = run(path, {})["sgd-first-step"]
    assert "missing or damaged" in said and "不見了或已損壞" in said and "缺失或已损坏" in said
