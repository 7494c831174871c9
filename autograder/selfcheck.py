"""`autograder check`: runs a student's own notebook on their own machine and reads its tests."""

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from rich.text import Text

from autograder.grading.deaths import SENTENCES
from autograder.messages import LANGUAGES, N_, _, in_every_language, set_language
from autograder.solutions import DEMO

#: The last line of a message that names a mistake.
MISTAKE = re.compile(r"^\(([a-z_0-9]+/[a-z0-9-]+)\)$", re.MULTILINE)

SECONDS_PER_CELL = 20


class NotAnExercise(Exception):
    """The file is not a notebook of this course; the text says why."""


def run(path, language=None):
    """The result dict of the notebook at `path` (hidden tests are not in it, so not in the scores).

    language: what to say it in; None: the notebook's own.  Raises NotAnExercise.
    """
    path = Path(path)
    set_language(language)
    try:
        notebook = nbformat.read(path, as_version=4)
        about = notebook.metadata["autograder"]
        language = language or (about["language"] if about["language"] in LANGUAGES else "en")
    except Exception:
        raise NotAnExercise(in_every_language(N_("{path} is not an exercise notebook of this course."),
                                              path=path)) from None
    set_language(language)
    first = nbformat.v4.new_code_cell(f"from autograder import set_language; set_language({language!r})")
    notebook.cells = [first, *(cell for cell in notebook.cells if DEMO not in cell.metadata.get("tags", []))]
    client = NotebookClient(notebook, timeout=SECONDS_PER_CELL, allow_errors=True, interrupt_on_timeout=True,
                            extra_arguments=["--Application.log_level=40"],  # errors only
                            resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    stopped = {cell.metadata.get("nbgrader", {}).get("grade_id"): error for cell in notebook.cells
               if cell.cell_type == "code" and (error := _error(cell))}
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")
             and not cell.metadata["nbgrader"].get("solution")]         # an answer with points is for a person to grade
    cells = [_cell(cell, stopped) for cell in tests]
    seen = [cell for cell in cells if cell is not None]
    return {"student": None, "assignment": about["assignment"], "notebook": path.stem, "language": language,
            "status": "checked", "score": sum(c["score"] for c in seen),
            "max_score": sum(c["max_score"] for c in seen), "repairs": [], "cells": seen}


def _error(cell):
    return next((output for output in cell.outputs if output.output_type == "error"), None)


def _message(grade_id, error, stopped):
    """What to say of a test that ended in the output `error`, given the cells that `stopped` with one."""
    own = stopped.get(grade_id.partition("-")[0])
    if error.ename == "CheckFailed" or error.ename == "NumbersMissing":
        return error.evalue
    if error.ename == "KeyboardInterrupt":      # nbclient interrupts a cell that takes too long
        reason = SENTENCES["timeout"]
        return f"{grade_id}: " + _("Your code was stopped: {reason}", reason=_(reason))
    if error.ename == "NameError" and own is not None:
        return f"{grade_id}: " + _("The cell {id} stopped with {kind}: {message}",
                                   id=grade_id.partition("-")[0], kind=own.ename, message=own.evalue)
    return f"{grade_id}: {error.ename}: {error.evalue}"


def _cell(cell, stopped):
    """The result of one visible test, None for a cell whose test is hidden."""
    code = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not code:
        return None
    meta = cell.metadata["nbgrader"]
    error = _error(cell)
    message = error and _message(meta["grade_id"], error, stopped)
    found = MISTAKE.search(message or "")
    return {"grade_id": meta["grade_id"], "score": 0.0 if error else meta["points"], "max_score": meta["points"],
            "mistake": found and found.group(1), "message": message}


def report(result):
    """What to print for a student: each test in a line, then what failed and why."""
    out = Text()
    for cell in result["cells"]:
        passed = cell["message"] is None
        out.append("✓ " if passed else "✗ ", style="green" if passed else "red")
        out.append(f"{cell['grade_id']}  {cell['score']:g} / {cell['max_score']:g}\n")
    for message in dict.fromkeys(cell["message"] for cell in result["cells"] if cell["message"]):
        out.append("\n" + message + "\n")
    out.append("\n" + _("Visible tests: {score} of {max_score} points. Hidden tests run when the assignment is graded.",
                        score=f"{result['score']:g}", max_score=f"{result['max_score']:g}"))
    return out
