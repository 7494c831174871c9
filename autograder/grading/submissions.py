"""What lies in submitted/<student>/<assignment>/, read as the untrusted thing it is."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.decoding import MAX_BYTES, Unreadable
from autograder.grading.harmless import one_line
from autograder.guard import WrongUsage, require_known
from autograder.messages import _

#: How the name of a notebook ends; what browsers and mail programs make of it where nothing has the right ending.
ENDINGS = (".ipynb", (".ipynb.txt", ".ipynb.json", ".json"))


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


def require(course, assignments, students=()):
    """Raise WrongUsage where nobody has handed in anything under `course`, or one of `students` has not."""
    if not (Path(course) / "submitted").is_dir():
        raise WrongUsage(f"There is no submitted/ in {course}: name the course's folder with --course, or fill it "
                         "with autograder collect.")
    if students:
        require_known(students, {one.student for name in assignments for one in find(course, name)}, "submission")


def read(submission):
    """(bytes of the notebook, repairs to report).  Raises Unreadable with the reason."""
    wanted = f"{submission.assignment}.ipynb"
    if submission.folder.is_symlink() or submission.folder.parent.is_symlink():
        raise Unreadable(_("The folder of the submission is a link; links are not followed."))
    try:
        names = sorted(entry.name for entry in os.scandir(submission.folder) if not entry.name.startswith("."))
    except OSError as error:
        raise Unreadable(_("The submission cannot be opened: {reason}", reason=error.strerror)) from None
    present = next((found for endings in ENDINGS if (found := [n for n in names if n.lower().endswith(endings)])), [])
    if wanted in present:
        others = [name for name in present if name != wanted]
        return _regular_file(submission.folder / wanted), [
            _("Besides {name} there were other notebooks, which were not graded: {names}.",
              name=wanted, names=_some(others))] if others else []
    if not present and names:
        raise Unreadable(_("There is no notebook in the submission but only: {names}. {name} was expected.",
                           name=wanted, names=_some(names)))
    if not present:
        raise Unreadable(_("There is no notebook in the submission; {name} was expected.", name=wanted))
    likely = [name for name in present if name.lower().startswith(submission.assignment.lower())]
    if len(present) > 1 and len(likely) != 1:
        raise Unreadable(_("There is no {name} in the submission but several other notebooks: {names}.",
                           name=wanted, names=_some(present)))
    chosen = present[0] if len(present) == 1 else likely[0]
    repairs = [_("The notebook was called {got} instead of {name}.", got=one_line(chosen), name=wanted)]
    if len(present) > 1:
        repairs.append(_("Besides {name} there were other notebooks, which were not graded: {names}.",
                         name=chosen, names=_some([name for name in present if name != chosen])))
    return _regular_file(submission.folder / chosen), repairs


def _some(names):
    """A few of the names that somebody chose, on one line."""
    return ", ".join(one_line(name) for name in names[:5]) + (", …" if len(names) > 5 else "")


def timestamp(submission):
    """When it was handed in, as timestamp.txt says; None where it does not."""
    try:
        return _regular_file(submission.folder / "timestamp.txt").decode().strip() or None
    except (Unreadable, UnicodeDecodeError):
        return None


def _regular_file(path):
    """The bytes of a plain file: no link to a classmate's, no pipe to wait on, no device."""
    name = one_line(path.name)
    try:
        kind = path.lstat().st_mode
        if stat.S_ISLNK(kind):
            raise Unreadable(_("{name} is a link; links are not followed.", name=name))
        if not stat.S_ISREG(kind):
            raise Unreadable(_("{name} is not an ordinary file.", name=name))
        # What has become another kind of file since is neither followed nor waited for.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(_("{name} cannot be read: {reason}", name=name, reason=error.strerror)) from None
    with open(fd, "rb") as file:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable(_("{name} is not an ordinary file.", name=name))
        if info.st_size > MAX_BYTES:
            raise Unreadable(_("The file is larger than {size} MB.", size=MAX_BYTES // 2**20))
        try:
            return file.read(MAX_BYTES + 1)
        except OSError as error:        # a bad sector, a network drive that went away
            raise Unreadable(_("{name} cannot be read: {reason}", name=name, reason=error.strerror)) from None
