"""A class with the hardest of the tables in it, graded from end to end: each gets what is theirs, nobody less."""

import pytest
from files import FILES
from good import ASSIGNMENT, dumped, good
from notebooks import ALL, NOTEBOOKS
from repository import ROOT
from test_folders import FOLDERS

from autograder.grading import batch
from autograder.isolation import probe

pytestmark = pytest.mark.skipif(not probe()["works"], reason="this machine cannot isolate students' code")

CLASS = [
    *((NOTEBOOKS, name) for name in (
        "split inside the class", "all in one cell", "in a new cell at the end", "cells' metadata a list")),
    *((FILES, name) for name in ("UTF-16 LE without BOM", "truncated before Adam", "nested 100,000 deep")),
    *((FOLDERS, name) for name in ("Chinese name", "link to a classmate's", "pipe")),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """{student: result} of the class; students are called by the number of their row."""
    course = tmp_path_factory.mktemp("course")
    for number, (table, name) in [*enumerate(CLASS), ("right", (FOLDERS, "right name"))]:
        folder = course / "submitted" / f"{number}" / "optimizers"
        folder.mkdir(parents=True)
        book, make = good(), table[name].make
        if table is FOLDERS:
            make(folder, dumped(book).encode())
        else:
            data = make(dumped(book, indent=1).encode()) if table is FILES else dumped(make(book) or book).encode()
            (folder / "optimizers.ipynb").write_bytes(data)
    results = batch.grade(course, ["optimizers"], solutions=str(ROOT / "solutions"), workers=2)
    return {result["student"]: result for result in results}


@pytest.mark.parametrize("number", range(len(CLASS)), ids=[name for _, name in CLASS])
def test_each_gets_what_is_theirs(graded, number):
    table, name = CLASS[number]
    case, result = table[name], graded[str(number)]
    assert result["status"] == ("unreadable" if case.lost == ALL else "graded")
    without = set(ASSIGNMENT.names) if case.lost == ALL else set(case.lost)
    short = [cell for cell in result["cells"] if cell["score"] < cell["max_score"]]
    assert {cell["grade_id"].partition("-")[0] for cell in short} == without
    assert case.word in "\n".join(result["repairs"])
    assert all(cell["message"] for cell in short)


def test_nobody_else_loses(graded):
    right = graded["right"]
    assert right["score"] == right["max_score"] > 0 and right["repairs"] == []
    assert len(graded) == len(CLASS) + 1
