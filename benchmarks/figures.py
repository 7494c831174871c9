"""From what commands cost to figures: a submission's share, the spread of repetitions, ratios beside their goals."""

import math
from dataclasses import dataclass
from statistics import median

from benchmarks.contenders import BARE, OTTER_NAME, OURS, STOCK

#: From so many CPU seconds at the bare limit the tests of an assignment are heavy.
HEAVY = 0.1


@dataclass(frozen=True)
class Spread:
    """What repetitions gave: their median, the least and the most."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        """The Spread of some numbers, at least one; of nan where one is nan."""
        values = list(values)
        if any(map(math.isnan, values)):
            return cls(math.nan, math.nan, math.nan)
        return cls(median(values), min(values), max(values))

    def text(self, digits=3):
        """As in a table."""
        return f"{self.median:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def line(sizes, costs):
    """(what one submission costs, what the start costs), from what two classes of `sizes` cost."""
    (small, large), (less, more) = sizes, costs
    each = (more - less) / (large - small)
    return each, less - small * each


@dataclass(frozen=True)
class Goal:
    """One goal of the course, and what was measured for it."""

    load: str
    what: str
    bound: float
    at_least: bool
    measured: Spread

    @property
    def met(self):
        """Whether the median keeps to the bound."""
        return self.measured.median >= self.bound if self.at_least else self.measured.median <= self.bound

    def bound_text(self):
        """As in a table."""
        return f"at {'least' if self.at_least else 'most'} {self.bound:g}"


def paired(samples, one, other, combine):
    """The Spread of `combine(a, b)` over the repetitions; a and b ran in the same one."""
    return Spread.of(combine(a, b) for a, b in zip(samples[one], samples[other], strict=True))


def ratio(a, b):
    """How many times more a is than b; nan where b was lost in the noise."""
    return a / b if b > 0 else math.nan


def difference(a, b):
    """How much more a is than b."""
    return a - b


def is_heavy(grading):
    """Whether the tests of the load with these `grading` samples are heavy."""
    return median(grading[BARE]) >= HEAVY


def goals(load, grading, pages):
    """The Goals for one load.

    grading, pages: {contender: [CPU seconds of one submission, of one page, in each repetition]}.
    """
    heavy = is_heavy(grading)
    return [
        Goal(load, f"{STOCK} / {OURS} ({'heavy' if heavy else 'cheap'} tests)", 6 if heavy else 12, True,
             paired(grading, STOCK, OURS, ratio)),
        Goal(load, f"{OTTER_NAME} / {OURS}", 35, True, paired(grading, OTTER_NAME, OURS, ratio)),
        Goal(load, f"{OURS} - {BARE}, CPU s", 0.1, False, paired(grading, OURS, BARE, difference)),
        Goal(load, f"feedback page, {STOCK} / {OURS}", 5, True, paired(pages, STOCK, OURS, ratio)),
    ]
