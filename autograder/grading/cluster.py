"""Dask: workers on this machine or a cluster's, found fit before anything is sent, and a bounded stream of work.

Only submissions travel to the workers and graded notebooks back; the kit of an assignment goes to each worker once.
"""

import hashlib
import logging
import signal
import time
import warnings
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from importlib.metadata import version
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue

import dask
from dask.distributed import Client, KilledWorker, LocalCluster
from distributed.client import ClosedClientError
from distributed.comm import CommClosedError

import autograder
from autograder.grading.worker import run
from autograder.isolation import IsolationUnavailable, probe

#: Submissions under way for each worker: enough to keep it busy, few enough to keep memory flat.
AHEAD = 4
#: Seconds that a run waits for a cluster that has lost all its workers, or for its scheduler.
PATIENCE = 60.0
#: Seconds that it waits for the first of a cluster's workers.
START = 15.0
#: Of a worker that ended before it answered; its nanny starts another one, of the same installation.
DIED = "died"


class ClusterUnavailable(OSError):
    """The cluster cannot be used, or is there no more."""


@lru_cache(maxsize=1)
def fingerprint():
    """Of the installed course and the libraries that decide over a grade: what all workers must have in common."""
    digest = hashlib.sha256()
    for package in (Path(autograder.__file__).parent, Path(autograder.__file__).parents[1] / "nnlab"):
        for file in sorted(package.rglob("*.py")):
            digest.update(file.relative_to(package.parent).as_posix().encode() + b"\0" + file.read_bytes())
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "nbformat", "distributed"))
    return f"{digest.hexdigest()[:12]}, {libraries}"


@lru_cache(maxsize=1)
def examine():
    """Asked of every worker: (its fingerprint, why it cannot isolate or None)."""
    return fingerprint(), probe()["error"]


@contextmanager
def connect(scheduler=None, workers=1):
    """A Dask client of the cluster at `scheduler`, or of one of our own of `workers` processes.

    Raises IsolationUnavailable or ClusterUnavailable before anything is sent where students' code cannot run.
    """
    with ExitStack() as stack:
        stack.callback(logging.disable, logging.NOTSET)
        if scheduler:
            try:
                client = stack.enter_context(Client(scheduler, timeout=10))
            except (OSError, ValueError) as error:
                raise ClusterUnavailable(f"There is no Dask scheduler at {scheduler}: {error}.") from None
            stack.enter_context(_quiet_when_stopped())
            require_fit(client, scheduler)
        else:
            client = _of_our_own(stack, workers)
        yield client


def _of_our_own(stack, workers):
    """The client of a cluster on this machine, both closed with `stack`.

    Ctrl-C waits while they start and while they end, of which Dask would make tracebacks.  The processes that are
    started meanwhile never hear it: a terminal sends it to all of them, and it is meant for us.
    """
    found = probe()
    if not found["works"]:
        raise IsolationUnavailable(found["error"])
    resource_tracker.ensure_running()           # else the first process starts it, and it lets SIGINT through again
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    stack.callback(signal.pthread_sigmask, signal.SIG_SETMASK, heard)
    # Two deaths of a worker are the submission's doing. Port 0: any free one, for two instructors on one machine.
    # The profiler would look at each worker's stack a hundred times a second.
    stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 1,
                                         "distributed.worker.profile.enabled": False}))
    cluster = stack.enter_context(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0",
                                               silence_logs=logging.CRITICAL))
    client = stack.enter_context(Client(cluster))
    stack.enter_context(_quiet_when_stopped())
    stack.callback(signal.pthread_sigmask, signal.SIG_BLOCK, [signal.SIGINT])
    signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    return client


@contextmanager
def _quiet_when_stopped():
    """After Ctrl-C nothing is logged any more: Dask would tell at length of the work that is lost."""
    try:
        yield
    except KeyboardInterrupt:
        logging.disable()
        raise


def require_fit(client, scheduler):
    """Raise ClusterUnavailable, with every worker's fault, unless all can grade as this machine would."""
    with suppress(TimeoutError):                # they may be on their way
        client.wait_for_workers(1, timeout=START)
    threads = client.nthreads()
    faults = [f"{worker} has {n} threads: start it with --nthreads 1" for worker, n in threads.items() if n != 1]
    asked = {} if faults else {
        worker: client.submit(examine, workers=[worker], allow_other_workers=False, pure=False) for worker in threads}
    answered = [_fault(client, worker, future) for worker, future in asked.items()]
    faults += [fault for fault in answered if fault not in (None, DIED)]
    if faults:
        raise ClusterUnavailable("Nothing was graded, for not all workers are fit:\n" + "\n".join(faults))
    if all(fault == DIED for fault in answered):
        raise ClusterUnavailable(f"The Dask scheduler at {scheduler} has no workers: start some with "
                                 f"dask worker {scheduler} --nthreads 1")


def _fault(client, worker, future):
    """What is wrong with a worker that was asked to examine itself: a sentence, DIED or None."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            theirs, error = future.result(timeout=2)
        except TimeoutError:
            if worker not in client.nthreads():
                return DIED
            if time.monotonic() > until:
                return f"{worker} does not answer: is it busy with other work?"
            continue
        except KilledWorker:
            return DIED
        except Exception as failure:            # the package is missing or so old that it does not know the question
            return f"{worker} has not the course installed, or another version of it ({failure!r})"
        if theirs != fingerprint():
            return f"{worker} has another version of the course ({theirs}; here {fingerprint()})"
        return f"{worker} cannot isolate students' code: {error}" if error else None


def run_all(client, jobs, kits, doubtful=lambda text: False):
    """Yield (job, the graded notebook as JSON text, or the exception that came instead), as they are done.

    jobs: an iterator of Jobs, drawn from as workers become free; kits: {assignment: Kit}.  One whose worker died is
    tried again by Dask, and then once more alone, since it may have died of its neighbour; one whose notebook is
    `doubtful` is graded a second time, and that holds.  Raises ClusterUnavailable when the cluster is gone.
    """
    # Tasks of Dask's own, which it can do again where the worker that held the result has died.
    sent = {name: client.submit(_same, kit, pure=False) for name, kit in kits.items()}
    done, running, suspects, again = SimpleQueue(), {}, [], set()
    jobs, window = iter(jobs), AHEAD * max(1, len(client.nthreads()))

    def send(job):
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph")    # a notebook of many megabytes
                future = client.submit(run, job, sent[job.assignment], pure=False)
        except (ClosedClientError, CommClosedError):
            raise ClusterUnavailable(GONE) from None
        running[future] = job
        future.add_done_callback(done.put)

    while True:
        while len(running) < window and (job := next(jobs, None)) is not None:
            send(job)
        if not running:
            if not suspects:
                return
            send(suspects.pop(0))
        future = _next(client, done)
        job = running.pop(future)
        outcome, name = _outcome(future), (job.assignment, job.key, job.student)
        killed = isinstance(outcome, KilledWorker)
        if name in again or not (killed or (isinstance(outcome, str) and doubtful(outcome))):
            yield job, outcome
        else:
            again.add(name)
            suspects.append(job) if killed else send(job)


def _same(kit):
    return kit


def _next(client, done):
    """The next future that is done; ClusterUnavailable where none can be any more."""
    alive = time.monotonic()
    while True:
        try:
            return done.get(timeout=5)
        except Empty:
            if client.status == "running" and client.nthreads():
                alive = time.monotonic()
            elif time.monotonic() - alive > PATIENCE:
                raise ClusterUnavailable(GONE) from None


GONE = ("The workers or the scheduler of the Dask cluster are gone. What was graded is recorded; when the cluster is "
        "back, the same command grades the rest.")


def _outcome(future):
    try:
        if future.status == "cancelled":
            raise ClusterUnavailable(GONE)
        if future.status == "error":            # of one submission
            return future.exception(timeout=PATIENCE)
        return future.result(timeout=PATIENCE)
    except (CancelledError, CommClosedError, TimeoutError):
        raise ClusterUnavailable(GONE) from None
    finally:
        future.release()
