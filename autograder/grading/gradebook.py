"""nbgrader's gradebook: the assignment goes in before grading, each submission in one transaction."""

import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution
from sqlalchemy.exc import SAWarning


def url(course):
    """The gradebook of the course in the folder `course`: SQLite, patient with other processes' locks."""
    return f"sqlite:///{course.resolve() / 'gradebook.db'}?timeout=60"


def open_gradebook(db):
    """nbgrader's Gradebook at the URL `db`, made if there is none; a context manager."""
    # nbgrader calls the program `alembic`, which lies beside our interpreter, activated or not.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return Gradebook(db)


def register(db, name, master):
    """Make the gradebook at the URL `db` know assignment `name` as `master` says it is.

    Raises ValueError where cells were added or removed although submissions exist.
    """
    with open_gradebook(db) as gradebook:
        gradebook.update_or_create_assignment(name)
    try:
        SaveCells().preprocess(master, {"nbgrader": {"notebook": name, "assignment": name, "db_url": db}})
    except RuntimeError as error:
        raise ValueError(f"{error}. Give the changed assignment another name, or grade this one with the "
                         "version of solutions/ that was released.") from None


@contextmanager
def one_transaction(gradebook):
    """All changes of the block are committed together, or none is: nbgrader's own calls commit often."""
    session = gradebook.db()
    commit, session.commit = session.commit, session.flush
    try:
        yield
        commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit              # the class's own method shows again


def record(gradebook, student, assignment, notebook, timestamp=None):
    """Save the grades that the outputs of `notebook` give; manual grades and comments stay."""
    with one_transaction(gradebook), warnings.catch_warnings():
        # nbgrader's add_submission lets SQLAlchemy flush half-made objects, which is harmless.
        warnings.simplefilter("ignore", SAWarning)
        gradebook.update_or_create_student(student)
        when = {"timestamp": timestamp} if timestamp else {}
        gradebook.update_or_create_submission(assignment, student, **when)
        submitted = gradebook.find_submission_notebook(assignment, assignment, student)
        grades = {grade.name: grade for grade in submitted.grades}
        comments = {comment.name: comment for comment in submitted.comments}
        for cell in notebook.cells:
            if is_grade(cell):
                grade = grades[cell.metadata.nbgrader.grade_id]
                grade.auto_score, _ = determine_grade(cell)
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            if is_solution(cell):
                empty = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                comments[cell.metadata.nbgrader.grade_id].auto_comment = "No response." if empty else None


def scores(gradebook, assignment, student):
    """{grade_id: (score, max_score)} as they now stand, manual grades included; {} if there are none."""
    try:
        submitted = gradebook.find_submission_notebook(assignment, assignment, student)
    except MissingEntry:
        return {}
    return {grade.name: (grade.score, grade.max_score) for grade in submitted.grades}
