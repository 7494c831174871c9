"""Every mistake of the notes that this course grew from has a place in the book where it is taught right."""

import importlib
import re

import pytest
from repository import ROOT

#: The mistakes of severity A: formulas and code that are wrong, claims that numbers contradict.
WRONG = [
    "0.1", "0.2", "0.3", "0.5", "0.9", "0.12", "0.15", "0.22", "0.25", "0.26", "1.2", "1.3", "1.4", "1.5", "1.6",
    "1.11", "1.12", "1.13", "1.18", "1.19", "1.20", "1.21", "1.31", "1.32", "1.36", "1.37", "1.39", "1.40", "1.42",
    "1.43", "1.45", "1.49", "2.1", "2.2", "2.4", "2.6", "2.7", "2.8", "2.10", "2.12", "3.2", "3.7", "3.11", "3.12",
    "3.14", "3.17", "3.18", "3.20", "4.1", "4.4", "4.6", "4.9", "4.15",
]

#: Those of the first chapter; the others stand in the test file of their chapter.
SGD = {"0.3": "sgd-rule", "0.5": "sgd-rule", "1.2": "sgd-rule", "0.6": "sgd-zigzag", "0.8": "sgd-rate",
       "1.7": "sgd-rate", "1.39": "sgd-shuffle", "0.7": "sgd-floor"}


def tables():
    """{page: {number: label}} of the pages of the book that mend mistakes."""
    found = {"sgd": SGD}
    for file in sorted((ROOT / "tests").glob("test_chapter_*.py")):
        table = getattr(importlib.import_module(file.stem), "ERRATA", None)
        if table:
            found[file.stem.removeprefix("test_chapter_")] = table
    return found


def labels(page):
    return set(re.findall(r"^\(([\w-]+)\)=$", (ROOT / "book" / "en" / f"{page}.md").read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("number", WRONG)
def test_each_is_taught_right_somewhere(number):
    assert [page for page, table in tables().items() if number in table]


def test_the_chapter_of_mistakes_has_them_all():
    assert set(WRONG) <= set(tables()["errata"])


@pytest.mark.parametrize("page", tables())
def test_each_place_exists(page):
    assert set(tables()[page].values()) <= labels(page)
