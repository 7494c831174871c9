"""Submissions whose code is nearly the same, beyond what the task and the class's usual answers give.

Code is compared as runs of GRAM tokens in which every name of the student's own is told only by where in the run
it stood before, so that neither new names nor comments nor another layout change a run (parameterized matching:
B. S. Baker, "A theory of parameterized pattern matching", 1993).  What the stub, the solution and the catalogued
mistakes hold is nobody's; what many in the class wrote counts little.  Time and memory grow with the class, not with
its square: only students who share a rare run are ever set side by side.
"""

import builtins
import json
import keyword
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from autograder.release import student_version
from autograder.solutions import MARKERS

#: Tokens in a run, about one line.
GRAM = 12
#: Two are alike if this share of what the shorter one wrote of its own is shared, weighted by how rare it is.
SHARE = 0.75
#: ... and if it adds up to this; a run counts 1, a comment or string TEXT, a name NAME.
EVIDENCE, TEXT, NAME = 80, 24, 4
#: What more students than this wrote is no evidence, nor what a fifth of the class did.
COMMON = 40
#: Shorter comments, strings and names are anybody's.
TEXT_CHARS, NAME_CHARS = 12, 4
#: So much of a cell, and so many cells of the student's own, are read.
CELL_CHARS, OWN_CELLS = 20_000, 100

#: The cells that belong to no exercise.
OWN = ""

TOKEN = re.compile(r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[rbfuRBFU]{0,2}(?:'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?|\"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3})?
                                |'(?:[^'\\\n]|\\.)*+'?|"(?:[^"\\\n]|\\.)*+"?))
  | (?P<number>\.?\d(?:[eE][+-]|[\w.])*)
  | (?P<name>[^\W\d]\w*)
  | (?P<sign>\*\*=?|//=?|->|:=|<<|>>|[-+*/@%&|^<>=!]=|[^\w\s])""", re.VERBOSE | re.DOTALL)
#: Names that nobody can change, and those of numpy after "np.".
FIXED = frozenset(keyword.kwlist) | frozenset(dir(builtins)) | {"self", "np"}


@dataclass(frozen=True)
class Alike:
    """Students whose code is nearly the same.  share: of what they wrote themselves, 0 to 1, the least of the
    pairs; cells: the exercises in which it is, OWN for cells of their own; verbatim: comments, strings and names
    that hardly anybody else has."""

    students: tuple
    share: float
    cells: tuple
    verbatim: tuple


def own_sources(text):
    """{exercise or OWN: source} of what the student wrote in an autograded notebook, given as its JSON."""
    sources, own = {}, []
    for cell in json.loads(text)["cells"]:
        about = cell["metadata"].get("nbgrader")
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] == "code" and not about:
            own.append(source[:CELL_CHARS])
        elif cell["cell_type"] == "code" and about.get("solution"):
            sources[about["grade_id"]] = source[:CELL_CHARS]
    return sources | ({OWN: "\n".join(own[:OWN_CELLS])} if own else {})


def known_sources(assignment):
    """What anybody may write: the stub, the solution and each mistake of the catalogue."""
    stub = [cell.source for cell in student_version(assignment, "en").cells if cell.cell_type == "code"]
    return [*stub, *(MARKERS.sub("", source) for source in assignment.code.values()),
            *(assignment.variant_source(id) for id in assignment.catalogue["MISTAKES"])]


def alike(submissions, known):
    """[Alike], the most alike first.  submissions: {student: {cell: source}}; known: sources that count nothing."""
    known_runs, known_texts = set(), set()
    for source in known:
        runs, texts = prints(source)
        known_runs |= runs
        known_texts |= texts.keys()
    cells = {cell: number for number, cell in enumerate(sorted({cell for one in submissions.values() for cell in one}))}
    runs_of, cell_of, who = [], [], []              # of each run of each student, in three columns
    texts_of = defaultdict(dict)                    # {(what it counts, text): {student: None}}
    for number, sources in enumerate(submissions.values()):
        for cell, source in sources.items():
            runs, texts = prints(source)
            own = np.fromiter(runs - known_runs, dtype=np.int64)
            runs_of.append(own)
            cell_of.append(np.full(len(own), cells[cell], dtype=np.int32))
            who.append(np.full(len(own), number, dtype=np.int32))
            for text in texts.keys() - known_texts:
                texts_of[texts[text], text][number] = None
    columns = [np.concatenate(column) if column else np.zeros(0, int) for column in (runs_of, cell_of, who)]
    del runs_of, cell_of, who                       # a large class is tens of megabytes
    own, together = _together(columns, list(cells), len(submissions))
    for (worth, text), students in texts_of.items():
        if 2 <= len(students) <= _most(len(submissions)):
            together[tuple(students)].append((worth, text))
    return _groups(list(submissions), own, _pairs(together, len(submissions)))


def prints(source):
    """(hashes of the runs of tokens, {verbatim text: what it counts}) of Python source, right or not."""
    tokens, following, texts, last = [], [], {}, {}
    before = ["", ""]
    for found in TOKEN.finditer(source):
        kind, token = found.lastgroup, found[0]
        if kind in ("comment", "string"):
            text = " ".join(token.strip("#'\" \t").split())
            if len(text) >= TEXT_CHARS:
                texts[text] = TEXT
        if kind == "comment":
            continue
        following.append(None)
        if kind == "name" and token not in FIXED and before != ["np", "."]:
            if len(token) >= NAME_CHARS:
                texts[token] = NAME
            here = len(tokens)
            if token in last:
                following[last[token]] = here
            tokens.append(here - last.get(token, here))
            last[token] = here
        else:
            tokens.append('"' if kind == "string" else token)
        before = [before[1], token]
    runs = set()
    for start in range(len(tokens) - GRAM + 1):
        runs.add(hash(tuple(tokens[start:start + GRAM])))
        if following[start]:
            tokens[following[start]] = 0            # in all later runs it is the name's first
    return runs, texts


def _usual(n):
    """So many of n students have what is no evidence at all."""
    return max(4, n / 5)


def _most(n):
    return min(COMMON, math.ceil(_usual(n)) - 1)


def _rarity(count, n):
    """1 if two of n students have it, towards 0 the more do."""
    return max(0.0, min(1.0, math.log(_usual(n) / count) / math.log(_usual(n) / 2)))


def _together(columns, cells, n):
    """(own runs of each student by cell, each counted by its rarity; {students: [(cell, None)], one for each run
    that these very students have, if they are few})."""
    order = np.lexsort((columns[2], columns[1], columns[0]))
    runs, cell, who = (column[order] for column in columns)
    new = np.ones(len(runs), bool)
    new[1:] = (runs[1:] != runs[:-1]) | (cell[1:] != cell[:-1])
    starts = np.flatnonzero(new)
    counts = np.diff(np.append(starts, len(runs)))
    rarity = np.array([0.0, *(_rarity(count, n) for count in range(1, n + 1))])
    own = np.zeros((n, len(cells)))
    np.add.at(own, (who, cell), np.repeat(rarity[counts], counts))
    together = defaultdict(list)
    for number in np.flatnonzero((counts >= 2) & (counts <= _most(n))):
        start = starts[number]
        together[tuple(who[start:start + counts[number]].tolist())].append((cells[cell[start]], None))
    return [Counter(dict(zip(cells, row, strict=True))) for row in own.tolist()], together


def _pairs(together, n):
    """{(number, number): {cell or what a text counts: [shared, each by its rarity, texts]}} of the pairs that share
    enough.  What the very same students share is counted at once."""
    evidence = defaultdict(float)
    for who, shared in together.items():
        amount = _rarity(len(who), n) * sum(where if isinstance(where, int) else 1 for where, _text in shared)
        for i, first in enumerate(who):
            row = first * n                         # a number for a pair: in a large class there are millions
            for second in who[i + 1:]:
                evidence[row + second] += amount
    pairs = {divmod(pair, n): defaultdict(lambda: [0, []]) for pair, amount in evidence.items() if amount >= EVIDENCE}
    suspects = {number for pair in pairs for number in pair}
    for who, shared in together.items():
        for pair in combinations([number for number in who if number in suspects], 2):
            if pair in pairs:
                for where, text in shared:
                    entry = pairs[pair][where]
                    entry[0] += _rarity(len(who), n)
                    entry[1] += [text] if text else []
    return pairs


def _groups(students, own, pairs):
    """The pairs that are alike, put together where they have a student in common."""
    group, found = {}, {}
    for (first, second), shared in pairs.items():
        runs = {cell: weight for cell, (weight, _texts) in shared.items() if isinstance(cell, str)}
        least = min(own[first].total(), own[second].total())
        share = min(1.0, sum(runs.values()) / least) if least else 0
        cells = [cell for cell, weight in runs.items()
                 if weight >= GRAM and weight >= SHARE * min(own[first][cell], own[second][cell])]
        if share >= SHARE and len(cells) + len(shared.get(TEXT, [0, []])[1]) >= 2:
            found[first, second] = share, cells, [text for _weight, texts in shared.values() for text in texts]
            one, other = group.setdefault(first, {first}), group.setdefault(second, {second})
            if one is not other:
                one |= other
                group.update(dict.fromkeys(one, one))
    results = []
    for members in {id(some): some for some in group.values()}.values():
        inside = [value for pair, value in found.items() if pair[0] in members]
        results.append(Alike(
            tuple(sorted(students[number] for number in members)), min(share for share, *_ in inside),
            tuple(dict.fromkeys(cell for _share, cells, _texts in inside for cell in cells)),
            tuple(sorted({text for *_, texts in inside for text in texts}))))
    return sorted(results, key=lambda one: (-len(one.students), -one.share, one.students))
