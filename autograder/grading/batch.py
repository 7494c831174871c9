"""Grades a class: one Dask task a submission, one writer for files and gradebook.

The writer puts a graded notebook in its place and then the grades into the gradebook, in one
transaction; the notebook carries a key of all that it was made from, so that a run that was cut off
anywhere is finished by the next one, and only what changed is graded again.
"""

import hashlib
import os
import secrets
from contextlib import contextmanager
from pathlib import Path

import nbformat
from dask.distributed import Client, LocalCluster, as_completed

from autograder import release
from autograder.grading import gradebook as books
from autograder.grading import submissions
from autograder.grading.intake import Unreadable
from autograder.grading.results import result
from autograder.grading.worker import Job, Kit, run
from autograder.isolation import IsolationUnavailable, Limits, probe
from autograder.messages import LANGUAGES
from autograder.solutions import Assignment


def grade(course, assignments, *, students=(), solutions="solutions", workers=None, scheduler=None,
          db=None, force=False, limits=Limits(), progress=lambda done, total, result: None):
    """Grade the submissions under `course`; returns the result dicts of those that were graded now.

    workers: processes on this machine (None: one a core); scheduler: the address of a Dask cluster to
    use instead.  progress is called after each submission.  Raises IsolationUnavailable before
    anything is run where this machine cannot isolate.
    """
    course, results = Path(course), []
    db = db or books.url(course)
    with books.open_gradebook(db) as gradebook:
        known = [Assignment(name, solutions).name for name in assignments]      # a missing solution is said at once
        kits = {name: kit(name, solutions) for name in known if submissions.find(course, name, students)}
        for name in kits:
            books.register(db, name, kits[name].master)
        jobs = [job for name in kits for job in _due(course, gradebook, kits[name], students, force, limits)]
        if not jobs:
            return []
        _require_isolation()
        with _client(min(workers or os.cpu_count(), len(jobs)), scheduler) as client:
            sent = {name: client.scatter(kits[name], broadcast=True, hash=False) for name in kits}
            futures = {client.submit(run, job, sent[job.assignment], pure=False): job for job in jobs}
            for future in as_completed(futures):
                job = futures.pop(future)
                try:
                    notebook = nbformat.reads(future.result(), as_version=4)
                    results.append(save(course, gradebook, job, notebook))
                except Exception as error:  # a fault of ours must not cost the others their grades
                    results.append(_failed(job, error))
                progress(len(results), len(jobs), results[-1])
                future.release()
    return sorted(results, key=lambda r: (r["assignment"], r["student"]))


def kit(name, solutions):
    """What submissions of assignment `name` are graded with in one run, from the folder `solutions`."""
    assignment = Assignment(name, solutions)
    files = (assignment.path, assignment.folder / "mistakes" / f"{name}.py")
    fingerprint = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    prose = {language: {source for kind, meta, source in assignment.cells
                        if kind == "markdown" and meta["lang"] == language} for language in LANGUAGES}
    return Kit(assignment, release.master(assignment), prose, fingerprint, secrets.randbits(32))


def save(course, gradebook, job, notebook):
    """Put a graded notebook in its place, its grades into the gradebook; returns the result dict."""
    folder = course / "submitted" / job.student / job.assignment
    submission = submissions.Submission(job.student, job.assignment, folder)
    path = _graded_path(course, submission)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = notebook.metadata["autograder"]
    key = about.pop("key")
    _replace(path, notebook)
    books.record(gradebook, job.student, job.assignment, notebook, submissions.timestamp(submission))
    about["key"] = key                  # last: a file with a key is a file whose grades are recorded
    _replace(path, notebook)
    return result(notebook, job.student, books.scores(gradebook, job.assignment, job.student))


def _replace(path, notebook):
    """Write `notebook` to `path` so that at every moment the old or the new file is there, whole."""
    aside = path.with_suffix(".tmp")
    with open(aside, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def _due(course, gradebook, kit, students, force, limits):
    """The Jobs of those submissions that are new or changed, or whose grades are missing."""
    name = kit.assignment.name
    for submission in submissions.find(course, name, students):
        try:
            data, notes = submissions.read(submission)
        except Unreadable as error:
            data, notes = None, [str(error)]
        digest = hashlib.sha256(data if data is not None else notes[-1].encode()).hexdigest()
        key = f"{kit.fingerprint}:{digest}"
        known = key == _recorded_key(course, submission) and books.scores(gradebook, name, submission.student)
        if force or not known:
            yield Job(submission.student, name, data, key, notes, limits)


def _graded_path(course, submission):
    name = submission.assignment
    return course / "autograded" / submission.student / name / f"{name}.ipynb"


def _recorded_key(course, submission):
    try:
        notebook = nbformat.read(_graded_path(course, submission), as_version=4)
        return notebook.metadata["autograder"].get("key")
    except Exception:                   # missing, half written, somebody else's: grade it again
        return None


def _failed(job, error):
    """The result of a submission on which the grader itself broke: nothing recorded, a person must look."""
    return {"student": job.student, "assignment": job.assignment, "notebook": job.assignment, "language": "en",
            "status": "failed", "score": None, "max_score": None, "repairs": [repr(error)], "cells": []}


def _require_isolation():
    found = probe()
    if not found["works"]:
        raise IsolationUnavailable(found["error"])


@contextmanager
def _client(workers, scheduler):
    """A Dask client of the cluster at `scheduler`, or of one of our own that ends with the block."""
    if scheduler:
        with Client(scheduler) as client:
            yield client
        return
    # Port 0: any free one, so that two instructors can grade on one machine.
    with (LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster,
          Client(cluster) as client):
        yield client
