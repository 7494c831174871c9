"""From what learning platforms export to submitted/: who handed in what, the newest of each, none lost."""

import fcntl
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.grading.archives import File, Limits, Problem, Refused
from autograder.grading.attempts import Attempts
from autograder.grading.decoding import Unreadable, decode
from autograder.grading.harmless import one_line
from autograder.grading.layouts import Place, gradescope, place, utc, well_named
from autograder.grading.roster import Roster
from autograder.grading.sources import walk
from autograder.messages import _

#: The course's own: a source that holds the course is not collected from these.
OWN_FOLDERS = ("submitted", "attempts", "autograded", "feedback")
#: What platforms and we put beside notebooks; nobody handed it in.
BESIDE = ("timestamp.txt", "submission_metadata.yml", "expected.npz")
#: Brightspace's list of what the export holds, beside the students' folders.
CONTENTS = "index.html"


@dataclass(frozen=True)
class Collected:
    """What became of one student's notebooks, or of one file that was left where it is.

    student: the id, or for what was refused the path in its source; status: "new", "updated", "same" or
    "refused"; note: a sentence for the instructor, may be empty.
    """

    student: str
    status: str
    note: str


@dataclass(frozen=True)
class _Candidate:
    file: File
    place: Place
    when: float | None
    position: int


def collect(sources, assignment, course, limits=Limits()):
    """Take the notebooks of `assignment` out of folders and zip files into `course`/submitted.

    A zip that is named as a source may be a class's export; one inside a folder or zip is one student's.
    Returns a list of Collected, students first.  Each earlier attempt is kept under
    attempts/<student>/<assignment>/<n>/; the sources stay as they are.  Doing it again changes nothing.
    Raises FileNotFoundError for a source that is not there, ValueError for a name no assignment can have.
    """
    course = Path(course)
    if not assignment or "/" in assignment or assignment.startswith("."):
        raise ValueError(_("{name} is not the name of an assignment.", name=repr(assignment)))
    for source in sources:
        if not Path(source).exists():
            raise FileNotFoundError(_("There is no {name}.", name=str(source)))
    with _alone(course), TemporaryDirectory(dir=course / "attempts", prefix=".collect-") as spool:
        skip = {(course / name).resolve() for name in OWN_FOLDERS}
        found = [item for source in sources
                 for item in walk(source, assignment, spool, skip - {Path(source).resolve()}, limits)]
        refused = [(item.path, item.reason) for item in found if isinstance(item, Problem)]
        files = [item for item in found if isinstance(item, File)]
        candidates = _candidates(files, assignment, refused)
        roster, taken = Roster(course), []
        people = {name: roster.id(name) for name in candidates}
        roster.save()                       # before the folders are there, so that they are never orphans
        for name, some in candidates.items():
            taken += _take(course, people[name], assignment, some, refused)
    return sorted(taken, key=lambda one: one.student) + [
        Collected(one_line(path, 400), "refused", one_line(reason, 400)) for path, reason in refused]


@contextmanager
def _alone(course):
    """Two who collect at once would give one id or one attempt's number twice."""
    (course / "attempts").mkdir(parents=True, exist_ok=True)
    with open(course / "attempts" / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _candidates(files, assignment, refused):
    """{student as the platform writes it: [_Candidate]}; what is nobody's goes to `refused`."""
    beside = {file.path: file for file in files if file.path.endswith(BESIDE)}
    gradescopes = {path.rpartition("/")[0]: gradescope(_text(file)) for path, file in beside.items()
                   if path.endswith("submission_metadata.yml")}
    candidates, others = defaultdict(list), []
    for position, file in enumerate(files):
        at = place(file.path, assignment)
        if not file.path.endswith(".ipynb"):
            if not file.path.endswith(BESIDE) and (at or file.path.rpartition("/")[2] != CONTENTS):
                others.append((file.path, at))
        elif at is None:
            refused.append((file.path, _("Its name does not say whose it is; no known layout fits.")))
        elif at.assignment not in (None, assignment):
            if at.layout == "nbgrader":     # in an exchange's inbox other assignments are no surprise
                refused.append((file.path, _("This belongs to the assignment {name}.", name=at.assignment)))
        else:
            when = at.when
            if at.layout == "nbgrader":     # elsewhere such a file would be the student's own word
                when = utc(_text(beside.get(f"{at.group}/{assignment}/timestamp.txt")))
            students = [at.student]
            if at.layout == "gradescope":
                about = gradescopes.get(at.group.rpartition("/")[0], {}).get(at.order, ([], None))
                students, when = about[0] or [f"submission_{at.order}"], about[1]
            for student in students:        # those of a group handed in together
                candidates[student].append(_Candidate(file, at, _whole(when or file.when), position))
    groups = {one.place.group for some in candidates.values() for one in some}
    groups |= {at.group for path, _reason in refused if (at := place(path, assignment))}
    for path, at in others:
        if at is None:
            refused.append((path, _("This is not a notebook.")))
        elif at.group not in groups:        # else it is something that lies beside a notebook
            groups.add(at.group)
            refused.append((path, _("This is not a notebook, and there is none with it.")))
    return candidates


def _whole(when):
    """Seconds as timestamp.txt can hold them: two times are compared as they will be read again."""
    return None if when is None else int(when)


def _text(file):
    try:
        return file.read()[:10 * 2**20].decode("utf-8", errors="replace") if file else ""
    except Refused:
        return ""


def _take(course, student, assignment, candidates, refused):
    """[Collected] of one student: each of the student's hand-ins in order, or nothing."""
    groups = defaultdict(list)
    for candidate in candidates:
        groups[candidate.place.group].append(candidate)
    versions, unused = [], []
    for group in groups.values():
        chosen = _choose(group, assignment)
        if not chosen:
            names = ", ".join(one.place.file for one in group)
            refused.append((group[0].place.group, _(
                "There are several notebooks and none of them is {name}: {names}.",
                name=f"{assignment}.ipynb", names=names)))
        else:
            versions += chosen
            unused += [one.place.file for one in group if one not in chosen]
    versions.sort(key=lambda one: (one.place.order, one.when or 0, one.position))
    read = []
    for one in versions:
        try:
            read.append((one.file.read(), one.when, one.place.late))
        except Refused as reason:
            refused.append((one.file.path, str(reason)))
    if not read:
        return []
    status, kept = Attempts(course, student, assignment).put([(data, when) for data, when, _late in read])
    newest, _when, late = read[-1]
    notes = []
    if (named := _named(newest)) not in (None, assignment):
        notes.append(_("This looks like the notebook of the assignment {name}.", name=named[:60]))
    if late:
        notes.append(_("Canvas marks it as late."))
    if kept:
        notes.append(_("Earlier attempts kept: {count}.", count=kept))
    if unused:
        notes.append(_("Not used: {names}.", names=", ".join(unused)))
    return [Collected(student, status, one_line(" ".join(notes), 400))]


def _named(data):
    """The assignment that a notebook says it is of, None where it does not."""
    try:
        return decode(data).assignment
    except Unreadable:                      # grading will say why
        return None


def _choose(group, assignment):
    """Of notebooks that lie together those that are the assignment's, attempts of one notebook; [] if
    that cannot be told."""
    named = [one for one in group if well_named(one.place.file, assignment)] or group
    if len({one.place.order for one in named}) == 1:
        depth = min(one.file.path.count("/") for one in named)
        named = [one for one in named if one.file.path.count("/") == depth]
        if len({one.file.path for one in named}) > 1:
            return []
    return named                            # two of one path: a zip may hold a name twice
