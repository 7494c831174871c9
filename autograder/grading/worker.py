"""What a grading worker does: a submission in, a graded notebook out.

A worker sees neither the gradebook nor other submissions, and does not need nbgrader, whose import
takes longer than grading.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import nbformat

from autograder.expectations import FIXED_SEED, LiveExpectations
from autograder.grading.executor import execute
from autograder.grading.intake import Rebuilt, Unreadable, language_of, rebuild
from autograder.isolation import Limits
from autograder.messages import using
from autograder.solutions import Assignment


@dataclass(frozen=True)
class Kit:
    """What every submission of an assignment is graded with in one run; it travels to each worker once.

    fingerprint: of the solution and the catalogue; seed: of the run's hidden probe, which nobody can know before;
    prose: {language: the released prose cells}, by which a notebook that lost its metadata is recognised.
    """

    assignment: Assignment = field(compare=False)
    master: nbformat.NotebookNode = field(compare=False)
    prose: dict = field(compare=False)
    fingerprint: str
    seed: int


@dataclass(frozen=True)
class Job:
    """One submission: its bytes (None: unreadable, the last of `notes` says why) and the key of its grading."""

    student: str
    assignment: str
    data: bytes | None
    key: str
    notes: list = field(default_factory=list)
    limits: Limits = Limits()


def run(job, kit):
    """The graded notebook of `job` as JSON text."""
    return nbformat.v4.writes(graded(job, kit))


def graded(job, kit):
    """The rebuilt and executed notebook of `job`, with all that is to be recorded in its metadata."""
    language = language_of(job.data or b"")
    try:
        if job.data is None:
            raise Unreadable(job.notes[-1])
        with using(language):
            rebuilt = rebuild(job.data, kit.master, kit.prose)
    except Unreadable as error:
        rebuilt = _blank(kit.master, str(error), language)
        status, notes = "unreadable", []
    else:
        status, notes = run_in_isolation(rebuilt.notebook, kit, job.limits), job.notes
    rebuilt.notebook.metadata["autograder"].update(
        status=status, key=job.key, repairs=[*notes, *rebuilt.repairs])
    return rebuilt.notebook


def run_in_isolation(notebook, kit, limits=Limits()):
    """Execute a rebuilt notebook on a probe that nobody could know; returns its status."""
    about = notebook.metadata["autograder"]
    about["seed"] = kit.seed
    hidden, visible = _expectations(kit)
    with using(about["language"]):
        stopped = execute(notebook, kit.assignment.names, kit.assignment.code, hidden, limits, visible=visible)
    return "stopped" if stopped else "graded"


@lru_cache(maxsize=32)
def _expectations(kit):
    """What is right and what is known to be wrong, on the run's probe and on the students'; computed once a worker."""
    # A right answer on top of a wrong one is judged beside the right one instead: nothing need be taken on trust.
    return (LiveExpectations(kit.assignment, kit.seed, inheriting=False),
            LiveExpectations(kit.assignment, FIXED_SEED, naming=False))


def _blank(master, reason, language):
    """The master with every test failed for `reason`, for a submission that cannot be read."""
    notebook = nbformat.from_dict(master)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade:
            cell.metadata["autograder"] = {"mistake": None, "message": reason}
            cell.outputs = [nbformat.v4.new_output("error", ename="Unreadable", evalue=reason, traceback=[reason])]
    notebook.metadata["autograder"]["language"] = language
    return Rebuilt(notebook, language, [reason])
