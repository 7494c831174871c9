"""What lies in submitted/<student>/<assignment>/, read as the untrusted thing it is."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.intake import MAX_BYTES, Unreadable
from autograder.messages import _


@dataclass(frozen=True)
class Submission:
    """One student's folder for one assignment."""

    student: str
    assignment: str
    folder: Path


def find(course, assignment, students=()):
    """The submissions of `assignment` under `course`/submitted, of all students or of those named."""
    root = Path(course) / "submitted"
    found = []
    for folder in sorted(root.glob(f"*/{assignment}")) if root.is_dir() else []:
        student = folder.parent.name
        if not student.startswith(".") and (not students or student in students):
            found.append(Submission(student, assignment, folder))
    return found


def read(submission):
    """(bytes of the notebook, repairs to report).  Raises Unreadable with the reason."""
    wanted = f"{submission.assignment}.ipynb"
    try:
        present = sorted(entry.name for entry in os.scandir(submission.folder)
                         if entry.name.endswith(".ipynb") and not entry.name.startswith("."))
    except OSError as error:
        raise Unreadable(_("The submission cannot be opened: {reason}", reason=error.strerror)) from None
    if wanted in present:
        return _regular_file(submission.folder / wanted), []
    if not present:
        raise Unreadable(_("There is no notebook in the submission; {name} was expected.", name=wanted))
    if len(present) > 1:
        raise Unreadable(_("There is no {name} in the submission but several other notebooks: {names}.",
                           name=wanted, names=", ".join(present)))
    return _regular_file(submission.folder / present[0]), [
        _("The notebook was called {got} instead of {name}.", got=present[0], name=wanted)]


def timestamp(submission):
    """When it was handed in, as timestamp.txt says; None where it does not."""
    try:
        return _regular_file(submission.folder / "timestamp.txt").decode().strip() or None
    except (Unreadable, UnicodeDecodeError):
        return None


def _regular_file(path):
    """The bytes of a plain file: no link to a classmate's, no pipe to wait on, no device."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(_("{name} cannot be read: {reason}", name=path.name, reason=error.strerror)) from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise Unreadable(_("{name} is not an ordinary file.", name=path.name))
    with open(fd, "rb") as file:
        return file.read(MAX_BYTES + 1)
