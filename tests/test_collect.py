"""What platforms export finds its student, hostile archives do nothing, and no attempt is ever lost."""

import io
import json
import os
import struct
import warnings
import zipfile
import zlib
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.archives import Limits
from autograder.grading.collect import collect
from autograder.grading.layouts import gradescope, local, place, utc, well_named
from autograder.grading.roster import MAX_BYTES, Roster
from autograder.grading.submissions import find, read, timestamp
from autograder.grading.zipnames import guess

A = "optimizers"
NOTEBOOK = f"{A}.ipynb"


@pytest.fixture
def course(tmp_path):
    path = tmp_path / "course"
    path.mkdir()
    return path


@pytest.fixture
def exports(tmp_path):
    path = tmp_path / "exports"
    path.mkdir()
    return path


def book(text="a"):
    """The bytes of a notebook that says `text`."""
    return json.dumps({"cells": [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []}],
                       "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def tree(folder, files, when=None):
    """Write {path: bytes} under `folder`; returns it."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if when:
            os.utime(path, (when, when))
    return folder


def archive(path, files, date=(2030, 1, 2, 3, 4, 6)):
    """Write {name or ZipInfo: bytes} as a zip to `path`, a Path or a BytesIO; returns it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, date)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, data)
    return path


def zipped(files):
    return archive(io.BytesIO(), files).getvalue()


def statuses(collected):
    """{student: status} of what was not refused; a student comes once."""
    taken = [one for one in collected if one.status != "refused"]
    assert len({one.student for one in taken}) == len(taken)
    return {one.student: one.status for one in taken}


def refusals(collected):
    return {one.student: one.note for one in collected if one.status == "refused"}


def submitted(course):
    """{student: bytes} as the grader will read them."""
    return {one.student: read(one)[0] for one in find(course, A)}


def kept(course):
    """All notebooks anywhere in the course."""
    return {path.read_bytes() for path in course.rglob("*.ipynb") if path.is_file()}


LAYOUTS = {
    "moodle folders": {
        "Full Name_1234567_assignsubmission_file_/my work.ipynb": "Full_Name_1234567",
        "Full Name_1234568_assignsubmission_file_/optimizers.ipynb": "Full_Name_1234568",
        "王 小明_77_assignsubmission_file/optimizers.ipynb": "王_小明_77",
        "Participant_42_assignsubmission_file_/a/b/optimizers.ipynb": "Participant_42",
        "Group A_17_assignsubmission_file/optimizers.ipynb": "Group_A_17",
        "Default group_assignsubmission_file/optimizers.ipynb": "Default_group"},
    "moodle flat": {
        "Full Name_1234567_assignsubmission_file_optimizers.ipynb": "Full_Name_1234567",
        "Full Name_9_assignsubmission_file_Other_1_assignsubmission_file_x.ipynb": "Full_Name_9",
        "O'Name, Full_1_assignsubmission_file_hand_in_2_x.ipynb": "O-Name-_Full_1"},
    "canvas": {
        "namefull_12345_678901_optimizers.ipynb": "12345",
        "namefull_LATE_12346_678902_optimizers-1.ipynb": "12346",
        "name_with_bars_12347_678903_my_home_work.ipynb": "12347",
        "anon_a1B2c_678904_optimizers.ipynb": "a1B2c",
        "anon_a1B2d_LATE_678905_optimizers.ipynb": "a1B2d",
        "LATE_anon_a1B2e_678906_optimizers.ipynb": "a1B2e",
        "王小明_12348_678907_optimizers.ipynb": "12348"},
    "brightspace folders": {
        "123456-7890 - Full Name - 12 November, 2030 1145 PM/optimizers.ipynb": "Full_Name_123456",
        "123457-7890 - Name, Double-Barrelled - Nov 2, 2030 945 AM/a/my work.ipynb": "Name-_Double-Barrelled_123457",
        "123458-7890 - 王小明 - 2030年11月12日 2345/optimizers.ipynb": "王小明_123458",
        "123459-7890 - N0123456 - Full Name - Nov 12, 2030 1201 AM/optimizers.ipynb": "N0123456_-_Full_Name_123459",
        "123460-7890 - Anna - Maria - Nov 12, 2030 2345/optimizers.ipynb": "Anna_-_Maria_123460",
        "123461-7890 - Group 3 - Nov 12, 2030 1145 PM/optimizers.ipynb": "Group_3_123461"},
    "brightspace flat": {
        "123456-7890 - Full Name - 12 November, 2030 1145 PM - optimizers.ipynb": "Full_Name_123456",
        "123457-7890 - Full Name - Nov 2, 2030 945 AM - 3-4 - X - Nov 2, 2030 945 AM - z.ipynb": "Full_Name_123457"},
    "gradescope": {
        "assignment_99_export/submission_123456789/optimizers.ipynb": "submission_123456789",
        "assignment_99_export/submission_123456790/work/optimizers.ipynb": "submission_123456790"},
    "nbgrader": {
        "student-01/optimizers/optimizers.ipynb": "student-01",
        "deeper/student-02/optimizers/optimizers.ipynb": "student-02",
        "student-03/optimizers/renamed.ipynb": "student-03"},
    "exchange": {
        "student-01+optimizers+2030-01-02 03:04:05.678901 UTC/optimizers.ipynb": "student-01",
        "student-02+optimizers+2030-01-02 03:04:05 UTC+cmFuZG9t/optimizers.ipynb": "student-02"},
    "plain": {"student-01.ipynb": "student-01", "student.02@example.ipynb": "student.02@example"},
}


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout(course, exports, layout, form):
    files = {name: book(name) for name in LAYOUTS[layout]}
    source = tree(exports, files) if form == "folder" else archive(exports / "export.zip", files)
    collected = collect([source], A, course)
    assert refusals(collected) == {}
    assert statuses(collected) == dict.fromkeys(LAYOUTS[layout].values(), "new")
    assert submitted(course) == {student: book(name) for name, student in LAYOUTS[layout].items()}
    again = collect([source], A, course)
    assert set(statuses(again).values()) == {"same"} and not list(course.glob("attempts/*/*/*"))


def test_one_zip_per_student(course, exports):
    archive(exports / "student-01.zip", {"optimizers.ipynb": book("1"), "data.csv": b"1"})
    archive(exports / "student-02.ZIP", {"homework/renamed.ipynb": book("2"),
                                         "__MACOSX/homework/._renamed.ipynb": b"\0"})
    archive(exports / "student-03.zip", {"homework/optimizers/optimizers.ipynb": book("3"),
                                         "homework/.ipynb_checkpoints/optimizers-checkpoint.ipynb": book("old")})
    collected = collect([exports], A, course)
    assert refusals(collected) == {}
    assert submitted(course) == {f"student-0{i}": book(str(i)) for i in (1, 2, 3)}
    assert set(statuses(collect([exports / "student-01.zip"], A, course)).values()) == {"same"}


def test_student_zip_inside_the_platforms_zip(course, exports):
    source = archive(exports / "export.zip", {
        "Full Name_1_assignsubmission_file_/hand in.zip": zipped({"x/optimizers.ipynb": book("1")}),
        "Full Name_2_assignsubmission_file_hw.zip": zipped({"optimizers.ipynb": book("2")}),
        "namefull_12345_678901_hw.zip": zipped({"optimizers.ipynb": book("3")}),
        "student-04.zip": zipped({"optimizers.ipynb": book("4")}),
        "submission_5/hw.zip": zipped({"a.ipynb": book("5")}),
        "Full Name_6_assignsubmission_file_/hw.zip": zipped({"deep.zip": zipped({"optimizers.ipynb": book("6")})})})
    collected = collect([source], A, course)
    assert submitted(course) == {"Full_Name_1": book("1"), "Full_Name_2": book("2"), "12345": book("3"),
                                 "student-04": book("4"), "submission_5": book("5")}
    assert list(refusals(collected)) == ["export/Full Name_6_assignsubmission_file_/hw.zip/deep.zip"]


def test_gradescope_metadata_names_the_students(course, exports):
    metadata = """---
submission_11:
  :submitters:
  - :name: Full Name
    :sid: '3034'
    :email: a@example.org
  - :name: Other Name
    :email: b@example.org
  :created_at: 2030-05-06 07:08:09.123456789 Z
  :score: 0.0
  :history:
  - :id: 7
    :created_at: 2029-01-01 00:00:00 Z
    :submitters:
    - :name: Nobody
submission_12:
  :submitters:
  - :name: Full Name
    :sid: '3034'
"""
    tree(exports, {"export/submission_metadata.yml": metadata.encode(), "export/submission_11/a.ipynb": book("11"),
                   "export/submission_12/a.ipynb": book("12"), "export/submission_13/a.pdf": b"%PDF"})
    collected = collect([exports], A, course)
    assert submitted(course) == {"3034": book("12"), "b@example.org": book("11")}
    assert (course / "submitted/b@example.org/optimizers/timestamp.txt").read_text() == "2030-05-06 07:08:09 UTC"
    assert (course / "attempts/3034/optimizers/1/optimizers.ipynb").read_bytes() == book("11")
    assert list(refusals(collected)) == ["exports/export/submission_13/a.pdf"]
    assert gradescope("nonsense\n\0:sid: x") == {}


def test_canvas_resubmission_wins_by_its_number(course, exports):
    names = ["namefull_1_900_optimizers.ipynb", "namefull_1_1000_optimizers-1.ipynb",
             "namefull_LATE_1_1001_optimizers-2.ipynb", "namefull_1_1002_scratch.ipynb"]
    tree(exports, {name: book(name) for name in reversed(names)}, when=2_000_000_000)
    collected = collect([exports], A, course)
    assert submitted(course) == {"1": book(names[2])}
    earlier = [(course / f"attempts/1/{A}/{n}/{NOTEBOOK}").read_bytes() for n in (1, 2)]
    assert earlier == [book(names[0]), book(names[1])]
    assert "namefull" not in collected[0].note and "scratch.ipynb" in collected[0].note
    assert statuses(collect([exports], A, course)) == {"1": "same"}


def test_brightspace_resubmission_wins_by_its_date_whatever_it_is_called(course, exports):
    """The zip's own times say nothing: all members have that of the download."""
    folders = [f"1-9 - Full Name - {date}/{name}" for date, name in [
        ("Nov 9, 2030 1145 PM", NOTEBOOK), ("Nov 12, 2030 1245 AM", NOTEBOOK), ("Nov 12, 2030 1115 AM", "final.ipynb")]]
    source = archive(exports / "Optimizers Download Nov 20, 2030 803 PM.zip", {
        "index.html": b"<html>", **{folders[n]: book(str(n)) for n in (2, 0, 1)},
        "2-9 - Full Name - Nov 9, 2030 1145 PM/index.html": b"handed in"})
    collected = collect([source], A, course)
    assert submitted(course) == {"Full_Name_1": book("2")}
    earlier = [(course / f"attempts/Full_Name_1/{A}/{n}/{NOTEBOOK}").read_bytes() for n in (1, 2)]
    assert earlier == [book("0"), book("1")]
    assert list(refusals(collected)) == [
        "Optimizers Download Nov 20, 2030 803 PM/2-9 - Full Name - Nov 9, 2030 1145 PM/index.html"]
    assert set(statuses(collect([source], A, course)).values()) == {"same"}


def test_brightspace_dates():
    when = datetime(2030, 11, 12, 23, 45).timestamp()
    for text in ("Nov 12, 2030 1145 PM", "12 November, 2030 1145 PM", "12 Nov. 2030 2345", "2030-11-12 2345",
                 "2030年11月12日 2345"):
        assert local(text) == when, text
    assert local("Nov 12, 2030 1205 AM") == datetime(2030, 11, 12, 0, 5).timestamp()
    assert local("Nov 12, 2030 905 PM") == datetime(2030, 11, 12, 21, 5).timestamp()
    for text in (None, "", "Nov 12, 2030", "Nov 32, 2030 1145 PM", "Foo 12, 2030 1145 PM", "Nov 12, 2030 2575",
                 "9" * 99):
        assert local(text) is None


def test_times(course, exports):
    source = archive(exports / "a.zip", {"student-01.ipynb": book("1"), "student-02.ipynb": book("2")},
                     (1980, 1, 1, 0, 0, 0))
    extended = zipfile.ZipInfo("student-03.ipynb", (2031, 1, 1, 0, 0, 0))
    extended.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_900_000_000)
    archive(exports / "b.zip", {extended: book("3"), "student-04.ipynb": book("4")})
    exchange = f"student-05+{A}+2030-01-02 03:04:05.678901 UTC/{NOTEBOOK}"
    tree(exports, {exchange: book("5"), f"in/student-06/{A}/{NOTEBOOK}": book("6"),
                   f"in/student-06/{A}/timestamp.txt": b"2030-02-03 04:05:06.000000 UTC"})
    tree(exports, {"student-07.ipynb": book("7")}, when=1_900_000_001)
    collect([exports, source, exports / "b.zip"], A, course)
    times = {one.student: timestamp(one) for one in find(course, A)}
    assert times["student-01"] is None
    assert times["student-03"] == "2030-03-17 17:46:40 UTC"
    assert times["student-04"].startswith("2030-01-0")
    assert times["student-05"] == "2030-01-02 03:04:05 UTC"
    assert times["student-06"] == "2030-02-03 04:05:06 UTC"
    assert times["student-07"] == "2030-03-17 17:46:41 UTC"


LATE, EARLY = (2030, 5, 6, 7, 8, 10), (2030, 1, 2, 3, 4, 6)
TIME = b"2030-01-02 03:04:05 UTC"
INNER = {"optimizers.ipynb": ("optimizers.ipynb", {}),
         "a time of its own": (f"student-01+{A}+2030-01-02 03:04:05 UTC/{NOTEBOOK}", {}),
         "Brightspace's name": (f"1-2 - Full Name - Jan 2, 2030 1145 PM/{NOTEBOOK}", {}),
         "nbgrader's time": (f"student-01/{A}/{NOTEBOOK}", {f"student-01/{A}/timestamp.txt": TIME}),
         "beside it": (NOTEBOOK, {"timestamp.txt": TIME})}


@pytest.mark.parametrize("inside", INNER)
@pytest.mark.parametrize("form", ["zip", "folder"])
def test_no_student_dates_the_own_hand_in(course, exports, inside, form):
    """Whatever a student packs, with whatever dates: the outermost entry's is the time of the hand-in."""
    name, more = INNER[inside]
    with_extra = zipfile.ZipInfo(name, EARLY)
    with_extra.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_890_000_000)
    student = archive(io.BytesIO(), {with_extra: book(), **more}, EARLY).getvalue()
    when = int(datetime(*LATE).timestamp())
    files = dict.fromkeys([
        "Full Name_1_assignsubmission_file_/hw.zip", "Full Name_2_assignsubmission_file_hw.zip",
        "namefull_12345_678901_hw.zip", "namefull_LATE_12346_678902_hw.zip", "submission_5/hw.zip", "student-06.zip",
        "student-07/optimizers/hw.zip"], student)
    source = archive(exports / "export.zip", files, LATE) if form == "zip" else tree(exports, files, when=when)
    collect([source], A, course)
    assert [utc(timestamp(one)) for one in find(course, A)] == [when] * len(files)


def test_a_student_zip_that_is_named_has_its_own_time_and_no_time_is_not_the_students(course, exports):
    path = archive(exports / "student-01.zip", {NOTEBOOK: book("1")}, EARLY)
    deep = archive(exports / "student-03.zip", {"x.zip": zipped({NOTEBOOK: book("3")})}, EARLY)
    for one in (path, deep):
        os.utime(one, (1_900_000_000, 1_900_000_000))
    undated = archive(exports / "export.zip", {"Full Name_2_assignsubmission_file_/hw.zip": zipped({NOTEBOOK: book()})},
                      (1980, 1, 1, 0, 0, 0))
    collect([path, undated, deep], A, course)
    assert {one.student: timestamp(one) for one in find(course, A)} == {
        "student-01": "2030-03-17 17:46:40 UTC", "student-03": "2030-03-17 17:46:40 UTC", "Full_Name_2": None}


def test_canvas_own_mark_is_told(course, exports):
    names = ["namefull_1_900_optimizers.ipynb", "namefull_LATE_2_901_optimizers.ipynb",
             "anon_a1B2d_LATE_905_optimizers.ipynb", "LATE_anon_a1B2e_906_optimizers.ipynb",
             "namefull_3_907_my_LATE_4_5_work.ipynb", "namefull_LATE_4_908_optimizers.ipynb",
             "namefull_4_909_optimizers-1.ipynb"]
    tree(exports, {name: book(name) for name in names})
    for _again in range(2):
        late = {one.student for one in collect([exports], A, course) if "Canvas marks it as late." in one.note}
        assert late == {"2", "a1B2d", "a1B2e"}


@pytest.mark.parametrize(("metadata", "said"), [
    ({"autograder": {"assignment": "momentum"}}, "momentum"), ({"autograder": {"assignment": A}}, ""),
    ({"autograder": {"assignment": ["x"]}}, ""), ({"autograder": "x"}, ""), ([], ""),
    ({"autograder": {"assignment": "x" * 5000 + "\n"}}, "x" * 60 + ".")])
def test_another_assignments_notebook_is_told(course, exports, metadata, said):
    tree(exports, {"student-01.ipynb": json.dumps({"cells": [], "metadata": metadata}).encode()})
    collected, = collect([exports], A, course)
    assert (collected.student, collected.status) == ("student-01", "new")
    assert bool(said) == bool(collected.note) and said in collected.note


@pytest.mark.parametrize("data", [b"", b"%PDF", b"[" * 100_000, b'{"cells": [', b"\xff\xfe\0"])
def test_what_is_no_notebook_is_collected_without_a_word(course, exports, data):
    tree(exports, {"student-01.ipynb": data})
    assert [(one.status, one.note) for one in collect([exports], A, course)] == [("new", "")]


def test_nothing_is_lost_over_three_collects(course, exports):
    weeks = [tree(exports / f"week{n}", {"student-01.ipynb": book(f"1.{n}"), "student-02.ipynb": book("2")},
                  when=1_900_000_000 + n) for n in range(3)]
    outcomes = [statuses(collect([week], A, course)) for week in weeks]
    assert outcomes == [{"student-01": "new", "student-02": "new"}, {"student-01": "updated", "student-02": "same"},
                        {"student-01": "updated", "student-02": "same"}]
    assert kept(course) == {book("1.0"), book("1.1"), book("1.2"), book("2")}
    assert submitted(course) == {"student-01": book("1.2"), "student-02": book("2")}
    attempts = course / "attempts/student-01/optimizers"
    assert [(attempts / str(n) / NOTEBOOK).read_bytes() for n in (1, 2)] == [book("1.0"), book("1.1")]
    assert (attempts / "1/timestamp.txt").read_text() == "2030-03-17 17:46:40 UTC"
    before = snapshot(course)
    for sources in (weeks, weeks[::-1], weeks[:1], [exports / "week1", exports / "week1"]):
        assert statuses(collect(sources, A, course))["student-01"] == "same"
    assert snapshot(course) == before


def snapshot(folder):
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


def test_older_export_does_not_displace_a_newer_one(course, exports):
    new = tree(exports / "new", {"student-01.ipynb": book("new")}, when=1_900_000_100)
    old = tree(exports / "old", {"student-01.ipynb": book("old")}, when=1_900_000_000)
    collect([new], A, course)
    collected = collect([old], A, course)
    assert statuses(collected) == {"student-01": "same"} and "1" in collected[0].note
    assert submitted(course) == {"student-01": book("new")}
    assert (course / f"attempts/student-01/{A}/1/{NOTEBOOK}").read_bytes() == book("old")


def test_going_back_to_an_earlier_version_is_an_update(course, exports):
    for n, text in enumerate("aba"):
        source = tree(exports / str(n), {"student-01.ipynb": book(text)}, when=1_900_000_000 + n)
        collected = collect([source], A, course)
    assert statuses(collected) == {"student-01": "updated"}
    assert submitted(course) == {"student-01": book("a")}
    assert kept(course) == {book("a"), book("b")}


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.integers(1, 9))), min_size=1, max_size=8))
def test_no_history_loses_a_version(tmp_path_factory, history):
    course = tmp_path_factory.mktemp("course")
    for n, (text, when) in enumerate(history):
        date = (2030, 1, when, 0, 0, 0) if when else (1980, 1, 1, 0, 0, 0)
        source = archive(course.parent / f"{course.name}-{n}.zip", {"student-01.ipynb": book(text),
                                                                    "student-02.ipynb": book("other")}, date)
        collect([source], A, course)
        assert {book(text) for text, _ in history[:n + 1]} | {book("other")} == kept(course)
        assert read(find(course, A, ["student-01"])[0])[0] in kept(course)


def test_killed_between_two_steps(course, exports, monkeypatch):
    """Whatever step is the last: the submission can be read, and the next run finishes the work."""
    from autograder.grading import attempts
    first = tree(exports / "1", {"student-01.ipynb": book("1")}, when=1_900_000_000)
    second = tree(exports / "2", {"student-01.ipynb": book("2")}, when=1_900_000_001)
    original = attempts.replace
    for dies_at in range(1, 5):
        here = course / str(dies_at)
        here.mkdir()
        collect([first], A, here)
        calls = 0

        def dying(path, data, dies_at=dies_at):
            nonlocal calls
            calls += 1
            if calls == dies_at:
                raise KeyboardInterrupt
            return original(path, data)

        with monkeypatch.context() as patched:
            patched.setattr(attempts, "replace", dying)
            with suppress(KeyboardInterrupt):
                collect([second], A, here)
        assert submitted(here)["student-01"] in (book("1"), book("2"))
        assert kept(here) >= {book("1")}
        collect([second], A, here)
        assert submitted(here) == {"student-01": book("2")} and kept(here) == {book("1"), book("2")}
        assert not list(here.rglob(".optimizers*")) and not list(here.glob("attempts/.collect-*"))


def test_what_fits_nothing_is_refused_and_stays(course, exports):
    tree(exports, {"optimizers.ipynb": book(), "some/where/else.ipynb": book(), "student-01.pdf": b"%PDF",
                   "student-02/momentum/momentum.ipynb": book(), "README": b"x",
                   "Full Name_3_assignsubmission_file_/essay.docx": b"x",
                   "Full Name_4_assignsubmission_file_/a.ipynb": book("a"),
                   "Full Name_4_assignsubmission_file_/b.ipynb": book("b"),
                   "Full Name_5_assignsubmission_file_/optimizers.ipynb": book("5"),
                   "Full Name_5_assignsubmission_file_/draft.ipynb": book("draft"),
                   "Full Name_5_assignsubmission_file_/plot.png": b"x",
                   ".DS_Store": b"x", "._student-09.ipynb": b"x", ".ipynb_checkpoints/student-08.ipynb": book()})
    before = snapshot(exports)
    collected = collect([exports], A, course)
    assert statuses(collected) == {"Full_Name_5": "new"}
    assert "draft.ipynb" in collected[0].note
    assert set(refusals(collected)) == {
        "exports/optimizers.ipynb", "exports/some/where/else.ipynb", "exports/student-01.pdf", "exports/README",
        "exports/student-02/momentum/momentum.ipynb", "exports/Full Name_3_assignsubmission_file_/essay.docx",
        "exports/Full Name_4"}
    assert all(refusals(collected).values())
    assert snapshot(exports) == before


def test_ordinary_files_only(course, exports):
    secret = tree(exports.parent / "secret", {"classmate.ipynb": book("secret")})
    (exports / "student-01.ipynb").symlink_to(secret / "classmate.ipynb")
    (exports / "linked").symlink_to(secret)
    (exports / "student-02.ipynb").mkdir()
    (exports / "student-02.ipynb" / "student-02.ipynb").write_bytes(book())
    os.mkfifo(exports / "student-03.ipynb")
    os.mkfifo(exports / "student-04.zip")
    (exports / "student-05.ipynb").write_bytes(book("5"))
    (exports / "dangling.ipynb").symlink_to("nowhere")
    collected = collect([exports], A, course)
    assert submitted(course) == {"student-05": book("5")}
    assert set(refusals(collected)) == {f"exports/{name}" for name in (
        "student-01.ipynb", "linked", "student-02.ipynb", "student-03.ipynb", "student-04.zip", "dangling.ipynb")}


def entry(name, mode=0, **attributes):
    info = zipfile.ZipInfo(name, (2030, 1, 1, 0, 0, 0))
    info.external_attr = mode << 16
    for key, value in attributes.items():
        setattr(info, key, value)
    return info


@pytest.mark.parametrize("name", [
    "../student-01.ipynb", "/student-01.ipynb", "a/../../x.ipynb", "..\\student-01.ipynb", "C:\\student-01.ipynb",
    "\\student-01.ipynb", "C:/student-01.ipynb", "../../course/submitted/s/optimizers/optimizers.ipynb"])
def test_names_that_lead_out(course, exports, name):
    source = archive(exports / "x.zip", {entry(name): book("evil"), "student-02.ipynb": book("2"),
                                         "student-03.ipynb": book("3")})
    before = snapshot(course.parent)
    collected = collect([source], A, course)
    assert submitted(course) == {"student-02": book("2"), "student-03": book("3")}
    assert len(refusals(collected)) == 1
    outside = {path for path in snapshot(course.parent) if not path.startswith("course/")}
    assert outside == {path for path in before if not path.startswith("course/")}


@pytest.mark.parametrize("kind", [0o120777, 0o010644, 0o060644, 0o140644])
def test_links_and_devices_in_zips(course, exports, kind):
    source = archive(exports / "x.zip", {entry("student-01.ipynb", kind): b"/etc/passwd", "student-02.ipynb": book()})
    assert len(refusals(collect([source], A, course))) == 1
    assert submitted(course) == {"student-02": book()}


def test_encrypted_and_unusual_members(course, exports):
    data = bytearray(zipped({"student-01.ipynb": book("1"), "student-02.ipynb": book("2")}))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1                                          # encrypted
    second = data.index(b"PK\x01\x02", central + 4)
    data[second + 10:second + 12] = struct.pack("<H", 14)           # LZMA
    (exports / "x.zip").write_bytes(data)
    collected = collect([exports / "x.zip"], A, course)
    assert len(refusals(collected)) == 2 and not submitted(course)
    assert "encrypted" in collected[0].note and "unusual" in collected[1].note


def test_bombs_cost_only_their_owner(course, exports):
    limits = Limits(entries=100, file_bytes=10_000, nested_bytes=20_000, total_bytes=1_000_000)
    zeros = b"\0" * 50_000
    source = archive(exports / "export.zip", {
        "Full Name_1_assignsubmission_file_/optimizers.ipynb": zeros,
        "Full Name_2_assignsubmission_file_/hw.zip": zipped({f"{i}.ipynb": zeros[:9_000] for i in range(50)}),
        "Full Name_3_assignsubmission_file_/hw.zip": zipped({f"{i}.txt": b"" for i in range(101)}),
        "Full Name_4_assignsubmission_file_/optimizers.ipynb": book("4")})
    collected = collect([source], A, course, limits)
    assert submitted(course) == {"Full_Name_4": book("4")}
    assert len(refusals(collected)) >= 3
    (exports / "student-05.ipynb").write_bytes(zeros)
    assert "exports/student-05.ipynb" in refusals(collect([exports], A, course, limits))


def test_total_is_limited_and_nothing_is_lost(course, exports):
    limits = Limits(file_bytes=10_000, total_bytes=25_000)
    source = archive(exports / "all.zip", {f"student-{i:02}.ipynb": os.urandom(9_000) for i in range(5)})
    collected = collect([source], A, course, limits)
    assert len(submitted(course)) == 2 and len(refusals(collected)) == 3


def test_sizes_in_headers_are_not_believed(course, exports):
    data = bytearray(zipped({"student-01.ipynb": b"\0" * 5_000_000, "student-02.ipynb": book("2")}))
    central = data.index(b"PK\x01\x02")
    data[central + 24:central + 28] = struct.pack("<I", 10)
    (exports / "all.zip").write_bytes(data)
    collected = collect([exports / "all.zip"], A, course, Limits(file_bytes=100_000))
    assert submitted(course) == {"student-02": book("2")} and len(refusals(collected)) == 1


def test_huge_table_of_contents_is_not_read(course, exports):
    out = io.BytesIO()
    archive(out, {f"{i}/{'x' * 300}": b"" for i in range(200)})
    (exports / "student-01.zip").write_bytes(out.getvalue())
    assert len(refusals(collect([exports], A, course, Limits(entries=100)))) == 1


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "crc", "nothing inside", "flipped"])
def test_damaged_zips(course, exports, damage):
    data = bytearray(zipped({"optimizers.ipynb": book("x" * 1000), "b.txt": b"b"}))
    if damage == "crc":
        central = data.index(b"PK\x01\x02")
        data[central + 16] ^= 1
    elif damage == "flipped":
        data[60] ^= 0xFF
    data = {"empty": b"", "text": b"not a zip", "truncated": data[:-30], "nothing inside": zipped({})}.get(damage, data)
    (exports / "student-01.zip").write_bytes(data)
    (exports / "student-02.ipynb").write_bytes(book("2"))
    collected = collect([exports], A, course)
    assert submitted(course) == {"student-02": book("2")} and len(refusals(collected)) == 1


@settings(deadline=None, max_examples=100)
@given(position=st.integers(0, 400), value=st.integers(0, 255))
def test_any_flipped_byte_is_survived(tmp_path_factory, position, value):
    folder = tmp_path_factory.mktemp("flip")
    data = bytearray(zipped({"optimizers.ipynb": book("x"), "hw.zip": zipped({"a.ipynb": book("y")})}))
    data[position % len(data)] = value
    tree(folder / "exports", {"student-01.zip": data, "student-02.ipynb": book("2")})
    collect([folder / "exports"], A, folder)
    assert submitted(folder)["student-02"] == book("2")


@pytest.mark.parametrize("inside", [
    f"victim+{A}+2099-01-01 00:00:00 UTC/{NOTEBOOK}", "Victim_1_assignsubmission_file_/optimizers.ipynb",
    "victim_1_2_optimizers.ipynb", f"victim/{A}/{NOTEBOOK}", "submission_1/a.ipynb", "victim.ipynb",
    "x/victim.zip/a.ipynb", "8-9 - Victim - Nov 12, 2030 1145 PM/optimizers.ipynb"])
@pytest.mark.parametrize("outer", [
    "student-01.zip", "Full Name_9_assignsubmission_file_/hw.zip", "name_9_10_hw.zip", "submission_9/hw.zip",
    f"student-01/{A}/hw.zip", "9-9 - Full Name - Nov 11, 2030 1145 PM/hw.zip",
    "9-9 - Full Name - Nov 11, 2030 1145 PM - hw.zip"])
def test_nobody_hands_in_for_another(course, exports, outer, inside):
    """A student chooses every name inside a zip; only what lies outside says who it is."""
    tree(exports, {outer: zipped({inside: book("evil")}), "student-02.ipynb": book("2")})
    names = {"student-01", "student-02", "Full_Name_9", "9", "submission_9"}
    assert set(submitted_after(course, exports)) <= names
    two = course.parent / "two"
    tree(two, {outer: zipped({inside: book("evil"), inside.replace("ictim", "ictim2"): book("evil2")})})
    assert set(submitted_after(course, two)) <= names


def test_class_export_in_a_folder_is_to_be_named_itself(course, exports):
    archive(exports / "export.zip", {f"Full Name_{i}_assignsubmission_file_/x.ipynb": book(str(i)) for i in range(3)})
    collected = collect([exports], A, course)
    assert list(refusals(collected)) == ["exports/export.zip"] and "name the zip file itself" in collected[0].note
    assert len(statuses(collect([exports / "export.zip"], A, course))) == 3


def test_times_in_a_students_own_files_are_not_believed(course, exports):
    folder = "Full Name_1_assignsubmission_file_"
    tree(exports, {f"{folder}/{NOTEBOOK}": book(), f"{folder}/timestamp.txt": b"1999-01-01 00:00:00 UTC"},
         when=1_900_000_000)
    collect([exports], A, course)
    assert timestamp(find(course, A)[0]).startswith("2030")


def test_one_name_twice_keeps_both(course, exports):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # zipfile warns of the duplicate we are making
        with zipfile.ZipFile(exports / "all.zip", "w") as out:
            for text in ("first", "second"):
                out.writestr("student-01.ipynb", book(text))
            out.writestr("student-02.ipynb", book("2"))
    collect([exports / "all.zip"], A, course)
    assert submitted(course) == {"student-01": book("second"), "student-02": book("2")}
    assert kept(course) == {book("first"), book("second"), book("2")}


@pytest.mark.parametrize(("codec", "names"), [
    ("gb18030", ["张三_1", "李小龙_2", "欧阳震华_3"]), ("big5", ["張三_1", "李小龍_2", "歐陽震華_3"]),
    ("utf-8", ["張三_1", "Žofie_2"])])
def test_names_in_other_encodings(course, exports, codec, names):
    """Windows writes the bytes of its own code page and no flag that says which."""
    raw = zipped({f"{i:04}_assignsubmission_file_/optimizers.ipynb": book(name) for i, name in enumerate(names)})
    for i, name in enumerate(names):
        raw = rename(raw, f"{i:04}_assignsubmission_file_/optimizers.ipynb".encode(),
                     f"{name}_assignsubmission_file_/optimizers.ipynb".encode(codec))
    (exports / "export.zip").write_bytes(raw)
    assert refusals(collect([exports / "export.zip"], A, course)) == {}
    assert submitted(course) == {name: book(name) for name in names}


def rename(data, old, new):
    """The bytes of a zip with the member `old` called `new`, without the flag for UTF-8."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(info.orig_filename.encode("cp437"), archive.read(info)) for info in archive.infolist()]
    local, central = b"", b""
    for name, content in entries:
        name = new if name == old else name
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x5C21, zlib.crc32(content), len(content), len(content),
                             len(name), 0)
        central += b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(local)) + name
        local += b"PK\x03\x04" + fields + name + content
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def test_unflagged_names_are_guessed_for_the_whole_archive():
    assert guess(b"student-01") == "utf-8"
    assert guess("王小明\n陳大文".encode("big5")) == "big5"
    assert guess("王小明\n陈大文".encode("gb18030")) == "gb18030"
    assert guess(b"\xff\xfe\x81") == "cp437"


def test_file_names_that_are_no_utf8(course, exports):
    with open(os.fsencode(exports) + b"/" + "张小明".encode("gb18030") + b".ipynb", "wb") as file:
        file.write(book())
    assert submitted_after(course, exports) == {"张小明": book()}


def submitted_after(course, exports):
    collect([exports], A, course)
    return submitted(course)


@pytest.mark.parametrize("name", [".", "..", "...", "", " ", "/", "a/b", "\0", "\x1b[31m", ".hidden", "-rf", "x" * 5000,
                                  "王" * 500, "a\u202eb", "e\u0301", "a\nb", "CON.", "🙂", "*?[x]", "$(id)", "~"])
def test_ids_are_safe_names(course, name):
    id = Roster(course).id(name)
    assert id and id not in (".", "..") and len(id.encode()) <= MAX_BYTES + 20
    assert not set(id) & set("/\\*?[]$~'\"<>|:; \n\0\x1b") and not id.startswith((".", "-")) and not id.endswith(".")
    assert "\u202e" not in id
    (course / id).mkdir()


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), unique=True))
def test_distinct_students_never_share_an_id(tmp_path_factory, names):
    course = tmp_path_factory.mktemp("roster")
    roster = Roster(course)
    ids = {}
    for name in names:
        ids.setdefault(roster.id(name).casefold(), set()).add(__import__("unicodedata").normalize("NFC", name))
    assert all(len(some) == 1 for some in ids.values())
    roster.save()
    again = Roster(course)
    assert [again.id(name) for name in reversed(names)] == [roster.id(name) for name in reversed(names)]


def test_colliding_names_stay_apart(course, exports):
    names = ["a b", "a_b", "A_B", "a:b", "a-b", "e\u0301", "é2", "x" * 200 + "1", "x" * 200 + "2"]
    tree(exports, {f"{name}.ipynb": book(name) for name in names})
    first = submitted_after(course, exports)
    assert sorted(first.values()) == sorted(book(name) for name in names)
    assert submitted_after(course, exports) == first
    assert not list(course.glob("attempts/*/*/*"))
    # A folder that somebody else made is not taken over by a name that is merely cleaned to it.
    tree(course, {f"submitted/c_d/{A}/{NOTEBOOK}": book("theirs")})
    tree(exports, {"c d.ipynb": book("c d")})
    assert submitted_after(course, exports)["c_d"] == book("theirs")


def test_course_inside_the_source_is_not_collected(course):
    tree(course, {f"submitted/student-01/{A}/{NOTEBOOK}": book("1"), "downloads/student-02.ipynb": book("2"),
                  f"autograded/student-01/{A}/{NOTEBOOK}": book("graded")})
    collected = collect([course / "downloads", course], A, course)
    assert statuses(collected) == {"student-02": "new"}
    assert submitted(course) == {"student-01": book("1"), "student-02": book("2")}


def test_something_else_in_the_notebooks_place_is_kept(course, exports):
    place_ = course / "submitted/student-01/optimizers"
    place_.mkdir(parents=True)
    (place_ / NOTEBOOK).symlink_to("/etc/passwd")
    tree(exports, {"student-01.ipynb": book("1")})
    assert statuses(collect([exports], A, course)) == {"student-01": "new"}
    assert submitted(course) == {"student-01": book("1")}
    assert (course / f"attempts/student-01/{A}/1/{NOTEBOOK}").is_symlink()


def test_wrong_use(course, exports):
    with pytest.raises(FileNotFoundError):
        collect([exports / "none.zip"], A, course)
    for name in ("", "../x", ".x"):
        with pytest.raises(ValueError):
            collect([exports], name, course)
    assert collect([exports], A, course) == []


@pytest.mark.parametrize(("file", "fits"), [
    ("optimizers.ipynb", True), ("optimizers-1.ipynb", True), ("optimizers (2).ipynb", True),
    ("optimizers(3).ipynb", True), ("my optimizers.ipynb", False), ("optimizers.ipynb.txt", False),
    ("optimizers", False), ("optimizersx.ipynb", False)])
def test_well_named(file, fits):
    assert well_named(file, A) is fits


def test_dates():
    assert utc("2030-01-02 03:04:05 UTC") == utc("2030-01-02 03:04:05.000000 +0000".replace(" +0000", "+00:00"))
    assert utc("2030-01-02 03:04:05") == utc("2030-01-02 03:04:05Z")
    assert [utc(text) for text in (None, "", "yesterday", "9" * 99)] == [None] * 4


@given(st.text())
def test_any_path_is_placed_or_not(path):
    found = place(path, A)
    assert found is None or (found.student and found.group)


def test_long_hostile_names_are_quick():
    for path in ("_1" * 30_000, "1" * 60_000, "a+" * 30_000, "/" * 60_000, "x/" * 3_000 + "a.ipynb", ".zip/" * 300):
        place(path[:6_000], A)
