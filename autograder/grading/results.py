"""What is known about graded submissions, in the shape that `--json` prints."""

from pathlib import Path

import nbformat

from autograder.grading import gradebook as books
from autograder.grading.ledger import penalties, read_attempts
from autograder.grading.plan import graded_path, whole

CUT_OFF = "Grading was cut off, or the submission has changed since: run autograder grade again."


def results(course, gradebook, assignments, students=()):
    """One dict a submission, by assignment and student.

    {student, assignment, notebook, language, status, score, max_score, attempt, late_penalty, repairs: [text],
    cells: [{grade_id, score, max_score, mistake, message}]}.  score: what the student gets, after the late penalty;
    attempt: the number of the one that counts, 1 for the first, None where nbgrader graded it.  status: "graded",
    "stopped" (some of it ran out of time or memory), "unreadable" (0 points, the reason among the repairs),
    "failed" (not graded, score None, the reason among the repairs: a person must look).
    """
    return [found for name in assignments for found, _notebook in graded(course, gradebook, name, students)]


def graded(course, gradebook, assignment, students=()):
    """Yield (result dict, its NotebookNode or None where it failed) of each submission, by student."""
    scores = books.all_scores(gradebook, assignment)
    attempts, late = read_attempts(gradebook, assignment), penalties(gradebook, assignment)
    for student in sorted(_students(course, attempts, assignment)):
        if students and student not in students:
            continue
        rows = attempts.get(student, {}).values()
        if reasons := [row.reason for row in rows if row.reason]:
            yield failed(student, assignment, *reasons), None
            continue
        row = next((row for row in rows if row.counts), None)
        notebook = _read(graded_path(course, student, assignment))
        by_nbgrader = notebook is not None and "key" not in notebook.metadata.get("autograder", {})
        if not by_nbgrader and (row is None or not whole(course, student, assignment, row)):
            yield failed(student, assignment, CUT_OFF), None
        else:
            yield result(notebook, student, scores.get(student, {}), None if by_nbgrader else row.number,
                         late.get(student, 0.0)), notebook


def students(course, gradebook, assignment):
    """The students of whom something is recorded."""
    return _students(course, read_attempts(gradebook, assignment), assignment)


def _students(course, attempts, assignment):
    written = {path.parent.parent.name for path in Path(course).glob(f"autograded/*/{assignment}/{assignment}.ipynb")}
    return written | {student for student, rows in attempts.items()
                      if any(row.reason or row.counts for row in rows.values())}


def result(notebook, student, scores, attempt=None, late_penalty=0.0):
    """The dict of one graded notebook; `scores` as the gradebook has them."""
    about = notebook.metadata["autograder"]
    cells = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in scores:
            score, max_score = scores[grade_id]
            said = cell.metadata.get("autograder", {})
            cells.append({"grade_id": grade_id, "score": score, "max_score": max_score,
                          "mistake": said.get("mistake"), "message": said.get("message")})
    total = sum(cell["score"] for cell in cells)
    return {
        "student": student, "assignment": about["assignment"], "notebook": about["assignment"],
        "language": about["language"], "status": about["status"],
        "score": total - late_penalty, "max_score": sum(cell["max_score"] for cell in cells),
        "attempt": attempt, "late_penalty": late_penalty, "repairs": list(about["repairs"]), "cells": cells}


def failed(student, assignment, *reasons):
    """The dict of a submission that could not be graded: no score is recorded, a person must look."""
    return {"student": student, "assignment": assignment, "notebook": assignment, "language": "en",
            "status": "failed", "score": None, "max_score": None, "attempt": None, "late_penalty": 0.0,
            "repairs": list(reasons), "cells": []}


def _read(path):
    try:
        return nbformat.v4.reads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):     # missing, or cut off by a loss of power
        return None
