"""`--scheduler`: a scheduler and two workers in processes of their own, what they must be, and their deaths."""

import csv
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from courses import NAME, SOLUTIONS, all_end, below, copy, opened, scores, state
from dask.distributed import Client, LocalCluster

from autograder.grading import batch, cluster
from autograder.grading.report import summary, write_csv
from autograder.grading.results import results
from autograder.grading.worker import Job, Kit, run


def dask(folder, *arguments):
    """A process of Dask's in its own folder, a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(folder / "scheduler.json"),
         "--host", "127.0.0.1", "--no-dashboard"], cwd=folder, start_new_session=True,
        env={**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
             "PYTHONPATH": os.path.dirname(__file__)},              # where they find the functions of this file
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """A scheduler and two workers, each a process of its own (which watches over the one that works)."""
    folder = tmp_path_factory.mktemp("dask")
    found = [dask(folder, "scheduler", "--port", "0")]
    found += [dask(folder, "worker", "--nthreads", "1") for _ in range(2)]
    try:
        while not (folder / "scheduler.json").exists():
            time.sleep(0.05)
        yield folder, found
    finally:
        for process in found:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="module")
def address(processes):
    """The address of the scheduler, whose workers are there."""
    folder, _found = processes
    with Client(scheduler_file=str(folder / "scheduler.json")) as client:
        client.wait_for_workers(2, timeout=120)
        yield client.scheduler.address


@pytest.fixture
def course(tmp_path, undisturbed):
    return copy(undisturbed[0], tmp_path / "course")


def grade(course, scheduler, **options):
    return batch.grade(course, [NAME], solutions=SOLUTIONS, scheduler=scheduler, **options)


def test_the_grades_are_those_of_one_machine(course, undisturbed, address):
    assert len(grade(course, address)) == 6
    assert state(course) == undisturbed[1]


def test_only_the_submission_and_its_kit_travel():
    assert set(Job.__dataclass_fields__) == {"student", "assignment", "data", "key", "notes", "limits"}
    assert not {"course", "gradebook", "db"} & set(Kit.__dataclass_fields__)


def killing(job, kit):
    """As worker.run, but one student's notebook ends the worker."""
    if job.student == "right":
        os.kill(os.getpid(), signal.SIGKILL)
    return run(job, kit)


def test_what_kills_its_workers_is_reported_and_tried_again(course, undisturbed, address, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "run", killing)
        found = {result["student"]: result for result in grade(course, address)}
    assert found["right"]["status"] == "failed" and found["right"]["score"] is None
    assert "worker process died" in found["right"]["repairs"][0]
    assert [student for student, result in found.items() if result["status"] == "failed"] == ["right"]
    with opened(course) as gradebook:
        reported = {result["student"]: result for result in results(course, gradebook, [NAME])}
        assert len(gradebook.find_assignment(NAME).submissions) == 5        # and none of them a 0 for "right"
    assert reported["right"] == found["right"]
    assert [one["student"] for one in summary(list(reported.values()))["failed"]] == ["right", "torn"]
    with open(write_csv(list(reported.values()), tmp_path / "grades.csv"), encoding="utf-8-sig") as file:
        rows = {row["student"]: row[NAME] for row in csv.DictReader(file)}
    assert rows["right"] == "" and float(rows["torn"]) == 0
    assert [result["student"] for result in grade(course, address)] == ["right"]
    assert state(course) == undisturbed[1]


def test_an_old_grade_does_not_stand_for_a_new_submission_that_failed(course, undisturbed, address, monkeypatch):
    path = course / "submitted" / "right" / NAME / f"{NAME}.ipynb"
    right = path.read_bytes()
    path.write_bytes((course / "submitted" / "stub" / NAME / f"{NAME}.ipynb").read_bytes())
    grade(course, address)
    path.write_bytes(right)
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "run", killing)
        grade(course, address)
    with opened(course) as gradebook:
        grades = gradebook.find_submission_notebook(NAME, NAME, "right").grades
        assert all(grade.auto_score is None and grade.needs_manual_grade for grade in grades)
    grade(course, address)
    assert state(course) == undisturbed[1]


def without_isolation():
    return cluster.fingerprint(), "no bubblewrap here"


def without_the_course():
    raise ModuleNotFoundError("No module named 'autograder'")


@pytest.mark.parametrize(("name", "instead", "said"), [
    ("examine", without_isolation, "cannot isolate students' code: no bubblewrap here"),
    ("examine", without_the_course, "has not the course installed"),
    ("fingerprint", lambda: "another one", "has another version of the course")])
def test_workers_that_are_not_fit_are_refused(course, address, monkeypatch, name, instead, said):
    with monkeypatch.context() as patch:
        patch.setattr(cluster, name, instead)
        with pytest.raises(cluster.ClusterUnavailable, match="Nothing was graded") as refused:
            grade(course, address)
    assert str(refused.value).count(said) == 2 and scores(course) == {}


@pytest.mark.parametrize(("workers", "threads", "said"), [
    (0, 1, "has no workers: start some with dask worker"), (1, 2, "has 2 threads: start it with --nthreads 1")])
def test_a_cluster_without_workers_of_one_thread_is_refused(course, monkeypatch, workers, threads, said):
    monkeypatch.setattr(cluster, "START", 0.5)
    with (LocalCluster(n_workers=workers, threads_per_worker=threads, processes=False, dashboard_address=":0") as some,
          pytest.raises(cluster.ClusterUnavailable, match=said)):
        grade(course, some.scheduler_address)


def test_no_scheduler_at_all(course):
    with pytest.raises(cluster.ClusterUnavailable, match="no Dask scheduler at"):
        grade(course, "tcp://127.0.0.1:9")


@pytest.fixture
def here(monkeypatch):
    """A cluster inside this process, on which grading is an echo."""
    monkeypatch.setattr(cluster, "run", lambda job, kit: (time.sleep(0.01), job.student)[1])
    with (LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as found,
          Client(found) as client):
        yield found, client


def jobs(count, drawn):
    for number in range(count):
        drawn.append(number)
        yield Job(str(number), NAME, b"", f"key{number}")


def test_submissions_are_read_as_workers_become_free(here):
    _cluster, client = here
    drawn, seen = [], []
    for job, outcome in cluster.run_all(client, jobs(50, drawn), {NAME: None}):
        assert outcome == job.student
        seen.append(job.student)
        assert len(drawn) <= len(seen) + cluster.AHEAD
    assert sorted(map(int, seen)) == list(range(50))


def test_a_doubtful_one_is_graded_twice(here, monkeypatch):
    _cluster, client = here
    monkeypatch.setattr(cluster, "run", lambda job, kit: f"{job.student} {os.urandom(8).hex()}")
    first = []

    def doubtful(text):
        first.append(text)
        return text.startswith("1 ")
    found = [outcome for _job, outcome in cluster.run_all(client, jobs(3, []), {NAME: None}, doubtful)]
    assert sorted(text[0] for text in found) == sorted(text[0] for text in first) == ["0", "1", "2"]
    assert len(set(found) & set(first)) == 2 and len({*found, *first}) == 4


def test_a_cluster_that_goes_away_is_said(here, monkeypatch):
    found, client = here
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    with pytest.raises(cluster.ClusterUnavailable, match="the same command grades the rest"):
        for done, _ in enumerate(cluster.run_all(client, jobs(1000, []), {NAME: None})):
            if done == 5:
                found.close()


def test_a_nanny_killed_in_the_middle(course, undisturbed, processes, address):
    """The last test here: of the two workers one is left, which does the other's work too."""
    _folder, found = processes
    workers = below(found[1].pid)
    assert workers

    def progress(done, *_):
        if done == 1:
            os.kill(found[1].pid, signal.SIGKILL)
    assert len(grade(course, address, progress=progress)) == 6
    assert state(course) == undisturbed[1]
    assert all_end(workers)
