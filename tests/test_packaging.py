"""Locks, environment.yml and pyproject.toml agree; the wheel carries what a student needs and no answer."""

import re
import runpy
import tomllib
from itertools import chain

import nbformat
import pytest
from repository import ROOT
from secret_lines import found, telling

from autograder.checks import ASSIGNMENTS
from autograder.messages import LANGUAGES
from autograder.solutions import Assignment

LOCKS = ["requirements.lock", "requirements-course.lock", "requirements-test.lock"]
OTHERS = ["requirements-oracle.lock", "requirements-bootstrap.lock"]
environment = runpy.run_path(str(ROOT / "scripts" / "environment.py"))


def test_environment_yml_has_the_locked_versions():
    assert (ROOT / "environment.yml").read_text() == environment["environment"](), (
        "run python scripts/environment.py")


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_the_locks_agree(lock):
    ours, all_ = environment["locked"](lock), environment["locked"]("requirements-test.lock")
    assert ours and ours.items() <= all_.items()


@pytest.mark.parametrize("lock", [*LOCKS, *OTHERS])
def test_every_pin_has_a_hash_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_the_lock_satisfies_pyproject():
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = environment["locked"]()
    extras = {name: wanted for name, wanted in project["optional-dependencies"].items() if name != "oracle"}
    wanted = [*project["dependencies"], *chain(*extras.values())]
    for requirement in map(Requirement, wanted):
        if requirement.name != project["name"]:
            assert versions[requirement.name.lower()] in requirement.specifier, requirement


def test_a_students_install_is_small():
    student = environment["locked"]("requirements.lock")
    assert {"numpy", "matplotlib", "ipywidgets", "jupyterlab"} <= student.keys()
    assert not {"nbgrader", "jupyter-book", "distributed", "jupytext", "sqlalchemy"} & student.keys()


def test_the_search_for_secrets_finds_them(assignment):
    lines = telling(assignment)
    assert len(lines) > 100
    assert "params[key]-=self.lr*grads[key]" in lines
    assert found(lines, (ROOT / "solutions" / "optimizers.md").read_text())
    assert found(lines, (ROOT / "solutions" / "mistakes" / "optimizers.py").read_text())


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_answer_in_the_wheel(name, wheel):
    names = wheel.namelist()
    assert any(name.startswith("nnlab/") for name in names)
    assert any(name.endswith("zh_TW/LC_MESSAGES/optimizers.mo") for name in names)
    assert not [name for name in names if name.startswith(("solutions/", "tests/")) or name.endswith(".npz")]
    lines = telling(Assignment(name, ROOT / "solutions"))
    for file in names:
        assert not found(lines, wheel.read(file).decode("utf-8", errors="replace")), file


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_answer_in_the_exercises(name):
    lines = telling(Assignment(name, ROOT / "solutions"))
    notebooks = sorted((ROOT / "exercises").rglob("*.ipynb"))
    assert len(notebooks) == len(ASSIGNMENTS) * len(LANGUAGES)
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        assert not found(lines, "\n".join(cell.source for cell in notebook.cells)), path
        assert "HIDDEN TESTS" not in path.read_text()
    others = [path for path in (ROOT / "exercises").rglob("*") if path.is_file() and path.suffix != ".ipynb"]
    assert {path.name for path in others} == {"expected.npz"}

