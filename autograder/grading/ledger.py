"""What is recorded of each graded attempt: the grades in nbgrader's tables, and in one of ours where they are from.

Both change in one transaction.  Our table holds the hash of the notebook that was written to autograded/, so
that grades and notebook can be told to belong together whatever was cut off in between.
"""

from dataclasses import dataclass

from nbgrader import api
from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, Text, bindparam, func, or_, select

from autograder.grading.gradebook import SCORE, said_plainly, transaction

#: nbgrader and its migrations leave tables alone that they do not know.
ATTEMPTS = Table(
    "autograder_attempt", MetaData(),
    Column("assignment", String, primary_key=True),
    Column("student", String, primary_key=True),
    Column("key", String, primary_key=True),        # of the bytes that were handed in and of what graded them
    Column("number", Integer, nullable=False),      # 1 for the student's first
    Column("score", Float),                         # before a late penalty; NULL: it could not be graded
    Column("reason", Text),                         # why it could not
    Column("counts", Boolean, nullable=False),      # whether the grades in nbgrader's tables are this attempt's
    Column("notebook", String))                     # the SHA-256 of the file in autograded/, where it counts

STUDENT, SUBMITTED, NOTEBOOK = (
    table.__table__ for table in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook))
GRADE, COMMENT = api.Grade.__table__, api.Comment.__table__

# The parameters have names that no column has.
AUTO_SCORE = GRADE.update().where(
    GRADE.c.notebook_id == bindparam("notebook"), GRADE.c.cell_id == bindparam("cell")).values(
    auto_score=bindparam("said"),
    needs_manual_grade=or_(GRADE.c.manual_score.is_not(None), bindparam("nothing_said", type_=Boolean)))
AUTO_COMMENT = COMMENT.update().where(
    COMMENT.c.notebook_id == bindparam("notebook"), COMMENT.c.cell_id == bindparam("cell")).values(
    auto_comment=bindparam("said"))
REMOVE = ATTEMPTS.delete().where(
    ATTEMPTS.c.assignment == bindparam("of"), ATTEMPTS.c.student == bindparam("who"),
    ATTEMPTS.c.key == bindparam("which"))


@dataclass(frozen=True)
class Row:
    """A row of our table, without assignment and student."""

    key: str
    number: int
    score: float | None
    reason: str | None = None
    counts: bool = False
    notebook: str | None = None


class Ledger:
    """What the gradebook holds of the assignment `name`.  Writes are the grader's alone; it holds the course's lock."""

    def __init__(self, gradebook, name):
        self.gradebook, self.name = gradebook, name
        with said_plainly():
            ATTEMPTS.create(gradebook.engine, checkfirst=True)
            assignment = gradebook.find_assignment(name)
            notebook = gradebook.find_notebook(name, name)
            self.assignment_id, self.notebook_id = assignment.id, notebook.id
            self.deadline = assignment.duedate
            self.tests = {cell.name: cell.id for cell in [*notebook.grade_cells, *notebook.task_cells]}
            self.points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
            self.answers = {cell.name: cell.id for cell in [*notebook.solution_cells, *notebook.task_cells]}
            gradebook.db.rollback()             # an open reading transaction would keep others from writing
        self.names = {id: name for name, id in self.tests.items()}
        self.max_score = sum(self.points.values())

    def set_deadline(self, when):
        """Make `when`, a naive datetime of UTC, the assignment's `duedate`."""
        table = api.Assignment.__table__
        if when != self.deadline:
            with transaction(self.gradebook) as connection:
                connection.execute(table.update().where(table.c.id == self.assignment_id).values(duedate=when))
            self.deadline = when

    def attempts(self):
        """{student: {key: Row}} of all that was graded."""
        return read_attempts(self.gradebook, self.name)

    def submissions(self):
        """{student: (extension of the deadline or None, late penalty in points, points before it)}."""
        total = select(GRADE.c.notebook_id, func.sum(SCORE).label("score")).group_by(GRADE.c.notebook_id).subquery()
        wanted = select(SUBMITTED.c.student_id, SUBMITTED.c.extension, NOTEBOOK.c.late_submission_penalty,
                        total.c.score).join_from(
            SUBMITTED, NOTEBOOK).outerjoin(total, total.c.notebook_id == NOTEBOOK.c.id).where(
            SUBMITTED.c.assignment_id == self.assignment_id)
        with transaction(self.gradebook) as connection:
            return {student: (extension, penalty or 0.0, score or 0.0)
                    for student, extension, penalty, score in connection.execute(wanted)}

    def record(self, student, row, grades, comments, when, penalty):
        """Make these grades the student's; manual grades and comments stay.  Returns (scores, late penalty).

        row: of our table; grades: {grade_id: automatic score or None}; comments: {grade_id: automatic comment or
        None}; when: a naive datetime of UTC or None; penalty: points, of which no more than the score is taken.
        """
        with transaction(self.gradebook) as connection:
            notebook = self._submission(connection, student, when)
            _execute(connection, AUTO_SCORE, [
                {"cell": self.tests[name], "notebook": notebook, "said": score, "nothing_said": score is None}
                for name, score in grades.items()])
            _execute(connection, AUTO_COMMENT, [
                {"cell": self.answers[name], "notebook": notebook, "said": said} for name, said in comments.items()])
            rows = connection.execute(
                select(GRADE.c.cell_id, SCORE).where(GRADE.c.notebook_id == notebook)).all()
            scores = {self.names[cell]: (score, self.points[self.names[cell]]) for cell, score in rows}
            penalty = min(penalty, sum(score for score, _ in scores.values()))
            connection.execute(NOTEBOOK.update().where(NOTEBOOK.c.id == notebook).values(
                late_submission_penalty=penalty or None))
            self._counts_no_more(connection, student)
            self._put(connection, student, row)
        return scores, penalty

    def remember(self, student, row):
        """An attempt that does not count: the grades stay those of another."""
        with transaction(self.gradebook) as connection:
            self._put(connection, student, row)

    def fail(self, student, row, blank):
        """An attempt that could not be graded.  blank: take back the automatic grades of an earlier one."""
        with transaction(self.gradebook) as connection:
            self._put(connection, student, row)
            if blank:
                self._counts_no_more(connection, student)
                found = self._find(connection, student)
                if found is not None:
                    connection.execute(GRADE.update().where(GRADE.c.notebook_id == found.notebook).values(
                        auto_score=None, needs_manual_grade=True))

    def forget(self, stale):
        """Take [(student, key)] out of our table."""
        if stale:
            with transaction(self.gradebook) as connection:
                connection.execute(REMOVE, [{"of": self.name, "who": student, "which": key} for student, key in stale])

    def penalize(self, penalties):
        """Write [(student, late penalty)] where only the deadline or the policy has changed."""
        with transaction(self.gradebook) as connection:
            for student, penalty in penalties:
                notebook = self._find(connection, student).notebook
                connection.execute(NOTEBOOK.update().where(NOTEBOOK.c.id == notebook).values(
                    late_submission_penalty=penalty or None))

    def _find(self, connection, student):
        return connection.execute(
            select(SUBMITTED.c.id, NOTEBOOK.c.id.label("notebook")).join_from(SUBMITTED, NOTEBOOK, isouter=True).where(
                SUBMITTED.c.assignment_id == self.assignment_id, SUBMITTED.c.student_id == student)).first()

    def _submission(self, connection, student, when):
        """The id of the student's notebook in the gradebook, which is made with a row for each cell if need be."""
        found = self._find(connection, student)
        if found is not None:
            if when is not None:
                connection.execute(SUBMITTED.update().where(SUBMITTED.c.id == found.id).values(timestamp=when))
            if found.notebook is not None:
                return found.notebook
        elif connection.execute(select(STUDENT.c.id).where(STUDENT.c.id == student)).first() is None:
            connection.execute(STUDENT.insert(), {"id": student})
        submitted = found.id if found is not None else api.new_uuid()
        notebook = api.new_uuid()
        if found is None:
            connection.execute(SUBMITTED.insert(), {
                "id": submitted, "assignment_id": self.assignment_id, "student_id": student, "timestamp": when})
        connection.execute(NOTEBOOK.insert(), {
            "id": notebook, "assignment_id": submitted, "notebook_id": self.notebook_id, "flagged": False})
        for table, cells, more in ((GRADE, self.tests, {"needs_manual_grade": True}), (COMMENT, self.answers, {})):
            _execute(connection, table.insert(), [
                {"id": api.new_uuid(), "cell_id": cell, "notebook_id": notebook, **more} for cell in cells.values()])
        return notebook

    def _put(self, connection, student, row):
        connection.execute(REMOVE, {"of": self.name, "who": student, "which": row.key})
        connection.execute(ATTEMPTS.insert(), {"assignment": self.name, "student": student, **row.__dict__})

    def _counts_no_more(self, connection, student):
        connection.execute(ATTEMPTS.update().where(
            ATTEMPTS.c.assignment == self.name, ATTEMPTS.c.student == student, ATTEMPTS.c.counts).values(counts=False))


def penalties(gradebook, assignment):
    """{student: late penalty in points} of those who have one."""
    known = api.Assignment.__table__
    wanted = select(SUBMITTED.c.student_id, NOTEBOOK.c.late_submission_penalty).select_from(
        known.join(SUBMITTED).join(NOTEBOOK)).where(known.c.name == assignment, NOTEBOOK.c.late_submission_penalty > 0)
    with transaction(gradebook) as connection:
        return {student: penalty for student, penalty in connection.execute(wanted)}


def _execute(connection, statement, rows):
    if rows:                                    # for an empty list SQLAlchemy would run it once, without values
        connection.execute(statement, rows)


def read_attempts(gradebook, assignment):
    """{student: {key: Row}} of our table; empty where this gradebook has none."""
    with said_plainly():
        ATTEMPTS.create(gradebook.engine, checkfirst=True)
    columns = (ATTEMPTS.c.student, *(ATTEMPTS.c[name] for name in Row.__dataclass_fields__))
    found = {}
    with transaction(gradebook) as connection:
        for student, *row in connection.execute(select(*columns).where(ATTEMPTS.c.assignment == assignment)):
            found.setdefault(student, {})[row[0]] = Row(*row)
    return found
