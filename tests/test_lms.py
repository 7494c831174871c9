"""A platform's export comes back with the right grade in the right row, and with nothing else changed."""

import csv
import io

import pytest
from test_report import graded

from autograder.grading import lms
from autograder.messages import _, using

MOODLE_HEAD = ["Identifier", "Full name", "ID number", "Email address", "Status", "Group", "Grade", "Maximum Grade",
               "Grade can be changed", "Last modified (submission)", "Online text", "Last modified (grade)",
               "Feedback comments"]


def moodle(number, name, group="", comment="", text="", id="", email=""):
    return [f"Participant {number}", name, id, email, "Submitted for grading - ", group, "", "100.00", "Yes",
            "Monday, 11 November 2030, 10:00 PM", text, "-", comment]


CANVAS = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Old one (1)", "optimizers (4567)",
           "Final Score"],
          ["", "", "", "", "", "Manual Posting", "", ""],
          ["    Points Possible", "", "", "", "", "10", "20", "(read only)"],
          ["Name, Full", "12345", "s-1", "full@example.org", "A", "12346", "", "1"],
          ["王, 小明", "12346", "s-2", "12", "A", "", "", ""],
          ["Student, Test", "99", "", "abc", "A", "", "", ""]]
BRIGHTSPACE = [["OrgDefinedId", "Username", "Last Name", "First Name", "Email",
                "optimizers Points Grade <Numeric MaxPoints:20 Weight:5>", "End-of-Line Indicator"],
               ["#900001", "#full.name", "Name", "Full", "full@example.org", "", "#"],
               ["#900002", "#xm.wang", "王", "小明", "", "", "#"],
               ["#900003", "#twin1", "Twin", "Jo", "", "", "#"], ["#900004", "#twin2", "Twin", "Jo", "", "", "#"],
               ["#N0123456", "#jo", "Else", "Somebody", "", "3", "#"]]


def filled(tmp_path, platform, table, names, results, column=None, codec="utf-8-sig", delimiter=",", end="\r\n"):
    """(the rows that were written, what became of them)."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(table)
    template, path = tmp_path / "export.csv", tmp_path / "new" / "import.csv"
    template.write_bytes(text.getvalue().encode(codec))
    found = lms.fill(results, names, platform, template, path, column)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == (codec == "utf-8-sig")
    assert data.decode(codec).endswith(end) and template.read_bytes() == text.getvalue().encode(codec)
    return list(csv.reader(io.StringIO(data.decode(codec), newline=""), delimiter=delimiter)), found


def scored(student, score, most=10):
    return graded(student, ("sgd-a", score, most))


def changes(table, rows):
    """{(row, column): new text} of the cells that are not as they were."""
    assert [len(row) for row in rows] == [len(row) for row in table]
    return {(i, j): new for i, row in enumerate(rows) for j, new in enumerate(row) if new != table[i][j]}


def test_moodle(tmp_path):
    table = [MOODLE_HEAD, moodle(101, "Full Name"), moodle(102, "Full Name"), moodle(103, "王小明", comment="mine"),
             moodle(104, "Nothing Handed-In"), moodle(17, "Member One", "Group A"),
             moodle(106, "Member Two", "Group A")]
    names = {"Full Name_101": "a", "Full Name_102": "b", "王小明_103": "c", "Group A_17": "d", "Full Name_999": "e"}
    results = [scored("a", 10), scored("b", 5), scored("c", 2.5), scored("d", 1), scored("e", 7)]
    rows, found = filled(tmp_path, "moodle", table, names, results)
    cell = {"grade": 6, "comment": 12}
    assert changes(table, rows) == {
        (1, cell["grade"]): "100", (2, cell["grade"]): "50", (2, cell["comment"]): "sgd: 5 / 10",
        (3, cell["grade"]): "25", (5, cell["grade"]): "10", (5, cell["comment"]): "sgd: 1 / 10",
        (6, cell["grade"]): "10", (6, cell["comment"]): "sgd: 1 / 10"}
    assert (found.count, found.scaled) == (5, (10, 100))
    assert [(student, score) for student, score, _why in found.left_out] == [("e", 7)]


def test_moodle_blind_and_by_other_identifiers(tmp_path):
    table = [MOODLE_HEAD[:1] + MOODLE_HEAD[6:],
             *([f"Participant {number}", "", "10", *[""] * 5] for number in (5, 6))]
    rows, found = filled(tmp_path, "moodle", table, {"Participant_6": "p"}, [scored("p", 10)])
    assert changes(table, rows) == {(2, 1): "10"} and not found.left_out
    table = [MOODLE_HEAD, moodle(1, "A", id="s-7"), moodle(2, "B", email="b@example.org")]
    results = [scored("s-7", 10), scored("b@example.org", 10)]
    rows, found = filled(tmp_path, "moodle", table, {}, results)
    assert found.count == 2 and rows[1][6] == rows[2][6] == "100"


def test_canvas(tmp_path):
    """A grade in another column that looks like a student's number makes nobody of that student."""
    names = {"12345": "12345", "12346": "12346", "a1B2c": "a1B2c"}
    results = [scored("12345", 10), scored("12346", 7.5), scored("a1B2c", 1)]
    rows, found = filled(tmp_path, "canvas", CANVAS, names, results)
    assert changes(CANVAS, rows) == {(3, 6): "20", (4, 6): "15"}
    assert [(student, score) for student, score, _why in found.left_out] == [("a1B2c", 1)]
    rows, _found = filled(tmp_path, "canvas", CANVAS, names, [scored("12345", 5)], column="Old one (1)",
                          delimiter=";", end="\n")
    assert changes(CANVAS, rows) == {(3, 5): "5"}


def test_brightspace(tmp_path):
    """Twins of one name, and somebody who is not in the export, are left to a person."""
    names = {"Full Name_123": "a", "小明 王_124": "b", "Jo Twin_125": "c", "N0123456 - Else Somebody_126": "d",
             "Nobody_1": "e"}
    results = [scored(student, 10) for student in "abcde"] + [scored("twin1", 5)]
    rows, found = filled(tmp_path, "brightspace", BRIGHTSPACE, names, results, codec="utf-8")
    assert changes(BRIGHTSPACE, rows) == {(1, 5): "20", (2, 5): "20", (3, 5): "10", (5, 5): "20"}
    assert sorted(student for student, _score, _why in found.left_out) == ["c", "e"]


def test_one_row_of_two_students_stays_as_it_was(tmp_path):
    names = {"12345": "a", "s-1": "b"}
    failed = {**scored("c", 0), "score": None, "max_score": None, "status": "failed"}
    rows, found = filled(tmp_path, "canvas", CANVAS, names, [scored("a", 1), scored("b", 2), failed])
    assert rows == CANVAS and found.count == 0
    assert sorted((student, score) for student, score, _why in found.left_out) == [("a", 1), ("b", 2), ("c", None)]


@pytest.mark.parametrize("evil", ["=HYPERLINK(\"http://x\",\"y\")", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_formula_is_passed_on(tmp_path, evil):
    table = [MOODLE_HEAD, moodle(1, evil, text=evil, comment=evil, id=evil)]
    rows, _found = filled(tmp_path, "moodle", table, {}, [])
    assert changes(table, rows) == {(1, j): f"'{evil}" for j in (1, 10, 12)}        # the ID number stays
    assert rows[1][11] == "-"


def test_comments_are_in_the_students_language_and_harmless(tmp_path):
    result = graded("a", ("sgd-a", 0, 2, "sgd/uphill"), ("adam-a", 0, 4, "=<img src=x onerror=alert(1)>"),
                    language="zh-TW")
    rows, _found = filled(tmp_path, "moodle", [MOODLE_HEAD, moodle(1, "A")], {"A_1": "a"}, [result])
    assert "<" not in rows[1][12] and rows[1][12].startswith("sgd: 0 / 2, ") and "adam: 0 / 4" in rows[1][12]
    assert any("一" <= c <= "鿿" for c in rows[1][12])


def test_comments_say_why_nothing_could_be_read_and_what_being_late_cost(tmp_path):
    unread = graded("a", ("sgd-a", 0, 2), ("adam-a", 0, 4), status="unreadable", repairs=["It is a <b>PDF</b>."])
    late = {**graded("b", ("sgd-a", 1, 2), ("adam-a", 4, 4)), "late_penalty": 1.5, "score": 3.5}
    only_late = {**graded("c", ("sgd-a", 2, 2), language="zh-TW"), "late_penalty": 1, "score": 1}
    table = [MOODLE_HEAD, *(moodle(i, name) for i, name in enumerate("ABC", 1))]
    rows, _found = filled(tmp_path, "moodle", table, {"A_1": "a", "B_2": "b", "C_3": "c"}, [unread, late, only_late])
    assert [row[12] for row in rows[1:3]] == ["It is a &lt;b&gt;PDF&lt;/b&gt;.", "late: −1.5 · sgd: 1 / 2"]
    with using("zh-TW"):
        assert rows[3][12] == _("late: −{points}", points=1) != "late: −1"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "big5", "gb18030"])
def test_the_files_encoding_stays(tmp_path, codec):
    table = [[*MOODLE_HEAD[:12]], *(moodle(i, "王小明的同學們在教室裡面")[:12] for i in (1, 2))]
    rows, found = filled(tmp_path, "moodle", table, {"王小明的同學們在教室裡面_2": "a"}, [scored("a", 10)], codec=codec)
    assert changes(table, rows) == {(2, 6): "100"} and found.count == 1


@pytest.mark.parametrize(("table", "column"), [
    ([["Student", "ID"], ["a", "1"]], None), ([], None), (CANVAS, "nothing"),
    ([["Student", "ID", "optimizers (1)", "optimizers (2)"], ["a", "1", "", ""]], None)])
def test_which_column_must_be_clear(tmp_path, table, column):
    with pytest.raises(ValueError, match="--column"):
        filled(tmp_path, "canvas", table, {}, [scored("a", 1)], column=column)


EXPORTS = {"moodle": [MOODLE_HEAD, moodle(1, "A")], "canvas": CANVAS, "brightspace": BRIGHTSPACE}


@pytest.mark.parametrize("of", EXPORTS)
@pytest.mark.parametrize("platform", EXPORTS)
def test_another_platforms_export_is_known(tmp_path, platform, of):
    if platform == of:
        filled(tmp_path, platform, EXPORTS[of], {}, [scored("a", 1)])
        return
    with pytest.raises(ValueError) as refusal:
        filled(tmp_path, platform, EXPORTS[of], {}, [scored("a", 1)])
    for said in (f"export of {platform.capitalize()}", EXPORTS[platform][0][0], EXPORTS[of][0][0]):
        assert said in str(refusal.value)
