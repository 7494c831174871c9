"""Grades in a learning platform's own export, filled in so that it can be imported again.

Each platform knows its students by numbers that only its own export holds, so nothing is made up: that export
is the template, one column is filled in, and what cannot be told for certain is listed and left alone.
"""

import codecs
import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape

from autograder.grading.aside import replace
from autograder.grading.harmless import one_line
from autograder.grading.pages import number
from autograder.grading.platforms import PLATFORMS
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
    known = PLATFORMS[platform]
    heads = [head.strip().casefold() for head in rows[0]] if rows else []
    at = _column(rows[0] if rows else [], heads, known, results, column)
    top = known.maximum(rows, heads, at)
    filled, rows_of = Filled(), defaultdict(list)
    raw = defaultdict(set)
    for name, student in names.items():
        raw[student].add(name)
    index = defaultdict(set)
    for i, row in enumerate(rows[1:], 1):
        row.extend([""] * (len(heads) - len(row)))
        for key in known.rows(dict(zip(heads, row, strict=False)), row[:at]):
            if key[-1]:
                index[key].add(i)
    for result in results:
        keys = {key for name in raw[result["student"]] or {result["student"]} for key in known.students(name)}
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


def _column(shown, heads, known, results, column):
    """The index of the column to fill, or ValueError."""
    if not (column or {head.casefold() for head in known.headings} & set(heads)):
        raise ValueError(_(
            "This does not look like an export of {platform}, which has the headings {expected}. Choose --format by "
            "where the file comes from; if only its language is another, name the column with --column. There are: "
            "{columns}.",
            platform=known.name, expected=" · ".join(known.headings), columns=one_line(" · ".join(shown), 600)))
    assignment = results[0]["assignment"] if results else ""
    wanted = (lambda head: head == column.strip().casefold()) if column else (
        lambda head: re.fullmatch(known.column.format(name=re.escape(assignment.casefold())), head))
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
    """What was lost by being late and in each exercise, or why nothing could be read, in the student's language.

    The platform takes it for HTML.
    """
    exercises = {}
    with using(result["language"]):
        late = [_("late: −{points}", points=number(result["late_penalty"]))] if result["late_penalty"] else []
        if result["status"] == "unreadable":
            return _html([*late, *result["repairs"]])
        for one in result["cells"]:
            about = exercises.setdefault(exercise_of(one["grade_id"]), [0, 0, {}])
            about[0] += one["score"] or 0
            about[1] += one["max_score"] or 0
            if one["mistake"]:
                about[2][mistake_text(one["mistake"], "what")] = None
        return _html([*late, *(
            f"{name}: {number(score)} / {number(most)}" + "".join(f", {what}" for what in mistakes)
            for name, (score, most, mistakes) in exercises.items() if score < most)])


def _html(sentences):
    return cell(escape(" · ".join(sentences), quote=False)[:1_900])
