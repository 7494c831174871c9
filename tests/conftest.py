"""What the tests share: the assignment, and whether this machine can isolate."""

import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from repository import ROOT

from autograder import messages
from autograder.solutions import MARKERS, Assignment


@pytest.fixture(scope="session")
def assignment():
    """The assignment `optimizers`."""
    return Assignment("optimizers", ROOT / "solutions")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The students' wheel, built from the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
                   cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.fixture(scope="module")
def quick():
    """Grading without a cluster, each notebook once."""
    from courses import Quick  # here: few files need what it imports

    return Quick()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, quick):
    """(a small course that was graded in peace, its state)."""
    from courses import state, write

    course = tmp_path_factory.mktemp("peace")
    write(course)
    with pytest.MonkeyPatch.context() as patch:
        quick.patch(patch)(course)
    return course, state(course)


@pytest.fixture
def released(tmp_path):
    """A function: the path of a student's notebook in `language`, beside its numbers, with `answers` filled in."""
    def make(language, answers):
        shutil.copytree(ROOT / "exercises" / language / "optimizers", tmp_path / "own")
        path = tmp_path / "own" / "optimizers.ipynb"
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(id, cell.source)
        nbformat.write(notebook, path)
        return path
    return make


@pytest.fixture
def right(assignment):
    """{exercise: the solution}, without nbgrader's marks."""
    return {id: MARKERS.sub("", assignment.code[id]) for id in assignment.names}


@pytest.fixture(autouse=True)
def english():
    """Each test starts with no language set, and leaves none behind."""
    messages.set_language(None)
    yield
    messages.set_language(None)
