"""Copies are found under other names; right answers found independently and untouched stubs are left alone."""

import json
import random
import runpy
import time
from pathlib import Path

import nbformat
import pytest

from autograder.checks import ASSIGNMENTS
from autograder.grading import similarity
from autograder.grading.similarity import OWN, alike, known_sources, own_sources, prints
from autograder.release import student_version
from autograder.solutions import MARKERS, Assignment

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def answers():
    """{assignment: (known sources, {exercise: [other right answers]}, {exercise: stub})}."""
    found = {}
    for name in ASSIGNMENTS:
        assignment = Assignment(name, ROOT / "solutions")
        others = {exercise: [] for exercise in assignment.names}
        for id, source in runpy.run_path(str(ROOT / "tests" / "equivalents" / f"{name}.py"))["EQUIVALENTS"].items():
            others[id.partition("/")[0]].append(source)
        stub = own_sources(nbformat.writes(student_version(assignment, "en")))
        found[name] = known_sources(assignment), others, stub
    return found


def take(others, k):
    """A student who answers each exercise in the k-th way."""
    return {exercise: sources[k % len(sources)] for exercise, sources in others.items()}


def renamed(source, keep):
    """`source` with other names, other spacing and without comments."""
    out, names, end, before = [], {}, 0, ["", ""]
    for found in similarity.TOKEN.finditer(source):
        token, gap = found[0], source[end:found.start()]
        end = found.end()
        if found.lastgroup == "name" and token not in similarity.FIXED | keep and before != ["np", "."]:
            token = names.setdefault(token, f"other_{len(names)}")
        before = [before[1], token]
        out.append(gap + ("" if found.lastgroup == "comment" else token if token != "=" else " = "))
    return "".join(out) + source[end:]


def copied(student, stub):
    keep = {found[0] for source in stub.values() for found in similarity.TOKEN.finditer(source)}
    return {exercise: renamed(source, keep) for exercise, source in student.items()}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_right_answers_are_not_alike_and_a_renamed_copy_is(answers, name):
    known, others, stub = answers[name]
    students = {f"student-{k}": take(others, k) for k in range(min(map(len, others.values())))}
    assert len(students) >= 5 and alike(students, known) == []
    whose = max(students, key=lambda student: sum(map(len, students[student].values())))     # one-liners tell nothing
    students |= {"copy": copied(students[whose], stub), "stub": stub, "stub-2": stub}
    assert sum(students["copy"][exercise] != source for exercise, source in students[whose].items()) >= 3
    assert [one.students for one in alike(students, known)] == [("copy", whose)]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_solution_and_the_same_mistakes_are_no_copies(answers, name):
    known, _others, stub = answers[name]
    assignment = Assignment(name, ROOT / "solutions")
    right = {exercise: MARKERS.sub("", assignment.code[exercise]) for exercise in assignment.names}
    mistakes = {id.partition("/")[0]: id for id in assignment.catalogue["MISTAKES"]}
    first = {exercise: assignment.variant_source(mistakes[exercise]) for exercise in assignment.names}
    class_of = {"a": right, "b": copied(right, stub), "c": first, "d": copied(first, stub)}
    assert alike(class_of, known) == []


def test_what_the_class_usually_writes_is_no_sign(answers):
    """The same answer from two of thirty is looked at, from ten of thirty it is not."""
    known, others, _stub = answers["batchnorm"]
    some = {f"student-{k:02}": take(others, 1 + k % 6) for k in range(28)}
    two = dict.fromkeys(("x", "y"), take(others, 0))
    assert ("x", "y") in [one.students for one in alike(some | two, known)]
    ten = dict.fromkeys((f"z{k}" for k in range(10)), take(others, 0))
    found = alike(dict(list(some.items())[:20]) | ten, known)
    assert not {student for one in found for student in one.students} & ten.keys()


def test_two_answers_of_seven_or_one_liners_are_too_little(answers):
    known, others, _stub = answers["optimizers"]
    students = {f"student-{k}": take(others, k) for k in range(6)}
    students["student-1"] |= {exercise: students["student-0"][exercise] for exercise in ("sgd", "momentum")}
    assert alike(students, known) == []
    line = "def {}(x):\n    largest = [abs(y) for y in x.ravel()]\n    return min(largest) or 1\n"
    short = {exercise: line.format(exercise) for exercise in ("sgd", "momentum")}
    assert alike({"a": short, "b": dict(short), **{f"student-{k}": take(others, k) for k in range(6)}}, known) == []


def test_comments_count_word_for_word(answers):
    known, others, stub = answers["foundations"]
    answer = {"softmax": "def softmax(z):\n    # I take the largest away so that nothing overflows here\n"
                         "    highest_of_row = z.max(axis=1)[:, None]\n"
                         "    powers_of_e = np.exp(z - highest_of_row)\n    # and now each row has to sum up to one\n"
                         "    return powers_of_e / powers_of_e.sum(axis=1)[:, None]\n"}
    others = {f"student-{k}": take(others, k) for k in range(5)}
    found, = alike({"a": answer, "b": answer, **others}, known)
    assert found.students == ("a", "b") and "and now each row has to sum up to one" in found.verbatim
    assert "highest_of_row" in found.verbatim
    assert alike({"a": answer, "b": copied(answer, stub), **others}, known) == []      # one short function alone


def test_only_the_students_own_cells_count():
    def cell(source, **about):
        return {"cell_type": "code", "source": source, "metadata": {"nbgrader": about} if about else {}, "outputs": []}
    book = {"cells": [cell("mine = 1"), cell(["a\n", "b"], grade_id="sgd", solution=True),
                      cell("test", grade_id="sgd-a", solution=False),
                      cell("x" * 99_999, grade_id="adam", solution=True),
                      {"cell_type": "markdown", "source": "prose", "metadata": {}}, *[cell("more")] * 300]}
    found = own_sources(json.dumps(book))
    assert set(found) == {"sgd", "adam", OWN} and found["sgd"] == "a\nb" and found[OWN].startswith("mine = 1\nmore")
    assert len(found["adam"]) == similarity.CELL_CHARS and len(found[OWN]) < 1_000


def test_runs_know_names_by_where_they_stood():
    one = "total = 0\nfor value in values:\n    total = total + value * weight\n"
    assert prints(one)[0] and prints(one)[0] == prints(renamed(one, set()))[0]
    assert prints(one)[0] <= prints(f"value = weight = 1\n{one}")[0]        # what stood before changes nothing
    assert prints(one)[0] != prints(one.replace("+ value", "+ weight"))[0]
    assert prints("np.sqrt(a) + np.exp(b) - c * d / e")[0] != prints("np.exp(a) + np.sqrt(b) - c * d / e")[0]


def test_any_text_is_read():
    for text in ("", "'", '"""' * 5_000, "\\" * 9_000, "'" * 9_999, "\0" * 99, "'''\"\"\"" * 3_000, "# \ud800" * 99,
                 "1e" * 9_000):
        start = time.process_time()
        prints(text[:similarity.CELL_CHARS])
        assert time.process_time() - start < 2


def test_a_large_class_takes_time_by_its_size(answers):
    """400 students with code of their own, a pair and a ring of five among them; 3,000 take some 9 CPU seconds."""
    known, others, stub = answers["batchnorm"]
    rng = random.Random(1)

    def lines(source):
        for line in source.split("\n"):
            yield line
            if line.startswith("    ") and line.rstrip()[-1:] not in (*":(,[\\",) and rng.random() < 0.5:
                yield (line[:len(line) - len(line.lstrip())] + f"extra = np.{rng.choice(['exp', 'sum', 'abs'])}"
                       f"(x - {rng.randrange(999)}) * np.sqrt({rng.random():.3f})")

    students = {f"s{k:03}": {exercise: "\n".join(lines(source)) for exercise, source in take(others, k).items()}
                for k in range(400)}
    students["s007"] = copied(students["s300"], stub)
    students |= {f"s{k:03}": copied(students["s100"], stub) for k in range(101, 105)}
    start = time.process_time()
    found = alike(students, known)
    assert time.process_time() - start < 10
    assert [one.students for one in found] == [("s100", "s101", "s102", "s103", "s104"), ("s007", "s300")]


def test_no_class_is_too_small(answers):
    known, others, _stub = answers["optimizers"]
    assert alike({}, known) == alike({"a": take(others, 0)}, known) == alike({"a": {}, "b": {}}, known) == []
    assert [one.students for one in alike({"a": take(others, 0), "b": take(others, 0)}, known)] == [("a", "b")]


@pytest.mark.parametrize("unit", ['\\"""x\n', "'''", '"""', "'\\", '"\\', "f'", "'''\"\"\"", '""" '])
def test_strings_without_an_end_take_no_longer_than_they_are_long(unit):
    begun = time.process_time()
    for _ in similarity.TOKEN.finditer(unit * 100_000):
        pass
    assert time.process_time() - begun < 5
