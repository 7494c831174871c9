"""The assignment proves itself, and a broken one is refused."""

import shutil

import nbformat
import numpy as np
import pytest
from repository import ROOT

from autograder import expectations, release
from autograder.messages import LANGUAGES
from autograder.solutions import Assignment


@pytest.fixture
def broken(tmp_path):
    """A copy of solutions/ to break; returns a function that edits one file and loads the assignment."""
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")

    def edit(file, old, new):
        path = tmp_path / "solutions" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return Assignment("optimizers", tmp_path / "solutions")
    return edit


@pytest.mark.parametrize("seed", [expectations.FIXED_SEED, 1, 2])
def test_nothing_speaks_against_the_release(assignment, seed):
    assert release.prove(assignment, seed) == []


def test_at_least_six_mistakes_for_each_optimizer(assignment):
    for exercise in assignment.names:
        ids = [id for id in assignment.catalogue["MISTAKES"] if id.startswith(f"{exercise}/")]
        assert len(ids) >= 6, exercise


@pytest.mark.parametrize(("file", "old", "new", "complaint"), [
    ("optimizers.md", "params[key] -= self.lr * grads[key]\n", "params[key] += self.lr * grads[key]\n",
     "the solution fails"),
    ("optimizers.md", 'with check("sgd-first-step", SGD) as c:', "if False:",
     "sgd-first-step: the untouched stub scores 1.0"),
    ("optimizers.md", '+++ {"lang": "zh-TW"}\n\n## Adam', "+++ {\"lang\": \"zh-CN\"}\n\n## Adam",
     "different numbers of prose cells"),
    ("mistakes/optimizers.py", '"sgd/uphill": [(STEP_SGD, "params[key] +=', '"sgd/uphill": [(STEP_SGD, "params[key] -=',
     "sgd/uphill earns every point"),
    ("mistakes/optimizers.py", '"sgd/sign-only": [(STEP_SGD, "params[key] -= self.lr * np.sign(grads[key])")]',
     '"sgd/sign-only": [(STEP_SGD, "params[key] += self.lr * grads[key]")]',
     "sgd/sign-only cannot be told from sgd/uphill"),
])
def test_a_broken_assignment_is_refused(broken, file, old, new, complaint):
    problems = "\n".join(release.prove(broken(file, old, new)))
    assert complaint in problems


def test_a_refused_assignment_writes_nothing(broken, tmp_path):
    assignment = broken("optimizers.md", "params[key] -= self.lr * grads[key]\n", "pass\n")
    with pytest.raises(release.Refused, match="the solution fails"):
        release.release(["optimizers"], assignment.folder, tmp_path / "out", tmp_path / "source", progress=str)
    assert not (tmp_path / "out").exists()


def test_an_edit_that_does_not_fit_is_an_error(broken):
    assignment = broken("mistakes/optimizers.py", 'STEP_SGD = "params[key] -=', 'STEP_SGD = "params[key] -=  ')
    with pytest.raises(ValueError, match="occurs 0 times"):
        assignment.variant_source("sgd/uphill")


def test_the_committed_exercises_are_what_the_solutions_give(assignment, tmp_path):
    release.write(assignment, tmp_path, tmp_path / "source")
    for language in LANGUAGES:
        made, committed = tmp_path / language / "optimizers", ROOT / "exercises" / language / "optimizers"
        assert (made / "optimizers.ipynb").read_bytes() == (committed / "optimizers.ipynb").read_bytes(), (
            "run `make exercises` and commit the result")
        with np.load(made / "expected.npz") as new, np.load(committed / "expected.npz") as old:
            assert new.files == old.files
            for name in new.files:
                if new[name].dtype.kind == "f":
                    np.testing.assert_allclose(old[name], new[name], rtol=1e-9, atol=1e-12)
                else:
                    np.testing.assert_array_equal(old[name], new[name])


def test_releasing_again_changes_no_byte(assignment, tmp_path):
    release.write(assignment, tmp_path, tmp_path / "source")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    for path in tmp_path.rglob("*.npz"):
        path.unlink()
    release.write(assignment, tmp_path, tmp_path / "source")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_the_three_releases_differ_only_in_prose():
    notebooks = {language: nbformat.read(ROOT / "exercises" / language / "optimizers" / "optimizers.ipynb", 4)
                 for language in LANGUAGES}
    code = {language: [cell for cell in notebook.cells if cell.cell_type == "code"]
            for language, notebook in notebooks.items()}
    assert code["en"] == code["zh-TW"] == code["zh-CN"]
    prose = {language: [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
             for language, notebook in notebooks.items()}
    assert len(prose["en"]) == len(prose["zh-TW"]) == len(prose["zh-CN"])
    assert not set(prose["zh-TW"]) & set(prose["zh-CN"])
    for notebook in notebooks.values():
        nbformat.validate(notebook)
