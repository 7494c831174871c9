"""Rebuilds a submission from the master: the student's answers and own cells in, everything else ours.

Whatever arrives is data.  Nothing here executes or trusts it, and nothing raises on it but
`Unreadable`, whose text is for the student.
"""

import ast
import json
import re
from dataclasses import dataclass, field

import nbformat

from autograder.messages import LANGUAGES, _, using

#: A notebook with plots is some 1 MB; a class of thousands must still fit on a disk.
MAX_BYTES = 100 * 2**20
MAX_CELLS = 2_000


#: nbgrader's marks around what ClearHiddenTests leaves out of the release.
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS$.*?^### END HIDDEN TESTS$\n?", re.MULTILINE | re.DOTALL)


class Unreadable(Exception):
    """There is no notebook in these bytes; the text says why."""


@dataclass
class Cell:
    """A cell as the student sent it."""

    kind: str
    source: str
    grade_id: str | None


@dataclass
class Rebuilt:
    """A submission ready to run, and what had to be mended for the student to read."""

    notebook: nbformat.NotebookNode
    language: str
    repairs: list = field(default_factory=list)


def rebuild(data, master, prose=None):
    """The Rebuilt of `data`, the bytes of a submitted .ipynb, on `master`, a NotebookNode.

    prose: {language: set of the released prose cells}, to tell the language of a notebook that lost
    its metadata.  Raises Unreadable.
    """
    content = _parse(data)
    cells = _cells(content)
    language = _language(content, cells, prose or {})
    with using(language):
        rebuilt = Rebuilt(_skeleton(master, language), language)
        claims = _claim(cells, master, rebuilt.repairs)
        _assemble(cells, claims, master, rebuilt, set().union(*(prose or {}).values()))
    return rebuilt


def _parse(data):
    """The JSON object in `data`, from any encoding a notebook has been seen in."""
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than {size} MB.", size=MAX_BYTES // 2**20))
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(_("The file is empty."))
    try:
        content = json.loads(_decode(data))
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The file is not a notebook: {reason}", reason=str(error)[:200])) from None
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise Unreadable(_("The file is not a notebook: it has no cells."))
    return content


def _decode(data):
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", errors="replace")


def _cells(content):
    """The Cells of a notebook of format 3 or 4, in order; what is not a cell is left out."""
    raw = content.get("cells")
    if not isinstance(raw, list):
        raw = [cell for sheet in content["worksheets"] if isinstance(sheet, dict)
               for cell in (sheet.get("cells") if isinstance(sheet.get("cells"), list) else [])]
    cells = []
    for cell in raw[:MAX_CELLS]:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        metadata = cell.get("metadata")
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        cells.append(Cell("code" if cell.get("cell_type") == "code" else "markdown",
                          _clean(source) if isinstance(source, str) else "",
                          grade_id if isinstance(grade_id, str) else None))
    return cells


def _clean(source):
    """`source` with one kind of line end and without what no text file can hold."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return source.encode("utf-8", errors="replace").decode("utf-8")


def _language(content, cells, prose):
    """From the metadata of the release, else from the released prose that is still there."""
    metadata = content.get("metadata")
    ours = metadata.get("autograder") if isinstance(metadata, dict) else None
    named = ours.get("language") if isinstance(ours, dict) else None
    if isinstance(named, str) and named in LANGUAGES:
        return named
    sources = {cell.source for cell in cells if cell.kind == "markdown"}
    return max(LANGUAGES, key=lambda language: len(sources & prose.get(language, set())))


def _skeleton(master, language):
    notebook = nbformat.v4.new_notebook(metadata=json.loads(json.dumps(master.metadata)))
    notebook.metadata["autograder"]["language"] = language
    return notebook


def _claim(cells, master, repairs):
    """{grade_id: index of the student's cell that takes its place}."""
    claims = {}
    ids = {c.metadata.nbgrader.grade_id for c in master.cells if "nbgrader" in c.metadata}
    for cell in master.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id is None:
            continue
        candidates = [i for i, c in enumerate(cells) if c.grade_id == grade_id]
        solution = cell.metadata.nbgrader.solution
        if not candidates and solution:
            candidates = [i for i in _definitions(cells, ids, cell.source) if i not in claims.values()]
            if candidates:
                repairs.append(_("The cell {id} had lost its id; your code was recognised by what it defines.",
                                 id=grade_id))
        if not candidates:
            repairs.append(_("The cell {id} was missing and has been put back.", id=grade_id))
            continue
        if len(candidates) > 1:
            repairs.append(_("The cell {id} was there {count} times; the last one with your own code counts.",
                             id=grade_id, count=len(candidates)))
        if solution:
            changed = [i for i in candidates if cells[i].source.strip() != cell.source.strip()]
            claims[grade_id] = (changed or candidates)[-1]
        else:
            claims[grade_id] = candidates[-1]
        kept = cells[claims[grade_id]]
        if kept.kind != "code" and cell.cell_type == "code":
            repairs.append(_("The cell {id} was no longer a code cell and has been made one again.", id=grade_id))
    return claims


def _definitions(cells, ids, stub):
    """Indices of code cells without an id of ours that define what `stub`, a solution cell, defines."""
    wanted = _top_level(stub)
    return [i for i, c in enumerate(cells) if c.kind == "code" and c.grade_id not in ids
            and wanted and wanted <= _top_level(c.source)]


def _top_level(source):
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.name for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


def _assemble(cells, claims, master, rebuilt, released):
    """The master's cells in the master's order, each followed by what the student had put behind it."""
    owner = {index: grade_id for grade_id, index in claims.items()}
    ids = {c.metadata.nbgrader.grade_id for c in master.cells if "nbgrader" in c.metadata}
    behind, here = {None: []}, None
    for i, cell in enumerate(cells):
        if i in owner:
            here = owner[i]
        elif cell.grade_id not in ids:  # a second copy of ours is dropped, the student's own cell kept
            behind.setdefault(here, []).append(cell)
    out = rebuilt.notebook.cells
    out += [_own(cell, f"own-{n}", released) for n, cell in enumerate(behind[None])]
    for cell in master.cells:
        if "nbgrader" not in cell.metadata:
            continue                    # prose is the student's, in the student's language
        grade_id = cell.metadata.nbgrader.grade_id
        copy = nbformat.from_dict(json.loads(json.dumps(cell)))
        if grade_id in claims:
            sent = cells[claims[grade_id]].source
            if cell.metadata.nbgrader.solution:
                copy.source = sent
            elif sent.strip() != _released(cell.source).strip():
                rebuilt.repairs.append(_("The cell {id} is not for editing; its original text was used.",
                                         id=grade_id))
        out.append(copy)
        out += [_own(c, f"{grade_id}-own-{n}", released) for n, c in enumerate(behind.get(grade_id, []))]


def _own(cell, id, released):
    """A cell of the student's own, or released prose.

    Markdown may hold HTML and scripts, and formgrader renders it in the grader's browser: what is not
    our own prose is shown as the text it is, in a fence longer than any inside.
    """
    if cell.kind == "code":
        return nbformat.v4.new_code_cell(cell.source, id=id[:64])
    source = cell.source
    if source not in released:
        fence = "`" * max(3, *(1 + len(ticks) for ticks in re.findall("`+", source)), 0)
        source = f"{fence}text\n{source}\n{fence}"
    return nbformat.v4.new_markdown_cell(source, id=id[:64])


def _released(source):
    """A test cell's source as the student got it, without the hidden tests."""
    return HIDDEN.sub("", source)
