"""How the class did: a summary, a table for the terminal, a spreadsheet, a page.

Everything here works on the dicts of results.py and speaks the language in force.
"""

import csv
import io
import os
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import quote

from rich.table import Table
from rich.text import Text

from autograder.grading import pages
from autograder.grading.aside import replace
from autograder.grading.harmless import one_line
from autograder.grading.lms import cell
from autograder.grading.verdicts import exercise_of, status_word, unanswered
from autograder.messages import _, mistake_text

#: Listed as in need of help: who has less than this share of the points, who is further than this below the
#: class's median, who has left so many exercises unanswered.
HELP_BELOW, HELP_FAR, HELP_UNANSWERED = 0.5, 0.3, 2
#: So many of the groups that are alike are shown; beyond that somebody's script has gone round.
GROUPS = 50


def summary(results):
    """What a teacher wants to know first, as one dict of plain values.

    {"n": number of students, "assignments": {name: {"n", "max_score", "mean", "median",
    "distribution": [students in each tenth of the points, full points in the last],
    "exercises": {exercise: {"solved": students with all its points, "points": share of points, 0 to 1}},
    "mistakes": [{"id", "students", "what", "example": a student, "test": that failed so}], most frequent first}},
    "help": [{"student", "assignment", "score", "max_score", "unanswered": [exercise]}], lowest first,
    "failed": [{"student", "assignment", "status", "reasons": [text]}]}.

    Scores and means are points.  An unreadable notebook counts as the 0 points that it is graded with,
    one on which the grader broke (status "failed", score None) not at all.
    """
    graded = [result for result in results if result["score"] is not None]
    by_assignment = defaultdict(list)
    for result in graded:
        by_assignment[result["assignment"]].append(result)
    medians = {name: statistics.median(_share(one["score"], one["max_score"]) for one in some)
               for name, some in by_assignment.items()}
    low = [result for result in graded if result["status"] != "unreadable" and (
        _share(result["score"], result["max_score"]) < max(HELP_BELOW, medians[result["assignment"]] - HELP_FAR - 1e-9)
        or len(_unanswered(result)) >= HELP_UNANSWERED)]
    low.sort(key=lambda result: (_share(result["score"], result["max_score"]), result["student"]))
    return {
        "n": len({result["student"] for result in results}),
        "assignments": {name: _assignment(some) for name, some in sorted(by_assignment.items())},
        "help": [{**{key: result[key] for key in ("student", "assignment", "score", "max_score")},
                  "unanswered": _unanswered(result)} for result in low],
        "failed": [{"student": result["student"], "assignment": result["assignment"],
                    "status": result["status"], "reasons": _reasons(result)}
                   for result in results if result["status"] != "graded"]}


def _assignment(results):
    scores = [result["score"] for result in results]
    distribution = [0] * 10
    for result in results:
        distribution[min(int(10 * _share(result["score"], result["max_score"]) + 1e-9), 9)] += 1
    return {"n": len(results), "max_score": max(result["max_score"] for result in results),
            "mean": statistics.fmean(scores), "median": statistics.median(scores),
            "distribution": distribution, "exercises": _exercises(results), "mistakes": _mistakes(results)}


def _exercises(results):
    """{exercise: {"solved", "points"}} in the notebook's order."""
    earned, possible, solved = Counter(), Counter(), Counter()
    for result in results:
        whole = {}
        for one in result["cells"]:
            exercise = exercise_of(one["grade_id"])
            score, max_score = one["score"] or 0, one["max_score"] or 0
            earned[exercise] += score
            possible[exercise] += max_score
            whole[exercise] = whole.get(exercise, True) and score >= max_score
        solved.update(exercise for exercise, all_of_it in whole.items() if all_of_it)
    return {exercise: {"solved": solved[exercise], "points": _share(earned[exercise], possible[exercise])}
            for exercise in possible}


def _mistakes(results):
    """Each mistake counts once a student, however many tests it failed."""
    students = defaultdict(dict)
    for result in results:
        for one in result["cells"]:
            if one["mistake"]:
                students[one["mistake"]].setdefault(result["student"], one["grade_id"])
    return [{"id": mistake, "students": len(who), "what": mistake_text(mistake, "what"), "example": min(who),
             "test": who[min(who)]}
            for mistake, who in sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))]


def _share(score, max_score):
    return score / max_score if max_score else 1.0


def _unanswered(result):
    """The exercises that the student left as they were handed out, in order."""
    return list(dict.fromkeys(exercise_of(cell["grade_id"]) for cell in result["cells"]
                              if unanswered(cell, result["language"])))


def _reasons(result):
    """Why it could not be graded; for a stopped one what its failed tests say, each reason once."""
    if result["status"] != "stopped":
        return [one_line(repair) for repair in result["repairs"]]
    said = [one_line((cell["message"] or "").removeprefix(f"{cell['grade_id']}: "))
            for cell in result["cells"]
            if cell["score"] == 0 and not cell["mistake"] and not unanswered(cell, result["language"])]
    return list(dict.fromkeys(text for text in said if text))[:3]


def table(results):
    """A rich Table of one row a submission; names are data, never Rich's markup."""
    several = len({result["assignment"] for result in results}) > 1
    rows = Table(title_justify="left")
    rows.add_column(Text(_("Student")), overflow="fold")
    if several:
        rows.add_column(Text(_("Assignment")), overflow="fold")
    rows.add_column(Text(_("Language")))
    rows.add_column(Text(_("Status")))
    rows.add_column(Text(_("Score")), justify="right", no_wrap=True)
    rows.add_column(Text(_("Mistakes")), overflow="fold")
    for result in results:
        mistakes = dict.fromkeys(cell["mistake"] for cell in result["cells"] if cell["mistake"])
        cells = [result["student"], *([result["assignment"]] if several else []), result["language"],
                 status_word(result["status"]),
                 " ".join([f"{pages.number(result['score'])} / {pages.number(result['max_score'])}",
                           *([f"({_late(result)})"] if result["late_penalty"] else [])]),
                 ", ".join(mistakes)]
        rows.add_row(*(Text(one_line(cell)) for cell in cells))
    return rows


def _late(result):
    return _("late: −{points}", points=pages.number(result["late_penalty"]))


def mistakes_table(results):
    """A rich Table of the class's mistakes, the most frequent first."""
    rows = Table(title_justify="left")
    rows.add_column(Text(_("Most frequent mistakes")), overflow="fold")
    rows.add_column(Text(_("Students")), justify="right")
    rows.add_column(Text(_("For example")), overflow="fold")
    for mistake in _mistakes(results):
        what = mistake["what"]
        if what != mistake["id"]:
            what += f"\n({mistake['id']})"
        rows.add_row(Text(what), Text(str(mistake["students"])), Text(one_line(mistake["example"])))
    return rows


def write_csv(results, path):
    """One row a student; for each assignment a column of its name and one "<name> max", in points.

    Where somebody was late, "<name> late penalty" says what the score has lost by it already.

    UTF-8 with a byte-order mark, so that Excel reads it.  What was not handed in stays empty.
    """
    assignments = sorted({result["assignment"] for result in results})
    keys = {"": "score", " max": "max_score"}
    if any(result["late_penalty"] for result in results):
        keys[" late penalty"] = "late_penalty"
    rows = defaultdict(dict)
    for result in results:
        rows[result["student"]][result["assignment"]] = result
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["student", *(cell(f"{name}{end}") for name in assignments for end in keys)])
    for student, by_name in sorted(rows.items()):
        found = [by_name.get(name) for name in assignments]
        out.writerow([cell(student), *("" if result is None else result[key] for result in found
                                        for key in keys.values())])
    return replace(path, text.getvalue().encode("utf-8-sig", errors="replace"))


def write_html(results, path, course=None, alike=None):
    """The summary as a self-contained page at `path`; returns the Path.

    course: the folder whose feedback pages are linked to, as far as they are there; alike: {assignment:
    [similarity.Alike]}, None where nothing was compared.
    """
    pages_of = {(result["student"], result["assignment"]): _page(course, path, result) for result in results}
    return pages.write("report.html", path, summary=summary(results), results=results, status_word=status_word,
                       line=one_line, late=_late, alike=alike, groups=GROUPS,
                       page=lambda who, what: pages_of.get((who, what)),
                       half=pages.percent(HELP_BELOW), far=pages.percent(HELP_FAR), unanswered=HELP_UNANSWERED)


def _page(course, path, result):
    """The address of a student's feedback page as seen from the report, None where there is none."""
    name = result["assignment"]
    file = Path(course or "") / "feedback" / result["student"] / name / f"{name}.html"
    if course is None or not file.is_file():
        return None
    address = Path(os.path.relpath(file.resolve(), Path(path).resolve().parent))
    return quote(address.as_posix(), errors="surrogateescape")
