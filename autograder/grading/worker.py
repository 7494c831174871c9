"""What a grading worker does: a submission in, a graded notebook out.

A worker sees neither the gradebook nor other submissions, and does not need nbgrader, whose import
takes longer than grading.
"""

import secrets
from dataclasses import dataclass, field

import nbformat

from autograder.expectations import FIXED_SEED, LiveExpectations
from autograder.grading.executor import execute
from autograder.grading.intake import Rebuilt, Unreadable, rebuild
from autograder.isolation import Limits
from autograder.messages import using
from autograder.solutions import Assignment


@dataclass(frozen=True)
class Kit:
    """What every submission of an assignment is graded with; it travels to each worker once.

    fingerprint: of the solution and the catalogue; prose: {language: the released prose cells}, by which a
    notebook that lost its metadata is recognised.
    """

    assignment: Assignment
    master: nbformat.NotebookNode
    prose: dict
    fingerprint: str


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
    return nbformat.writes(graded(job, kit))


def graded(job, kit):
    """The rebuilt and executed notebook of `job`, with all that is to be recorded in its metadata."""
    try:
        if job.data is None:
            raise Unreadable(job.notes[-1])
        rebuilt = rebuild(job.data, kit.master, kit.prose)
    except Unreadable as error:
        rebuilt = _blank(kit.master, str(error))
        status, notes = "unreadable", []
    else:
        status, notes = run_in_isolation(rebuilt.notebook, kit.assignment, job.limits), job.notes
    rebuilt.notebook.metadata["autograder"].update(
        status=status, key=job.key, repairs=[*notes, *rebuilt.repairs])
    return rebuilt.notebook


def run_in_isolation(notebook, assignment, limits=Limits()):
    """Execute a rebuilt notebook on a probe that nobody could know; returns its status."""
    about = notebook.metadata["autograder"]
    about["seed"] = secrets.randbits(32)
    with using(about["language"]):
        stopped = execute(notebook, assignment.names, assignment.code, LiveExpectations(assignment, about["seed"]),
                          limits, visible=LiveExpectations(assignment, FIXED_SEED, naming=False))
    return "stopped" if stopped else "graded"


def _blank(master, reason):
    """The master with every test failed for `reason`, for a submission that cannot be read."""
    notebook = nbformat.from_dict(master)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade:
            cell.metadata["autograder"] = {"mistake": None, "message": reason}
            cell.outputs = [nbformat.v4.new_output("error", ename="Unreadable", evalue=reason, traceback=[reason])]
    return Rebuilt(notebook, "en", [reason])
