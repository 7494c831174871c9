"""solutions/<assignment>.md to what students get: exercises/<language>/<assignment>/.

Nothing is written unless the assignment proves itself: the solution scores all points, the untouched
stub none, every catalogued mistake loses points and is named as itself, every convention is accepted.
"""

import re
from pathlib import Path

import nbformat
import numpy as np
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder import checks, diagnosis, expectations
from autograder.messages import LANGUAGES
from autograder.selftest import grade_source
from autograder.solutions import Assignment

# nbgrader's own order: checksums are taken with the hidden tests in, and again without.
TO_MASTER = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)
TO_STUDENT = (ClearHiddenTests, ComputeChecksums, CheckCellMetadata)


#: What is left of nbgrader's markers when one is misspelt.
MARKER = re.compile(r"^\s*#+ *(BEGIN|END)\b.*$", re.MULTILINE)


class Refused(Exception):
    """The assignment does not prove itself; the text says where."""


def process(notebook, preprocessors):
    """`notebook` through nbgrader preprocessors, each with its defaults."""
    for preprocessor in preprocessors:
        notebook, _ = preprocessor().preprocess(notebook, {})
    return notebook


def master(assignment, language="en"):
    """What a submission is rebuilt from: stubs, and all tests with the hidden ones."""
    return process(assignment.notebook(language), TO_MASTER)


def student_version(assignment, language):
    """What a student of `language` gets."""
    return process(master(assignment, language), TO_STUDENT)


def release(names, solutions="solutions", to="exercises", source="_build/source", progress=print):
    """Prove and write each assignment named; raises Refused before anything of it is written."""
    for name in names:
        assignment = Assignment(name, solutions)
        progress(f"{name}: proving solution, stub and {len(assignment.catalogue['MISTAKES'])} mistakes")
        problems = prove(assignment)
        if problems:
            raise Refused("\n".join([f"{name} is not released:", *problems]))
        write(assignment, to, source)
        progress(f"{name}: written to {to}/{{{','.join(LANGUAGES)}}}/{name}")


def write(assignment, to, source):
    """The three student versions with their numbers, and nbgrader's source version."""
    folder = Path(source) / assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(assignment.notebook("en"), folder / f"{assignment.name}.ipynb")
    numbers = expectations.numbers(assignment)
    for language in LANGUAGES:
        folder = Path(to) / language / assignment.name
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(student_version(assignment, language), folder / f"{assignment.name}.ipynb")
        expectations.write(folder / expectations.FILE, {**numbers, "language": np.array(language)})


def prove(assignment, seed=expectations.FIXED_SEED):
    """What speaks against releasing `assignment`, a list of sentences; empty when nothing does."""
    return [*_prose(assignment), *_scores(assignment, seed), *_catalogue(assignment, seed)]


def _prose(assignment):
    """Each exercise is introduced in every language."""
    counts = {language: sum(1 for kind, meta, _ in assignment.cells
                            if kind == "markdown" and meta["lang"] == language) for language in LANGUAGES}
    if len(set(counts.values())) > 1:
        yield f"  the languages have different numbers of prose cells: {counts}"
    for cell in student_version(assignment, "en").cells:
        if found := MARKER.search(cell.source):
            yield f"  {cell.id}: the students' copy shows {found.group()!r}: is a marker misspelt or not closed?"


def _scores(assignment, seed):
    """The solution earns every point, the stub none."""
    live = expectations.LiveExpectations(assignment, seed)
    stub = {cell.metadata.nbgrader.grade_id: cell.source
            for cell in master(assignment).cells if cell.cell_type == "code"}
    for exercise in checks.exercises(assignment.name):
        for result in grade_source(assignment, live, exercise, assignment.code[exercise]):
            if result.score != result.max_score:
                yield f"  {result.grade_id}: the solution fails: {result.message}"
        for result in grade_source(assignment, live, exercise, stub[exercise]):
            if result.score != 0:
                yield f"  {result.grade_id}: the untouched stub scores {result.score}"


def _catalogue(assignment, seed):
    """Each mistake fails and is named as itself; no two entries are too alike to tell apart."""
    live = expectations.LiveExpectations(assignment, seed)
    try:
        live.variants(checks.exercises(assignment.name)[0])
    except ValueError as misfit:
        yield f"  {misfit}"
        return
    for exercise in checks.exercises(assignment.name):
        variants = [v for v in live.variants(exercise) if v.kind != diagnosis.INHERITED]
        right = diagnosis.Variant("the solution", live.reference(exercise))
        for i, variant in enumerate(variants):
            for other in [right, *variants[:i]]:
                gap = diagnosis.distance(variant.signature, other.signature)
                if gap < diagnosis.SEPARATION:
                    yield f"  {variant.id} cannot be told from {other.id} (distance {gap:.1e})"
            if live.only_raises(exercise, variant.signature):
                yield f"  {variant.id} does nothing but raise an exception: any slip that raises it would get this name"
            yield from _variant(assignment, live, exercise, variant)
        yield from _inherited(assignment, live, exercise)


def _variant(assignment, live, exercise, variant):
    results = grade_source(assignment, live, exercise, assignment.variant_source(variant.id))
    failed = [result for result in results if result.score < result.max_score]
    if variant.kind != diagnosis.MISTAKE:
        for result in failed:
            yield f"  {variant.id}: a valid convention fails {result.grade_id}: {result.message}"
        return
    if not failed:
        yield f"  {variant.id} earns every point"
    for result in failed:
        if result.mistake != variant.id:
            yield f"  {variant.id} is named {result.mistake} by {result.grade_id}"


def _inherited(assignment, live, exercise):
    """A right answer loses nothing for the mistake of an earlier function that it may call."""
    for id, *_ in assignment.inherited(exercise):
        source = assignment.inherited_source(exercise, id)
        for result in grade_source(assignment, live, exercise, source):
            if result.score < result.max_score:
                yield f"  {result.grade_id} fails for {id}, a mistake in an earlier function: {result.message}"
