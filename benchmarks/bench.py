"""What grading costs: `make bench`, or `python benchmarks/bench.py --sizes 20,200 --repeat 1` after it.

The same submissions (classes.py: one right, three with catalogued mistakes, copied under other names) are graded by

- stock nbgrader: `nbgrader autograde` in a course of its own, not isolated, one submission after the other;
- otter-grader: `otter run`, once a notebook, in its own environment (requirements-bench.lock), not isolated;
- autograder: `autograder grade`, isolated, with as many workers as there are cores, and with one;
- the bare limit: bare.py, the cells in a forked process with everything imported; not isolated, no notebook.

Everybody executes the same cells, hidden tests included and the ungraded last one left out, and must give the same
points for each test, or the run ends.  CPU seconds are those of all processes (meter.py).  One submission costs what
a larger class costs more than a smaller one; what is left is the start.  Otter starts anew for each notebook, so its
start is part of each.  A feedback page is measured the same way.  In each repetition the contenders take turns; a
ratio is taken within a repetition, then the median of the repetitions.

Then `autograder grade` on growing classes, with the memory of all its processes together (shared pages count in each).
Classes over 200 are graded once.  The default takes about a quarter of an hour on two idle cores.
"""

import os
import shlex
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console

from autograder.checks import ASSIGNMENTS
from benchmarks import contenders as who
from benchmarks import figures, machine, results
from benchmarks.classes import KINDS, ROOT, Load
from benchmarks.meter import measure

#: Classes larger than this are graded once, however many repetitions there are.
ONCE = 200

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@dataclass
class Measured:
    """All CPU seconds: of one submission, of the start, of one page, {load: {contender: [one a repetition]}}."""

    grading: dict = field(default_factory=dict)
    starts: dict = field(default_factory=dict)
    pages: dict = field(default_factory=dict)
    curve: dict = field(default_factory=dict)       # {size: [Cost]}
    curve_load: str = ""
    start: float = 0.0                              # of autograder on that load


class Differs(Exception):
    """A contender gave other points than the bare limit: it did not do the same work."""


def compare(work, loads, contenders, repeat, progress=console.print):
    """Measure `contenders` in turn on each load, `repeat` times; returns a Measured without a curve."""
    measured = Measured(*({load.name: defaultdict(list) for load in loads} for _ in range(3)))
    expected = {load.name: points(work, load) for load in loads}
    for number in range(repeat):
        for load in loads:
            for contender in contenders:
                each, start, page = once(work, load, contender, expected[load.name])
                measured.grading[load.name][contender.name].append(each)
                measured.starts[load.name][contender.name].append(start)
                if page is not None:
                    measured.pages[load.name][contender.name].append(page)
                progress(f"{number + 1}/{repeat}  {load.name:16} {contender.name:22} {each:.3f} CPU s a submission")
    return measured


def points(work, load):
    """{kind: {grade_id: points}} at the bare limit; the right answer has them all, the others have not."""
    bare = next(contender for contender in who.CONTENDERS if contender.name == who.BARE)
    folder = bare.course(work, load, len(KINDS))
    bare.grade(folder, load, len(KINDS))
    scores = bare.scores(folder, load, len(KINDS))
    found = {kind: scores[student] for student, kind in load.class_of(len(KINDS)).items()}
    possible = {id: points for id, points, _ in load.cells("right") if points is not None}
    for kind, earned in found.items():
        if (earned == possible) != (kind == KINDS[0]):
            raise Differs(f"{load.name}, {kind}: {earned} of {possible}")
    return found


def once(work, load, contender, expected):
    """(CPU s of one submission, of the start, of one page or None)."""
    costs, pages = [], []
    for size in contender.sizes:
        if size == 0:
            costs.append(0.0)
            continue
        folder = contender.course(work, load, size)
        costs.append(contender.grade(folder, load, size).cpu)
        agree(contender, load, contender.scores(folder, load, size), expected)
        if contender.feedback:
            pages.append(measure(contender.feedback(folder, load), cwd=folder, env=contender.environment).cpu)
        shutil.rmtree(folder)
    each, start = figures.line(contender.sizes, costs)
    return each, start, figures.line(contender.sizes, pages)[0] if pages else None


def agree(contender, load, scores, expected):
    """Raise Differs where a student's points are not those of the bare limit."""
    for student, kind in load.class_of(len(scores)).items():
        if scores[student] != expected[kind]:
            raise Differs(f"{contender.name} gives {student} ({load.name}, {kind}) {scores[student]}, "
                          f"the bare limit {expected[kind]}")


def grow(work, load, sizes, repeat, progress=console.print):
    """{size: [Cost]} of `autograder grade` on fresh classes of `load`, with memory."""
    ours = next(contender for contender in who.CONTENDERS if contender.name == who.OURS)
    curve = {size: [] for size in sizes}
    for number in range(repeat):
        for size in sizes:
            if number and size > ONCE:
                continue
            folder = ours.course(work, load, size)
            cost = ours.grade(folder, load, size, memory=True)
            shutil.rmtree(folder)
            curve[size].append(cost)
            progress(f"{size} submissions: {cost.cpu:.1f} CPU s, {cost.wall:.0f} s, {cost.memory / 1e6:.0f} MB")
    return curve


@click.command(help=__doc__.split("\n")[0])
@click.option("--loads", default="batchnorm,gradient_flow", show_default=True, help="Assignments; one grows the class.")
@click.option("--sizes", default="20,200,2000", show_default=True, help="Of the growing classes; empty: none.")
@click.option("--repeat", type=click.IntRange(1), default=3, show_default=True)
@click.option("--to", type=click.Path(path_type=Path), default=ROOT / "benchmarks" / "results.md")
@click.option("--picture", type=click.Path(path_type=Path), default=ROOT / "docs" / "grading-speed.svg")
def main(loads, sizes, repeat, to, picture):
    """Measure, print, write."""
    loads = [Load(name) for name in loads.split(",")]
    sizes = [int(size) for size in sizes.split(",") if size]
    if wrong := [load.name for load in loads if load.name not in ASSIGNMENTS]:
        raise click.UsageError(f"there is no assignment {', '.join(wrong)}")
    if wrong := [size for size in sizes if size % len(KINDS)]:
        raise click.UsageError(f"sizes are multiples of {len(KINDS)}: {wrong}")
    if not who.OTTER.exists():
        raise click.ClickException("otter-grader is not installed: make bench installs it")
    about, warnings = machine.describe(), [machine.busy()]
    work = ROOT / "_build" / "bench" / "work"
    shutil.rmtree(work, ignore_errors=True)
    measured = compare(work, loads, who.CONTENDERS, repeat)
    if sizes:
        measured.curve_load, measured.curve = loads[0].name, grow(work, loads[0], sizes, repeat)
        measured.start = figures.Spread.of(measured.starts[loads[0].name][who.OURS]).median
        results.draw(picture, measured.curve, measured.start, loads[0].name)
    shutil.rmtree(work)
    goals = [goal for load in measured.grading
             for goal in figures.goals(load, measured.grading[load], measured.pages[load])]
    tables = results.sections(measured, goals)
    results.show(console, tables)
    command = shlex.join(["python", "benchmarks/bench.py", *sys.argv[1:]])
    results.write(to, tables, command, about, list(filter(None, warnings)),
                  os.path.relpath(picture, to.parent) if sizes else None)
    console.print(f"written to {to}")


if __name__ == "__main__":
    main()
