"""What is known about graded submissions, in the shape that `--json` prints."""

from pathlib import Path

import nbformat

from autograder.grading import gradebook as books


def results(course, gradebook, assignments, students=()):
    """One dict a submission, by assignment and student.

    {student, assignment, notebook, language, status, score, max_score, repairs: [text],
    cells: [{grade_id, score, max_score, mistake, message}]}.  status: "graded", "stopped" (some of it
    ran out of time or memory), "unreadable" (0 points, the reason among the repairs).
    """
    found = []
    for assignment in assignments:
        for path in sorted(Path(course).glob(f"autograded/*/{assignment}/{assignment}.ipynb")):
            student = path.parent.parent.name
            if not students or student in students:
                notebook = nbformat.read(path, as_version=4)
                found.append(result(notebook, student, books.scores(gradebook, assignment, student)))
    return found


def result(notebook, student, scores):
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
    return {
        "student": student, "assignment": about["assignment"], "notebook": about["assignment"],
        "language": about["language"], "status": about["status"],
        "score": sum(cell["score"] for cell in cells), "max_score": sum(cell["max_score"] for cell in cells),
        "repairs": list(about["repairs"]), "cells": cells}
