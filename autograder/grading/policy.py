"""Which of a student's attempts counts, and what being late costs.

The one place that says so is course.toml in the course's folder; options of `autograder grade` go before it:

    [grading]
    attempt = "last"                            # or "best", or "before-deadline"
    late-penalty = "10% a day, at most 50%"     # of the maximum; or points: "2 a day, at most 10"

    [deadlines]
    optimizers = 2026-12-01 23:59:00+08:00      # without a zone: the time of the machine that grades

A deadline goes into the gradebook as nbgrader's `duedate`; one that was entered in formgrader holds where none is
given here, and so do extensions.  What is subtracted is nbgrader's `late_submission_penalty`.
"""

import math
import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autograder.checks import ASSIGNMENTS
from autograder.guard import closest

DAY = 24 * 60 * 60


def seconds_late(attempt, deadline):
    """How long after the deadline it was handed in; 0 where one of the two is unknown, as in nbgrader."""
    if attempt.when is None or deadline is None:
        return 0.0
    return max(0.0, attempt.when - deadline)


def _last_in_time(attempts, deadline):
    in_time = [attempt for attempt in attempts if not seconds_late(attempt, deadline)]
    return in_time[-1:] or attempts[:1]


#: {name: which of the attempts, oldest first, are graded}; of several the best counts.
ATTEMPTS = {
    "last": lambda attempts, deadline: attempts[-1:],
    "best": lambda attempts, deadline: attempts,
    "before-deadline": _last_in_time,           # or the first late one, if none was in time
}

_AMOUNT = r"(\d+(?:\.\d+)?)\s*(%?)"
_PENALTY = re.compile(rf"{_AMOUNT}\s*(?:a|per) day(?:,?\s*at most\s*{_AMOUNT})?")


@dataclass(frozen=True)
class Penalty:
    """Points lost for each day begun after the deadline, `at_most` in all; as shares of the maximum if `share`."""

    a_day: float = 0.0
    at_most: float = math.inf
    share: bool = False

    @classmethod
    def parse(cls, text):
        """Of "10% a day, at most 50%" or "2 a day".  Raises ValueError with what can be written."""
        found = _PENALTY.fullmatch(text.strip())
        if not found or (found[3] and found[2] != found[4]):
            raise ValueError(f"{text!r} is not a late penalty: write for example “10% a day, at most 50%” (of the "
                             "maximum) or “2 a day, at most 10” (points).")
        if found[2] and max(float(found[1]), float(found[3] or 0)) > 100:
            raise ValueError(f"{text!r} takes more than the whole: a late penalty is at most 100%.")
        unit = 100 if found[2] else 1
        return cls(float(found[1]) / unit, float(found[3]) / unit if found[3] else math.inf, bool(found[2]))

    def points(self, seconds, max_score):
        """What is lost `seconds` after the deadline, of `max_score` points."""
        lost = min(math.ceil(seconds / DAY) * self.a_day, self.at_most)
        return min(lost * (max_score if self.share else 1), max_score)


@dataclass(frozen=True)
class Policy:
    """attempt: a key of ATTEMPTS; deadlines: {assignment: seconds since 1970}."""

    attempt: str = "last"
    penalty: Penalty = Penalty()
    deadlines: dict = field(default_factory=dict)

    def graded(self, attempts, deadline):
        """Those of `attempts`, oldest first, that are to be graded."""
        return ATTEMPTS[self.attempt](attempts, deadline)


def read(course, assignments, attempt=None, deadline=None, late_penalty=None):
    """The Policy of `course`/course.toml with what the options say instead.  Raises ValueError."""
    path = course / "course.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}.") from None
    grading, deadlines = said.get("grading", {}), said.get("deadlines", {})
    if unknown := [*(said.keys() - {"grading", "deadlines"}), *(grading.keys() - {"attempt", "late-penalty"})]:
        raise ValueError(f"{path} says {', '.join(sorted(unknown))}, which is not known here.")
    for name in deadlines.keys() - {*ASSIGNMENTS, *assignments}:
        raise ValueError(f"{path} has a deadline for {name}, which is no assignment of the course."
                         f"{closest(name, ASSIGNMENTS)}")
    attempt = attempt or grading.get("attempt", "last")
    if attempt not in ATTEMPTS:
        raise ValueError(f"{path}: attempt is {attempt!r}; it can be {', '.join(ATTEMPTS)}.")
    late_penalty = late_penalty or grading.get("late-penalty")
    return Policy(attempt, Penalty.parse(str(late_penalty)) if late_penalty else Penalty(),
                  {name: moment(deadline or deadlines[name])
                   for name in assignments if deadline or name in deadlines})


def moment(value):
    """Seconds since 1970 of a date with a time, text or TOML's; without a zone it is this machine's time."""
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        if not isinstance(value, datetime) and not re.search(r"\d\D+\d+:\d\d", str(value)):
            raise ValueError                    # midnight, the day's beginning, is not what a bare date means
    except ValueError:
        raise ValueError(f"{value} is not a deadline: write a date with its time, for example “2026-12-01 23:59” (the "
                         "time of this machine) or “2026-12-01 23:59+08:00”.") from None
    return when.timestamp()


def naive_utc(seconds):
    """Seconds since 1970 as nbgrader keeps dates, a datetime of UTC without a zone; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def since_1970(naive):
    """The reverse of naive_utc."""
    return None if naive is None else naive.replace(tzinfo=UTC).timestamp()
