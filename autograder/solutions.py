"""The instructor's side of an assignment: the solution notebook and the catalogue of mistakes.

Works only beside a `solutions/` folder, which no student's install has.
"""

import ast
import json
import re
import runpy
from functools import cached_property, lru_cache
from itertools import combinations, product
from pathlib import Path

import nbformat

from autograder import checks
from autograder.diagnosis import CONVENTION, MISTAKE
from autograder.messages import LANGUAGES

#: The tag of the last cell of an assignment, in which students see their code at work; it is never graded.
DEMO = "demo"

MARKERS = re.compile(r"^\s*### (BEGIN|END) SOLUTION\s*$\n?", re.MULTILINE)


def nbgrader_metadata(grade_id, solution=False, locked=False, points=None, task=False, cell_type="code"):
    """The full nbgrader metadata (schema 3) of a cell from the short form used in solutions/*.md.

    A cell with points is an autograded test, one with `solution` is the student's to fill in, one with both a
    person grades, and so what a student adds below a `task`; any other is locked.
    """
    metadata = {"schema_version": 3, "grade_id": grade_id, "grade": points is not None and not task,
                "solution": solution, "locked": not solution, "task": task, "cell_type": cell_type}
    if points is not None:
        metadata["points"] = float(points)
    return metadata


def defined_names(source):
    """The names that the top level of `source` defines: classes, functions, plain assignments."""
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [t.id for t in node.targets if isinstance(t, ast.Name)]
    return names


@lru_cache(maxsize=4096)
def compiled(source, name="<solution>"):
    """`source` as a code object; the same cells are run on many probes."""
    return compile(source, name, "exec")


class Assignment:
    """One assignment of the folder `solutions`.

    Raises FileNotFoundError when there is no such solution, ValueError when it is malformed.
    """

    def __init__(self, name, folder="solutions"):
        self.name, self.folder = name, Path(folder)
        self.path = self.folder / f"{name}.md"
        if not self.path.is_file():
            raise FileNotFoundError(f"there is no solution notebook {self.path}")

    @cached_property
    def cells(self):
        """The notebook's cells as (kind, metadata, source)."""
        import jupytext  # here: a grading worker gets the cells ready-made and never waits for this import

        return [(cell.cell_type, json.loads(json.dumps(cell.metadata)), cell.source)
                for cell in jupytext.read(self.path).cells]

    @cached_property
    def code(self):
        """{grade_id: source} of the code cells, in order."""
        return {meta["nbgrader"]["grade_id"]: source
                for kind, meta, source in self.cells if kind == "code"}

    @cached_property
    def names(self):
        """{exercise: the name it defines}, for the solution cells in order."""
        return {meta["nbgrader"]["grade_id"]: defined_names(source)[0]
                for kind, meta, source in self.cells if kind == "code" and meta["nbgrader"].get("solution")}

    def notebook(self, language):
        """nbgrader's source version in one language: solutions and hidden tests inside, ids stable."""
        cells = []
        for number, (kind, metadata, source) in enumerate(self.cells):
            if kind == "markdown":
                if metadata.get("lang") not in LANGUAGES:
                    raise ValueError(f"{self.path}: a prose cell lacks its language: {source[:60]!r}")
                if metadata["lang"] == language:
                    cells.append(nbformat.v4.new_markdown_cell(source, id=f"prose-{number}"))
                    if "nbgrader" in metadata:          # an answer or a task that a person grades
                        cells[-1].metadata["nbgrader"] = nbgrader_metadata(
                            **metadata["nbgrader"], cell_type="markdown")
            else:
                meta = nbgrader_metadata(**metadata["nbgrader"])
                tags = {"tags": metadata["tags"]} if "tags" in metadata else {}
                cells.append(nbformat.v4.new_code_cell(source, id=meta["grade_id"],
                                                       metadata={"nbgrader": meta, **tags}))
        kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        return nbformat.v4.new_notebook(cells=cells, metadata={
            "kernelspec": kernel, "language_info": {"name": "python"},
            "autograder": {"assignment": self.name, "language": language}})

    def reference(self, exercise):
        """The right implementation of `exercise`."""
        return self._implementations[exercise]

    def variants(self, exercise):
        """(id, implementation, kind) of each catalogued variant of `exercise`."""
        return [variant for variant in self._variants if variant[0].startswith(f"{exercise}/")]

    def inherited(self, exercise):
        """(id, implementation, uses): the right answer where an earlier function that it may call has the mistake.

        uses: what the earlier names mean then, in the order of `checks.uses`.
        """
        earlier = checks.uses(self.name, exercise)
        for id in self.catalogue["MISTAKES"]:
            if id.partition("/")[0] in earlier:
                namespace = self.namespace(self.inherited_source(exercise, id), exercise)
                yield id, namespace[self.names[exercise]], [namespace[self.names[used]] for used in earlier]

    def pairs(self, exercise):
        """(ids, implementation, uses) of each two mistakes that can be made at once.

        Two edits of the same cell, or one of an earlier cell that may be called and one of this cell.
        """
        earlier = checks.uses(self.name, exercise)
        own = [id for id in self.catalogue["MISTAKES"] if id.startswith(f"{exercise}/")]
        before = [id for id in self.catalogue["MISTAKES"] if id.partition("/")[0] in earlier]
        for ids in [*combinations(own, 2), *product(before, own)]:
            try:
                namespace = self.namespace(self.pair_source(ids), exercise)
            except (ValueError, SyntaxError):            # both change the same place
                continue
            yield ids, namespace[self.names[exercise]], [namespace[self.names[used]] for used in earlier]

    def pair_source(self, ids):
        """The cell, or the two cells, with both mistakes; ValueError where their edits do not go together."""
        exercises = [id.partition("/")[0] for id in ids]
        if exercises[0] != exercises[1]:
            return self.variant_source(ids[0]) + "\n\n\n" + self.variant_source(ids[1])
        return self._edited(self.variant_source(ids[0]), ids[1])

    def inherited_source(self, exercise, id):
        """The right answer to `exercise` after an earlier cell with the mistake `id`."""
        return self.variant_source(id) + "\n\n\n" + MARKERS.sub("", self.code[exercise])

    def variant_source(self, id):
        """The solution cell of the exercise with the edits of variant `id` made.

        Raises ValueError where an edit does not fit the reference exactly once.
        """
        return self._edited(MARKERS.sub("", self.code[id.partition("/")[0]]), id)

    def _edited(self, source, id):
        for old, new in {**self.catalogue["MISTAKES"], **self.catalogue["CONVENTIONS"]}[id]:
            if source.count(old) != 1:
                raise ValueError(f"{id}: {old!r} occurs {source.count(old)} times in the reference, not once")
            source = source.replace(old, new)
        return source

    @cached_property
    def catalogue(self):
        """MISTAKES and CONVENTIONS of solutions/mistakes/<assignment>.py."""
        module = runpy.run_path(str(self.folder / "mistakes" / f"{self.name}.py"))
        return {kind: module[kind] for kind in ("MISTAKES", "CONVENTIONS")}

    def __getstate__(self):
        """What travels to a grading worker: the texts, not what was executed from them."""
        return {"name": self.name, "folder": self.folder, "path": self.path,
                "cells": self.cells, "catalogue": self.catalogue}

    @cached_property
    def _setup(self):
        namespace = {}
        exec(self.code["setup"], namespace)
        return namespace

    def namespace(self, source, exercise):
        """The names after the setup cell, the right answers that `exercise` may use, and `source`, its own cell."""
        namespace = dict(self._setup)
        for earlier in checks.uses(self.name, exercise):
            exec(compiled(self.code[earlier]), namespace)
        exec(compiled(source), namespace)
        return namespace

    def define(self, source, exercise):
        """What `source`, a cell of `exercise`, defines."""
        return self.namespace(source, exercise)[self.names[exercise]]

    @cached_property
    def _implementations(self):
        return {exercise: self.define(self.code[exercise], exercise) for exercise in checks.exercises(self.name)}

    @cached_property
    def _variants(self):
        return [(id, self.define(self.variant_source(id), id.partition("/")[0]), kind)
                for part, kind in (("MISTAKES", MISTAKE), ("CONVENTIONS", CONVENTION))
                for id in self.catalogue[part]]
