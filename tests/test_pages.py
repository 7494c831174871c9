"""Every English page: what readers of it see, and that it runs for a student who has solved nothing."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from repository import ROOT
from secret_lines import found, telling

from autograder.checks import ASSIGNMENTS
from autograder.solutions import Assignment

TOC = yaml.safe_load((ROOT / "book" / "en" / "_toc.yml").read_text())
PAGES = [entry["file"] for entry in TOC["chapters"]]
CHAPTERS = [page for page in PAGES if page not in ("guide", "errata", "glossary", "bibliography")]

#: Runs the code cells of a page one after the other, without what only those have who build the book.
RUN = """
import re, sys, warnings
from pathlib import Path
import nnlab
print(nnlab.__file__)
warnings.simplefilter("error")
sys.modules |= dict.fromkeys(["jupytext", "nbgrader", "myst_nb", "optuna"])
namespace = {"__name__": "__main__"}
for cell in re.findall(r"^```{code-cell} ipython3\\n(.*?)^```$", Path(sys.argv[1]).read_text(), re.S | re.M):
    exec(compile(re.sub(r"^:.*\\n", "", cell, flags=re.M), sys.argv[1], "exec"), namespace)
"""


def text(page):
    return (ROOT / "book" / "en" / f"{page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_has_its_parts(page):
    source = text(page)
    assert source.count("```{glue:figure}") >= 1 or page == "frameworks"
    assert 3 <= source.count(":::{dropdown}") <= 8
    assert f"({page}-summary)=" in source and f"({page}-reading)=" in source
    assert "{exercise}`" in source
    for figure in re.findall(r"```\{glue:figure\}.*?```", source, re.DOTALL):
        assert re.search(r":alt: .{40,}", figure) and ":name: fig-" in figure, figure
    assert re.search(r"^```\{math\}\n:label: eq-", source, re.M)
    for heading in re.findall(r"(.*)\n#+ .+\n", re.sub(r"^```.*?^```$", "", source, flags=re.S | re.M)):
        assert re.fullmatch(rf"\({page}(-[\w-]+)?\)=", heading), heading
    headings = re.findall(rf"^\({page}-summary\)=\n## In five lines\n\n((?:\d\. .*\n)+)", source, re.M)
    assert headings and headings[0].count("\n") == 5


@pytest.mark.parametrize("page", [page for page in CHAPTERS if page not in ("frameworks",)])
def test_a_chapter_has_something_to_play_with(page):
    assert re.search(r":tags: \[remove-output\]\n.*?\bplay\(", text(page), re.DOTALL)


def test_names_are_given_once():
    for kind in (r":name: (\S+)", r"^\(([\w-]+)\)=$", r":label: (\S+)", r"\{glue:figure\} (\S+)"):
        names = [name for page in ["index", *PAGES] for name in re.findall(kind, text(page), re.M)]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]


@pytest.fixture(scope="module")
def unsolved(tmp_path_factory, wheel):
    """A folder with the students' package and every exercise as it is handed out."""
    folder = tmp_path_factory.mktemp("unsolved")
    wheel.extractall(folder)
    for name in ASSIGNMENTS:
        shutil.copy(ROOT / "exercises" / "en" / name / f"{name}.ipynb", folder)
    return folder


@pytest.mark.parametrize("page", [*CHAPTERS, "errata", "guide"])
def test_a_page_runs_for_a_student_who_has_solved_nothing(page, unsolved):
    env = {**os.environ, "NNLAB_WORKBOOK": str(unsolved), "PYTHONPATH": str(unsolved), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", RUN, ROOT / "book" / "en" / f"{page}.md"], env=env, cwd=unsolved,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert str(unsolved) in done.stdout.splitlines()[0], "the students' package, not the repository"
    assert "is not there yet: solve it in the exercise" in done.stdout or page == "guide"


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_page_gives_an_answer_away(name):
    lines = {line for line in telling(Assignment(name, ROOT / "solutions")) if len(line) > 20}
    for page in PAGES:
        assert found(lines, text(page)) == [], page
