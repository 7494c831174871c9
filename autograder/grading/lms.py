"""Grades in a learning platform's own export, filled in so that it can be imported again.

Each platform knows its students by numbers that only its own export holds, so nothing is made up: that export
is the template, one column is filled in, and what cannot be told for certain is listed and left alone.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape

from autograder.grading.aside import replace
from autograder.grading.harmless import one_line
from autograder.grading.pages import number
from autograder.grading.verdicts import exercise_of
from autograder.grading.zipnames import guess
from autograder.messages import _, mistake_text, using

#: What makes a spreadsheet take a cell for a formula, in the wide forms of East Asian input too.
FORMULA = tuple("=+-@\t\r＝＋－＠")
#: Numbers, and the dash for none, are no formulas.
NUMBER = re.compile(r"[-+]?[\d.,]*%?")
#: By these columns an import knows its students: they stay exactly as they are, and so do all headings.
IDENTIFIERS = {"identifier", "id number", "username", "email address", "email", "id", "sis user id", "sis login id",
               "integration id", "root account", "orgdefinedid"}
COMMENTS = "feedback comments"


@dataclass
class Filled:
    """What became of the template: number of grades put in, [(student, points, why not)] of the others, and
    (our maximum, the platform's) where points were scaled."""

    count: int = 0
    left_out: list = field(default_factory=list)
    scaled: tuple | None = None


def cell(text):
    """Text for a spreadsheet, which would compute what looks like a formula."""
    text = one_line(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def fill(results, names, platform, template, path, column=None):
    """Write the CSV file `template` to `path` with the grades of `results`, of one assignment; returns Filled.

    names: {name as collect read it: student}; platform: one of PLATFORMS; column: the heading of the column to
    fill, None for the one named like the assignment.  Raises ValueError, which says what to do, for a file that
    is not such an export.
    """
    data = template.read_bytes()
    codec, rows, dialect = _read(data)
    keys_of_row, keys_of_student, grade_column, maximum = PLATFORMS[platform]
    heads = [head.strip().casefold() for head in rows[0]] if rows else []
    at = _column(rows[0] if rows else [], heads, grade_column, results, column)
    top = maximum(rows, heads, at)
    filled, rows_of = Filled(), defaultdict(list)
    raw = defaultdict(set)
    for name, student in names.items():
        raw[student].add(name)
    index = defaultdict(set)
    for i, row in enumerate(rows[1:], 1):
        row.extend([""] * (len(heads) - len(row)))
        for key in keys_of_row(dict(zip(heads, row, strict=False)), row[:at]):
            if key[-1]:
                index[key].add(i)
    for result in results:
        keys = {key for name in raw[result["student"]] or {result["student"]} for key in keys_of_student(name)}
        matching = {i for key in keys if key[0] != "group" for i in index.get(key, ())}
        team = {i for key in keys if key[0] == "group" for i in index.get(key, ())}
        if result["score"] is None:
            filled.left_out.append((result["student"], None, _("It is not graded.")))
        elif len(matching) == 1 or (team and not matching):
            for i in matching or team:
                rows_of[i].append(result)
        else:
            filled.left_out.append((result["student"], result["score"], _("Several rows may be meant.") if matching
                                    else _("No row is certainly this student's.")))
    for i, meant in rows_of.items():
        if len(meant) > 1:
            filled.left_out += [(one["student"], one["score"], _("Several students may be meant by one row."))
                                for one in meant]
            continue
        limit, most = top(rows[i]), meant[0]["max_score"]
        scale = limit / most if limit and most else 1
        if scale != 1:
            filled.scaled = most, limit
        rows[i][at] = number(meant[0]["score"] * scale)
        if COMMENTS in heads and platform == "moodle" and not rows[i][heads.index(COMMENTS)].strip():
            rows[i][heads.index(COMMENTS)] = _comment(meant[0])
        filled.count += 1
    out = io.StringIO()
    csv.writer(out, delimiter=dialect[0], lineterminator=dialect[1]).writerows(
        [rows[0], *([_safe(head, text) for head, text in zip(heads, row, strict=False)] + row[len(heads):]
                    for row in rows[1:])])
    replace(path, _encoded(out.getvalue(), codec))
    return filled


def _read(data):
    """(codec, rows, (delimiter, line end)) of a CSV file as platforms and Excel write it."""
    codec = ("utf-8-sig" if data.startswith(codecs.BOM_UTF8) else
             "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else guess(data))
    text = data.decode("cp1252" if codec == "cp437" else codec, errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    limit = csv.field_size_limit(2**27)             # an online text may be long
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(_("It cannot be read as CSV: {reason}", reason=str(error))) from None
    finally:
        csv.field_size_limit(limit)
    return codec, [row for row in rows if row], (delimiter, "\r\n" if first.endswith("\r") else "\n")


def _encoded(text, codec):
    try:
        return text.encode("cp1252" if codec == "cp437" else codec)
    except UnicodeEncodeError:                      # a comment in a language that the file's encoding lacks
        return text.encode("utf-8-sig", errors="replace")


def _column(shown, heads, grade_column, results, column):
    """The index of the column to fill, or ValueError."""
    assignment = results[0]["assignment"] if results else ""
    wanted = (lambda head: head == column.strip().casefold()) if column else (
        lambda head: re.fullmatch(grade_column.format(name=re.escape(assignment.casefold())), head))
    found = [i for i, head in enumerate(heads) if i and wanted(head)]
    if len(found) != 1:
        raise ValueError(_("It is not clear which column is to be filled; name it with --column. There are: {columns}.",
                           columns=one_line(" · ".join(shown), 600)))
    return found[0]


def _safe(head, text):
    if head in IDENTIFIERS or not text.startswith(FORMULA) or NUMBER.fullmatch(text.strip()):
        return text
    return f"'{text}"


def _comment(result):
    """One sentence an exercise that lost points, in the student's language; the platform takes it for HTML."""
    exercises = {}
    with using(result["language"]):
        for one in result["cells"]:
            about = exercises.setdefault(exercise_of(one["grade_id"]), [0, 0, {}])
            about[0] += one["score"] or 0
            about[1] += one["max_score"] or 0
            if one["mistake"]:
                about[2][mistake_text(one["mistake"], "what")] = None
        return cell(escape(" · ".join(
            f"{name}: {number(score)} / {number(most)}" + "".join(f", {what}" for what in mistakes)
            for name, (score, most, mistakes) in exercises.items() if score < most), quote=False)[:1_900])


def _plain(text):
    """Letters and digits only: what exports leave out of names differs."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _split(name):
    """("Full Name", "123") of "Full Name_123" or "Participant 123"; the number is empty where there is none."""
    found = re.fullmatch(r"(.*?)[_ ]?(\d+)", name.strip(), re.DOTALL)
    return (found[1], found[2]) if found else (name, "")


def _moodle_row(row, before):
    """Its number is this assignment's, and a group's may be the same: only with the name it is anybody's."""
    if not before:
        return
    called, numbered = _split(before[0])
    for text in (called, *before[1:2]):             # in front stand the identifier and the full name
        if _plain(text):
            yield "both", _plain(text), numbered
    for text in before[1:]:
        yield "text", _plain(text)
    yield "group", _plain(row.get("group", ""))


def _moodle_student(name):
    called, numbered = _split(name)
    if not re.search(r"_\d+$", name):               # of no group, or not collected from Moodle
        return {("text", _plain(name)), ("group", _plain(name))}
    return {("both", _plain(called), numbered), ("group", _plain(called))}


def _canvas_row(row, before):
    for head in ("id", "sis user id", "sis login id"):
        yield "text", _plain(row.get(head, ""))


def _canvas_student(name):
    return {("text", _plain(name))}


def _brightspace_row(row, before):
    for head in ("orgdefinedid", "username", "email"):
        yield "text", _plain(row.get(head, ""))
    first, last = row.get("first name", ""), row.get("last name", "")
    yield "name", _plain(first + last)
    yield "name", _plain(last + first)


def _brightspace_student(name):
    called, _numbered = _split(name)
    if not re.search(r"_\d+$", name):               # not collected from Brightspace
        return {("text", _plain(name))}
    parts = called.split(" - ")                     # some sites put the OrgDefinedId before the name
    names = {("name", _plain("".join(parts[i:]))) for i in range(len(parts))}
    return names | ({("text", _plain(parts[0]))} if len(parts) > 1 else set())


def _number(text):
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _moodle_maximum(rows, heads, at):
    column = heads.index("maximum grade") if "maximum grade" in heads else None
    return lambda row: None if column is None else _number(row[column])


def _canvas_maximum(rows, heads, at):
    top = next((_number(row[at]) for row in rows[1:4] if "Points Possible" in row[0] and len(row) > at), None)
    return lambda row: top


def _brightspace_maximum(rows, heads, at):
    found = re.search(r"maxpoints:([\d.,]+)", heads[at])
    return lambda row: found and _number(found[1])


#: {platform: (keys of a row, keys of a student, regular expression of the column's heading, its maximum)}
PLATFORMS = {
    "moodle": (_moodle_row, _moodle_student, r"grade", _moodle_maximum),
    "canvas": (_canvas_row, _canvas_student, r"{name}(?: \(\d+\))?", _canvas_maximum),
    "brightspace": (_brightspace_row, _brightspace_student, r"{name} points grade(?: <.*>)?", _brightspace_maximum),
}
