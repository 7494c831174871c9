"""nbgrader's gradebook: the assignment goes in before grading; see ledger.py for what is recorded afterwards."""

from contextlib import contextmanager

from alembic.script import ScriptDirectory
from nbgrader import api, dbutil
from nbgrader.preprocessors import SaveCells
from sqlalchemy import select
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Errors that are the database's and would befall every submission, not the one that is being recorded.
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)

#: What one cell is worth in SQL: the manual score, else the automatic one, and extra credit.
SCORE = api.Grade.score.property.expression

# nbgrader starts the program `alembic` to be told this: 4 CPU s, and Ctrl-C in the terminal reaches it, too.
api.get_alembic_version = ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head


class GradebookUnavailable(OSError):
    """The gradebook cannot be read or written."""


def url(course):
    """The gradebook of the course in the folder `course`: SQLite, patient with other processes' locks."""
    return f"sqlite:///{course.resolve() / 'gradebook.db'}?timeout=60"


def open_gradebook(db):
    """nbgrader's Gradebook at the URL `db`, made if there is none; a context manager.  Raises GradebookUnavailable."""
    try:
        with said_plainly():
            return api.Gradebook(db)
    except ModuleNotFoundError as error:
        raise GradebookUnavailable(f"For {db.partition(':')[0]} {error.name} is needed: "
                                   "pip install 'training-techniques[postgresql]'") from None
    except (ArgumentError, ValueError) as error:       # no address, or of a database that nobody knows
        raise GradebookUnavailable(f"--db is not the address of a database: {error}.") from None


@contextmanager
def said_plainly():
    """Errors of the database in the block become GradebookUnavailable, with what to do."""
    try:
        yield
    except UNAVAILABLE as error:
        raise GradebookUnavailable(_sentence(error)) from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise GradebookUnavailable(_sentence(error)) from None
        raise


def _sentence(error):
    said = " ".join(str(getattr(error, "orig", error)).split())
    if "locked" in said:
        return f"The gradebook is locked by another program, which did not let go of it in time ({said})."
    return f"The gradebook cannot be used: {said}."


@contextmanager
def transaction(gradebook):
    """A connection on which all that the block does is committed together, or none of it."""
    with said_plainly(), gradebook.engine.begin() as connection:
        yield connection


def register(gradebook, db, name, master):
    """Make `gradebook`, which is at the URL `db`, know assignment `name` as `master` says it is.

    Raises ValueError where cells were added or removed although submissions exist.
    """
    with said_plainly():
        gradebook.update_or_create_assignment(name)
        if _known(gradebook, name, master):
            return
        try:
            SaveCells().preprocess(master, {"nbgrader": {"notebook": name, "assignment": name, "db_url": db}})
        except RuntimeError as error:
            raise ValueError(f"{error}. Give the changed assignment another name, or grade this one with the "
                             "version of solutions/ that was released.") from None


def _known(gradebook, name, master):
    """Whether the gradebook's cells already are the master's: to write each again takes a second on a slow disk."""
    cell, base, graded = api.SourceCell.__table__, api.BaseCell.__table__, api.GradeCell.__table__
    at = (api.Notebook.__table__.c.name == name) & (api.Assignment.__table__.c.name == name)
    joined = api.Notebook.__table__.join(api.Assignment.__table__)
    with transaction(gradebook) as connection:
        sources = connection.execute(select(cell.c.name, cell.c.source, cell.c.checksum).select_from(
            joined.join(cell)).where(at)).all()
        points = connection.execute(select(base.c.name, graded.c.max_score).select_from(
            joined.join(base).join(graded)).where(at)).all()
    ours = [one for one in master.cells if "nbgrader" in one.metadata]
    return ({tuple(row) for row in sources} == {
        (one.metadata.nbgrader.grade_id, one.source, one.metadata.nbgrader.get("checksum")) for one in ours}
        and {tuple(row) for row in points} == {
            (one.metadata.nbgrader.grade_id, one.metadata.nbgrader.points) for one in ours
            if one.metadata.nbgrader.grade})


def scores(gradebook, assignment, student):
    """{grade_id: (score, max_score)} as they now stand, manual grades included; {} if there are none."""
    return all_scores(gradebook, assignment, student).get(student, {})


def all_scores(gradebook, assignment, student=None):
    """{student: {grade_id: (score, max_score)}} of one assignment, in one query; of one student if named."""
    submitted, notebook = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
    grade, cell, known = api.Grade.__table__, api.BaseCell.__table__, api.Assignment.__table__
    graded, task = api.GradeCell.__table__, api.TaskCell.__table__
    wanted = select(
        submitted.c.student_id, cell.c.name, SCORE, graded.c.max_score, task.c.max_score,
    ).select_from(
        known.join(submitted).join(notebook).join(grade, grade.c.notebook_id == notebook.c.id)
        .join(cell, cell.c.id == grade.c.cell_id)
        .outerjoin(graded, graded.c.id == cell.c.id).outerjoin(task, task.c.id == cell.c.id),
    ).where(known.c.name == assignment)
    if student is not None:
        wanted = wanted.where(submitted.c.student_id == student)
    found = {}
    with transaction(gradebook) as connection:
        for who, name, score, of_test, of_task in connection.execute(wanted):
            found.setdefault(who, {})[name] = score, of_test if of_test is not None else of_task
    return found
