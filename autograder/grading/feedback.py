"""A student's graded notebook as a page to read: their code, every test, and the mistakes named."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader import api
from nbgrader.utils import is_grade, is_solution, is_task
from sqlalchemy import select

from autograder.grading import pages
from autograder.grading.harmless import bounded, harmless
from autograder.grading.intake import unfenced
from autograder.grading.results import graded
from autograder.grading.verdicts import exercise_of, verdict, word
from autograder.messages import _, mistake_text, using

CODE_CHARS, CODE_LINES = 40_000, 1_000
OUTPUT_CHARS, OUTPUT_LINES = 4_000, 40
MESSAGE_CHARS, MESSAGE_LINES = 4_000, 60
#: So many cells of the student's own are shown; a course's notebook has a few dozen in all.
OWN_CELLS = 100


@dataclass
class Section:
    """One exercise on the page; `name` None: what the student wrote before the first one."""

    name: str | None
    number: int = 0
    items: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    mistakes: list = field(default_factory=list)

    @property
    def score(self):
        return sum(test["score"] for test in self.tests)

    @property
    def max_score(self):
        return sum(test["max_score"] for test in self.tests)


def write(course, result, notebook, comments=None, waiting=()):
    """Make `course`/feedback/<student>/<assignment>/<assignment>.html and return its Path.

    result: the dict of results.py; notebook: the autograded NotebookNode, None where there is none;
    comments: {grade_id: what the instructor wrote in the gradebook}; waiting: the grade_ids that only a person can
    grade and nobody has yet.
    """
    name = result["assignment"]
    with using(result["language"]):
        readable = notebook is not None and result["status"] not in ("unreadable", "failed")
        sections = _sections(notebook, result, comments or {}, waiting) if readable else []
        return pages.write(
            "feedback.html", Path(course) / "feedback" / result["student"] / name / f"{name}.html",
            result=result, sections=sections, exercises=[s for s in sections if s.tests])


def write_all(course, gradebook, assignments, students=()):
    """Write the page of every submission, of all students or those named; yields each Path."""
    for assignment in assignments:
        comments, waiting = _by_hand(gradebook, assignment)
        for result, notebook in graded(course, gradebook, assignment, students):
            student = result["student"]
            yield write(course, result, notebook, comments.get(student), waiting.get(student, ()))


def _by_hand(gradebook, assignment):
    """({student: {grade_id: what a person wrote}}, {student: {grade_id that waits for a person}}), in two queries.

    nbgrader's automatic "No response." our own words say better.
    """
    submitted, notebook, cell, known = (
        table.__table__ for table in (api.SubmittedAssignment, api.SubmittedNotebook, api.BaseCell, api.Assignment))
    comment, grade = api.Comment.__table__, api.Grade.__table__
    comments, waiting = {}, {}
    with gradebook.engine.connect() as connection:
        for table, said, wanted in (
                (comment, comment.c.manual_comment, comment.c.manual_comment.is_not(None)),
                (grade, grade.c.id, grade.c.auto_score.is_(None) & grade.c.manual_score.is_(None))):
            rows = connection.execute(select(submitted.c.student_id, cell.c.name, said).select_from(
                known.join(submitted).join(notebook).join(table, table.c.notebook_id == notebook.c.id)
                .join(cell, cell.c.id == table.c.cell_id)).where(known.c.name == assignment, wanted))
            for student, name, text in rows:
                if table is grade:
                    waiting.setdefault(student, set()).add(name)
                elif text:
                    comments.setdefault(student, {})[name] = text
    return comments, waiting


def visible(source):
    """A test cell's source without its hidden tests; one that is never closed hides all the rest."""
    lines, hidden = [], False
    for line in source.splitlines():
        if "BEGIN HIDDEN TESTS" in line:
            hidden = True
        elif "END HIDDEN TESTS" in line:
            hidden = False
        elif not hidden:
            lines.append(line)
    return "\n".join(lines).strip("\n")


def _sections(notebook, result, comments, waiting):
    tests = {cell["grade_id"]: cell for cell in result["cells"]}
    sections, here, own = {}, None, 0
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id is None:
            if cell.cell_type == "code" and cell.source.strip() and own < OWN_CELLS:
                own += 1
                section = sections.setdefault(here, Section(here))
                section.items.append({"kind": "own", **_student_code(cell), "comment": None})
            continue
        if not (is_grade(cell) or is_solution(cell) or is_task(cell)):
            continue                        # locked, ours: nothing to say about it
        here = exercise_of(grade_id)
        section = sections.setdefault(here, Section(here))
        item = {"kind": "answer", "grade_id": grade_id, "comment": comments.get(grade_id)}
        if is_solution(cell):
            item |= _student_code(cell)
        if grade_id in tests:
            item |= _test(tests[grade_id], section, result["language"])
            if grade_id in waiting:
                item |= {"verdict": "unanswered", "word": _("○ not graded yet: a person will read it")}
            if not is_solution(cell):
                item |= {"kind": "test", "visible": "" if is_task(cell) else visible(cell.source),
                         "printed": _printed(cell.get("outputs", []))}
            section.tests.append(item)
        section.items.append(item)
    for number, section in enumerate((s for s in sections.values() if s.name is not None), 1):
        section.number = number
        _say_once(section)
    return list(sections.values())


def _student_code(cell):
    """The student's text and what it printed, cut to what a page can hold."""
    source = cell.source if cell.cell_type == "code" else unfenced(cell.source)
    head, left_out, tail = bounded(source.rstrip(), CODE_CHARS, CODE_LINES)
    source = head + (f"\n\n# ⋮ {left_out}\n\n{tail}" if left_out else "")
    return {"source": source, "prose": cell.cell_type != "code", "outputs": _outputs(cell.get("outputs", []))}


def _outputs(outputs):
    """[{"kind": "output" or "error", "text"}], each bounded.  HTML, images and scripts are left out."""
    shown = []
    for output in outputs[:20]:
        if output.output_type == "error":
            text = "\n".join(output.get("traceback", [])) or f"{output.ename}: {output.evalue}"
            shown.append({"kind": "error", "text": _cut(text, OUTPUT_CHARS, OUTPUT_LINES)})
        else:
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if isinstance(text, str) and text.strip():
                shown.append({"kind": "output", "text": _cut(text, OUTPUT_CHARS, OUTPUT_LINES)})
    return shown


def _printed(outputs):
    """What a passing test said, for instance that another convention was accepted."""
    return [output for output in _outputs(outputs) if output["kind"] == "output"]


def _cut(text, chars, lines):
    head, left_out, tail = bounded(harmless(text[:chars] + text[chars:][-chars:]).strip("\n"), chars, lines)
    if len(text) > 2 * chars:
        left_out += len(text) - 2 * chars
    if not left_out:
        return head
    return "\n".join([head, _("[… {count} characters left out …]", count=left_out), tail])


def _test(cell, section, language):
    """The verdict on one test for the page; each named mistake is set out once, where it first appears."""
    mistake, message = cell["mistake"], cell["message"] or ""
    what = verdict(cell, language)
    item = {"score": cell["score"] or 0, "max_score": cell["max_score"] or 0,
            "verdict": what, "word": word(what), "mistake": None, "again": False}
    if mistake:
        if message.endswith(f"({mistake})"):        # as diagnosis.explain ends, in whatever language
            message = message.rpartition("\n\n")[0]
        item["mistake"] = _mistake(mistake)
        item["again"] = mistake in section.mistakes
        if not item["again"]:
            section.mistakes.append(mistake)
    # The id stands in the heading already.
    message = re.sub(rf"^{re.escape(cell['grade_id'])}: ", "", message)
    item["message"] = _cut(message, MESSAGE_CHARS, MESSAGE_LINES) if message else ""
    return item


def _mistake(mistake):
    """{"id", "what", "why", "ask"}; a part that is missing from the catalogue is None."""
    parts = {part: mistake_text(mistake, part) for part in ("what", "why", "ask")}
    return {"id": mistake, "what": parts["what"],
            **{part: None if parts[part] == mistake else parts[part] for part in ("why", "ask")}}


def _say_once(section):
    """Five tests of an untouched exercise fail for one reason, which is said at the first of them."""
    said = False
    for test in section.tests:
        if test["verdict"] == "unanswered":
            if said:
                test["message"] = ""
            said = True
