"""Who is measured, on what: how each contender's class is laid out, which commands grade it, which scores it gave.

Every contender gets the notebooks of `classes.py`, with hidden tests, each test cell as it stands in solutions/.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.grading import gradebook as books
from benchmarks.classes import BIN, ENVIRONMENT, ROOT
from benchmarks.meter import Cost, measure

STOCK, OTTER_NAME, OURS, BARE = "stock nbgrader", "otter-grader", "autograder", "bare limit"

#: What `make bench` gives for otter's environment.
OTTER = ROOT / "_build" / "bench" / "venv" / "bin" / "otter"

#: Otter's environment finds the course's own package, which the test cells import, here.
OTTER_ENVIRONMENT = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Contender:
    """One way to grade a class.

    sizes: of the two classes whose difference gives the cost of one submission; a first size of 0 means that
    nothing is taken off for the start, because the command starts anew for each submission.
    prepare(folder, load) makes what all its classes share; hand_in(folder, load, size) adds a class;
    commands(folder, load, size) are those that grade it, one after the other, feedback(folder, load) the one that
    writes the pages, or None; scores(folder, load, size) is {student: {grade_id: points}}.
    """

    name: str
    sizes: tuple
    prepare: Callable
    hand_in: Callable
    commands: Callable
    scores: Callable
    feedback: Callable | None = None
    environment: dict = field(default_factory=lambda: ENVIRONMENT)

    def course(self, work, load, size):
        """A fresh folder under `work` with a class of `size` that nobody has graded."""
        template = work / load.name / self.name.replace(" ", "-")
        if not template.exists():
            template.mkdir(parents=True)
            self.prepare(template, load)
        folder = template.with_name(f"{template.name}-{size}")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        self.hand_in(folder, load, size)
        return folder

    def grade(self, folder, load, size, memory=False):
        """The Cost of grading that class."""
        commands = self.commands(folder, load, size)
        return sum((measure(command, cwd=folder, env=self.environment, memory=memory) for command in commands),
                   Cost(0, 0))


# Stock nbgrader ------------------------------------------------------------------------------------------------------

STOCK_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'


def prepare_stock(folder, load):
    """An nbgrader course as its manual has it: the source version, the release, the gradebook."""
    source = folder / "source" / load.name
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(STOCK_CONFIG)
    nbformat.write(load.source(), source / f"{load.name}.ipynb")
    shutil.copy(load.numbers, source)
    measure([BIN / "nbgrader", "generate_assignment", load.name, "--create"], cwd=folder, env=ENVIRONMENT)


def nothing(folder, load):
    """What there is to prepare where nothing is shared."""


def hand_in(folder, load, size):
    """The class in submitted/."""
    load.hand_in(folder, size)


def recorded(folder, load, size):
    """The scores in nbgrader's gradebook, which is ours as well."""
    with books.open_gradebook(books.url(folder)) as gradebook:
        return {student: {id: score for id, (score, _) in books.scores(gradebook, load.name, student).items()}
                for student in load.class_of(size)}


# Ours ----------------------------------------------------------------------------------------------------------------

def ours(name, sizes, *options):
    """`autograder grade` with `options`, isolation on, as there is no way to turn it off."""
    def commands(folder, load, size):
        return [[BIN / "autograder", "grade", load.name, "--course", folder, "--solutions", ROOT / "solutions",
                 *options]]

    def pages(folder, load):
        return [BIN / "autograder", "feedback", load.name, "--course", folder]
    return Contender(name, sizes, nothing, hand_in, commands, recorded, None if options else pages)


# Otter ---------------------------------------------------------------------------------------------------------------

#: An "exception-based" test file of otter's: the test cell, executed in the student's namespace.
OTTER_TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = {id!r}
points = {points!r}


@test_case()
def test(env):
    exec({source!r}, env)
"""


def write_otter_tests(folder, load):
    """A test file in the new `folder` for each test cell."""
    folder.mkdir()
    for id, points, source in load.cells("right"):
        if points is not None:
            (folder / f"{id}.py").write_text(OTTER_TEST.format(id=id, points=points, source=source), encoding="utf-8")


def prepare_otter(folder, load):
    """The test files and the zip that `otter generate` makes of them."""
    write_otter_tests(folder / "tests", load)
    shutil.copy(load.numbers, folder)
    measure([OTTER, "generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements", "--no-environment",
             load.numbers.name], cwd=folder, env=OTTER_ENVIRONMENT)


def otter_notebook(load, kind):
    """The same answers; for each test cell otter's own call of the test, as `otter assign` writes it."""
    notebook = load.notebook(kind)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        ours = cell.metadata.nbgrader
        if ours.grade:
            cell.source = f'grader.check("{ours.grade_id}")'
    demo = code[-1]                                     # not graded; stock does not run it either
    notebook.cells = [nbformat.v4.new_code_cell("import otter\ngrader = otter.Notebook()"),
                      *(cell for cell in notebook.cells if cell is not demo)]
    return notebook


def hand_in_otter(folder, load, size):
    """One notebook a student."""
    for student, kind in load.class_of(size).items():
        (folder / student).mkdir()
        nbformat.write(otter_notebook(load, kind), folder / f"{student}.ipynb")


def otter_commands(folder, load, size):
    """One call of the command line a notebook."""
    return [[OTTER, "run", f"{student}.ipynb", "-a", "autograder.zip", "-o", student, "--no-logo"]
            for student in load.class_of(size)]


def otter_scores(folder, load, size):
    """What stands in each results.json."""
    ids = [id for id, points, _ in load.cells("right") if points is not None]
    found = {}
    for student in load.class_of(size):
        tests = json.loads((folder / student / "results.json").read_text())["tests"]
        by_id = {test["name"]: test["score"] for test in tests if "score" in test}
        found[student] = {id: by_id[id] for id in ids}
    return found


# The bare limit ------------------------------------------------------------------------------------------------------

def hand_in_bare(folder, load, size):
    """The cells of each student, ready to execute."""
    (folder / "cells.json").write_text(json.dumps(
        {student: load.cells(kind) for student, kind in load.class_of(size).items()}), encoding="utf-8")


def bare_commands(folder, load, size):
    """The cells in forked processes."""
    return [[BIN / "python", Path(__file__).with_name("bare.py"), load.numbers, "cells.json", "scores.json"]]


def bare_scores(folder, load, size):
    """As written."""
    return json.loads((folder / "scores.json").read_text())


CONTENDERS = (
    Contender(STOCK, (4, 12), prepare_stock, hand_in,
              lambda folder, load, size: [[BIN / "nbgrader", "autograde", load.name]], recorded,
              lambda folder, load: [BIN / "nbgrader", "generate_feedback", load.name]),
    Contender(OTTER_NAME, (0, 4), prepare_otter, hand_in_otter, otter_commands, otter_scores,
              environment=OTTER_ENVIRONMENT),
    ours(OURS, (20, 200)),
    ours(f"{OURS}, 1 worker", (20, 100), "--workers", "1"),
    Contender(BARE, (20, 100), nothing, hand_in_bare, bare_commands, bare_scores),
)
