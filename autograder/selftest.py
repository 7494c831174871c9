"""Runs an exercise's tests on a source that we wrote ourselves, in this process.

For `release` and for tests; never for a submission, whose code runs in isolation.
"""

from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from types import MappingProxyType

from autograder import checking
from autograder.checking import CheckFailed
from autograder.solutions import compiled


@dataclass(frozen=True)
class Result:
    """What one test gave: its points, and what was said."""

    grade_id: str
    score: float
    max_score: float
    mistake: str | None = None
    message: str = ""


@contextmanager
def expecting(expected, sources=MappingProxyType({})):
    """Within the block, checks take what they expect from `expected`, and the students' cells are `sources`."""
    before = checking.current, checking.sources
    checking.current, checking.sources = expected, sources
    try:
        yield
    finally:
        checking.current, checking.sources = before


def test_cells(assignment, exercise):
    """(grade_id, points, source) of the exercise's tests, the hidden ones included."""
    for kind, metadata, source in assignment.cells:
        short = metadata.get("nbgrader", {}) if kind == "code" else {}
        if short.get("points") is not None and short["grade_id"].startswith(f"{exercise}-"):
            yield short["grade_id"], float(short["points"]), source


def grade_source(assignment, expected, exercise, source):
    """The Results of the tests of `exercise` on `source`, a solution cell."""
    with expecting(expected):
        return [run_test(assignment, exercise, source, *test) for test in test_cells(assignment, exercise)]


def run_test(assignment, exercise, answer, grade_id, points, source):
    """Run one test cell after the cell `answer`: all of its points, or none and the reason."""
    said = StringIO()
    try:
        with redirect_stdout(said):
            exec(compiled(source, grade_id), assignment.namespace(answer, exercise))
    except CheckFailed as error:
        return Result(grade_id, 0.0, points, error.mistake, str(error))
    except Exception as error:  # a fault in the test itself, or a name the student deleted
        return Result(grade_id, 0.0, points, None, f"{grade_id}: {type(error).__name__}: {error}")
    return Result(grade_id, points, points, None, said.getvalue())
