"""The command line as people use it: help, exit status, JSON, and errors that say what to do."""

import json
import runpy
import shutil
import zipfile

import pytest
from click.testing import CliRunner
from repository import ROOT

from autograder.cli import main

COMMANDS = ["check", "release", "collect", "grade", "feedback", "report", "doctor"]
SAMPLE = runpy.run_path(str(ROOT / "solutions" / "sample_class.py"))


@pytest.fixture
def cli(monkeypatch):
    """Runs a command in the repository; returns the click Result."""
    monkeypatch.chdir(ROOT)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of three students, handed in as zips."""
    folder = tmp_path_factory.mktemp("course")
    SAMPLE["write"](folder / "all", ROOT / "solutions")
    export = folder / "export"
    for student in ("right", "power-forgotten-tw", "power-forgotten-cn"):
        with zipfile.ZipFile(_made(export / f"{student}.zip"), "w") as archive:
            archive.write(folder / "all" / "submitted" / student / "optimizers" / "optimizers.ipynb",
                          "optimizers.ipynb")
    shutil.rmtree(folder / "all")
    return folder


def _made(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(cli, command):
    said = cli(command, "--help")
    assert said.exit_code == 0 and "Example: autograder " + command in said.output


@pytest.mark.parametrize("arguments", [["nonsense"], ["grade", "no-such-assignment"], ["check"], ["check", "missing"],
                                       ["check", "x.ipynb", "--lang", "fr"], ["grade", "--workers", "0"], ["collect"]])
def test_wrong_usage_is_exit_2(cli, arguments):
    assert cli(*arguments).exit_code == 2


def test_from_zips_to_feedback(cli, course):
    said = cli("collect", course / "export", "--assignment", "optimizers", "--course", course)
    assert said.exit_code == 0 and said.output.count("new") == 3
    assert sorted(p.name for p in (course / "submitted").iterdir() if not p.name.startswith(".")) == [
        "power-forgotten-cn", "power-forgotten-tw", "right"]

    assert cli("report", "--course", course).exit_code == 1  # there is no gradebook yet
    said = cli("grade", "optimizers", "--course", course, "--json", "--workers", "2")
    assert said.exit_code == 0, said.output
    results = json.loads(said.stdout)
    assert [(r["student"], r["language"], r["score"], r["max_score"]) for r in results] == [
        ("power-forgotten-cn", "zh-CN", 40.0, 46.0), ("power-forgotten-tw", "zh-TW", 40.0, 46.0),
        ("right", "en", 46.0, 46.0)]
    assert set(results[0]) >= {"student", "assignment", "notebook", "status", "score", "max_score", "cells", "repairs"}
    assert set(results[0]["cells"][0]) == {"grade_id", "score", "max_score", "mistake", "message"}
    assert json.loads(cli("grade", "--course", course, "--json").stdout) == []

    said = cli("report", "--course", course, "--json", "--csv", course / "grades.csv", "--html", course / "report.html")
    assert said.exit_code == 0 and json.loads(said.stdout) == results
    assert "power-forgotten-tw" in (course / "grades.csv").read_text(encoding="utf-8-sig")
    assert "adam/bias-correction-without-power" in (course / "report.html").read_text()
    shown = cli("report", "--course", course).output
    assert "40 / 46" in shown and "bias correction" in shown

    assert cli("feedback", "--course", course).exit_code == 0
    pages = {p.parent.parent.name: p.read_text() for p in course.glob("feedback/*/optimizers/optimizers.html")}
    assert 'lang="zh-TW"' in pages["power-forgotten-tw"] and 'lang="zh-CN"' in pages["power-forgotten-cn"]
    assert pages["power-forgotten-tw"] != pages["power-forgotten-cn"]
    assert "偏差修正" in pages["power-forgotten-tw"]
    assert not any("c.run(&quot;rough&quot;)" in page or 'c.run("rough")' in page for page in pages.values())


def test_what_needs_a_person_is_exit_1(cli, tmp_path):
    folder = tmp_path / "submitted" / "odd" / "optimizers"
    folder.mkdir(parents=True)
    (folder / "optimizers.ipynb").write_text("{")
    said = cli("grade", "--course", tmp_path, "--json", "--workers", "1")
    assert said.exit_code == 1 and json.loads(said.stdout)[0]["status"] == "unreadable"


def test_a_missing_solution_is_said(cli, tmp_path):
    (tmp_path / "solutions").mkdir()
    said = cli("grade", "--course", tmp_path, "--solutions", tmp_path / "solutions")
    assert said.exit_code == 1 and "there is no solution notebook" in said.output and "Traceback" not in said.output


def test_doctor(cli):
    said = cli("doctor", "--json")
    findings = {finding["name"]: finding for finding in json.loads(said.stdout)}
    assert findings["isolation"]["ok"] and said.exit_code == 0


def test_check_of_a_right_notebook(cli, released, right):
    said = cli("check", released("en", right), "--json")
    assert said.exit_code == 0, said.output
    result = json.loads(said.stdout)[0]
    assert result["score"] == result["max_score"] == 28.0 and len(result["cells"]) == 21


@pytest.mark.parametrize(("language", "override", "words"), [
    ("zh-TW", None, "偏差修正"), ("zh-CN", None, "偏差修正"), ("zh-CN", "en", "bias correction")])
def test_check_names_the_mistake_in_the_notebooks_language(
        cli, assignment, released, right, language, override, words):
    wrong = assignment.variant_source("adam/bias-correction-without-power")
    path = released(language, {**right, "adam": wrong})
    said = cli("check", path, "--json", *(["--lang", override] if override else []))
    assert said.exit_code == 1, said.output
    failed = [cell for cell in json.loads(said.stdout)[0]["cells"] if cell["message"]]
    assert {cell["mistake"] for cell in failed} == {"adam/bias-correction-without-power"}
    assert all(words in cell["message"] for cell in failed)


def test_check_says_what_is_no_exercise(cli, tmp_path):
    (tmp_path / "x.ipynb").write_text("{}")
    said = cli("check", tmp_path / "x.ipynb")
    assert said.exit_code == 1 and "not an exercise notebook" in said.output


def test_check_without_its_numbers_says_which_file_is_missing(cli, released, right):
    path = released("en", right)
    (path.parent / "expected.npz").unlink()
    said = cli("check", path)
    assert said.exit_code == 1 and "expected.npz is missing or damaged" in said.output


def test_check_shows_the_error_of_the_cell_itself(cli, released, right):
    said = cli("check", released("en", {**right, "sgd": "class SGD:\n  def update(self, params, grads):\n  pass"}))
    assert said.exit_code == 1 and "The cell sgd stopped with IndentationError" in said.output


@pytest.mark.parametrize(("arguments", "said"), [
    (["--course", "/no/such/folder"], "does not exist"), (["--course", "{empty}"], "There is no submitted/"),
    (["--course", "{course}", "--student", "righ"], "righ has no submission. Did you mean right?")])
def test_what_is_not_there_is_named(cli, tmp_path, arguments, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "course" / "submitted" / "right" / "optimizers").mkdir(parents=True)
    found = cli("grade", *(one.format(empty=tmp_path / "empty", course=tmp_path / "course") for one in arguments))
    assert found.exit_code == 2 and said in " ".join(found.output.split()), found.output
    assert not list(tmp_path.rglob("gradebook.db*"))


@pytest.mark.parametrize("command", ["report", "feedback"])
def test_a_student_who_is_not_graded_is_named(cli, undisturbed, command):
    course, _state = undisturbed
    found = cli(command, "learning_rate", "--course", course, "--student", "rigth")
    assert found.exit_code == 2 and "rigth has no submission. Did you mean right?" in " ".join(found.output.split())
    found = cli(command, "learning_rate", "--course", course, "--student", "right")
    assert "right" in found.output and "stub" not in found.output
