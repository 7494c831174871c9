"""Puts a notebook into submitted/ and what lay there before into attempts/: nothing is ever overwritten."""

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from autograder.grading.aside import replace
from autograder.grading.layouts import utc
from autograder.grading.submissions import Submission, timestamp


@dataclass(frozen=True)
class Attempt:
    """One hand-in: its number, 1 for the first, the folder it lies in and when it came (seconds since 1970 or None)."""

    number: int
    submission: Submission
    when: float | None


def history(course, submission):
    """All Attempts of the student of `submission`, the oldest first; `submission` is the last."""
    earlier = []
    for folder in (Path(course) / "attempts" / submission.student / submission.assignment).glob("[0-9]*"):
        if folder.name.isdecimal():
            kept = Submission(submission.student, submission.assignment, folder)
            earlier.append(Attempt(int(folder.name), kept, utc(timestamp(kept))))
    last = Attempt(max((attempt.number for attempt in earlier), default=0) + 1, submission,
                   utc(timestamp(submission)))
    return [*sorted(earlier, key=lambda attempt: (attempt.when or 0, attempt.number)), last]


class Attempts:
    """One student's notebooks of one assignment in the folder `course`."""

    def __init__(self, course, student, assignment):
        self.name = f"{assignment}.ipynb"
        self.submitted = Path(course) / "submitted" / student / assignment
        self.earlier = Path(course) / "attempts" / student / assignment
        self.known = {sha256(path.read_bytes()).digest() for path in self.earlier.glob(f"[0-9]*/{self.name}")
                      if path.is_file()}

    def put(self, versions):
        """("new", "updated" or "same", number of attempts that went into attempts/).

        versions: [(bytes, seconds since 1970 or None)], the oldest first.  The last one becomes the
        submission, unless it is known to be older than the one that is there.  Killed at any moment,
        the submission is the old one or the new one, and doing it again finishes the rest.
        """
        before = len(self.known)
        current, handed_in = self._current()
        *older, (data, when) = versions
        dated = when is not None and handed_in is not None
        digest = sha256(data).digest()
        if data == current:
            wins = False
        elif digest in self.known:
            wins = current is None or (dated and when > handed_in)
        else:
            wins = current is None or not dated or when >= handed_in
        if wins and current is not None:
            self._keep(current, handed_in)
        for version, at in [*older, *([] if wins else [(data, when)])]:
            if version != current and version != (data if wins else None):
                self._keep(version, at)
        if wins:
            self._submit(data, when)
        status = "same" if not wins else "new" if current is None else "updated"
        return status, len(self.known) - before

    def _current(self):
        """(bytes, time) of the submission; (None, None) where there is none to read."""
        path = self.submitted / self.name
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                self._set_aside(path)           # a link, a pipe or a folder in the notebook's place
                return None, None
            data = path.read_bytes()
        except FileNotFoundError:
            return None, None
        try:
            return data, utc((self.submitted / "timestamp.txt").read_text())
        except (OSError, UnicodeDecodeError):
            return data, None

    def _keep(self, data, when):
        """An attempt of its own, unless these very bytes are one already."""
        digest = sha256(data).digest()
        if digest not in self.known:
            self.earlier.mkdir(parents=True, exist_ok=True)
            aside = self.earlier / f".{os.getpid()}"
            aside.mkdir(exist_ok=True)
            (aside / self.name).write_bytes(data)
            _write_time(aside, when)
            aside.rename(self._next())
            self.known.add(digest)

    def _set_aside(self, path):
        folder = self._next()
        folder.mkdir(parents=True)
        path.rename(folder / path.name)

    def _next(self):
        """The folder of the next attempt.  The caller holds the course's lock, so nobody else takes it."""
        taken = [int(folder.name) for folder in self.earlier.glob("[0-9]*") if folder.name.isdecimal()]
        return self.earlier / str(max(taken, default=0) + 1)

    def _submit(self, data, when):
        # No time at all is better than the old notebook's beside the new one.
        (self.submitted / "timestamp.txt").unlink(missing_ok=True)
        replace(self.submitted / self.name, data)
        _write_time(self.submitted, when)


def _write_time(folder, when):
    if when is not None:
        text = datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        replace(folder / "timestamp.txt", text.encode())
