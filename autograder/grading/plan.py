"""What of one assignment is to be graded now, and whether an attempt's grades are to be the student's."""

import hashlib
from pathlib import Path

from autograder.grading import policy as policies
from autograder.grading import submissions
from autograder.grading.attempts import history
from autograder.grading.intake import Unreadable
from autograder.grading.ledger import Row
from autograder.grading.worker import Job


def graded_path(course, student, assignment):
    """Where the graded notebook lies, as nbgrader has it."""
    return Path(course) / "autograded" / student / assignment / f"{assignment}.ipynb"


def whole(course, student, assignment, row):
    """Whether the notebook in autograded/ is the one that was written for `row`."""
    try:
        data = graded_path(course, student, assignment).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == row.notebook


class Plan:
    """The attempts at one assignment that are new or changed, or whose grades are missing.

    kit: of the assignment; ledger: what is recorded of it, from which is taken what is no attempt's any more.
    `due`: the Attempts to grade; `penalties`: [(student, late penalty)] of those whose penalty alone has changed.
    """

    def __init__(self, course, kit, ledger, policy, students=(), force=False):
        self.course, self.kit, self.ledger, self.policy = course, kit, ledger, policy
        self.due, self.penalties = [], []
        self.deadlines = {}                     # student: seconds since 1970 or None, extension included
        self.attempts = {}                      # (student, key): Attempt, of those that may count
        self.standing = {}                      # student: the Row whose grades are the student's, if they are in place
        rows, self.submitted, stale = ledger.attempts(), ledger.submissions(), []
        for submission in submissions.find(course, ledger.name, students):
            known = rows.get(submission.student, {})
            keyed = self._candidates(submission)
            stale += [(submission.student, key) for key in known.keys() - keyed.keys()]
            if not force:
                self._stand(submission.student, [row for key, row in known.items() if key in keyed])
            self.due += self._due(submission.student, {} if force else known, keyed)
        ledger.forget(stale)

    def job(self, attempt, limits):
        """The Job that grades `attempt`, with the key of the very bytes it holds; None if it is there no more."""
        found = self._read(attempt)
        if found is None:
            return None
        key, data, notes = found
        self.attempts.setdefault((attempt.submission.student, key), attempt)
        return Job(attempt.submission.student, self.ledger.name, data, key, notes, limits)

    def counts(self, student, key, score):
        """Whether an attempt with this score becomes the student's grade."""
        standing = self.standing.get(student)
        return (standing is None or standing.key == key
                or self._worth(student, key, score) > self._worth(student, standing.key, standing.score))

    def penalty(self, student, key):
        """What the attempt loses for being late, in points."""
        late = policies.seconds_late(self.attempts[student, key], self.deadlines[student])
        return self.policy.penalty.points(late, self.ledger.max_score)

    def row(self, job, **outcome):
        """The Row of our table for a Job."""
        return Row(job.key, self.attempts[job.student, job.key].number, **outcome)

    def when(self, job):
        """When the attempt of a Job was handed in, in seconds since 1970; None if nobody knows."""
        return self.attempts[job.student, job.key].when

    def _candidates(self, submission):
        """{key: Attempt} of those attempts that the policy grades; of two with the same bytes the earlier."""
        attempts = history(self.course, submission)
        deadline, extension = self.ledger.deadline, self.submitted.get(submission.student, (None,))[0]
        if deadline is not None and extension is not None:
            deadline += extension
        self.deadlines[submission.student] = policies.since_1970(deadline)
        keyed = {}
        for attempt in self.policy.graded(attempts, self.deadlines[submission.student]):
            found = self._read(attempt)
            if found is not None and found[0] not in keyed:
                keyed[found[0]] = self.attempts[submission.student, found[0]] = attempt
        return keyed

    def _stand(self, student, rows):
        for row in rows:
            if row.counts and student in self.submitted and whole(self.course, student, self.ledger.name, row):
                self.standing[student] = row

    def _due(self, student, known, keyed):
        scored = {key: row for key, row in known.items() if key in keyed and row.score is not None}
        due = [attempt for key, attempt in keyed.items() if key not in scored]
        if scored:
            best = max(scored, key=lambda key: self._worth(student, key, scored[key].score))
            standing = self.standing.get(student)
            if standing is None or standing.key != best:
                due.append(keyed[best])         # graded before, but the grades in place are another's
            else:
                _extension, penalty, score = self.submitted[student]
                if penalty != (now := min(self.penalty(student, best), score)):
                    self.penalties.append((student, now))
        return due

    def _worth(self, student, key, score):
        """Of two attempts that come to the same the later counts."""
        return score - min(self.penalty(student, key), score), self.attempts[student, key].number

    def _read(self, attempt):
        """(key, bytes or None, notes); None where nothing is handed in."""
        try:
            data, notes = submissions.read(attempt.submission)
        except Unreadable as error:
            if not attempt.submission.folder.exists():
                return None
            data, notes = None, [str(error)]
        digest = hashlib.sha256(data if data is not None else notes[-1].encode()).hexdigest()
        return f"{self.kit.fingerprint}:{digest}", data, notes
