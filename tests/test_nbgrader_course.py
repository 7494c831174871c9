"""What `autograder grade` leaves is an ordinary nbgrader course: its commands work on it, a person's grades stay."""

import csv
import os
import re
import runpy
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader import dbutil
from repository import ROOT

from autograder import release
from autograder.grading import batch, feedback
from autograder.grading import gradebook as books
from autograder.isolation import probe
from autograder.solutions import Assignment

pytestmark = pytest.mark.skipif(not probe()["works"], reason="this machine cannot isolate students' code")

SAMPLE = runpy.run_path(str(ROOT / "solutions" / "sample_class.py"))
NAME = "foundations"
#: What an assignment may end with that a person grades: an answer in words, and a task with the student's own cells.
BY_HAND = "".join(f'\n+++ {{"lang": "{language}", "nbgrader": {meta}}}\n\n{text}\n' for meta, text in (
    ('{"grade_id": "why", "solution": true, "points": 3}', "The model answer, in confidence."),
    ('{"grade_id": "explore", "task": true, "points": 4}', "Explore: {language}."))
    for language in ("en", "zh-TW", "zh-CN")).replace("Explore: {language}", "Explore")
ANSWER = "Because $a < b$ **rolls**.\n```\n<script>document.title = 'hacked'</script>"


@pytest.fixture(scope="module")
def solutions(tmp_path_factory):
    """A folder of solutions in which one assignment has cells that a person grades."""
    folder = tmp_path_factory.mktemp("by-hand") / "solutions"
    shutil.copytree(ROOT / "solutions", folder)
    with open(folder / f"{NAME}.md", "a", encoding="utf-8") as file:
        file.write(BY_HAND)
    return folder


def hand_in(course, student, solutions, why, task=()):
    """A right submission with `why` as the answer in words and the cells `task` below the task."""
    assignment = Assignment(NAME, solutions)
    notebook = release.student_version(assignment, "zh-TW")
    for cell in notebook.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if id in assignment.names:
            cell.source = assignment.code[id]
        if id == "why" and why is not None:
            cell.source = why
    notebook.cells += task
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


@pytest.fixture(scope="module")
def course(tmp_path_factory, solutions):
    """A graded course: one student answered in words, one did not, one file is none."""
    folder = tmp_path_factory.mktemp("course")
    hand_in(folder, "answered", solutions, ANSWER, [
        nbformat.v4.new_markdown_cell("I tried **this**.", id="tried"),
        nbformat.v4.new_code_cell("print('explored', 6 * 7)", id="explored")])
    hand_in(folder, "silent", solutions, None)
    broken = folder / "submitted" / "broken" / NAME
    broken.mkdir(parents=True)
    (broken / f"{NAME}.ipynb").write_text("{")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / "solutions").symlink_to(solutions)
    graded = batch.grade(folder, [NAME], solutions=str(solutions), workers=1)
    assert {r["student"]: r["status"] for r in graded} == {
        "answered": "graded", "silent": "graded", "broken": "unreadable"}
    return folder


def nbgrader(course, *arguments):
    bin_ = os.path.dirname(sys.executable)
    environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([f"{bin_}/nbgrader", *arguments], cwd=course, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def grades(course, student):
    """{grade_id: (automatic, by hand, whether a person is asked)} of what a person grades."""
    with books.open_gradebook(books.url(course)) as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, NAME, student)
        return {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade)
                for g in notebook.grades if g.name in ("why", "explore")}


def autograded(course, student):
    return nbformat.read(course / "autograded" / student / NAME / f"{NAME}.ipynb", 4)


def cell(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_the_release_asks_and_does_not_answer(solutions):
    for language in ("en", "zh-TW"):
        notebook = release.student_version(Assignment(NAME, solutions), language)
        assert "model answer" not in nbformat.writes(notebook)
        why, task = cell(notebook, "why"), cell(notebook, "explore")
        assert (why.cell_type, task.cell_type, task.source) == ("markdown", "markdown", "Explore.")
        assert why.metadata.nbgrader.solution and task.metadata.nbgrader.task


def test_a_person_is_asked_for_what_only_a_person_can_grade(course):
    assert grades(course, "answered") == {"why": (None, None, True), "explore": (None, None, True)}
    assert grades(course, "silent")["why"][0] == 0              # untouched: "No response."
    assert grades(course, "silent")["explore"][2]


def test_the_students_words_stand_in_the_graded_notebook_as_text(course):
    notebook = autograded(course, "answered")
    why = cell(notebook, "why").source
    assert why == f"````text\n{ANSWER}\n````"
    behind = notebook.cells[notebook.cells.index(cell(notebook, "explore")) + 1:]
    assert [c.cell_type for c in behind] == ["markdown", "code"] and "I tried **this**." in behind[0].source
    assert behind[1].outputs[0].text == "explored 42\n"
    assert notebook.metadata.autograder.repairs == []
    assert cell(autograded(course, "silent"), "why").source == "YOUR ANSWER HERE"


def test_the_gradebook_has_the_version_that_nbgrader_would_give_it(course):
    """Or `nbgrader db upgrade` would do something to it, or refuse."""
    with books.open_gradebook(books.url(course)) as gradebook, gradebook.engine.connect() as connection:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    bin_ = os.path.dirname(sys.executable)
    with dbutil._temp_alembic_ini("sqlite://") as ini:
        heads = subprocess.run([f"{bin_}/alembic", "-c", ini, "heads"], capture_output=True, text=True, check=True)
    assert heads.stdout.split() == [version, "(head)"]


def test_export(course):
    nbgrader(course, "export", "--to", "grades.csv")
    with open(course / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    with books.open_gradebook(books.url(course)) as gradebook:
        for student in ("answered", "silent", "broken"):
            assert float(rows[student]["score"]) == gradebook.find_submission(NAME, student).score
    assert float(rows["answered"]["score"]) > float(rows["broken"]["score"]) == 0
    assert float(rows["answered"]["max_score"]) == float(rows["answered"]["score"]) + 7


def test_stock_feedback_shows_no_hidden_test(course):
    def lines(notebook):
        return {line.strip() for c in notebook.cells for line in c.source.splitlines() if len(line.strip()) > 20}
    assignment = Assignment(NAME, ROOT / "solutions")
    secret = lines(release.master(assignment)) - lines(release.student_version(assignment, "en"))
    graded = "\n".join(c.source for c in autograded(course, "answered").cells)
    assert secret and all(line in graded for line in secret)
    nbgrader(course, "generate_feedback", NAME)
    for student in ("answered", "broken"):
        page = course / "feedback" / student / NAME / f"{NAME}.html"
        text = re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8")).replace("&quot;", '"').replace("&#39;", "'")
        assert "HIDDEN TESTS" not in text
        assert [line for line in secret if line in text.replace("&lt;", "<").replace("&gt;", ">")] == []
    html = (course / "feedback" / "answered" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "<script>document.title" not in html and "document.title" in html


def test_our_feedback_says_that_a_person_will_read_it(course):
    with books.open_gradebook(books.url(course)) as gradebook:
        pages = {path.parent.parent.name: path.read_text(encoding="utf-8")
                 for path in feedback.write_all(course, gradebook, [NAME])}
    assert set(pages) == {"answered", "silent", "broken"}
    assert [pages[who].count('<td class="unanswered">') for who in ("answered", "silent")] == [2, 1]
    assert "\n&lt;script&gt;document.title" in pages["answered"] and "````text" not in pages["answered"]


def test_a_persons_grade_survives_grading_again(course, solutions):
    with books.open_gradebook(books.url(course)) as gradebook:
        for id, score in (("why", 2.5), ("explore", 4.0)):
            grade = next(g for g in gradebook.find_submission_notebook(NAME, NAME, "answered").grades if g.name == id)
            grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()
    (again,) = batch.grade(course, [NAME], students=["answered"], solutions=str(solutions), workers=1, force=True)
    assert {c["grade_id"]: c["score"] for c in again["cells"] if c["grade_id"] in ("why", "explore")} == {
        "why": 2.5, "explore": 4.0}
    assert again["score"] == again["max_score"] - 0.5
    assert grades(course, "answered")["why"][1] == 2.5


def test_nbgraders_autograde_gives_the_same(course):
    before = grades(course, "answered")
    with books.open_gradebook(books.url(course)) as gradebook:
        score = gradebook.find_submission(NAME, "answered").score
    nbgrader(course, "autograde", NAME, "--student", "answered", "--force")
    with books.open_gradebook(books.url(course)) as gradebook:
        assert gradebook.find_submission(NAME, "answered").score == score
    assert {id: manual for id, (_auto, manual, _asked) in grades(course, "answered").items()} == {
        id: manual for id, (_auto, manual, _asked) in before.items()}
    assert cell(autograded(course, "answered"), "why").source.startswith("````text\n")
