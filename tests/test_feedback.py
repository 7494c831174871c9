"""The feedback page: all of the student's own, in their language, nothing hidden, nothing executed."""

import os
import re
import time
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace

import nbformat
import pytest

from autograder import checking
from autograder.diagnosis import Variant, explain
from autograder.grading import feedback
from autograder.grading.harmless import bounded, harmless, one_line
from autograder.grading.results import result
from autograder.grading.verdicts import unanswered
from autograder.messages import LANGUAGES, mistake_text, using
from autograder.solutions import nbgrader_metadata

MISTAKE = "adam/no-bias-correction"
PAYLOADS = [
    "<script>alert(1)</script>", "</code></pre><img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "{% raw %}",
    "\"' onmouseover='alert(1)", "</style><style>*{display:none}", "<!-- ", "]]>", "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>", "&lt;script&gt;", "<svg/onload=alert(1)>", "<meta http-equiv=refresh>"]
HIDDEN = "# Hidden test: secrets\n### BEGIN HIDDEN TESTS\nassert secret_answer == 42\n### END HIDDEN TESTS"


def code(source, grade_id=None, outputs=(), said=None, **kind):
    metadata = {"nbgrader": nbgrader_metadata(grade_id, **kind)} if grade_id else {}
    if said:
        metadata["autograder"] = said
    return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=list(outputs))


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def test_cell(grade_id, source="assert Adam", message=None, mistake=None, points=2):
    return code(source, grade_id, points=points, said={"message": message, "mistake": mistake})


test_cell.__test__ = False


def notebook(*cells, language="en", status="graded", repairs=()):
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"autograder": {
        "assignment": "optimizers", "language": language, "status": status, "repairs": list(repairs)}})


def page(tmp_path, book, scores=None, student="student-01", comments=None):
    """(the page's HTML, its text) of a notebook whose failed tests have no points."""
    if scores is None:
        scores = {c.metadata.nbgrader.grade_id: (0 if c.metadata.autograder.message else c.metadata.nbgrader.points,
                                                 c.metadata.nbgrader.points)
                  for c in book.cells if c.metadata.get("nbgrader", {}).get("grade")}
    path = feedback.write(tmp_path, result(book, student, scores), book, comments)
    html = path.read_text(encoding="utf-8")
    return html, text_of(html)


def text_of(html):
    body = re.sub("</t[dh]>", " ", html[html.index("<body>"):])
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", body)))


class Tags(HTMLParser):
    """The elements and attributes that a browser would make of a page."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def assert_inert(html):
    """No script, no handler, no address but the page's own anchors; balanced as the template wrote it."""
    for tag, attributes in Tags(html).found:
        assert tag not in ("script", "img", "iframe", "object", "embed", "link", "form", "base"), tag
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert attributes.get("href", "#").startswith("#")
        assert "src" not in attributes
    assert html.count("</style>") == 1
    for tag in ("pre", "article", "section", "div", "details"):
        assert html.count(f"<{tag}") == html.count(f"</{tag}>"), tag
    assert "default-src 'none'" in unescape(html)
    assert "unsafe-inline" not in html


def test_page_lies_where_nbgrader_puts_it(tmp_path):
    book = notebook(code("class Adam: pass", "adam", solution=True), test_cell("adam-first-step"))
    path = feedback.write(tmp_path, result(book, "student-01", {"adam-first-step": (2, 2)}), book)
    assert path == tmp_path / "feedback/student-01/optimizers/optimizers.html"
    assert os.listdir(path.parent) == ["optimizers.html"]
    first = path.read_bytes()
    assert feedback.write(tmp_path, result(book, "student-01", {"adam-first-step": (2, 2)}), book).read_bytes() == first


def test_scores_and_verdicts_are_words(tmp_path):
    book = notebook(code("class Adam: pass", "adam", solution=True), test_cell("adam-first-step"),
                    test_cell("adam-eight-steps", message="adam-eight-steps: W is wrong."), test_cell("adam-own-state"))
    scores = {"adam-first-step": (2.0, 2.0), "adam-eight-steps": (0.0, 2.0), "adam-own-state": (0.5, 2.0)}
    html, text = page(tmp_path, book, scores)
    assert "2.5 of 6 points" in text
    for word in ("✓ passed", "✗ not passed", "◐ partly passed", "W is wrong.", "0.5 / 2"):
        assert word in text
    assert "adam-eight-steps: W" not in text        # the id is the heading already
    assert_inert(html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_the_students_is_interpreted(tmp_path, payload):
    book = notebook(
        code(f"x = 1  # {payload}", outputs=[printed(payload)]),
        code(f"class Adam:\n    '{payload}'", "adam", solution=True, outputs=[
            printed(payload), nbformat.v4.new_output("error", ename=payload, evalue=payload, traceback=[payload]),
            nbformat.v4.new_output("display_data", data={"text/html": payload, "text/plain": payload,
                                                         "application/javascript": payload})]),
        test_cell("adam-first-step", message=f"adam-first-step: {payload}"),
        repairs=[payload])
    html, text = page(tmp_path, book, student=payload.replace("/", "|"), comments={"adam": payload})
    assert_inert(html)
    assert text.count(" ".join(payload.split())) >= 6


def test_controls_do_not_reach_the_page(tmp_path):
    hostile = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202egnp.x\u202c \x00 \x08 \x9b2J \u2066 \ufeff \u200b \x7f"
    book = notebook(code(f"# {hostile}", "adam", solution=True, outputs=[printed(hostile)]),
                    test_cell("adam-first-step", message=hostile), repairs=[hostile])
    html, text = page(tmp_path, book, student=f"student{hostile}".replace("\0", ""), comments={"adam": hostile})
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", html)
    assert "⟨U+202E⟩gnp.x" in text and "[31m" not in text and "red" in text


def test_hidden_tests_are_never_shown(tmp_path):
    sources = [HIDDEN, "visible = 1\n  ###  BEGIN HIDDEN TESTS ###\nsecret_answer = 42",
               f"{HIDDEN}\nvisible = 2\n{HIDDEN}"]
    book = notebook(code("class Adam: pass", "adam", solution=True),
                    *(test_cell(f"adam-{i}", source, message="adam: no.") for i, source in enumerate(sources)))
    html, text = page(tmp_path, book)
    assert "secret_answer" not in html and "HIDDEN TESTS" not in html
    assert "# Hidden test: secrets" in text and "visible = 1" in text and "visible = 2" in text


def test_visible_tests_are_folded(tmp_path):
    book = notebook(code("class Adam: pass", "adam", solution=True), test_cell("adam-first-step", "assert Adam().lr"))
    html, _text = page(tmp_path, book)
    assert re.search(r"<details><summary>The test</summary><pre[^>]*>.*lr.*</pre></details>", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_speaks_the_students_language(tmp_path, language, monkeypatch):
    monkeypatch.setattr("autograder.messages._catalogue", lambda domain, tag: SimpleNamespace(
        gettext=lambda text: f"«{tag}: {text}»"))
    book = notebook(code("class Adam: pass", "adam", solution=True), test_cell("adam-first-step"),
                    code("mine = 1", outputs=[printed("one")]), language=language, repairs=["repair"])
    html, text = page(tmp_path, book)
    assert f'<html lang="{language}">' in html
    assert f"<title>«{language}: Feedback on optimizers» · student-01</title>" in html
    assert f"«{language}: ✓ passed»" in text
    # What is left without the marks is no word of ours: names, code, outputs, numbers.
    rest = re.sub(rf"«{language}: [^»]*»", " ", text)
    for given in ("student-01", "repair", "adam-first-step", "first-step", "class Adam: pass", "assert Adam",
                  "mine = 1", "one", "adam"):
        rest = rest.replace(given, " ")
    assert set(rest.split()) <= {"1", "2", "/"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_named_mistake_is_set_out_once(tmp_path, language):
    with using(language):
        message = f"W is wrong.\n\n{explain(Variant(MISTAKE, None))}"
        what, why, ask = (mistake_text(MISTAKE, part) for part in ("what", "why", "ask"))
    book = notebook(code("class Adam: pass", "adam", solution=True),
                    *(test_cell(f"adam-{n}", message=f"adam-{n}: {message}", mistake=MISTAKE) for n in "ab"),
                    language=language)
    html, text = page(tmp_path, book)
    assert html.count('class="mistake"') == 1 and html.count('class="again"') == 1
    assert text.count("W is wrong.") == 2
    squeezed = [" ".join(part.split()) for part in (what, why, ask)]
    if why != MISTAKE:                  # the catalogues are compiled
        assert [text.count(part) for part in squeezed] == [2, 1, 1]
    assert html.count(f"({MISTAKE})") == 0


def test_untouched_exercise_is_said_once(tmp_path, monkeypatch):
    def stub():
        raise NotImplementedError()

    messages = {}
    monkeypatch.setattr(checking, "current", SimpleNamespace(language="zh-TW"))
    for grade_id in ("adam-first-step", "adam-eight-steps"):
        with using("zh-TW"), pytest.raises(checking.CheckFailed) as failed, checking.check(grade_id, stub):
            stub()
        messages[grade_id] = str(failed.value)
    book = notebook(code("stub", "adam", solution=True), *(test_cell(g, message=m) for g, m in messages.items()),
                    language="zh-TW")
    graded = result(book, "student-01", dict.fromkeys(messages, (0.0, 2.0)))
    assert all(unanswered(cell, "zh-TW") for cell in graded["cells"])
    html, text = page(tmp_path, book)
    assert html.count('<td class="unanswered">') == 2
    assert text.count("NotImplementedError") == 1


def test_own_cells_stay_in_place_and_prose_is_not_repeated(tmp_path):
    book = notebook(
        nbformat.v4.new_markdown_cell("long prose"), code("first_of_all = 1"),
        code("class SGD: pass", "sgd", solution=True), code("between = 2", outputs=[printed("between says")]),
        test_cell("sgd-first-step"), code("class Adam: pass", "adam", solution=True), test_cell("adam-first-step"),
        code("import numpy", "setup", locked=True), code("at_the_end = 3"))
    _html, text = page(tmp_path, book)
    order = ["first_of_all", "class SGD", "between =", "between says", "sgd-first-step ✓", "class Adam", "at_the_end"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "long prose" not in text and "import numpy" not in text


def test_written_answer_with_manual_score_and_comment(tmp_path):
    answer = nbformat.v4.new_markdown_cell("Because <b>it</b> *rolls*.", metadata={
        "nbgrader": {**nbgrader_metadata("momentum-why", solution=True, points=3), "cell_type": "markdown"}})
    html, text = page(tmp_path, notebook(answer), {"momentum-why": (2.5, 3.0)},
                      comments={"momentum-why": "Good.\nWhich friction?"})
    assert "Because <b>it</b> *rolls*." in text and "2.5 of 3 points" in text
    assert "Comment of your instructor:" in text and "Good.\nWhich friction?" in html
    assert_inert(html)


def test_unreadable_failed_and_stopped(tmp_path):
    book = notebook(code("class Adam: pass", "adam", solution=True),
                    test_cell("adam-first-step", message="The file is empty."), status="unreadable",
                    repairs=["The file is empty."])
    _html, text = page(tmp_path, book)
    assert "Your notebook could not be read" in text and "0 of 2 points" in text
    assert text.count("The file is empty.") == 1 and "class Adam" not in text
    book.metadata.autograder.status = "stopped"
    assert "was stopped because" in page(tmp_path, book)[1]
    failed = {"student": "student-01", "assignment": "optimizers", "notebook": "optimizers", "language": "zh-CN",
              "status": "failed", "score": None, "max_score": None, "repairs": ["KeyError('x')"], "cells": []}
    text = text_of(feedback.write(tmp_path, failed, None).read_text(encoding="utf-8"))
    assert "KeyError" not in text and "points" not in text


def test_large_outputs_and_sources_are_bounded(tmp_path):
    lines = "".join(f"line {i}\n" for i in range(500_000))
    book = notebook(code("x = 1\n" * 200_000, "adam", solution=True, outputs=[printed(lines)] * 30),
                    test_cell("adam-first-step", message="m" * 1_000_000),
                    *(code(f"own_{i} = 1" + "(" * 30_000) for i in range(300)))
    start = time.process_time()
    html, text = page(tmp_path, book)
    assert time.process_time() - start < 20
    assert len(html) < 6_000_000
    assert "line 0" in text and "line 499999" in text and "characters left out" in text


def test_lone_surrogates_do_not_break_the_page(tmp_path):
    book = notebook(code("x = '\ud800'", "adam", solution=True, outputs=[printed("\udfff")]),
                    test_cell("adam-first-step"))
    assert "\ufffd" in page(tmp_path, book)[1]


def test_a_page_is_cheap(tmp_path, assignment):
    cells = [c for exercise, name in assignment.names.items() for c in (
        code(assignment.code[exercise], exercise, solution=True, outputs=[printed("w: 1.0\n" * 5)]),
        *(test_cell(g, assignment.code[g]) for g in assignment.code if g.startswith(f"{exercise}-")))]
    page(tmp_path, notebook(*cells))
    times = []
    for i in range(5):
        for cell in cells:
            if "said" not in cell.metadata and cell.metadata.nbgrader.solution:
                cell.source += f"\n# attempt {i}"       # nothing of the student's code comes from the cache
        start = time.process_time()
        page(tmp_path, notebook(*cells))
        times.append(time.process_time() - start)
    assert min(times) < 0.06        # some 20 ms here; a fifth of stock nbgrader's 300 ms is the ceiling


def test_harmless_text():
    assert harmless("plain text 中文\n\t") == "plain text 中文\n\t"
    assert harmless("a\r\nb\rc") == "a\nb\nc"
    assert harmless("\x1b[1;31mx\x1b(B\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\") == "xlink"
    assert harmless("\x1b") == "␛" and harmless("\u202e") == "⟨U+202E⟩"
    assert one_line("a\n b\t\x07c") == "a b ␇c"
    assert len(one_line("x" * 10_000)) == 200


@pytest.mark.parametrize("text", ["", "short", "x" * 100, "x" * 101, "a\n" * 9, "a\n" * 50, "y" * 99 + "\n" * 60])
def test_bounded_keeps_both_ends(text):
    head, left_out, tail = bounded(text, 100, 10)
    assert len(head) + left_out + len(tail) == len(text)
    assert text.startswith(head) and text.endswith(tail)
    assert len(head) + len(tail) <= 100 and head.count("\n") + tail.count("\n") <= 10
    if len(text) <= 100 and text.count("\n") < 10:
        assert (head, left_out) == (text, 0)




@pytest.mark.parametrize(("language", "said"), [
    ("en", "Handed in late: 1.5 points were taken off. Attempt 3 counts."),
    ("zh-TW", "遲交：扣了 1.5 分。 以第 3 次繳交為準。"), ("zh-CN", "迟交：扣了 1.5 分。 以第 3 次提交为准。")])
def test_lateness_and_which_attempt_counts(tmp_path, language, said):
    book = notebook(code("class SGD: pass", "sgd", solution=True), test_cell("sgd-a"), language=language)
    found = result(book, "student-01", {"sgd-a": (2, 2)}, attempt=3, late_penalty=1.5)
    html = feedback.write(tmp_path, found, book).read_text(encoding="utf-8")
    assert said.replace(" ", "") in "".join(text_of(html).split())
    in_time = feedback.write(tmp_path, result(book, "student-02", {"sgd-a": (2, 2)}, attempt=1), book)
    assert "1.5" not in text_of(in_time.read_text(encoding="utf-8"))
