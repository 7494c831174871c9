"""Malformed notebooks as tables: name -> (what is done to a good one, what must come of it).

The good one is a student's release with every exercise answered right.
"""

import copy
from dataclasses import dataclass
from typing import Any

from good import STUBS

#: Every exercise is lost: nothing can be read, or nothing is there.
ALL = "all"


@dataclass(frozen=True)
class Case:
    """make: of the good one (a notebook as a dict, a file's bytes) the malformed one; lost: the exercises without
    points, or ALL where it is unreadable; word: of the sentence that the student must be told, "" for none."""

    make: Any
    lost: tuple | str = ()
    word: str = ""


def index(book, id):
    return next(i for i, c in enumerate(book["cells"]) if c["metadata"].get("nbgrader", {}).get("grade_id") == id)


def cell(book, id):
    return book["cells"][index(book, id)]


def solutions(book):
    return [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]


def own(source, kind="code", **more):
    return {"cell_type": kind, "metadata": {}, "source": source, **({"outputs": []} if kind == "code" else {}), **more}


def delete(*ids):
    def make(book):
        for id in ids:
            del book["cells"][index(book, id)]
    return make


def duplicate(id, change, before=False):
    def make(book):
        second = copy.deepcopy(cell(book, id))
        change(second)
        book["cells"].insert(index(book, id) + (not before), second)
    return make


def set_source(id, source):
    return lambda book: cell(book, id).update(source=source)


def set_meta(id, **values):
    return lambda book: cell(book, id)["metadata"]["nbgrader"].update(values)


def set_metadata(**values):
    return lambda book: book["metadata"].update(values)


def output(**parts):
    return lambda book: cell(book, "sgd").update(outputs=[parts])


def each(change):
    def make(book):
        for c in book["cells"]:
            change(c)
    return make


def lose_ids(book):
    each(lambda c: c["metadata"].pop("nbgrader", None))(book)


def split(at):
    """Jupyter's Split Cell, which copies the metadata, at the first line that begins with `at`."""
    def make(book):
        first, lines = cell(book, "adam"), cell(book, "adam")["source"].split("\n")
        line = next(i for i, text in enumerate(lines) if text.startswith(at) and i)
        second = {**copy.deepcopy(first), "source": "\n".join(lines[line:])}
        first["source"] = "\n".join(lines[:line])
        book["cells"].insert(index(book, "adam") + 1, second)
    return make


def split_helper(book):
    cell(book, "adam")["source"] = "HELPER = 1\n" + cell(book, "adam")["source"]
    split("class Adam")(book)


def merge(kept, *others):
    """Jupyter's Merge Cells: the first one's metadata stays."""
    def make(book):
        cell(book, kept)["source"] = "\n\n".join([cell(book, id)["source"] for id in (kept, *others)])
        delete(*others)(book)
    return make


def all_in_one(book):
    everything = "\n\n\n".join(c["source"] for c in solutions(book))
    book["cells"] = [c for c in book["cells"] if c not in solutions(book)]
    book["cells"].insert(index(book, "setup") + 1, own(everything))


def all_below_the_first_stub(book):
    answers = "\n\n\n".join(c["source"] for c in solutions(book))
    for c in solutions(book):
        c["source"] = STUBS[c["metadata"]["nbgrader"]["grade_id"]]
    book["cells"].insert(index(book, "sgd") + 1, own(answers))


def in_a_new_cell(where):
    """The answer in a cell of the student's own, `where` the given cell is in front of it; the stub stays."""
    def make(book):
        answer = cell(book, "adam")["source"]
        cell(book, "adam")["source"] = STUBS["adam"]
        at = len(book["cells"]) if where == "end" else index(book, "adam") + (where == "behind")
        book["cells"].insert(at, own(answer))
    return make


def to_format_3(book):
    cells = [{**{k: v for k, v in c.items() if k not in ("source", "id")}, "input": c["source"], "language": "python"}
             if c["cell_type"] == "code" else c for c in book["cells"]]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


def to_format_2(book):
    cells = [{"cell_type": "code", "input": c["source"], "outputs": [], "collapsed": False}
             if c["cell_type"] == "code" else {"cell_type": "markdown", "source": c["source"]} for c in book["cells"]]
    return {"nbformat": 2, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def to_format_1(book):
    return {"nbformat": 1, "cells": [{"cell_type": "code", "code": c["source"], "prompt_number": 1}
                                     for c in book["cells"] if c["cell_type"] == "code"]}


def numbered(number, minor):
    def make(book):
        book.update(nbformat=number, nbformat_minor=minor)
        each(lambda c: c.pop("id", None))(book)
    return make


def as_colab(book):
    book["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"},
                        "language_info": {"name": "python"}}
    each(lambda c: (c["metadata"].update(id="x", colab={}), c.update(source=c["source"].splitlines(True))))(book)


def as_widgets(book):
    book["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    book["cells"].append(own("![](attachment:x.png)", "markdown", attachments={"x.png": {"image/png": "iVBO"}}))


def as_vs_code(book):
    each(lambda c: c["metadata"].update(vscode={"languageId": "python"}))(book)
    book["metadata"]["language_info"] = {"name": "python", "version": "3.12.1", "file_extension": ".py"}


def autograded(book):
    each(lambda c: c.update(outputs=[], execution_count=None) if c["cell_type"] == "code" else None)(book)
    each(lambda c: c["metadata"].update(autograder={"mistake": None, "message": None}))(book)
    book["metadata"]["autograder"].update(status="graded", seed=3, repairs=["old"], key="x")


def of_another(book):
    each(lambda c: c["metadata"].get("nbgrader", {}).update(grade_id="batchnorm_forward"))(book)
    for c in book["cells"]:
        c["source"] = "def batchnorm_forward(x): return x"
    book["metadata"]["autograder"]["assignment"] = "batchnorm"


NOTEBOOKS = {
    "untouched": Case(lambda book: None),
    # cells
    "a test deleted": Case(delete("adam-eight-steps"), word="missing and has been put back"),
    "all tests deleted": Case(lambda b: b.update(cells=solutions(b)), word="missing and has been put back"),
    "an answer deleted": Case(delete("adam"), lost=("adam",), word="missing and has been put back"),
    "imports deleted": Case(delete("setup"), word="missing and has been put back"),
    "stub pasted in front": Case(
        duplicate("adam", lambda c: c.update(source=STUBS["adam"]), before=True), word="2 times"),
    "stub pasted behind": Case(duplicate("adam", lambda c: c.update(source=STUBS["adam"])), word="2 times"),
    "earlier try in front": Case(
        duplicate("adam", lambda c: c.update(source="class Adam:\n    early = 1"), before=True), word="last one"),
    "test twice, one emptied": Case(duplicate("adam-eight-steps", lambda c: c.update(source="")), word="2 times"),
    "renamed ids": Case(set_meta("adam", grade_id="adm"), word="had lost its id"),
    "id is a list": Case(set_meta("adam", grade_id=["adam"]), word="had lost its id"),
    "no ids at all": Case(lose_ids, word="had lost its id"),
    "answer retyped as markdown": Case(lambda b: cell(b, "adam").update(cell_type="markdown"), word="no longer a code"),
    "answer retyped as raw": Case(lambda b: cell(b, "adam").update(cell_type="raw"), word="no longer a code"),
    "test retyped as markdown": Case(
        lambda b: cell(b, "adam-eight-steps").update(cell_type="markdown"), word="no longer a code"),
    "cells in other order": Case(lambda b: b["cells"].reverse()),
    "test emptied": Case(set_source("adam-eight-steps", "pass"), word="not for editing"),
    "test made to pass": Case(set_source("adam-eight-steps", "Adam = None"), word="not for editing"),
    "answer emptied": Case(set_source("adam", ""), lost=("adam",), word="was empty"),
    "skip-execution": Case(each(lambda c: c["metadata"].update(tags=["skip-execution", "demo"]))),
    "points changed": Case(set_meta("adam-eight-steps", points=1e9)),
    "test unlocked": Case(set_meta("adam-eight-steps", locked=False, grade=False, solution=True)),
    "answer locked": Case(set_meta("adam", locked=True, solution=False)),
    "schema_version 1": Case(set_meta("adam", schema_version=1)),
    "schema_version 2": Case(set_meta("adam", schema_version=2)),
    "schema_version 99": Case(set_meta("adam", schema_version=99)),
    # where the answer stands
    "split inside the class": Case(split("    def update"), word="had been split"),
    "split behind a helper": Case(split_helper, word="last one"),
    "two answers merged": Case(merge("rmsprop", "adam"), word="in another cell"),
    "answer merged with its tests": Case(merge("adam", "adam-first-step"), word="put back"),
    "test merged with the next answer": Case(merge("rmsprop-learning-rate", "adam"), word="in another cell"),
    "all in one cell": Case(all_in_one, word="in another cell"),
    "all below the first stub": Case(all_below_the_first_stub, word="in another cell"),
    "in a new cell behind the stub": Case(in_a_new_cell("behind")),
    "in a new cell above the stub": Case(in_a_new_cell("above"), word="as it had been handed out"),
    "in a new cell at the end": Case(in_a_new_cell("end"), word="as it had been handed out"),
    # metadata and formats
    "no metadata": Case(lambda b: b.pop("metadata") and None),
    "metadata a list": Case(lambda b: b.update(metadata=[])),
    "cells' metadata a list": Case(each(lambda c: c.update(metadata=[])), word="had lost its id"),
    "cell_type missing": Case(each(lambda c: c.pop("cell_type"))),
    "R": Case(set_metadata(kernelspec={"name": "ir", "display_name": "R", "language": "R"}), word="set to R"),
    "Julia": Case(set_metadata(kernelspec={}, language_info={"name": "julia"}), word="set to julia"),
    "Python 2": Case(set_metadata(
        kernelspec={"name": "python2", "display_name": "Python 2", "language": "python"}), word="set to Python 2"),
    "a kernel of their own": Case(set_metadata(kernelspec={"name": "dl", "display_name": "my env"})),
    "kernel a number": Case(set_metadata(kernelspec=7, language_info=[1])),
    "format 1": Case(to_format_1, word="had lost its id"),
    "format 2": Case(to_format_2, word="had lost its id"),
    "format 3": Case(to_format_3),
    "format 4.0 without ids": Case(numbered(4, 0)),
    "format 5.99": Case(numbered(5, 99)),
    "format a text": Case(numbered("four", None)),
    "Colab": Case(as_colab),
    "VS Code": Case(as_vs_code),
    "widgets and attachments": Case(as_widgets),
    "autograded": Case(autograded),
    "of another assignment": Case(of_another, ALL, "the notebook of the assignment batchnorm"),
    "of no course": Case(lambda b: b.update(cells=[own("print('hello')")]), ALL, "None of the exercises"),
    # sources
    "Windows line ends": Case(each(lambda c: c.update(source=c["source"].replace("\n", "\r\n")))),
    "source null": Case(set_source("adam", None), lost=("adam",), word="was empty"),
    "source a number": Case(set_source("adam", 3), lost=("adam",), word="was empty"),
    "source nested lists": Case(lambda b: cell(b, "adam").update(
        source=[cell(b, "adam")["source"].splitlines(True), [[]], 3])),
    "half characters": Case(lambda b: cell(b, "adam").update(source=cell(b, "adam")["source"] + "\n# \ud800")),
    "NUL in a source": Case(lambda b: cell(b, "adam").update(source=cell(b, "adam")["source"] + "\0")),
    # bombs
    "50 MB of outputs": Case(output(output_type="stream", name="stdout", text="x" * 50_000_000)),
    "outputs nested deep": Case(output(data={"a": [[[[]]]] * 1000})),
    "one cell of 50 MB": Case(lambda b: b["cells"].append(own("#" * 50_000_000)), word="too much text"),
    "many large cells": Case(lambda b: b["cells"].extend([own("y = 1\n" * 50_000)] * 30), word="too much text"),
    "10,000 cells": Case(lambda b: b["cells"].extend([own("")] * 10_000), word="first 2000 cells"),
}
