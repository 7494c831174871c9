"""How each learning platform's export of grades names students, its column of grades and its maximum."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Platform:
    """name and headings: as the platform writes them, and at least one of the headings is in each of its exports;
    rows, students: functions that give the keys by which a row and a student meet; column: regular expression of
    the heading to fill; maximum: function of the table that gives one from a row to the most it can have."""

    name: str
    headings: tuple
    rows: Callable
    students: Callable
    column: str
    maximum: Callable


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


PLATFORMS = {
    "moodle": Platform("Moodle", ("Identifier", "Full name", "Email address", "Maximum Grade"),
                       _moodle_row, _moodle_student, r"grade", _moodle_maximum),
    "canvas": Platform("Canvas", ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
                       _canvas_row, _canvas_student, r"{name}(?: \(\d+\))?", _canvas_maximum),
    "brightspace": Platform("Brightspace", ("OrgDefinedId", "Username", "End-of-Line Indicator"),
                            _brightspace_row, _brightspace_student, r"{name} points grade(?: <.*>)?",
                            _brightspace_maximum),
}
