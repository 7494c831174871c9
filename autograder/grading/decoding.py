"""The bytes that somebody sent as a notebook, read as the cells that are in them.

Nothing here raises but `Unreadable`, whose text is for the student.  What is damaged is read as far as it
says without doubt what it meant; nothing is made up.
"""

import json
import re
from dataclasses import dataclass, field

from autograder.grading.zipnames import guess
from autograder.messages import N_, _

#: A notebook with plots is some 1 MB; a class of thousands must still fit on a disk.
MAX_BYTES = 100 * 2**20
MAX_CELLS = 2_000
#: A chapter's notebook has some 50,000 characters; a cell beyond the first bound is no code that somebody wrote.
MAX_CELL_CHARS, MAX_CHARS = 400_000, 4_000_000
#: Python needs some 200 bytes for a list or dict that is 2 bytes in the file, and 32 for a number.
MAX_CONTAINERS, MAX_ITEMS = 500_000, 10_000_000

#: What is handed in under a notebook's name, by how it begins.
OTHER_KINDS = {
    b"PK\x03\x04": N_("It is a zip file."),
    b"%PDF": N_("It is a PDF."),
    b"<!doctype html": N_("It is a web page; in Jupyter, save the notebook itself as .ipynb."),
    b"<html": N_("It is a web page; in Jupyter, save the notebook itself as .ipynb."),
}
#: What git writes into a file that it could not merge: {beginning of a line: whose lines follow}.
CONFLICT = {"<<<<<<<": "upper", "|||||||": "before both", "=======": "lower", ">>>>>>>": None}
#: A whole string, so that a comma in a student's code is never taken for one of JSON's; or a comma too many.
STRING_OR_COMMA = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+"?)|,(?=\s*[\]}])', re.DOTALL)
#: The note on a file that breaks off, and why it is unreadable if that is before anything that is graded.
CUT_OFF = N_("The file is damaged: its first {count} cells could be read, and what follows is lost. If there was more, "
             "hand it in again.")
ALL_LOST = N_("The file is damaged, and no exercise in it can be read any more: save the notebook once more and "
              "hand it in again.")
CELLS = re.compile(r'"cells"\s*:\s*\[')
BETWEEN = re.compile(r"[\s,]*")
DECODER = json.JSONDecoder(parse_int=float)     # no length of number is too long for it, and none is of use to us


class Unreadable(Exception):
    """There is no notebook in these bytes; the text says why."""


@dataclass
class Cell:
    """A cell as the student sent it."""

    kind: str
    source: str
    grade_id: str | None


@dataclass
class Sent:
    """What was in the file.  notes: (sentence, its fields) about it, to be said once the language is known."""

    cells: list
    metadata: dict
    notes: list = field(default_factory=list)

    @property
    def assignment(self):
        """The assignment that the release wrote into the notebook, None where that is not there any more."""
        ours = self.metadata.get("autograder")
        name = ours.get("assignment") if isinstance(ours, dict) else None
        return name if isinstance(name, str) else None

    @property
    def cut_off(self):
        """Whether cells are lost because the file is damaged."""
        return any(sentence == CUT_OFF for sentence, _fields in self.notes)


def decode(data):
    """The Sent of `data`, the bytes of a submitted .ipynb.  Raises Unreadable."""
    notes = []
    content = _parse(data, notes)
    metadata = content.get("metadata")
    return Sent(_cells(content, notes), metadata if isinstance(metadata, dict) else {}, notes)


def _parse(data, notes):
    """The JSON object in `data`, from any encoding a notebook has been seen in."""
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than {size} MB.", size=MAX_BYTES // 2**20))
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(_("The file is empty."))
    for beginning, what in OTHER_KINDS.items():
        if data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(beginning.lower()):
            raise Unreadable(_("The file is not a notebook: {reason}", reason=_(what)))
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS or data.count(b",") > MAX_ITEMS:
        raise Unreadable(_("The file is not a notebook: {reason}", reason=_("It has more parts than any notebook.")))
    try:
        content = _mended(_text(data, notes), notes)
    except RecursionError:
        raise Unreadable(_("The file is not a notebook: {reason}", reason=_("It is nested too deeply."))) from None
    except ValueError as error:
        raise Unreadable(_("The file is not a notebook: {reason}", reason=str(error)[:200])) from None
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise Unreadable(_("The file is not a notebook: it has no cells."))
    return content


def _text(data, notes):
    """`data` decoded: JSON's own encodings, else UTF-8 with a few damaged bytes, else the likeliest other."""
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
        damaged, wide = text.count("\ufffd"), len(text) - len(text.encode("ascii", errors="ignore"))
        if encoding.startswith("utf-8") and 4 * damaged > wide:
            encoding = _guess(data)
        if encoding.startswith("utf-8"):
            notes.append((N_("{count} characters were damaged and cannot be read any more."), {"count": damaged}))
        text = data.decode(encoding, errors="replace")
    if not encoding.startswith("utf-8"):
        notes.append((N_("The file was in the encoding {encoding} instead of UTF-8: look whether other letters than "
                         "English ones came through."), {"encoding": encoding}))
    return text


def _guess(data):
    """The likeliest codec, by the first part that is not ASCII; cut at a byte that is no part of a character."""
    start = re.search(rb"[\x80-\xff]", data).start()
    codec = guess(data[start:start + 100_000].rpartition(b'"')[0])
    return {"cp437": "cp1252", "big5": "cp950", "utf-8": "cp1252"}.get(codec, codec)


def _mended(text, notes):
    """The JSON value of `text`, if need be of what is left when one thing that is surely no part of it is removed."""
    try:
        return DECODER.decode(text)
    except ValueError as error:
        first = error
    if "<<<<<<<" in text and (found := _value(_upper_side(text))) is not None:
        notes.append((N_("The file holds two versions from a merge by git that was never finished: the upper one, "
                         "before the =======, was graded."), {}))
        return found
    if (found := _value(STRING_OR_COMMA.sub(r"\1", text))) is not None:
        notes.append((N_("A comma too many was taken out of the file."), {}))
        return found
    start = BETWEEN.match(text).end()
    if (found := _value(text, start, whole=False)) is not None:
        notes.append((N_("Something stood behind the end of the notebook and was left out."), {}))
        return found
    if cells := _whole_cells(text):
        notes.append((CUT_OFF, {"count": len(cells)}))
        return {"cells": cells}
    if CELLS.search(text):
        raise Unreadable(_(ALL_LOST))
    raise first


def _upper_side(text):
    """`text` as it was on the first side of git's conflict marks."""
    side, kept = None, []
    for line in text.split("\n"):
        if line[:7] in CONFLICT:
            side = CONFLICT[line[:7]]
        elif side in (None, "upper"):
            kept.append(line)
    return "\n".join(kept)


def _value(text, start=0, whole=True):
    """The JSON value in `text`, or at its `start`; None where there is none."""
    try:
        return DECODER.decode(text) if whole else DECODER.raw_decode(text, start)[0]
    except ValueError:
        return None


def _whole_cells(text):
    """The cells of a damaged notebook up to the first that is not whole."""
    cells, start = [], CELLS.search(text)
    at = start.end() if start else len(text)
    while len(cells) < MAX_CELLS:
        try:
            cell, at = DECODER.raw_decode(text, BETWEEN.match(text, at).end())
        except ValueError:
            break
        cells.append(cell)
    return cells


def _cells(content, notes):
    """The Cells of a notebook of any format, in order; what is not a cell is left out."""
    raw = content.get("cells")
    if not isinstance(raw, list):
        raw = [cell for sheet in content["worksheets"] if isinstance(sheet, dict)
               for cell in (sheet.get("cells") if isinstance(sheet.get("cells"), list) else [])]
    cells, chars, too_long = [], 0, []
    for number, cell in enumerate(raw[:MAX_CELLS], 1):
        if not isinstance(cell, dict):
            continue
        read = _cell(cell)
        if len(read.source) > MAX_CELL_CHARS or chars + len(read.source) > MAX_CHARS:
            too_long.append(number)
            continue
        chars += len(read.source)
        cells.append(read)
    if too_long:
        numbers = ", ".join(map(str, too_long[:10])) + (", …" if len(too_long) > 10 else "")
        notes.append((N_("Left out because of too much text: the cells number {numbers}."), {"numbers": numbers}))
    if len(raw) > MAX_CELLS:
        notes.append((N_("Only the first {count} cells were read."), {"count": MAX_CELLS}))
    return cells


def _cell(cell):
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind = cell.get("cell_type", "code" if "outputs" in cell else None)
    source = next((cell[key] for key in ("source", "input", "code") if key in cell), "")    # formats 4, 3 and 2, 1
    return Cell("code" if kind == "code" else "markdown", _clean("".join(_lines(source))),
                grade_id if isinstance(grade_id, str) else None)


def _lines(source):
    """The strings in `source`, a string or a list of strings, however deep they lie."""
    rest = [source]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            rest += reversed(item)


def _clean(source):
    """`source` with one kind of line end and without what no text file can hold."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return source.encode("utf-8", errors="replace").decode("utf-8")
