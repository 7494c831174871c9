"""The submissions that every contender grades: copies of four notebooks, one right, three with catalogued mistakes."""

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

from autograder.expectations import FILE
from autograder.solutions import DEMO, MARKERS, Assignment

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

#: In turn: how many of the copies have which mistakes; sizes of classes are multiples of their number.
KINDS = ("right", "first wrong", "last wrong", "both wrong")

#: What every command runs with; one BLAS thread, or waiting for work would count as work.
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
               "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Load:
    """An assignment of the course and what is handed in for it."""

    name: str

    @cached_property
    def assignment(self):
        """Its solutions and catalogue."""
        return Assignment(self.name, ROOT / "solutions")

    @cached_property
    def mistakes(self):
        """{kind: the mistakes in it}: the first that the catalogue has for the first and for the last exercise."""
        exercises = list(self.assignment.names)
        first, last = (next(id for id in self.assignment.catalogue["MISTAKES"] if id.startswith(f"{exercise}/"))
                       for exercise in (exercises[0], exercises[-1]))
        return dict(zip(KINDS, ([], [first], [last], [first, last]), strict=True))

    def answers(self, kind):
        """{exercise: the student's cell}."""
        wrong = {id.partition("/")[0]: self.assignment.variant_source(id) for id in self.mistakes[kind]}
        return {exercise: wrong.get(exercise, MARKERS.sub("", self.assignment.code[exercise]))
                for exercise in self.assignment.names}

    def notebook(self, kind):
        """The notebook that students get, with the answers filled in."""
        notebook = nbformat.read(self.released / f"{self.name}.ipynb", as_version=4)
        answers = self.answers(kind)
        for cell in notebook.cells:
            id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(id, cell.source)
        return notebook

    def source(self):
        """nbgrader's source version; its last cell, which is not graded and trains a network, does nothing."""
        notebook = self.assignment.notebook("en")
        for cell in notebook.cells:
            if DEMO in cell.metadata.get("tags", []):
                cell.source = "pass"
        return notebook

    def cells(self, kind):
        """[(grade_id, points or None, source)] of the code cells, hidden tests included, answers filled in."""
        answers = self.answers(kind)
        return [(meta["nbgrader"]["grade_id"], meta["nbgrader"].get("points"),
                 answers.get(meta["nbgrader"]["grade_id"], source))
                for cell, meta, source in self.assignment.cells if cell == "code" and DEMO not in meta.get("tags", [])]

    @property
    def released(self):
        """The folder with the notebook and the numbers that students get."""
        return ROOT / "exercises" / "en" / self.name

    @property
    def numbers(self):
        """The file with the numbers."""
        return self.released / FILE

    def class_of(self, size):
        """{student: kind} of a class."""
        return {f"s{number:05}": KINDS[number % len(KINDS)] for number in range(size)}

    def hand_in(self, course, size):
        """Write `course`/submitted/<student>/<assignment>/<assignment>.ipynb for a class."""
        texts = {kind: nbformat.writes(self.notebook(kind)) for kind in KINDS}
        for student, kind in self.class_of(size).items():
            folder = course / "submitted" / student / self.name
            folder.mkdir(parents=True)
            (folder / f"{self.name}.ipynb").write_text(texts[kind], encoding="utf-8")
