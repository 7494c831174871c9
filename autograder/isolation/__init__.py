"""Runs students' code where it can do no harm, and lets the checker call it across a pipe.

    with Student() as student:
        student.run(cell_source, "softmax")
        softmax = student.stand_in("softmax")
        softmax(np.zeros((2, 3)))          # computed in the student's process, checked in this one

The verdict is never computed in a process where student code runs. See session.py for the checker's side,
student.py for the other, wire.py for what goes between them, sandbox.py for the walls.
"""

from .outcome import (
    IsolationUnavailable,
    Limits,
    MissingAttribute,
    Output,
    StudentDied,
    StudentError,
)
from .probe import probe
from .session import Student
from .standin import RemoteObject

__all__ = [
    "IsolationUnavailable",
    "Limits",
    "MissingAttribute",
    "Output",
    "RemoteObject",
    "Student",
    "StudentDied",
    "StudentError",
    "probe",
]
