"""The course's own steps for `nbgrader autograde` and formgrader's Autograde button.

The same intake and isolated execution as `autograder grade`, one submission at a time.
"""

import nbformat
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from autograder.grading import batch
from autograder.grading.intake import rebuild
from autograder.grading.worker import run_in_isolation

SOLUTIONS = "solutions"                 # beside nbgrader_config.py, where nbgrader runs


class Rebuild(NbGraderPreprocessor):
    """Instead of OverwriteCells: the whole notebook is rebuilt from the master."""

    def preprocess(self, nb, resources):
        """The rebuilt notebook."""
        kit = batch.kit(resources["nbgrader"]["assignment"], SOLUTIONS)
        rebuilt = rebuild(nbformat.writes(nb).encode(), kit.master, kit.prose)
        rebuilt.notebook.metadata["autograder"].update(status="graded", repairs=rebuilt.repairs)
        return rebuilt.notebook, resources


class IsolatedExecute(NbGraderPreprocessor):
    """Instead of Execute: the student's cells in a sandbox, the tests here."""

    def preprocess(self, nb, resources):
        """The executed notebook."""
        kit = batch.kit(resources["nbgrader"]["assignment"], SOLUTIONS)
        nb.metadata["autograder"]["status"] = run_in_isolation(nb, kit)
        return nb, resources


SANITIZE = [Rebuild, CheckCellMetadata]
AUTOGRADE = [IsolatedExecute, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
