"""The course's own steps for `nbgrader autograde`, formgrader's Autograde button and `nbgrader generate_feedback`.

The same intake and isolated execution as `autograder grade`, one submission at a time.
"""

import nbformat
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from nbgrader.utils import is_solution

from autograder.grading import batch
from autograder.grading.feedback import visible
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


class HideTests(NbGraderPreprocessor):
    """For stock `nbgrader generate_feedback`, which would show students the hidden tests."""

    def preprocess_cell(self, cell, resources, cell_index):
        """A cell of ours without its hidden part."""
        if "nbgrader" in cell.metadata and not is_solution(cell):
            cell.source = visible(cell.source)
        return cell, resources


SANITIZE = [Rebuild, CheckCellMetadata]
FEEDBACK = [GetGrades, HideTests, CSSHTMLHeaderPreprocessor]
AUTOGRADE = [IsolatedExecute, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
