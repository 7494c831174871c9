"""How learning platforms name what students hand in: a table from path to student.

A path has "/" between its parts and begins with the source's own name; a zip file is one part of it,
such as "export.zip/student-01.zip/optimizers.ipynb".
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

#: (layout, regular expression).  The one that names a student nearest to the beginning of a path decides,
#: of two at the same place the first: what a student has put inside says nothing of others.
#: Groups: `student`; where the layout has them `order`, a number that grows from attempt to attempt,
#: `time` of handing in, `assignment`, and `file`, the name that the student gave the file; in Brightspace's
#: `name` and `date`, which end what was handed in together.
#: Canvas' trailing "-1" belongs to `file`; in a Moodle group a group's name stands for the student's, without
#: a number for those who are in none.  Brightspace's second number is the assignment's.
PATTERNS = [(name, re.compile(f"{expression}$", re.DOTALL)) for name, expression in [
    ("moodle", r"(?:^|/)(?P<student>[^/]+?)_assignsubmission_[a-z]+(?:_(?P<file>[^/]*))?(?:/.*)?"),
    ("brightspace", r"(?:^|/)(?P<student>\d+)-\d+ - (?P<name>[^/]+?) - (?P<date>"
                    r"(?=[^/]*(?<!\d)20\d\d(?!\d))(?:(?! - )[^/]){3,40}\b\d{3,4}(?: ?[AP]M)?)"
                    r"(?: - (?P<file>[^/]*))?(?:/.*)?"),
    ("gradescope", r"(?:^|/)submission_(?P<student>(?P<order>\d+))/.+"),
    ("canvas", r"(?:^|/)(?:LATE_)?anon_(?P<student>[A-Za-z0-9]{5})_(?:LATE_)?(?P<order>\d+)_(?P<file>[^/]+)(?:/.*)?"),
    ("canvas", r"(?:^|/)[^/]+?_(?:LATE_)?(?P<student>\d+)_(?P<order>\d+)_(?P<file>[^/]+)(?:/.*)?"),
    ("exchange", r"(?:^|/)(?P<student>[^/+]+)\+(?P<assignment>[^/+]+)\+(?P<time>[^/+]+)(?:\+[^/]*)?/.+"),
    ("zip", r"(?:^|/)(?P<student>[^/]+)\.(?i:zip)/.+"),
    ("nbgrader", r"(?:^|/)(?P<student>[^/]+)/(?P<assignment>[^/]+)/(?P=assignment)\.ipynb"),
    ("nbgrader", r"(?:^|/)[^/]+/(?P<student>[^/]+)/{assignment}/.+"),    # a notebook renamed or in a zip
    ("plain", r"(?:^|/)(?P<student>[^/]+)\.ipynb"),
]]

#: How Brightspace's dates begin: "Nov 12, 2030", "12 November, 2030", "2030-11-12", "2030年11月12日".
DAYS = [r"(?P<month>[a-z]{3})[a-z.]* (?P<day>\d{1,2}),? (?P<year>\d{4})",
        r"(?P<day>\d{1,2}) (?P<month>[a-z]{3})[a-z.]*,? (?P<year>\d{4})",
        r"(?P<year>\d{4})[-年](?P<month>\d{1,2})[-月](?P<day>\d{1,2})"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

#: "plain" names no folder, so it must not reach deeper into a source than its first level.
PLAIN_DEPTH = 2


@dataclass(frozen=True)
class Place:
    """What a path says.  `student` is as the platform wrote it; `group` is the same for files that were
    handed in together; `when` are seconds since 1970, None where the path does not say; `late` is the platform's
    own mark."""

    layout: str
    student: str
    group: str
    order: int
    when: float | None
    assignment: str | None
    file: str
    late: bool


def place(path, assignment):
    """The Place of `path` for someone who collects `assignment`; None where no layout fits."""
    best = None
    for layout, pattern in _patterns(assignment):
        match = pattern.search(path)
        if match and layout == "plain" and (path.count("/") >= PLAIN_DEPTH or match["student"] == assignment):
            continue
        if match:
            start = path.rfind("/", 0, match.start("student")) + 1
            if best is None or start < best[0]:
                best = start, layout, match
    if best is None:
        return None
    start, layout, match = best
    found = match.groupdict()
    named = found.get("file") and match.end("file") == len(path)
    student, group = found["student"], path if layout == "plain" else path[:start] + found["student"]
    if layout == "brightspace":
        student, group = f"{found['name']}_{student}", path[:match.end("date")]
    return Place(
        layout, student, group, int(found.get("order") or 0),
        utc(found.get("time")) or local(found.get("date")), found.get("assignment"),
        found["file"] if named else path.rpartition("/")[2],
        layout == "canvas" and "_LATE_" in f"_{path[start:match.start('order')]}")      # its names are in small letters


@lru_cache
def _patterns(assignment):
    return [(layout, re.compile(pattern.pattern.replace("{assignment}", re.escape(assignment)), re.DOTALL))
            for layout, pattern in PATTERNS]


def well_named(file, assignment):
    """Whether `file` is called as it was handed out, with or without what a browser or Canvas appends."""
    stem, _, extension = file.rpartition(".")
    return extension == "ipynb" and re.sub(r"(?: ?\(\d+\)|-\d+)$", "", stem) == assignment


def students_of_class(names, assignment):
    """The students that the members of a zip, `names`, would belong to if it is a class's export."""
    places = [place(f"zip/{name}", assignment) for name in names]
    found = {at.student for at in places if at and at.layout not in ("zip", "plain")}
    if not any(well_named(name.rpartition("/")[2], assignment) for name in names):
        for layout in ("zip", "plain"):     # one of these alone is just what a student hands in
            some = {at.student for at in places if at and at.layout == layout}
            found |= some if len(some) > 1 else set()
    return found


def utc(text):
    """Seconds since 1970 of a date such as "2030-01-31 23:59:00.123456 UTC"; None for any other text."""
    try:
        when = datetime.fromisoformat(re.sub(r" ?(?:UTC|Z)$", "+00:00", (text or "").strip()[:40]))
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def local(text):
    """Seconds since 1970 of a DAY and "1145 PM" or "2345" after it, which Brightspace writes in the instructor's
    time zone, here taken for this machine's; None for any other text."""
    day = next((found for pattern in DAYS if (found := re.match(pattern, text or "", re.IGNORECASE))), None)
    time = day and re.search(r"(?<!\d)(\d{1,2})(\d\d)(?: ?([AP])M)?$", text[day.end():])
    if not time:
        return None
    month, hour = day["month"].casefold(), int(time[1])
    month = int(month) if month.isdigit() else MONTHS.index(month) + 1 if month in MONTHS else 0
    if time[3]:
        hour = hour % 12 + 12 * (time[3] == "P")
    try:
        return datetime(int(day["year"]), month, int(day["day"]), hour, int(time[2])).timestamp()
    except (ValueError, OverflowError):
        return None


def gradescope(text):
    """{submission number: (student names, seconds since 1970 or None)} of a submission_metadata.yml.

    Reads the few lines that matter and no YAML beyond them: the file comes with the submissions.  A name
    is the student's number, else the e-mail address, else the name.
    """
    found, number, section = {}, None, None
    for line in text.splitlines():
        if start := re.match(r"submission_(\d+):", line):
            number, section = int(start[1]), None
            found[number] = [], None
        elif number is None:
            continue
        elif field := re.match(r"  :(\w+):(.*)", line):
            section = field[1]
            if section == "created_at":
                found[number] = found[number][0], utc(re.sub(r"(\.\d{6})\d+", r"\1", field[2]))
        elif section == "submitters" and (field := re.match(r"  ([- ]) :(name|sid|email):(.*)", line)):
            people = found[number][0]
            if field[1] == "-" or not people:
                people.append({})
            people[-1][field[2]] = field[3].strip().strip("'\"")
    return {number: ([name for person in people if (name := _name(person))], when)
            for number, (people, when) in found.items()}


def _name(person):
    return person.get("sid") or person.get("email") or person.get("name")
