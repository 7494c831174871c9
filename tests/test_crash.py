"""Never lose, never lie: whatever ends a run, the next one comes to the grades of an undisturbed run."""

import errno
import os
import sqlite3
import threading
import time

import pytest
from courses import NAME, copy, hand_in, honest, opened, state
from sqlalchemy import event

from autograder.grading import aside, ledger, lock, plan
from autograder.grading import gradebook as books
from autograder.grading.gradebook import GradebookUnavailable
from autograder.grading.results import results


@pytest.fixture
def grade(quick, monkeypatch):
    return quick.patch(monkeypatch)


@pytest.fixture
def course(tmp_path, undisturbed):
    """The same submissions, not yet graded."""
    return copy(undisturbed[0], tmp_path / "course")


class Power(BaseException):
    """Out it goes."""


def fail_at(monkeypatch, owner, name, error, call=1, after=False):
    """The `call`-th call of owner.name raises `error`, before or `after` it is done, and so does each later one."""
    real, calls = getattr(owner, name), []

    def patched(*args, **kwargs):
        calls.append(name)
        if len(calls) < call:
            return real(*args, **kwargs)
        if after and len(calls) == call:
            real(*args, **kwargs)
        raise error
    monkeypatch.setattr(owner, name, patched)


STEPS = {
    "before the file is written": (aside.os, "fsync", False),
    "before the file has its name": (aside.os, "replace", False),
    "between file and gradebook": (aside.os, "replace", True),
    "in the middle of the transaction": (ledger.Ledger, "_put", False),
    "before the transaction is committed": (ledger.Ledger, "_put", True),
    "after the transaction": (ledger.Ledger, "record", True),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("which", [1, 3])
def test_power_lost_between_file_and_gradebook(course, undisturbed, grade, monkeypatch, step, which):
    owner, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        fail_at(patch, owner, name, Power(), which, after)
        with pytest.raises(Power):
            grade(course)
    honest(course, undisturbed[1])
    with opened(course) as gradebook:           # one transaction: both or neither
        counting = {student for student, rows in ledger.read_attempts(gradebook, NAME).items()
                    if any(row.counts for row in rows.values())}
        assert books.all_scores(gradebook, NAME).keys() == counting
    grade(course)
    assert state(course) == undisturbed[1]
    assert grade(course) == []


@pytest.mark.parametrize("step", STEPS)
def test_power_lost_while_a_changed_submission_is_graded(course, undisturbed, grade, monkeypatch, step):
    """There are old grades, which must not survive, and a person's, which must."""
    write_right = hand_in(course, "stub")
    right = write_right.read_bytes()
    grade(course)
    with opened(course) as gradebook:
        gradebook.find_grade("ewma-by-hand", NAME, NAME, "stub").manual_score = 0.25
        gradebook.find_comment("ewma", NAME, NAME, "stub").manual_comment = "nearly"
        gradebook.db.commit()
    original = undisturbed[0] / "submitted" / "stub" / NAME / f"{NAME}.ipynb"
    write_right.write_bytes(original.read_bytes())
    owner, name, after = STEPS[step]
    with monkeypatch.context() as patch:
        fail_at(patch, owner, name, Power(), 1, after)
        with pytest.raises(Power):
            grade(course)
    with opened(course) as gradebook:
        found = {result["student"]: result for result in results(course, gradebook, [NAME])}
    assert found["stub"]["status"] == "failed" or found["stub"]["score"] == 0.25
    # A student who takes the change back must not get what was half recorded of it.
    write_right.write_bytes(right)
    grade(course)
    found = state(course)
    assert found["stub"]["score"] == found["right"]["score"] - found["right"]["cells"][0]["max_score"] + 0.25
    write_right.write_bytes(original.read_bytes())
    grade(course)
    found, expected = state(course), dict(undisturbed[1])
    assert found["stub"]["score"] == 0.25
    assert found["stub", "comment", "ewma"][1:] == ("No response.", "nearly")
    for key in [key for key in expected if "stub" in key]:
        found.pop(key), expected.pop(key)
    assert found == expected


@pytest.mark.parametrize("damage", ["empty", "half", "gone", "someone else's"])
def test_a_notebook_that_the_disk_lost_is_graded_again(course, undisturbed, grade, damage):
    grade(course)
    path = plan.graded_path(course, "right", NAME)
    data = path.read_bytes()
    other = plan.graded_path(course, "stub", NAME).read_bytes()
    path.write_bytes({"empty": b"", "half": data[:len(data) // 2], "gone": b"", "someone else's": other}[damage])
    if damage == "gone":
        path.unlink()
    with opened(course) as gradebook:
        found = {result["student"]: result["status"] for result in results(course, gradebook, [NAME])}
    assert found["right"] == "failed" and found["stub"] == "graded"
    assert [result["student"] for result in grade(course)] == ["right"]
    assert state(course) == undisturbed[1]


def test_a_gradebook_that_was_lost_is_filled_again(course, undisturbed, grade):
    grade(course)
    (course / "gradebook.db").unlink()
    assert len(grade(course)) == 6
    assert state(course) == undisturbed[1]


def test_a_gradebook_locked_for_a_while_is_waited_for(course, undisturbed, grade):
    grade(course)
    other = sqlite3.connect(course / "gradebook.db", check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    threading.Timer(1, other.rollback).start()
    began = time.monotonic()
    assert len(grade(course, force=True)) == 6
    assert time.monotonic() - began >= 0.9
    other.close()
    assert state(course) == undisturbed[1]


def test_a_gradebook_locked_for_ever_stops_the_run(course, undisturbed, grade, monkeypatch):
    """In the middle of it: what was graded is there, the rest is graded by the next run."""
    impatient = f"{books.url(course).partition('?')[0]}?timeout=0.3"
    other, real = sqlite3.connect(course / "other.db"), ledger.Ledger.record
    count = []

    def record(self, *args):
        count.append(1)
        if len(count) == 3:
            other.execute("ATTACH ? AS book", (str(course / "gradebook.db"),))
            other.execute("BEGIN IMMEDIATE")
            other.execute("CREATE TABLE book.held (x)")
        return real(self, *args)
    with monkeypatch.context() as patch:
        patch.setattr(ledger.Ledger, "record", record)
        with pytest.raises(GradebookUnavailable, match="locked by another program"):
            grade(course, db=impatient)
    other.rollback()
    other.close()
    honest(course, undisturbed[1])
    assert len(grade(course)) == 4
    assert state(course) == undisturbed[1]


@pytest.mark.parametrize("call", [1, 4])
def test_a_full_disk_stops_the_run(course, undisturbed, grade, monkeypatch, call):
    with monkeypatch.context() as patch:
        fail_at(patch, aside.os, "fsync", OSError(errno.ENOSPC, "No space left on device"), call)
        with pytest.raises(OSError, match=r"No space left on device\. What was graded is recorded"):
            grade(course)
    assert list(course.glob("autograded/**/.*")) == []
    honest(course, undisturbed[1])
    assert len(grade(course)) == 7 - call
    assert state(course) == undisturbed[1]


def test_a_full_disk_under_the_gradebook_stops_the_run(course, undisturbed, grade, monkeypatch):
    """SQLite itself says so: its file may not grow."""
    grade(course, students=["right"])
    real = books.open_gradebook

    def small(db):
        gradebook = real(db)
        gradebook.engine.dispose()
        event.listen(gradebook.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1"))
        return gradebook
    with monkeypatch.context() as patch:
        patch.setattr(books, "open_gradebook", small)
        with pytest.raises(GradebookUnavailable, match="disk is full"):
            grade(course)
    honest(course, undisturbed[1])
    grade(course)
    assert state(course) == undisturbed[1]


def test_of_two_graders_at_once_the_second_is_turned_away(course, undisturbed, grade):
    with lock.alone(course), pytest.raises(lock.Busy, match=f"at work .*process {os.getpid()}.*wait until"):
        grade(course)
    assert not (course / "autograded").exists()
    assert len(grade(course)) == 6
    assert state(course) == undisturbed[1]


def test_a_submission_that_vanishes_is_not_given_zero(course, undisturbed, grade, monkeypatch):
    """Between the look at what is due and the sending."""
    real = plan.Plan.job

    def job(self, attempt, limits):
        if attempt.submission.student == "right":
            (course / "submitted" / "right").rename(course / "moved")
        return real(self, attempt, limits)
    with monkeypatch.context() as patch:
        patch.setattr(plan.Plan, "job", job)
        assert len(grade(course)) == 5
    assert "right" not in state(course)
    (course / "moved").rename(course / "submitted" / "right")
    assert [result["student"] for result in grade(course)] == ["right"]
    assert state(course) == undisturbed[1]


def test_a_submission_edited_meanwhile_has_the_key_of_what_was_graded(course, undisturbed, grade, monkeypatch):
    real, path = plan.Plan.job, course / "submitted" / "right" / NAME / f"{NAME}.ipynb"
    right = path.read_bytes()
    stub = (course / "submitted" / "stub" / NAME / f"{NAME}.ipynb").read_bytes()

    def job(self, attempt, limits):
        if attempt.submission.student == "right":
            path.write_bytes(stub)
        return real(self, attempt, limits)
    with monkeypatch.context() as patch:
        patch.setattr(plan.Plan, "job", job)
        grade(course)
    assert state(course)["right"]["score"] == state(course)["stub"]["score"]
    assert grade(course) == []
    path.write_bytes(right)
    grade(course)
    assert state(course)["right"] == undisturbed[1]["right"]
