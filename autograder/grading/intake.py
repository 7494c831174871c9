"""Rebuilds a submission from the master: the student's answers and own cells in, everything else ours.

Whatever arrives is data.  Nothing here executes or trusts it, and nothing raises on it but
`Unreadable`, whose text is for the student.
"""

import re
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.grading import answers
from autograder.grading.decoding import ALL_LOST, MAX_BYTES, Unreadable, decode
from autograder.messages import LANGUAGES, _, using

__all__ = ["MAX_BYTES", "Rebuilt", "Unreadable", "language_of", "rebuild"]

#: What the release wrote into the notebook, found even where the rest of the file cannot be read.
LANGUAGE = re.compile(rb'"language"\s*:\s*"(%s)"' % "|".join(LANGUAGES).encode())


@dataclass
class Rebuilt:
    """A submission ready to run, and what had to be mended for the student to read."""

    notebook: NotebookNode
    language: str
    repairs: list = field(default_factory=list)


def rebuild(data, master, prose=None):
    """The Rebuilt of `data`, the bytes of a submitted .ipynb, on `master`, a NotebookNode.

    prose: {language: set of the released prose cells}, to tell the language of a notebook that lost
    its metadata.  Raises Unreadable.
    """
    sent = decode(data)
    language = _language(sent, prose or {})
    with using(language):
        repairs = [_(sentence, **fields) for sentence, fields in sent.notes] + _kernel(sent.metadata)
        found = answers.find(sent.cells, master, repairs)
        _require_one(found, master, sent)
        rebuilt = Rebuilt(_skeleton(master, language), language, repairs)
        _assemble(sent.cells, found, master, rebuilt, set().union(*(prose or {}).values()))
    return rebuilt


def language_of(data):
    """The language of the notebook in `data`, as far as it can be told without reading it as one; else English."""
    found = LANGUAGE.search(data)
    return found[1].decode() if found else "en"


def _language(sent, prose):
    """From the metadata of the release, else from the released prose that is still there."""
    named = _ours(sent.metadata).get("language")
    if isinstance(named, str) and named in LANGUAGES:
        return named
    sources = {cell.source for cell in sent.cells if cell.kind == "markdown"}
    return max(LANGUAGES, key=lambda language: len(sources & prose.get(language, set())))


def _ours(metadata):
    """What the release wrote into a notebook's metadata, if it still is there."""
    ours = metadata.get("autograder")
    return ours if isinstance(ours, dict) else {}


def _kernel(metadata):
    """What to say of a notebook that was set to another language than Python 3, a list."""
    spec, info = (part if isinstance(part := metadata.get(key), dict) else {}
                  for key in ("kernelspec", "language_info"))
    language = spec.get("language") or info.get("name")
    foreign = isinstance(language, str) and "python" not in language.lower()
    if foreign or spec.get("name") == "python2" or str(info.get("version")).startswith("2."):
        kernel = str(spec.get("display_name") or language)[:60]
        return [_("The notebook was set to {kernel}; it was graded with Python 3.", kernel=kernel)]
    return []


def _require_one(found, master, sent):
    """Raise Unreadable where nothing that is graded is in the notebook: it is another one, or damaged."""
    wanted, got = master.metadata["autograder"]["assignment"], sent.assignment
    if not any(cell.metadata.nbgrader.grade_id in found.answers for cell in master.cells
               if "nbgrader" in cell.metadata and not _is_plain(cell.metadata.nbgrader)):
        if sent.cut_off:
            raise Unreadable(_(ALL_LOST))
        if got is not None and got != wanted:
            raise Unreadable(_("This is the notebook of the assignment {got}, not of {wanted}.",
                               got=got[:60], wanted=wanted))
        raise Unreadable(_("None of the exercises of {wanted} is in this notebook: is it another one?", wanted=wanted))


def _is_plain(nbgrader):
    """Whether a cell is ours but neither answered nor graded, as the imports are."""
    return not (nbgrader.solution or nbgrader.grade or nbgrader.get("task"))


def _skeleton(master, language):
    notebook = nbformat.from_dict({**master, "cells": []})
    notebook.metadata["autograder"]["language"] = language
    return notebook


def _assemble(cells, found, master, rebuilt, released):
    """The master's cells in the master's order, each followed by what the student had put behind it."""
    ids = {c.metadata.nbgrader.grade_id for c in master.cells if "nbgrader" in c.metadata}
    behind, here = {None: []}, None
    for i, cell in enumerate(cells):
        if i in found.places:
            here = found.places[i] or here
        elif cell.grade_id not in ids:  # a second copy of ours is dropped, the student's own cell kept
            behind.setdefault(here, []).append(cell)
    out = rebuilt.notebook.cells
    out += [_own(cell, f"own-{n}", released) for n, cell in enumerate(behind[None])]
    for cell in master.cells:
        if "nbgrader" not in cell.metadata:
            continue                    # prose is the student's, in the student's language
        grade_id = cell.metadata.nbgrader.grade_id
        copy = nbformat.from_dict(cell)
        if grade_id in found.answers:
            _fill(copy, found.answers[grade_id], rebuilt.repairs, released)
        elif cell.metadata.nbgrader.solution and cell.cell_type != "code":
            # Only a person can look for it: another text than the stub's asks for one.
            copy.source = _("The cell for this answer was missing. Is the answer in another cell?")
        out.append(copy)
        out += [_own(c, f"{grade_id}-own-{n}", released) for n, c in enumerate(behind.get(grade_id, []))]


def _fill(copy, sent, repairs, released):
    """Put what the student sent into `copy`, a cell of the master's, if it is the student's to write."""
    original = copy.source
    if copy.metadata.nbgrader.solution:
        untouched = sent.strip() in ("", original.strip()) and copy.cell_type != "code"
        copy.source = original if untouched else sent if copy.cell_type == "code" else _fenced(sent)
    elif sent in released:
        copy.source = sent              # a task, in the student's language
    elif sent.strip() not in (answers.released(original).strip(), original.strip()):
        repairs.append(_("The cell {id} is not for editing; its original text was used.",
                         id=copy.metadata.nbgrader.grade_id))


def _own(cell, id, released):
    """A cell of the student's own, or released prose; built by hand because nbformat's validation of each is slow."""
    if cell.kind == "code":
        return NotebookNode(id=id[:64], cell_type="code", metadata=NotebookNode(), source=cell.source,
                            execution_count=None, outputs=[])
    source = cell.source if cell.source in released else _fenced(cell.source)
    return NotebookNode(id=id[:64], cell_type="markdown", metadata=NotebookNode(), source=source)


def _fenced(text):
    """A student's text as markdown that shows it as it is, in a fence longer than any inside.

    It may hold HTML and scripts, and formgrader renders it in the grader's browser.
    """
    fence = "`" * max(3, *(1 + len(ticks) for ticks in re.findall("`+", text)), 0)
    return f"{fence}text\n{text}\n{fence}"


def unfenced(source):
    """The text that `_fenced` made `source` of; any other source as it is."""
    first, _newline, rest = source.partition("\n")
    fence = first.removesuffix("text")
    text, _newline, last = rest.rpartition("\n")
    return text if fence == last and set(fence) == {"`"} and first != fence else source
