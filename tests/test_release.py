"""The assignment proves itself, and a broken one is refused."""

import shutil
from collections import Counter

import nbformat
import numpy as np
import pytest
from repository import ROOT

from autograder import checks, expectations, release
from autograder.checks import ASSIGNMENTS
from autograder.expectations import differences
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


@pytest.mark.parametrize("seed", [expectations.FIXED_SEED, 1])
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_nothing_speaks_against_the_release(name, seed):
    assert release.prove(Assignment(name, ROOT / "solutions"), seed) == []


#: Those for which twelve mistakes are asked; six for each other function.
TWELVE = {"batchnorm_forward", "batchnorm_backward", "batchnorm_inference", "dropout", "inverteddropout",
          "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "nadam"}


def test_the_catalogue_is_large_enough():
    count = Counter(id.partition("/")[0] for name in ASSIGNMENTS
                    for id in Assignment(name, ROOT / "solutions").catalogue["MISTAKES"])
    for name in ASSIGNMENTS:
        for exercise in checks.exercises(name):
            assert count[exercise] >= (12 if exercise in TWELVE else 6), exercise
    assert count.total() > 300


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_exercises_and_solution_cells_are_the_same(name):
    assert list(Assignment(name, ROOT / "solutions").names) == checks.exercises(name)


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


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_committed_exercises_are_what_the_solutions_give(name, tmp_path):
    release.write(Assignment(name, ROOT / "solutions"), tmp_path, tmp_path / "source")
    for language in LANGUAGES:
        made, committed = tmp_path / language / name, ROOT / "exercises" / language / name
        assert (made / f"{name}.ipynb").read_bytes() == (committed / f"{name}.ipynb").read_bytes(), (
            "run `make exercises` and commit the result")
        with np.load(made / "expected.npz") as new, np.load(committed / "expected.npz") as old:
            assert differences(dict(old), dict(new)) == []


def test_a_difference_between_two_releases_is_found():
    with np.load(ROOT / "exercises" / "en" / "batchnorm" / "expected.npz") as file:
        numbers = dict(file)
    ids, digests = numbers["batchnorm_forward/pairs"], numbers["batchnorm_forward/digests"]
    for name, changed in {"assignment": np.array("other"),
                          "batchnorm_forward/reference": numbers["batchnorm_forward/reference"] + 1e-3,
                          "batchnorm_forward/ids": numbers["batchnorm_forward/ids"][::-1],
                          "batchnorm_forward/signatures": numbers["batchnorm_forward/signatures"][:-1],
                          "batchnorm_forward/pairs": ids[::-1]}.items():
        assert differences(numbers, {**numbers, name: changed}) == [name]
    del numbers["language"]
    assert differences({**numbers, "language": "en"}, numbers) == ["language"]
    few = {**numbers, "batchnorm_forward/pairs": ids[1:], "batchnorm_forward/digests": digests[1:]}
    assert len(ids) > 100 and differences(numbers, few) == []
    none = {**numbers, "batchnorm_forward/pairs": ids[:0], "batchnorm_forward/digests": digests[:0]}
    assert differences(numbers, none) == differences(none, numbers) == ["batchnorm_forward/pairs"]


def test_releasing_again_changes_no_byte(assignment, tmp_path):
    release.write(assignment, tmp_path, tmp_path / "source")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    for path in tmp_path.rglob("*.npz"):
        path.unlink()
    release.write(assignment, tmp_path, tmp_path / "source")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_three_releases_differ_only_in_prose(name):
    notebooks = {language: nbformat.read(ROOT / "exercises" / language / name / f"{name}.ipynb", 4)
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
