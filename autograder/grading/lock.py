"""One `autograder grade` at a time on a course: two would grade the same submissions and write over each other."""

import fcntl
import os
from contextlib import contextmanager

from sqlalchemy import text

#: The number under which graders of one PostgreSQL gradebook exclude each other, whatever folder they work in.
ADVISORY = 7_031_962


class Busy(OSError):
    """Somebody else is grading this course."""


@contextmanager
def alone(course):
    """Hold the course in the folder `course`; the system lets go of it however this process ends.  Raises Busy."""
    with open(course / "gradebook.db.lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Busy(f"Another autograder grade is at work in {course} (process {file.read().strip()}): wait until "
                       "it is done. Nothing was graded twice.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def alone_in_database(gradebook):
    """Hold a PostgreSQL gradebook, which may serve several folders and machines.  Raises Busy."""
    if gradebook.engine.dialect.name != "postgresql":
        yield
        return
    with gradebook.engine.connect() as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": ADVISORY}).scalar()
        connection.commit()                     # the lock is the connection's, not the transaction's
        if not held:
            raise Busy("Another autograder grade is at work on this gradebook: wait until it is done. "
                       "Nothing was graded twice.")
        try:
            yield
        finally:
            connection.invalidate()             # with it goes the lock
