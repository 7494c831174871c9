"""Every catalogued mistake and every right answer in other clothes, on many probes.

    python tests/matrix.py [--seeds 200] [ASSIGNMENT …]

prints, for each function, how many mistakes lose points and are named as themselves, how many other right
answers earn every point, at every one of the seeds.  Exit status 1 where a wrong answer passed, a right one
failed, or a mistake was named otherwise; each of them is printed.
"""

import runpy
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

from repository import ROOT
from threadpoolctl import threadpool_limits

from autograder.checks import ASSIGNMENTS
from autograder.expectations import FIXED_SEED, LiveExpectations
from autograder.selftest import expecting, grade_source, run_test, test_cells
from autograder.solutions import MARKERS, Assignment

SEEDS = 200
FIRST = 1000


@dataclass
class Findings:
    """What a stretch of seeds showed: {exercise: number} for each kind of right verdict, and the wrong ones."""

    caught: Counter = field(default_factory=Counter)
    named: Counter = field(default_factory=Counter)
    accepted: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)

    def add(self, other):
        """Take in the findings of other seeds."""
        self.caught += other.caught
        self.named += other.named
        self.accepted += other.accepted
        self.wrong += other.wrong


def equivalents(name):
    """{exercise/how: source} of the right answers in tests/equivalents, the solution itself among them."""
    assignment = Assignment(name, ROOT / "solutions")
    own = {f"{exercise}/solution": MARKERS.sub("", assignment.code[exercise]) for exercise in assignment.names}
    return own | runpy.run_path(str(ROOT / "tests" / "equivalents" / f"{name}.py"))["EQUIVALENTS"]


def judge(name, seeds):
    """The Findings of assignment `name` at each of `seeds`."""
    assignment, found = Assignment(name, ROOT / "solutions"), Findings()
    wrong = {id: assignment.variant_source(id) for id in assignment.catalogue["MISTAKES"]}
    right = equivalents(name) | {id: assignment.variant_source(id) for id in assignment.catalogue["CONVENTIONS"]}
    threadpool_limits(1)                    # the processes share the cores already
    for seed in seeds:
        live = LiveExpectations(assignment, seed)
        for id, source in wrong.items():
            exercise = id.partition("/")[0]
            failed = first_failure(assignment, live, exercise, source)
            found.caught[exercise] += failed is not None
            found.named[exercise] += failed is not None and failed.mistake == id
            if failed is None or failed.mistake != id:
                found.wrong.append(f"seed {seed}: {id} is {'named ' + str(failed.mistake) if failed else 'not caught'}")
        for id, source in right.items():
            exercise = id.partition("/")[0]
            failed = first_failure(assignment, live, exercise, source)
            found.accepted[exercise] += failed is None
            if failed is not None:
                found.wrong.append(f"seed {seed}: {id} is right, but fails: {failed.message}")
    return found


def first_failure(assignment, expected, exercise, source):
    """The Result of the first test that `source` fails, None where it passes all."""
    with expecting(expected):
        for test in test_cells(assignment, exercise):
            result = run_test(assignment, exercise, source, *test)
            if result.score < result.max_score:
                return result
    return None


def disagreements(name, seed):
    """Where the self-check, on the fixed probe, says other than the official grade on that of `seed`.

    Compared are the visible tests, for every mistake and every right answer: passed or not, and the name given.
    """
    assignment = Assignment(name, ROOT / "solutions")
    probes = [LiveExpectations(assignment, s) for s in (FIXED_SEED, seed)]
    visible = {id for exercise in assignment.names for id, _points, source in test_cells(assignment, exercise)
               if "HIDDEN TESTS" not in source}
    answers = {id: assignment.variant_source(id) for kind in assignment.catalogue.values() for id in kind}
    for id, source in (answers | equivalents(name)).items():
        said = [[(r.grade_id, r.score, r.mistake) for r in grade_source(assignment, live, id.partition("/")[0], source)
                 if r.grade_id in visible] for live in probes]
        if said[0] != said[1]:
            yield f"{id}: {said[0]} with the students' numbers, {said[1]} with others"


def stretches(seeds, parts):
    """`seeds` seeds in `parts` ranges of about equal length."""
    bounds = [FIRST + seeds * part // parts for part in range(parts + 1)]
    return [range(a, b) for a, b in pairwise(bounds)]


def main(names, seeds):
    """Print the table; returns what was wrong."""
    from rich.console import Console
    from rich.table import Table

    table = Table("assignment", "function", "mistakes", "caught", "named", "right answers", "accepted", "seeds")
    bad = []
    with ProcessPoolExecutor() as pool:
        parts = {name: [pool.submit(judge, name, part) for part in stretches(seeds, 8)] for name in names}
        for name, futures in parts.items():
            found, assignment = Findings(), Assignment(name, ROOT / "solutions")
            for future in futures:
                found.add(future.result())
            mistakes = Counter(id.partition("/")[0] for id in assignment.catalogue["MISTAKES"])
            others = Counter(id.partition("/")[0] for id in [*equivalents(name), *assignment.catalogue["CONVENTIONS"]])
            for exercise in assignment.names:
                counts = (mistakes[exercise], found.caught[exercise] / seeds, found.named[exercise] / seeds,
                          others[exercise], found.accepted[exercise] / seeds, seeds)
                table.add_row(name, exercise, *(f"{count:g}" for count in counts))
            bad += found.wrong
    console = Console(width=100)
    console.print(table)
    for line in bad:
        console.print(line, markup=False)
    return bad


if __name__ == "__main__":
    arguments = sys.argv[1:]
    count = int(arguments.pop(arguments.index("--seeds") + 1)) if "--seeds" in arguments else SEEDS
    sys.exit(bool(main([a for a in arguments if not a.startswith("-")] or list(ASSIGNMENTS), count)))
