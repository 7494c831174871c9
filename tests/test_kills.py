"""kill -9 of any process at any moment: the next run comes to the grades of an undisturbed run."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from courses import NAME, SOLUTIONS, all_end, below, copy, hand_in, honest, opened, state
from dask.distributed import LocalCluster
from repository import ROOT

from autograder.grading import batch, cluster

#: `make soak` tries more moments than there is time for on every change.
MOMENTS = 24 if os.environ.get("SOAK") else 4


@pytest.fixture
def course(tmp_path, undisturbed):
    """The same submissions, not yet graded."""
    return copy(undisturbed[0], tmp_path / "course")


@pytest.fixture(scope="module")
def workers():
    """A cluster that outlives the grader."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as found:
        yield found


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("moment", range(MOMENTS // 2))
def test_the_grader_killed_at_any_moment(course, undisturbed, workers, moment):
    """kill -9 of the process that writes, from its first look at the course to its end."""
    command = [sys.executable, "-m", "autograder.cli", "grade", NAME, "--course", str(course), "--solutions", SOLUTIONS,
               "--scheduler", workers.scheduler_address]
    with opened(course):                        # an empty gradebook, which takes nbgrader a second to make
        pass
    grader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (course / "gradebook.db.lock").exists() and grader.poll() is None:
        time.sleep(0.01)
    with suppress(subprocess.TimeoutExpired):
        grader.wait(random.Random(moment).uniform(0, 6))
    grader.kill()
    grader.wait()
    honest(course, undisturbed[1])
    batch.grade(course, [NAME], solutions=SOLUTIONS, scheduler=workers.scheduler_address)
    assert state(course) == undisturbed[1]


@pytest.mark.parametrize("moment", range(MOMENTS // 2))
def test_ctrl_c_at_any_moment(course, undisturbed, moment):
    """The terminal sends it to every process of the run, also to those that are just being started."""
    command = [sys.executable, "-m", "autograder.cli", "grade", NAME, "--course", str(course), "--solutions", SOLUTIONS]
    grader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              start_new_session=True)
    with suppress(subprocess.TimeoutExpired):
        grader.wait(random.Random(200 + moment).uniform(0.3, 6))
    with suppress(ProcessLookupError):
        os.killpg(grader.pid, signal.SIGINT)
    _out, said = grader.communicate(timeout=120)
    assert grader.returncode in (130, 1, -signal.SIGINT), said     # 1: it was done; -2: while Python itself ended
    assert grader.returncode != 130 or "Stopped." in said
    honest(course, undisturbed[1])
    batch.grade(course, [NAME], solutions=SOLUTIONS, workers=1)
    assert state(course) == undisturbed[1]


@pytest.mark.parametrize("moment", range(MOMENTS // 2))
def test_a_worker_or_a_sandbox_killed_at_any_moment(course, undisturbed, moment):
    """kill -9 of what grades: the run goes on, and comes to the same grades, for it was not the student's doing."""
    chance, killed, over = random.Random(100 + moment), [], threading.Event()

    def killer():
        while not over.wait(chance.uniform(0, 1.5)) and len(killed) < 2:
            # Not those that are just being started, on which Dask gives up.
            at_work = [nanny.process.pid for nanny in workers.workers.values()
                       if nanny.worker_address in workers.scheduler.workers]
            sandboxes = [pid for worker in at_work for pid in below(worker)]
            pids = sandboxes if (moment + len(killed)) % 2 and sandboxes else at_work
            if pids:
                killed.append(chance.choice(pids))
                kill(killed[-1])
    thread = threading.Thread(target=killer)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as workers:
        thread.start()
        try:
            with suppress(cluster.ClusterUnavailable):      # all workers at once
                batch.grade(course, [NAME], solutions=SOLUTIONS, scheduler=workers.scheduler_address)
        finally:
            over.set()
            thread.join()
    honest(course, undisturbed[1])
    batch.grade(course, [NAME], solutions=SOLUTIONS, workers=1)     # most often nothing is left to do
    assert killed
    assert state(course) == undisturbed[1]


def test_a_killed_sandbox_is_not_the_students_fault(course, undisturbed, workers):
    """A second run tells a kill from outside from code that ends its own process, which loses its points."""
    hand_in(course, "exits", {"ewma": "def ewma(values, beta):\n    import os\n    os._exit(3)\n"})
    batch.grade(course, [NAME], solutions=SOLUTIONS, scheduler=workers.scheduler_address)
    found = state(course)
    assert found["exits"]["status"] == "stopped" and 0 < found["exits"]["score"] < found["right"]["score"]
    assert found["right"] == undisturbed[1]["right"]


def test_a_killed_grader_leaves_no_process_behind(tmp_path):
    """Neither workers of its own nor a sandbox in which a loop never ends."""
    hand_in(tmp_path, "for-ever", {"ewma": "def ewma(values, beta):\n    while True:\n        pass\n"})
    command = [sys.executable, "-m", "autograder.cli", "grade", NAME, "--course", str(tmp_path),
               "--solutions", SOLUTIONS, "--timeout", "100"]
    grader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sandboxes, until = [], time.monotonic() + 120
    while not sandboxes and time.monotonic() < until:
        time.sleep(0.1)
        sandboxes = [pid for pid in below(grader.pid) if "bwrap" in name_of(pid)]
    everything = below(grader.pid)
    grader.kill()
    grader.wait()
    assert sandboxes and all_end(everything)


def name_of(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""
