"""A submission is rebuilt from the master whatever was done to it; what is no notebook is said to be none."""

import json
import os

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import release
from autograder.grading.intake import Unreadable, rebuild, unfenced
from autograder.messages import LANGUAGES

ANSWER = "class SGD:\n    mine = True\n"


@pytest.fixture(scope="session")
def master(assignment):
    return release.master(assignment)


@pytest.fixture(scope="session")
def prose(assignment):
    return {language: {source for kind, meta, source in assignment.cells
                       if kind == "markdown" and meta["lang"] == language} for language in LANGUAGES}


@pytest.fixture
def sent(assignment):
    """What a student sends, as a dict to damage: the zh-TW release with SGD answered."""
    notebook = json.loads(nbformat.writes(release.student_version(assignment, "zh-TW")))
    cell(notebook, "sgd")["source"] = ANSWER
    return notebook


def cell(notebook, grade_id):
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def encode(notebook):
    return json.dumps(notebook).encode()


def same_tests(rebuilt, master):
    """The locked cells are the master's, each once, in the master's order."""
    ours = [(c.metadata.nbgrader.grade_id, c.source) for c in rebuilt.notebook.cells
            if "nbgrader" in c.metadata and c.metadata.nbgrader.locked]
    return ours == [(c.metadata.nbgrader.grade_id, c.source) for c in master.cells
                    if "nbgrader" in c.metadata and c.metadata.nbgrader.locked]


def answer(rebuilt, grade_id="sgd"):
    return next(c.source for c in rebuilt.notebook.cells
                if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_an_untouched_submission_needs_no_repair(sent, master, prose):
    rebuilt = rebuild(encode(sent), master, prose)
    assert rebuilt.repairs == [] and rebuilt.language == "zh-TW" and same_tests(rebuilt, master)
    assert answer(rebuilt) == ANSWER.strip() or answer(rebuilt) == ANSWER
    assert [c.source for c in rebuilt.notebook.cells if c.cell_type == "markdown"] == [
        "".join(c["source"]) for c in sent["cells"] if c["cell_type"] == "markdown"]
    nbformat.validate(rebuilt.notebook)


def delete(notebook):
    notebook["cells"].remove(cell(notebook, "sgd-eight-steps"))


def duplicate(notebook):
    at = notebook["cells"].index(cell(notebook, "sgd"))
    stub = dict(cell(notebook, "sgd"), source="class SGD:\n    pass\n")
    notebook["cells"].insert(at, stub)


def edit_test(notebook):
    cell(notebook, "sgd-eight-steps")["source"] = "pass"


def lose_ids(notebook):
    for c in notebook["cells"]:
        c["metadata"].pop("nbgrader", None)


def rename(notebook):
    cell(notebook, "sgd")["metadata"]["nbgrader"]["grade_id"] = "sdg"


def to_markdown(notebook):
    cell(notebook, "sgd")["cell_type"] = "markdown"


def tag_tests(notebook):
    cell(notebook, "sgd-eight-steps")["metadata"] = {
        "tags": ["skip-execution"], "nbgrader": {"grade_id": "sgd-eight-steps", "points": 1e9, "schema_version": 99}}


def reorder(notebook):
    notebook["cells"].reverse()


def lose_metadata(notebook):
    notebook["metadata"] = {}


@pytest.mark.parametrize("damage", [delete, duplicate, edit_test, lose_ids, to_markdown, tag_tests, reorder,
                                    lose_metadata, rename])
def test_damage_is_mended_and_said(damage, sent, master, prose):
    damage(sent)
    rebuilt = rebuild(encode(sent), master, prose)
    assert same_tests(rebuilt, master)
    assert "mine = True" in answer(rebuilt)
    assert rebuilt.language == "zh-TW"
    if damage not in (reorder, lose_metadata, tag_tests):  # those change nothing that counts
        assert rebuilt.repairs
    nbformat.validate(rebuilt.notebook)


def test_windows_line_ends_and_list_sources(sent, master):
    cell(sent, "sgd")["source"] = ["class SGD:\r\n", "    mine = True\r\n"]
    assert "\r" not in answer(rebuild(encode(sent), master))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(encoding, sent, master):
    assert "mine" in answer(rebuild(json.dumps(sent, ensure_ascii=False).encode(encoding), master))


def test_format_3(master):
    old = {"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "code", "input": ANSWER, "language": "python", "metadata": {}, "outputs": []}]}]}
    assert "mine" in answer(rebuild(encode(old), master))


def test_students_markup_is_shown_not_interpreted(sent, master, prose):
    evil = "```\n<script>alert(1)</script>"
    sent["cells"].append({"cell_type": "markdown", "metadata": {}, "source": evil})
    shown = rebuild(encode(sent), master, prose).notebook.cells[-1].source
    assert shown.startswith("````text\n") and shown.endswith("\n````") and evil in shown


@pytest.mark.parametrize("data", [
    b"", b"\0" * 10, b"not json", b"[]", b"{}", b'{"cells": 3}', b'{"cells": null}', b"\xff\xfe\x00", b"[" * 100_000,
    b'{"cells": ' + b"[" * 100_000, b"NaN", b'"cells"', b'{"worksheets": {}}', b"PK\x03\x04 a zip"])
def test_what_is_no_notebook_is_said_to_be_none(data, master):
    with pytest.raises(Unreadable):
        rebuild(data, master)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["cells", "source", "metadata", "nbgrader", "grade_id", "cell_type", "input", "kernelspec",
                         "worksheets", "autograder", "language", "outputs"]) | st.text(max_size=5), inner, max_size=5),
    max_leaves=30)


def judge(data, master, prose=None):
    """Rebuild any bytes: only Unreadable escapes, with a reason, and what is ours comes out as ours, and bounded."""
    try:
        rebuilt = rebuild(data, master, prose)
    except Unreadable as reason:
        assert str(reason)
        return None
    assert same_tests(rebuilt, master)
    assert [c.metadata.nbgrader.grade_id for c in rebuilt.notebook.cells if "nbgrader" in c.metadata] == [
        c.metadata.nbgrader.grade_id for c in master.cells if "nbgrader" in c.metadata]
    assert len(rebuilt.notebook.cells) < 2_200 and sum(len(c.source) for c in rebuilt.notebook.cells) < 5_000_000
    nbformat.validate(rebuilt.notebook)
    return rebuilt


def fuzz(examples):
    """A short search that is the same each time; a long one, each time another, where SOAK is set."""
    soak = "SOAK" in os.environ
    return settings(max_examples=20_000 if soak else examples, derandomize=not soak, deadline=None, database=None,
                    suppress_health_check=list(HealthCheck))


@fuzz(100)
@given(cells=json_values, metadata=json_values, ids=st.lists(st.sampled_from(["sgd", "adam-eight-steps", "x"])))
def test_no_json_breaks_the_intake(cells, metadata, ids, master):
    cells = cells if isinstance(cells, list) else [cells]
    cells += [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": id}}, "source": "x = 1"} for id in ids]
    rebuilt = judge(json.dumps({"cells": cells, "metadata": metadata}).encode(), master)
    assert (rebuilt is None) == (not {"sgd", "adam-eight-steps"} & set(ids)) or "sgd" in json.dumps(cells)


@fuzz(100)
@given(data=st.binary(max_size=200))
def test_no_bytes_break_the_intake(data, master):
    judge(data, master)


@fuzz(60)
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
       cut=st.none() | st.floats(0, 1), encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "gb18030", "cp950"]))
def test_no_damaged_file_breaks_the_intake(flips, cut, encoding, real, master, prose):
    """A real notebook with bytes flipped, cut off and in another encoding."""
    data = bytearray(json.dumps(real, ensure_ascii=False).encode(encoding, "replace"))
    for where, value in flips:
        data[int(where * (len(data) - 1))] = value
    judge(bytes(data if cut is None else data[:int(cut * len(data))]), master, prose)


#: What may be put in the place of any part of a notebook.
ODD = st.sampled_from([None, True, -1, 1e308, "", "sgd", "class SGD: pass", "\ud800", [], [[]], [None], {}, {"": {}}])


@fuzz(60)
@given(data=st.data())
def test_no_mutated_notebook_breaks_the_intake(data, real, master, prose):
    """A real notebook with cells in another order and parts removed or of another type."""
    book = json.loads(json.dumps(real))
    book["cells"] = [book["cells"][i] for i in data.draw(
        st.permutations(range(len(book["cells"]))) | st.lists(st.integers(0, len(book["cells"]) - 1), max_size=90))]
    for _ in range(data.draw(st.integers(0, 6))):
        place, key = None, None
        here = book
        while isinstance(here, (dict, list)) and here and (place is None or data.draw(st.booleans())):
            place = here
            key = data.draw(st.sampled_from(sorted(here)) if isinstance(here, dict)
                            else st.integers(0, len(here) - 1))
            here = here[key]
        if place is None or data.draw(st.booleans()):
            (place or book).pop(key, None) if isinstance(place, dict) else None
        else:
            place[key] = data.draw(ODD)
    judge(json.dumps(book).encode(), master, prose)


@fuzz(100)
@given(text=st.lists(st.sampled_from(["`", "```", "````", "~~~", "\n", " ", "text", "<script>"])).map("".join))
def test_any_prose_is_shown_as_it_is(text, master, real):
    """A student's markdown can neither leave its fence nor lose anything in it."""
    book = {**real, "cells": [*real["cells"], {"cell_type": "markdown", "metadata": {}, "source": text}]}
    shown = judge(encode(book), master).notebook.cells[-1].source
    first, *_, last = shown.split("\n")
    assert first == f"{last}text" and set(last) == {"`"} and last not in text and len(last) >= 3
    assert unfenced(shown) == text


@pytest.fixture(scope="module")
def real(assignment):
    """The zh-TW release with every exercise answered, as a dict."""
    notebook = json.loads(nbformat.writes(release.student_version(assignment, "zh-TW")))
    for id in assignment.names:
        cell(notebook, id)["source"] = assignment.code[id]
    return notebook
