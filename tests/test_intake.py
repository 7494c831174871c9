"""A submission is rebuilt from the master whatever was done to it; what is no notebook is said to be none."""

import json

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import release
from autograder.grading.intake import Unreadable, rebuild
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
        st.sampled_from(["cells", "source", "metadata", "nbgrader", "grade_id", "cell_type", "input",
                         "worksheets", "autograder", "language", "outputs"]) | st.text(max_size=5), inner, max_size=5),
    max_leaves=30)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=json_values, metadata=json_values, ids=st.lists(st.sampled_from(["sgd", "adam-eight-steps", "x"])))
def test_no_json_breaks_the_intake(cells, metadata, ids, master):
    cells = cells if isinstance(cells, list) else [cells]
    cells += [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": id}}, "source": "x = 1"} for id in ids]
    rebuilt = rebuild(json.dumps({"cells": cells, "metadata": metadata}).encode(), master)
    assert same_tests(rebuilt, master)
    nbformat.validate(rebuilt.notebook)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_no_bytes_break_the_intake(data, master):
    try:
        rebuild(data, master)
    except Unreadable as reason:
        assert str(reason)
