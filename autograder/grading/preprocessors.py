"""The course's own steps for `nbgrader autograde` and formgrader's Autograde button.

The same intake and isolated execution as `autograder grade`, one submission at a time.
"""

import secrets

import nbformat
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from autograder.expectations import LiveExpectations
from autograder.grading import batch
from autograder.grading.executor import execute
from autograder.grading.intake import rebuild
from autograder.messages import using
from autograder.solutions import Assignment

SOLUTIONS = "solutions"                 # beside nbgrader_config.py, where nbgrader runs


class Rebuild(NbGraderPreprocessor):
    """Instead of OverwriteCells: the whole notebook is rebuilt from the master."""

    def preprocess(self, nb, resources):
        """The rebuilt notebook."""
        name = resources["nbgrader"]["assignment"]
        reference = batch.master(name, SOLUTIONS, batch.fingerprint(name, SOLUTIONS))
        rebuilt = rebuild(nbformat.writes(nb).encode(), reference, batch.prose(name, SOLUTIONS))
        rebuilt.notebook.metadata["autograder"].update(status="graded", repairs=rebuilt.repairs)
        return rebuilt.notebook, resources


class IsolatedExecute(NbGraderPreprocessor):
    """Instead of Execute: the student's cells in a sandbox, the tests here."""

    def preprocess(self, nb, resources):
        """The executed notebook."""
        assignment = Assignment(resources["nbgrader"]["assignment"], SOLUTIONS)
        about = nb.metadata["autograder"]
        about["seed"] = secrets.randbits(32)
        with using(about["language"]):
            if execute(nb, assignment.names, LiveExpectations(assignment, about["seed"])):
                about["status"] = "stopped"
        return nb, resources


SANITIZE = [Rebuild, CheckCellMetadata]
AUTOGRADE = [IsolatedExecute, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
