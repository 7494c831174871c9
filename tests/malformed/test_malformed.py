"""Each malformed submission is graded for what is in it, or gets 0 with the reason; see the tables beside."""

import ast
import json
import time

import nbformat
import pytest
from files import FILES
from good import ASSIGNMENT, MASTER, PROSE, RIGHT, dumped, good
from notebooks import ALL, NOTEBOOKS

from autograder.grading import worker
from autograder.grading.intake import Unreadable, rebuild


def definitions(source):
    """{name: its definition without comments} of the top level."""
    try:
        body = ast.parse(source).body if "class " in source else []
    except SyntaxError:
        return {}
    return {node.name: ast.dump(node) for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


def lost(notebook):
    """The exercises whose right answer is not what their tests will meet, cell after cell."""
    missing, known = set(), {}
    for c in notebook.cells:
        ours = c.metadata.get("nbgrader", {})
        if ours.get("grade"):
            exercise = ours["grade_id"].partition("-")[0]
            name = ASSIGNMENT.names[exercise]
            if known.get(name) != definitions(RIGHT[exercise])[name]:
                missing.add(exercise)
        elif c.cell_type == "code":
            known |= definitions(c.source)
    return missing


def assert_ours(rebuilt):
    """The locked cells and the settings are the master's, each once and in order; what is left is bounded."""
    def ours(cells):
        return [(c.metadata.nbgrader, c.cell_type, None if c.metadata.nbgrader.solution else c.source)
                for c in cells if "nbgrader" in c.metadata]
    assert ours(rebuilt.notebook.cells) == ours(MASTER.cells)
    assert sum(len(c.source) for c in rebuilt.notebook.cells) < 5_000_000
    nbformat.validate(rebuilt.notebook)


def judge(data, case):
    """`case` came of the bytes `data` as its table says."""
    if case.lost == ALL:
        with pytest.raises(Unreadable, match=case.word):
            rebuild(data, MASTER, PROSE)
        return
    rebuilt = rebuild(data, MASTER, PROSE)
    assert_ours(rebuilt)
    assert lost(rebuilt.notebook) == set(case.lost)
    assert case.word in "\n".join(rebuilt.repairs)
    assert bool(rebuilt.repairs) == bool(case.word)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name):
    case, book = NOTEBOOKS[name], good()
    book = case.make(book) or book
    data = json.dumps(book).encode()
    start = time.process_time()
    judge(data, case)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("name", FILES)
def test_file(name):
    prose = "zh-TW" if name == "one damaged byte" else "en"
    case, data = FILES[name], dumped(good(prose), indent=1).encode()
    judge(case.make(data), case)


def test_the_reason_is_in_the_language_of_what_cannot_be_read():
    book = dumped(good("zh-TW"), indent=1).replace('"language": "en"', '"language": "zh-TW"')
    kit = worker.Kit(ASSIGNMENT, MASTER, PROSE, "fingerprint", 0)
    damaged = worker.graded(worker.Job("student", "optimizers", book.replace('"cells"', '"cell"').encode(), "key"), kit)
    about = damaged.metadata["autograder"]
    assert (about["status"], about["language"]) == ("unreadable", "zh-TW")
    assert about["repairs"] == ["這個檔案不是筆記本：裡面沒有儲存格。"]


def test_the_judge_sees_a_loss():
    """What the tables rely on: a wrong definition, a later one and a missing one are told from the right one."""
    book = nbformat.from_dict(good())
    assert lost(book) == set()
    book.cells[[c.source for c in book.cells].index(RIGHT["adam"])].source += "\nclass SGD: pass\nclass Adam: pass"
    assert lost(book) == {"adam"}
    assert lost(MASTER) == set(RIGHT)
