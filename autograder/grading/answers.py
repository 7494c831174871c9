"""Which of the cells that a student sent is the answer to which exercise.

By id where it is still there.  Where it is not, or where the answer stands elsewhere, by what a cell
defines: whole cells and whole definitions of the student's are moved, nothing is written for them.
"""

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import cache, lru_cache

from autograder.messages import _

#: nbgrader's marks around what ClearHiddenTests leaves out of the release.
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS$.*?^### END HIDDEN TESTS$\n?", re.MULTILINE | re.DOTALL)


@dataclass
class Found:
    """What is the answer to what.

    places: {index of a cell that is no longer the student's own: the grade id that it stood for, or None};
    answers: {grade id: the text to use}; staying: indices of own cells that answer from where they are.
    """

    places: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)
    staying: set = field(default_factory=set)


def find(cells, master, repairs):
    """The Found of `cells` for the notebook `master`; says in `repairs` what was not where it belongs.

    Of the copies of a cell that hold code of the student's, those that are not the answer lose their id
    and so become cells of the student's own.
    """
    found, names = Found(), cache(_definitions)
    ids = {c.metadata.nbgrader.grade_id for c in master.cells if "nbgrader" in c.metadata}
    for cell in master.cells:
        if "nbgrader" not in cell.metadata:
            continue
        grade_id = cell.metadata.nbgrader.grade_id
        copies = [i for i, c in enumerate(cells) if c.grade_id == grade_id]
        if cell.metadata.nbgrader.solution:
            _answer(cell, copies, cells, found, ids, names, repairs)
        elif copies:
            if len(copies) > 1:
                repairs.append(_("The cell {id} was there {count} times; the original counts.",
                                 id=grade_id, count=len(copies)))
            _take(cell, copies[-1], cells, found, repairs)
        elif same := [i for i, c in enumerate(cells) if c.grade_id not in ids and i not in found.places
                      and c.source.strip() == released(cell.source).strip()]:
            _take(cell, same[0], cells, found, repairs)         # it lost its id and nothing else
        else:
            repairs.append(_("The cell {id} was missing and has been put back.", id=grade_id))
    return found


def _take(master, index, cells, found, repairs, text=None):
    grade_id = master.metadata.nbgrader.grade_id
    found.places[index] = grade_id
    found.answers[grade_id] = cells[index].source if text is None else text
    if master.cell_type == "code" and cells[index].kind != "code":
        repairs.append(_("The cell {id} was no longer a code cell and has been made one again.", id=grade_id))


def _answer(master, copies, cells, found, ids, names, repairs):
    """Find the answer that belongs into `master`, a solution cell, of which `copies` have the id."""
    grade_id, stub = master.metadata.nbgrader.grade_id, master.source.strip()
    worked = [i for i in copies if cells[i].source.strip() not in ("", stub)]
    if len(worked) > 1:
        _one_of(master, worked, cells, found, names, repairs)
    elif worked:
        if len(copies) > 1:
            repairs.append(_("The cell {id} was there {count} times; the last one with your own code counts.",
                             id=grade_id, count=len(copies)))
        _take(master, worked[0], cells, found, repairs)
    elif master.cell_type == "code" and _elsewhere(master, copies, cells, found, ids, names, repairs):
        pass
    elif copies:
        full = [i for i in copies if cells[i].source.strip()]
        if not full:
            repairs.append(_("The cell {id} was empty.", id=grade_id))
        _take(master, (full or copies)[-1], cells, found, repairs)
    else:
        repairs.append(_("The cell {id} was missing and has been put back.", id=grade_id))


def _one_of(master, worked, cells, found, names, repairs):
    """Several copies hold work: the parts of a cell that was split, or several tries."""
    grade_id, wanted = master.metadata.nbgrader.grade_id, _definitions(master.source)
    whole = [i for i in worked if wanted <= names(cells[i].source)]
    joined = "\n".join(cells[i].source for i in worked)
    in_parts = not whole or any(_body(cells[i].source) is None for i in worked)
    if master.cell_type != "code" or (in_parts and wanted <= names(joined)):
        repairs.append(_("The cell {id} had been split; its {count} parts were put together.",
                         id=grade_id, count=len(worked)))
        found.places |= dict.fromkeys(worked, grade_id)
        return _take(master, worked[-1], cells, found, repairs, joined)
    repairs.append(_("The cell {id} was there {count} times; the last one with your own code counts.",
                     id=grade_id, count=len(worked)))
    chosen = (whole or worked)[-1]
    for i in worked:
        if i != chosen:                 # it may hold a helper: it runs where it stood
            cells[i].grade_id = None
    return _take(master, chosen, cells, found, repairs)


def _elsewhere(master, copies, cells, found, ids, names, repairs):
    """Whether the answer was found outside its cell, in a cell of the student's own or among another's code."""
    grade_id, wanted = master.metadata.nbgrader.grade_id, _definitions(master.source)
    holding = [i for i, c in enumerate(cells) if c.kind == "code" and i not in copies
               and wanted and wanted <= names(c.source)]
    own = [i for i in holding if cells[i].grade_id not in ids and i not in found.places and i not in found.staying]
    if own:
        chosen = own[-1]
        if copies and copies[-1] < chosen and not any(c.grade_id in ids for c in cells[copies[-1] + 1:chosen]):
            found.staying.add(chosen)   # right behind its place: there it counts as it stands
            return False
        repairs.append(
            _("The cell {id} was as it had been handed out; your code was recognised in another cell by what it "
              "defines.", id=grade_id) if copies else
            _("The cell {id} had lost its id; your code was recognised by what it defines.", id=grade_id))
        _take(master, chosen, cells, found, repairs)
        if copies:                      # what stands behind it stays behind the cells before it
            found.places |= {chosen: None, **dict.fromkeys(copies, grade_id)}
    elif holding:
        repairs.append(_("The cell {id} held no code of yours; what you had defined in another cell was taken.",
                         id=grade_id))
        found.places |= dict.fromkeys(copies, grade_id)
        found.answers[grade_id] = _excerpt(cells[holding[-1]].source, wanted)
    return bool(own or holding)


@lru_cache(maxsize=1024)
def released(source):
    """A test cell's source as the student got it, without the hidden tests."""
    return HIDDEN.sub("", source)


def _body(source):
    """The statements of `source`, None where it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")             # the student's own escapes and comparisons
            return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _definitions(source):
    """The classes and functions that the top level of `source` defines."""
    return {node.name for node in _body(source) or () if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


def _excerpt(source, names):
    """The lines of `source` that define `names`, and nothing else of it."""
    lines, parts = source.split("\n"), []
    for node in _body(source) or ():
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name in names:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            parts.append("\n".join(lines[first - 1:node.end_lineno]))
    return "\n\n\n".join(parts)
