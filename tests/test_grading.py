"""The sample class from end to end: isolated, recorded, re-run, in nbgrader's own gradebook."""

import io
import json
import multiprocessing
import os
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from courses import SAMPLE, SOLUTIONS
from dask.distributed import LocalCluster
from repository import ROOT
from rich.console import Console

from autograder import cli
from autograder.checks import ASSIGNMENTS
from autograder.grading import batch, cluster
from autograder.grading import gradebook as books
from autograder.grading.results import results
from autograder.isolation import IsolationUnavailable, Limits
from autograder.solutions import Assignment


@pytest.fixture(scope="module")
def grade():
    """batch.grade with the sample's limits, on a cluster that lives as long as this file's tests."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        def run(course, names=("optimizers",), **options):
            return batch.grade(course, names, solutions=SOLUTIONS, limits=Limits(call_seconds=4),
                               **{"scheduler": cluster.scheduler_address, **options})
        yield run


@pytest.fixture(scope="module")
def graded(tmp_path_factory, grade):
    """(the course folder, what was expected, the results of grading it on workers of its own)."""
    course = tmp_path_factory.mktemp("course")
    expected = SAMPLE["write"](course, SOLUTIONS)
    return course, expected, grade(course, workers=2, scheduler=None)


@pytest.fixture
def small(tmp_path):
    """A course of two students."""
    SAMPLE["write"](tmp_path / "all", SOLUTIONS)
    for student in ("right", "uphill"):
        shutil.copytree(tmp_path / "all" / "submitted" / student, tmp_path / "submitted" / student)
    return tmp_path


def test_the_class_is_as_varied_as_it_should_be():
    languages = {language for _, language, *_ in SAMPLE["STUDENTS"]}
    assert languages == {"en", "zh-TW", "zh-CN"} and len(SAMPLE["STUDENTS"]) >= 12


def test_everybody_gets_what_they_must(graded):
    _, expected, graded_now = graded
    assert len(expected) == len(SAMPLE["STUDENTS"]) == len(graded_now)
    assert list(SAMPLE["differences"](graded_now, expected)) == []


def test_differences_would_be_noticed(graded):
    _, expected, graded_now = graded
    forged = json.loads(json.dumps(graded_now))
    next(r for r in forged if r["student"] == "forger")["cells"][0]["score"] = 1.0
    wrong = {**expected, "optimizers/right": {"language": "zh-TW", "lost": {"sgd": None}}}
    assert not list(SAMPLE["differences"](forged[:0], {}))
    assert len(list(SAMPLE["differences"](graded_now, wrong))) == 2
    assert list(SAMPLE["differences"](graded_now[1:], expected))


def test_grading_leaves_no_worker_behind(small):
    before = {child.pid for child in multiprocessing.active_children()}
    batch.grade(small, ["optimizers"], solutions=SOLUTIONS, workers=2)
    assert {child.pid for child in multiprocessing.active_children()} <= before


def test_the_loop_was_stopped_and_the_others_not(graded):
    _, _, graded_now = graded
    status = {result["student"]: result["status"] for result in graded_now}
    assert status.pop("for-ever") == "stopped" and set(status.values()) == {"graded"}


def test_the_gradebook_says_the_same(graded):
    course, _, graded_now = graded
    with books.open_gradebook(books.url(course)) as gradebook:
        assert results(course, gradebook, ["optimizers"]) == graded_now
        assert gradebook.assignments[0].num_submissions == len(graded_now)
        assert gradebook.assignments[0].max_score == 46.0
        for result in graded_now:
            assert gradebook.find_submission("optimizers", result["student"]).score == result["score"]


def test_same_code_same_grade_in_two_languages(graded):
    _, _, graded_now = graded
    tw, cn = (next(r for r in graded_now if r["student"] == f"power-forgotten-{x}") for x in ("tw", "cn"))
    assert (tw["language"], cn["language"]) == ("zh-TW", "zh-CN")
    assert [(c["grade_id"], c["score"], c["mistake"]) for c in tw["cells"]] == [
        (c["grade_id"], c["score"], c["mistake"]) for c in cn["cells"]]
    pairs = [(a["message"], b["message"]) for a, b in zip(tw["cells"], cn["cells"], strict=True) if a["message"]]
    assert pairs and all(a != b for a, b in pairs)


def test_nothing_is_graded_twice(graded, grade):
    course, *_ = graded
    assert grade(course) == []


def test_only_what_changed_is_graded_again(small, grade):
    assert len(grade(small)) == 2
    path = small / "submitted" / "uphill" / "optimizers" / "optimizers.ipynb"
    path.write_bytes((small / "submitted" / "right" / "optimizers" / "optimizers.ipynb").read_bytes())
    again = grade(small)
    assert [(r["student"], r["score"]) for r in again] == [("uphill", 46.0)]
    assert len(grade(small, force=True, students=["right"])) == 1


def test_a_submission_that_broke_loses_its_old_score(small, grade):
    grade(small)
    (small / "submitted" / "right" / "optimizers" / "optimizers.ipynb").write_text("{")
    again = grade(small)
    assert [(r["student"], r["status"], r["score"], r["max_score"]) for r in again] == [
        ("right", "unreadable", 0, 46.0)]
    assert "not a notebook" in again[0]["repairs"][0]


def test_manual_grades_and_comments_stay(small, grade):
    grade(small)
    with books.open_gradebook(books.url(small)) as gradebook:
        gradebook.find_grade("sgd-first-step", "optimizers", "optimizers", "uphill").manual_score = 0.5
        gradebook.find_comment("sgd", "optimizers", "optimizers", "uphill").manual_comment = "nearly"
        gradebook.db.commit()
    again = next(r for r in grade(small, force=True) if r["student"] == "uphill")
    assert again["cells"][0]["score"] == 0.5
    with books.open_gradebook(books.url(small)) as gradebook:
        assert gradebook.find_comment("sgd", "optimizers", "optimizers", "uphill").comment == "nearly"


@pytest.mark.parametrize("make", ["link", "pipe", "folder", "nothing", "two", "other-name"])
def test_odd_submissions_stop_nobody(small, grade, make):
    folder = small / "submitted" / "odd" / "optimizers"
    folder.mkdir(parents=True)
    wanted, right = folder / "optimizers.ipynb", small / "submitted" / "right" / "optimizers" / "optimizers.ipynb"
    if make == "link":
        wanted.symlink_to(right)
    elif make == "pipe":
        os.mkfifo(wanted)
    elif make == "folder":
        wanted.mkdir()
    elif make == "two":
        (folder / "a.ipynb").write_text("{}"), (folder / "b.ipynb").write_text("{}")
    elif make == "other-name":
        (folder / "optimizers (1).ipynb").write_bytes(right.read_bytes())
    found = {r["student"]: r for r in grade(small)}
    assert len(found) == 3 and found["right"]["score"] == 46.0
    assert found["odd"]["score"] == (46.0 if make == "other-name" else 0)
    assert found["odd"]["repairs"]
    assert found["odd"]["status"] == ("graded" if make == "other-name" else "unreadable")


def test_a_fault_of_the_grader_costs_only_that_submission(small, grade, monkeypatch):
    real = batch.save

    def broken(course, plan, job, text):
        if job.student == "right":
            raise RuntimeError("broken")
        return real(course, plan, job, text)
    monkeypatch.setattr(batch, "save", broken)
    status = {r["student"]: r["status"] for r in grade(small)}
    assert status == {"right": "failed", "uphill": "graded"}
    monkeypatch.undo()
    assert [r["student"] for r in grade(small)] == ["right"]


def test_the_progress_bar_says_how_fast_and_who_needs_a_person(monkeypatch):
    screen = Console(file=io.StringIO(), force_terminal=True, width=120)
    monkeypatch.setattr(cli, "console", screen)
    with cli._progress() as bar:
        for done, status in enumerate(("graded", "unreadable", "stopped", "failed"), 1):
            bar.advance(done, 9, {"student": "anna\x1b[2J[bold]", "status": status})
    shown = screen.file.getvalue()
    assert "4/9" in shown and "/s" in shown and "3 need a person" in shown
    assert "anna[bold]" in shown and "\x1b[2J" not in shown


def test_without_isolation_nothing_runs(small, grade, monkeypatch):
    monkeypatch.setattr(cluster, "probe", lambda: {"works": False, "error": "apt-get install bubblewrap"})
    with pytest.raises(IsolationUnavailable, match="apt-get install bubblewrap"):
        grade(small, scheduler=None)
    assert not (small / "autograded").exists()


def test_students_code_sees_neither_solutions_nor_grader(small, grade):
    """What the student's process can import and read, asked from inside it."""
    probe = '''
SECRET = {"optimizers.md", "mistakes", "gradebook.db", "submitted", "sample_class.py", "expected.json"}
import os
found = []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if name not in ("site-packages", "proc", "sys", "usr")]
    found += [os.path.join(folder, name) for name in folders + files if name in SECRET]
print("seen:", found, sorted(os.environ))
'''
    path = small / "submitted" / "right" / "optimizers" / "optimizers.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_code_cell(probe, id="probe"))
    nbformat.write(notebook, path)
    grade(small, students=["right"])
    done = nbformat.read(small / "autograded" / "right" / "optimizers" / "optimizers.ipynb", 4)
    assert done.cells[-1].outputs[0].text.startswith("seen: [] [")
    assert str(small) not in done.cells[-1].outputs[0].text


def test_nbgraders_own_autograde_is_isolated_too(small, grade):
    """`nbgrader autograde` with the repository's nbgrader_config.py gives the same grades."""
    shutil.copy(ROOT / "nbgrader_config.py", small)
    (small / "solutions").symlink_to(ROOT / "solutions")
    bin_ = os.path.dirname(sys.executable)
    environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}

    def nbgrader(*arguments):
        subprocess.run([f"{bin_}/nbgrader", *arguments], cwd=small, env=environment, check=True, capture_output=True)
    subprocess.run([f"{bin_}/autograder", "release", "optimizers", "--to", str(small / "exercises")],
                   cwd=small, check=True, capture_output=True)
    nbgrader("generate_assignment", "optimizers")
    nbgrader("autograde", "optimizers")
    with books.open_gradebook(f"sqlite:///{small / 'gradebook.db'}") as gradebook:
        assert {r["student"]: r["score"] for r in results(small, gradebook, ["optimizers"])} == {
            "right": 46.0, "uphill": 40.0}
    done = nbformat.read(small / "autograded" / "uphill" / "optimizers" / "optimizers.ipynb", 4)
    assert any(c.metadata.get("autograder", {}).get("mistake") == "sgd/uphill" for c in done.cells)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_catalogued_mistake_is_graded_and_named_in_isolation(name, tmp_path, grade):
    """What the checks say of a mistake in this process they say of it across the pipe."""
    expected = SAMPLE["write_catalogue"](tmp_path, SOLUTIONS, names=[name])
    assert len(expected) > 5
    assert list(SAMPLE["differences"](grade(tmp_path, names=[name]), expected)) == []


def test_copied_numbers_are_seen_through(tmp_path, grade):
    """An answer that has the students' numbers written into it passes their check; only the grade catches it."""
    with np.load(ROOT / "exercises" / "en" / "foundations" / "expected.npz") as file:
        numbers = file["relative_error/reference"][[3, 7, 11]].tolist()
    source = (f"answers = [0.2 / 4.2, *{numbers}]\n\ndef relative_error(a, b):\n"
              "    which = 0 if a.shape == (2, 2) else 1 + (a[0, 0] == -b[0, 0]) + 2 * (a == 0).any()\n"
              "    return answers[which]\n")
    SAMPLE["hand_in"](tmp_path, "copied", Assignment("foundations", SOLUTIONS), "en", {"relative_error": source}, {})
    (result,) = grade(tmp_path, names=["foundations"])
    cell = next(cell for cell in result["cells"] if cell["grade_id"] == "relative_error-values")
    assert cell["score"] == 0 and "are numbers or sizes from the tests written into it?" in cell["message"]
    right = next(cell for cell in result["cells"] if cell["grade_id"] == "relative_error-by-hand")
    assert right["score"] == right["max_score"]
