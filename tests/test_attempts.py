"""Which attempt counts, and what being late costs: course.toml, the options, nbgrader's own columns."""

import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from courses import NAME, SOLUTIONS, assignment, hand_in, opened, state

from autograder.cli import main
from autograder.grading import policy
from autograder.grading.attempts import Attempts
from autograder.grading.policy import Penalty, moment

DEADLINE = datetime(2030, 6, 1, 12, tzinfo=UTC)
HOUR = 3600


@pytest.fixture
def grade(quick, monkeypatch):
    return quick.patch(monkeypatch)


def answers(tmp_path, *wrong):
    """The bytes of a notebook in which the exercises `wrong` are not answered."""
    return hand_in(tmp_path / "versions", "-".join(wrong) or "all", dict.fromkeys(wrong, "")).read_bytes()


@pytest.fixture
def course(tmp_path):
    """One student, three attempts: two exercises missing and in time; one, a day and an hour late; two, later."""
    some = [(answers(tmp_path, "ewma", "exponential_decay"), -HOUR), (answers(tmp_path, "ewma"), 25 * HOUR),
            (answers(tmp_path, "ewma", "staircase_decay"), 50 * HOUR)]
    for data, late in some:
        Attempts(tmp_path, "ann", NAME).put([(data, DEADLINE.timestamp() + late)])
    return tmp_path


@pytest.fixture(scope="module")
def points():
    """{exercise: its points}."""
    found = {}
    for kind, meta, _source in assignment().cells:
        if kind == "code" and "points" in meta.get("nbgrader", {}):
            name = meta["nbgrader"]["grade_id"].partition("-")[0]
            found[name] = found.get(name, 0) + meta["nbgrader"]["points"]
    return found


def recorded(course):
    """(score, late penalty, time of the submission) in nbgrader's own words."""
    with opened(course) as gradebook:
        submission = gradebook.find_submission(NAME, "ann")
        return submission.score, submission.late_submission_penalty, submission.timestamp


OPTIONS = {"deadline": DEADLINE.isoformat(sep=" "), "late_penalty": "1 a day, at most 2"}


@pytest.mark.parametrize(("attempt", "number", "missing", "penalty"), [
    ("last", 3, ("ewma", "staircase_decay"), 2), ("best", 2, ("ewma",), 2),
    ("before-deadline", 1, ("ewma", "exponential_decay"), 0)])
def test_the_attempt_that_counts(course, grade, points, attempt, number, missing, penalty):
    raw = sum(points.values()) - sum(points[name] for name in missing)
    (result,) = grade(course, attempt=attempt, **OPTIONS)
    assert (result["attempt"], result["late_penalty"], result["score"]) == (number, penalty, raw - penalty)
    late = {1: -HOUR, 2: 25 * HOUR, 3: 50 * HOUR}[number]
    assert recorded(course) == (raw, penalty, (DEADLINE + timedelta(seconds=late)).replace(tzinfo=None))
    assert grade(course, attempt=attempt, **OPTIONS) == []
    assert state(course)["ann"]["score"] == raw - penalty


def test_the_penalty_decides_which_is_best(course, grade):
    (result,) = grade(course, attempt="best", deadline=OPTIONS["deadline"], late_penalty="100% a day")
    assert result["attempt"] == 1


def test_old_attempts_are_graded_once(course, grade, quick, monkeypatch):
    """Of `best`, only a new attempt is graded; and one that is worse leaves the grade where it is."""
    sent, real = [], quick.run_all

    def counting(client, jobs, kits, doubtful=None):
        for job, text in real(client, jobs, kits):
            sent.append(job.key)
            yield job, text
    monkeypatch.setattr("autograder.grading.cluster.run_all", counting)
    grade(course, attempt="best")
    assert len(sent) == 3
    Attempts(course, "ann", NAME).put([(answers(course, *assignment().names), DEADLINE.timestamp() + 99 * HOUR)])
    (result,) = grade(course, attempt="best")
    assert len(sent) == 4 and result["attempt"] == 2
    (result,) = grade(course, attempt="last")
    assert result["attempt"] == 4 and result["score"] == 0
    (result,) = grade(course, attempt="best")
    assert result["attempt"] == 2
    assert grade(course, attempt="best") == []


def test_a_new_deadline_changes_the_penalty_and_grades_nothing(course, grade):
    grade(course, **OPTIONS)
    assert recorded(course)[1] == 2
    assert grade(course, **{**OPTIONS, "late_penalty": "0.5 a day"}) == []
    assert recorded(course)[1] == 1.5
    with opened(course) as gradebook:           # as formgrader does
        gradebook.update_or_create_assignment(NAME, duedate="2030-06-02 13:00 UTC")
        gradebook.grant_extension(NAME, "ann", hours=25)
    assert grade(course, late_penalty="0.5 a day") == []
    assert recorded(course)[1] == 0
    assert state(course)["ann"]["late_penalty"] == 0


def test_where_no_attempt_was_in_time_the_first_counts(course, grade):
    (result,) = grade(course, attempt="before-deadline", deadline="2030-05-01 00:00Z",
                      late_penalty="1 a day, at most 3")
    assert (result["attempt"], result["late_penalty"]) == (1, 3)


def test_no_more_is_lost_than_there_is(course, grade):
    (result,) = grade(course, deadline="2029-01-01 00:00Z", late_penalty="7 a day")
    assert result["score"] == 0 and recorded(course)[0] == recorded(course)[1] > 0


def test_course_toml_says_it_and_options_go_before(course, grade):
    (course / "course.toml").write_text(
        f'[grading]\nattempt = "before-deadline"\nlate-penalty = "10% a day"\n'
        f'[deadlines]\n{NAME} = 2030-06-01T14:00:00+02:00\noptimizers = "2030-01-01 00:00"\n')
    (result,) = grade(course)
    assert (result["attempt"], result["late_penalty"]) == (1, 0)
    (result,) = grade(course, attempt="last")
    assert result["late_penalty"] == pytest.approx(0.3 * result["max_score"])
    (result,) = grade(course)
    assert result["attempt"] == 1


@pytest.mark.parametrize(("text", "said"), [
    ('[grading]\nattempt = "first"', "it can be last, best, before-deadline"), ("[grading]\nattempts = 1", "attempts"),
    ('[grading]\nlate-penalty = "much"', "is not a late penalty"), ("[deadlines", "is not TOML"),
    ('[grading]\nlate-penalty = "10% a day, at most 5"', "is not a late penalty"),
    ('[grading]\nlate-penalty = "150% a day"', "more than the whole"),
    ("[deadlines]\nlearning_rat = 2030-06-01T14:00:00", "Did you mean learning_rate"),
    (f"[deadlines]\n{NAME} = 2030-06-01", "is not a deadline"),
    ('[grading]\nattempt = "before-deadline"', "no deadline")])
def test_what_course_toml_cannot_say(course, grade, text, said):
    (course / "course.toml").write_text(text)
    with pytest.raises(ValueError, match=said):
        grade(course)
    assert not (course / "autograded").exists()


def test_penalties_in_points():
    share, points = Penalty.parse("10% a day, at most 50%"), Penalty.parse("2.5 per day")
    assert [share.points(days * 24 * HOUR, 40) for days in (0, 0.01, 1, 1.01, 9)] == [0, 4, 4, 8, 20]
    assert [points.points(days * 24 * HOUR, 40) for days in (0, 1, 2, 99)] == [0, 2.5, 5, 40]


def test_time_zones(monkeypatch):
    """Without a zone a deadline is this machine's time; hand-ins are dated in UTC."""
    monkeypatch.setenv("TZ", "Asia/Taipei")
    time.tzset()
    try:
        assert moment("2030-06-01 20:00") == moment("2030-06-01 12:00Z") == DEADLINE.timestamp()
        assert moment("2030-06-01 20:00+08:00") == moment(DEADLINE) == DEADLINE.timestamp()
        assert policy.since_1970(policy.naive_utc(DEADLINE.timestamp())) == DEADLINE.timestamp()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_command_says_which(course, grade, monkeypatch):
    monkeypatch.chdir(course)
    command = ["grade", NAME, "--course", str(course), "--solutions", SOLUTIONS, "--json"]
    done = CliRunner().invoke(main, [*command, "--attempt", "best", "--deadline", "2030-06-01 12:00Z",
                                     "--late-penalty", "1 a day"], env=dict(os.environ))
    assert done.exit_code == 0, done.output
    (result,) = json.loads(done.stdout)
    assert (result["attempt"], result["late_penalty"]) == (2, 2)
    for penalty, said in (("2 a day", "1 late penalty was changed."), ("2 a day", "Nothing new to grade.")):
        again = CliRunner().invoke(main, [*command[:-1], "--attempt", "best", "--late-penalty", penalty])
        assert again.exit_code == 0 and said in again.output, again.output
        assert ("changed" in again.output) == ("changed" in said)
    said = CliRunner().invoke(main, [*command, "--late-penalty", "much"])
    assert said.exit_code == 1 and "is not a late penalty" in said.output
