"""nbgrader's formgrader opens what `autograder grade` made, and shows a student's markup as text."""

import os
import re
import runpy
import shutil
import subprocess
import sys

import nbformat
import pytest
from repository import ROOT

from autograder.grading import batch
from autograder.grading import gradebook as books

SAMPLE = runpy.run_path(str(ROOT / "solutions" / "sample_class.py"))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded course of one student, who made a mistake and left a script in the prose."""
    folder = tmp_path_factory.mktemp("course")
    SAMPLE["write"](folder / "all", ROOT / "solutions")
    shutil.copytree(folder / "all" / "submitted" / "uphill", folder / "submitted" / "uphill")
    path = folder / "submitted" / "uphill" / "optimizers" / "optimizers.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_markdown_cell(
        "Hello <script>document.title = 'hacked'</script><img src=x onerror=\"document.title='hacked'\">", id="evil"))
    nbformat.write(notebook, path)
    batch.grade(folder, ["optimizers"], solutions=str(ROOT / "solutions"), workers=1)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


@pytest.fixture(scope="module")
def server(course):
    """The address of a Jupyter server in the course folder."""
    bin_ = os.path.dirname(sys.executable)
    environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [f"{bin_}/jupyter", "server", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1",
         "--IdentityProvider.token=", "--ServerApp.password="],
        cwd=course, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                break
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_formgrader_shows_the_grade_and_interprets_no_markup(chromium, server, course):
    page = chromium.new_page()
    page.goto(f"{server}formgrader/gradebook/optimizers/optimizers")
    page.get_by_text("Submission #1").wait_for()
    assert "40" in page.inner_text("table") and "46" in page.inner_text("table")
    with books.open_gradebook(books.url(course)) as gradebook:
        submission = gradebook.find_submission_notebook("optimizers", "optimizers", "uphill").id
    page.goto(f"{server}formgrader/submissions/{submission}/?index=0")
    page.get_by_text("This is a known mistake").first.wait_for()
    body = page.inner_text("body")
    assert "(sgd/uphill)" in body and "<script>document.title" in body
    page.wait_for_timeout(500)
    assert page.title() != "hacked"
    page.close()


def test_a_score_typed_into_formgrader_survives_grading_again(chromium, server, course):
    with books.open_gradebook(books.url(course)) as gradebook:
        submission = gradebook.find_submission_notebook("optimizers", "optimizers", "uphill").id
    page = chromium.new_page()
    page.goto(f"{server}formgrader/submissions/{submission}/?index=0")
    score = page.locator("input.score").first
    score.wait_for()
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        score.fill("0.25")
        score.press("Tab")
    page.close()
    (again,) = batch.grade(course, ["optimizers"], solutions=str(ROOT / "solutions"), workers=1, force=True)
    assert again["cells"][0]["score"] == 0.25
