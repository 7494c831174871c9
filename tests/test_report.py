"""The class's report: right numbers, and names of students that stay names."""

import csv
import io
import re
from html import unescape
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from rich.console import Console
from test_feedback import assert_inert, text_of

from autograder.cli import main
from autograder.grading import lms, report
from autograder.grading.similarity import OWN, Alike
from autograder.messages import LANGUAGES, _, using

EVIL = "[bold red]=x[/] <script>alert(1)</script> \x1b[31m\u202e\x07"


def unanswered(grade_id, language="en"):
    with using(language):
        return _("{id}: not answered yet.", id=grade_id) + "\n" + _(
            "Replace raise NotImplementedError() in the cell above with your code, and run that cell.")


def graded(student, *cells, assignment="optimizers", language="en", status="graded", repairs=()):
    """A result; cells: (grade_id, score, max_score, mistake, message), the last two may be missing."""
    cells = [dict(zip(("grade_id", "score", "max_score", "mistake", "message"), (*cell, None, None), strict=False))
             for cell in cells]
    return {"student": student, "assignment": assignment, "notebook": assignment, "language": language,
            "status": status, "score": sum(c["score"] for c in cells), "max_score": sum(c["max_score"] for c in cells),
            "attempt": 1, "late_penalty": 0.0, "repairs": list(repairs), "cells": cells}


@pytest.fixture
def results():
    return [
        graded("student-01", ("sgd-a", 2, 2), ("adam-a", 4, 4), ("adam-b", 4, 4)),
        graded("student-02", ("sgd-a", 2, 2), ("adam-a", 0, 4, "adam/uphill", "adam-a: no"),
               ("adam-b", 0, 4, "adam/uphill", "adam-b: no"), language="zh-TW"),
        graded("student-03", ("sgd-a", 2, 2), ("adam-a", 0, 4, "adam/uphill", "adam-a: no"), ("adam-b", 4, 4)),
        graded("student-04", ("sgd-a", 0, 2, None, unanswered("sgd-a", "zh-CN")),
               ("adam-a", 0, 4, None, unanswered("adam-a", "zh-CN")),
               ("adam-b", 0, 4, None, unanswered("adam-b", "zh-CN")), language="zh-CN"),
        graded("student-05", ("sgd-a", 0, 2, None, "x"), ("adam-a", 0, 4, None, "x"), ("adam-b", 0, 4, None, "x"),
               status="unreadable", repairs=["The file is empty."]),
        graded("student-06", ("sgd-a", 2, 2), ("adam-a", 0, 4, None, "adam-a: it did not finish in time."),
               ("adam-b", 4, 4), status="stopped"),
    ]


def failed():
    return {"student": "student-07", "assignment": "optimizers", "notebook": "optimizers", "language": "en",
            "status": "failed", "score": None, "max_score": None, "attempt": None, "late_penalty": 0.0,
            "repairs": ["KeyError('x')"], "cells": []}


def test_being_late_is_told(results, tmp_path):
    assert "late" not in report.write_csv(results, tmp_path / "in-time.csv").read_text(encoding="utf-8-sig")
    results[1] |= {"late_penalty": 1.5, "score": results[1]["score"] - 1.5}
    with open(report.write_csv(results, tmp_path / "x.csv"), encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert rows[1]["optimizers"] == "0.5" and rows[1]["optimizers late penalty"] == "1.5"
    assert "0.5 / 10 (late: −1.5)" in printed(report.table(results))
    assert "late: −1.5" in text_of(report.write_html(results, tmp_path / "x.html").read_text(encoding="utf-8"))


def test_summary(results):
    found = report.summary(results)
    assert found["n"] == 6
    about = found["assignments"]["optimizers"]
    assert (about["n"], about["max_score"]) == (6, 10)
    assert about["mean"] == pytest.approx((10 + 2 + 6 + 0 + 0 + 6) / 6)
    assert about["median"] == 4
    assert about["distribution"] == [2, 0, 1, 0, 0, 0, 2, 0, 0, 1]
    assert about["exercises"] == {"sgd": {"solved": 4, "points": pytest.approx(8 / 12)},
                                  "adam": {"solved": 1, "points": pytest.approx(16 / 48)}}
    assert [(m["id"], m["students"], m["example"], m["test"]) for m in about["mistakes"]] == [
        ("adam/uphill", 2, "student-02", "adam-a")]
    assert [(who["student"], who["unanswered"]) for who in found["help"]] == [
        ("student-04", ["sgd", "adam"]), ("student-02", [])]
    assert [(who["student"], who["status"], who["reasons"]) for who in found["failed"]] == [
        ("student-05", "unreadable", ["The file is empty."]),
        ("student-06", "stopped", ["it did not finish in time."])]


def test_who_needs_help():
    """Below half of the points, far below the class's median, or two exercises left as they were."""
    results = [graded(f"good-{i}", ("sgd-a", 10, 10)) for i in range(9)]
    results += [graded("far", ("sgd-a", 6.9, 10)), graded("near", ("sgd-a", 7, 10)),
                graded("half", ("sgd-a", 4.9, 10)),
                graded("one-left", ("sgd-a", 9, 9), ("adam-a", 0, 1, None, unanswered("adam-a"))),
                graded("two-left", ("sgd-a", 8, 8), *((f"{name}-a", 0, 1, None, unanswered(f"{name}-a"))
                                                      for name in ("adam", "nadam")))]
    assert [who["student"] for who in report.summary(results)["help"]] == ["half", "far", "two-left"]


def test_summary_of_nothing_and_of_what_broke():
    assert report.summary([]) == {"n": 0, "assignments": {}, "help": [], "failed": []}
    found = report.summary([failed()])
    assert found["assignments"] == {} and found["failed"][0]["reasons"] == ["KeyError('x')"]


def test_tenths_are_whole():
    results = [graded(f"student-{i:02}", ("sgd-a", i, 20)) for i in range(21)]
    assert report.summary(results)["assignments"]["optimizers"]["distribution"] == [2] * 9 + [3]
    thirds = [graded("student-01", ("sgd-a", 0.1 + 0.2, 1))]       # 0.30000000000000004
    assert report.summary(thirds)["assignments"]["optimizers"]["distribution"][3] == 1


def test_assignments_are_apart(results):
    results.append(graded("student-01", ("bn-a", 1, 3), assignment="normalization"))
    found = report.summary(results)
    assert found["n"] == 6
    assert list(found["assignments"]) == ["normalization", "optimizers"]
    assert found["assignments"]["normalization"]["max_score"] == 3
    assert "normalization" in printed(report.table(results))


def printed(table):
    out = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="truecolor")
    out.print(table)
    return out.file.getvalue()


def test_tables_show_names_as_they_are(results):
    results.append(graded(EVIL, ("adam-a", 0, 4, "adam/uphill", "no")))
    results.append(failed())
    text = printed(report.table(results))
    assert "[bold red]=x[/] <script>alert(1)</script> ⟨U+202E⟩␇" in text
    assert "\x1b[31m" not in text.replace("\x1b[1m", "") and "\u202e" not in text and "\x07" not in text
    assert "6 / 10" in text and "– / –" in text and "not graded" in text
    results[1]["student"] = EVIL
    results[2]["student"] = EVIL + "2"
    assert "[bold red]=x[/]" in printed(report.mistakes_table(results))


def read_csv(path):
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv(results, tmp_path):
    results += [graded("student-01", ("bn-a", 1.5, 3), assignment="normalization"), failed(),
                graded("學生, \"一\"\n二", ("sgd-a", 1, 2))]
    rows = read_csv(report.write_csv(results, tmp_path / "new" / "grades.csv"))
    assert rows[0] == ["student", "normalization", "normalization max", "optimizers", "optimizers max"]
    assert ["student-01", "1.5", "3", "10", "10"] in rows
    assert ["student-02", "", "", "2", "10"] in rows
    assert ["student-07", "", "", "", ""] in rows
    assert ["學生, \"一\" 二", "", "", "1", "2"] in rows
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["grades.csv"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＋1", "\x1b[0m=1",
                                  "=HYPERLINK(\"http://x\",\"y\")"])
def test_csv_holds_no_formula(name, tmp_path):
    cell = read_csv(report.write_csv([graded(name, ("sgd-a", 1, 2))], tmp_path / "grades.csv"))[1][0]
    assert not cell.startswith(lms.FORMULA) and cell.startswith("'")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page(results, tmp_path, language):
    results += [failed(), graded(EVIL, ("sgd-a", 0, 2, EVIL, EVIL), repairs=[EVIL], status="stopped")]
    with using(language):
        path = report.write_html(results, tmp_path / "report.html")
    html = path.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in html
    assert_inert(html)
    text = text_of(html)
    assert "[bold red]=x[/] <script>alert(1)</script> ⟨U+202E⟩␇" in text
    assert "adam/uphill" in text and "4 / 7" in text        # solved sgd
    assert "60–70 %" in text                                # the chart in words
    for student in ("student-04", "student-05", "student-07"):
        assert student in text


def test_page_of_nothing(tmp_path):
    assert "How the class did" in report.write_html([], tmp_path / "report.html").read_text(encoding="utf-8")


def links(html):
    """{text: address} of the page's links, of one text the last."""
    return {unescape(text): unescape(address) for address, text in re.findall(
        r'<a href="([^"]*)"><bdi translate="no">(.*?)</bdi></a>', html)}


def test_students_link_to_their_feedback_where_there_is_some(results, tmp_path):
    course = tmp_path / "a course"
    for student in ("student-02", "學生 #1 <b>"):
        page = course / "feedback" / student / "optimizers" / "optimizers.html"
        page.parent.mkdir(parents=True)
        page.write_text("feedback")
    results.append(graded("學生 #1 <b>", ("sgd-a", 0, 2)))
    path = report.write_html(results, tmp_path / "out" / "report.html", course)
    html = path.read_text(encoding="utf-8")
    found = links(html)
    assert set(found) == {"student-02", "學生 #1 <b>"}
    for student, address in found.items():
        assert not address.startswith("/") and (path.parent / unquote(address)).resolve() == (
            course / "feedback" / student / "optimizers" / "optimizers.html").resolve()
    assert 'optimizers.html#test-adam-a"><bdi translate="no">student-02' in html       # the mistake's example


@pytest.mark.parametrize("language", LANGUAGES)
def test_submissions_that_are_alike(results, tmp_path, language):
    found = [Alike((EVIL, "student-02"), 0.93, ("sgd", OWN), (EVIL, "decayed mean of squares")),
             *[Alike((f"x{i}", f"y{i}"), 0.8, ("adam",), ()) for i in range(report.GROUPS + 2)]]
    with using(language):
        html, none, unknown = (
            report.write_html(results, tmp_path / "report.html", None, alike).read_text(encoding="utf-8")
            for alike in ({"optimizers": found}, {"optimizers": []}, None))
        assert _("No two submissions are that much alike.") in unescape(none)
        assert _("Look at these together") not in unescape(unknown)
        assert _("And {count} more.", count=3) in unescape(html)
    assert_inert(html)
    text = text_of(html)
    assert "93 %" in text and "decayed mean of squares" in text and f"x{report.GROUPS - 2}" in text
    assert text.count("[bold red]=x[/] <script>alert(1)</script> ⟨U+202E⟩␇") == 2


@pytest.mark.parametrize("arguments", [
    ["optimizers", "--format", "moodle", "--csv", "x.csv"], ["optimizers", "--like", __file__, "--csv", "x.csv"],
    ["optimizers", "--format", "canvas", "--like", __file__],
    ["--format", "canvas", "--like", __file__, "--csv", "x.csv"]])
def test_what_belongs_together_on_the_command_line(arguments, tmp_path):
    assert CliRunner().invoke(main, ["report", "--course", str(tmp_path), *arguments]).exit_code == 2
