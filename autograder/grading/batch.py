"""Grades a class: one Dask task a submission, one writer for files and gradebook.

Workers get the bytes of a submission and return the graded notebook; they see neither the gradebook
nor other submissions.  The writer puts the file in place and then the grades, in one transaction;
the notebook carries a key of all that it was made from, so that a run that was cut off anywhere is
finished by the next one, and only what changed is graded again.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import nbformat
from dask.distributed import Client, LocalCluster, as_completed

from autograder import release
from autograder.expectations import LiveExpectations
from autograder.grading import gradebook as books
from autograder.grading import submissions
from autograder.grading.executor import execute
from autograder.grading.intake import Rebuilt, Unreadable, rebuild
from autograder.grading.results import result
from autograder.isolation import IsolationUnavailable, Limits, probe
from autograder.messages import LANGUAGES, using
from autograder.solutions import Assignment


@dataclass(frozen=True)
class Job:
    """What travels to a worker."""

    student: str
    assignment: str
    solutions: str
    data: bytes | None                  # None: unreadable, and `notes` says why
    key: str
    notes: list = field(default_factory=list)
    limits: Limits = Limits()


def grade(course, assignments, *, students=(), solutions="solutions", workers=None, scheduler=None,
          db=None, force=False, limits=Limits(), progress=lambda done, total, result: None):
    """Grade the submissions under `course`; returns the result dicts of those that were graded now.

    workers: processes on this machine (None: one a core); scheduler: the address of a Dask cluster to
    use instead.  progress is called after each submission.  Raises IsolationUnavailable before
    anything is run where this machine cannot isolate.
    """
    course = Path(course)
    db = db or books.url(course)
    _require_isolation()
    jobs = []
    with books.open_gradebook(db) as gradebook:
        for name in assignments:
            books.register(db, name, master(name, solutions, fingerprint(name, solutions)))
            jobs += _due(course, gradebook, name, students, solutions, force, limits)
        results = []
        if jobs:
            with _client(min(workers or os.cpu_count(), len(jobs)), scheduler) as client:
                futures = {client.submit(run, job, pure=False): job for job in jobs}
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


def _require_isolation():
    found = probe()
    if not found["works"]:
        raise IsolationUnavailable(found["error"])


def run(job):
    """Grade one submission, in a worker; returns the notebook as JSON text."""
    assignment = _assignment(job.assignment, job.solutions, job.key.partition(":")[0])
    return nbformat.writes(graded_notebook(job, assignment))


def graded_notebook(job, assignment):
    """The rebuilt and executed notebook of `job`, with all that is to be recorded in its metadata."""
    reference = master(job.assignment, job.solutions, job.key.partition(":")[0])
    try:
        if job.data is None:
            raise Unreadable(job.notes[-1])
        rebuilt = rebuild(job.data, reference, prose(job.assignment, job.solutions))
    except Unreadable as error:
        rebuilt = _blank(reference, str(error))
        status = "unreadable"
    else:
        seed = secrets.randbits(32)     # nobody can know the numbers in advance
        rebuilt.notebook.metadata["autograder"]["seed"] = seed
        with using(rebuilt.language):
            stopped = execute(rebuilt.notebook, assignment.names, LiveExpectations(assignment, seed), job.limits)
        status = "stopped" if stopped else "graded"
    rebuilt.notebook.metadata["autograder"].update(
        status=status, key=job.key, repairs=[*(job.notes if job.data is not None else []), *rebuilt.repairs])
    return rebuilt.notebook


def save(course, gradebook, job, notebook):
    """Put a graded notebook in its place, its grades into the gradebook; returns the result dict."""
    path = _graded_path(course, job.student, job.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    about = notebook.metadata["autograder"]
    key = about.pop("key")
    _write(aside, notebook)
    os.replace(aside, path)
    folder = course / "submitted" / job.student / job.assignment
    submission = submissions.Submission(job.student, job.assignment, folder)
    books.record(gradebook, job.student, job.assignment, notebook, submissions.timestamp(submission))
    about["key"] = key                  # last: a file with a key is a file whose grades are recorded
    _write(aside, notebook)
    os.replace(aside, path)
    return result(notebook, job.student, books.scores(gradebook, job.assignment, job.student))


def _write(path, notebook):
    with open(path, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)
        file.flush()
        os.fsync(file.fileno())


def _graded_path(course, student, assignment):
    return course / "autograded" / student / assignment / f"{assignment}.ipynb"


def _due(course, gradebook, name, students, solutions, force, limits):
    """The Jobs of those submissions that are new or changed, or whose grades are missing."""
    made_from = fingerprint(name, solutions)
    for submission in submissions.find(course, name, students):
        try:
            data, notes = submissions.read(submission)
        except Unreadable as error:
            data, notes = None, [str(error)]
        digest = hashlib.sha256(data if data is not None else notes[-1].encode()).hexdigest()
        key = f"{made_from}:{digest}"
        if force or key != _recorded_key(course, submission) or not books.scores(gradebook, name, submission.student):
            yield Job(submission.student, name, str(solutions), data, key, notes, limits)


def _recorded_key(course, submission):
    try:
        notebook = nbformat.read(_graded_path(course, submission.student, submission.assignment), as_version=4)
        return notebook.metadata["autograder"].get("key")
    except Exception:                   # missing, half written, somebody else's: grade it again
        return None


def _blank(reference, reason):
    """The master with every test failed for `reason`, for a submission that cannot be read."""
    notebook = nbformat.from_dict(reference)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.nbgrader.grade:
            cell.metadata["autograder"] = {"mistake": None, "message": reason}
            cell.outputs = [nbformat.v4.new_output("error", ename="Unreadable", evalue=reason, traceback=[reason])]
    return Rebuilt(notebook, "en", [reason])


def _failed(job, error):
    """The result of a submission on which the grader itself broke: nothing recorded, a person must look."""
    return {"student": job.student, "assignment": job.assignment, "notebook": job.assignment, "language": "en",
            "status": "failed", "score": None, "max_score": None, "repairs": [repr(error)], "cells": []}


def _client(workers, scheduler):
    if scheduler:
        return Client(scheduler)
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0")
    return Client(cluster)


def fingerprint(name, solutions):
    """A hash of the assignment's solution and catalogue: when they change, grades are stale."""
    files = (Path(solutions) / f"{name}.md", Path(solutions) / "mistakes" / f"{name}.py")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


@lru_cache(maxsize=16)
def _assignment(name, solutions, made_from):
    """The assignment as it was when its fingerprint was `made_from`; loaded once in a process."""
    return Assignment(name, solutions)


@lru_cache(maxsize=16)
def master(name, solutions, made_from):
    """The notebook that submissions of `name` are rebuilt from."""
    return release.master(_assignment(name, solutions, made_from))


@lru_cache(maxsize=16)
def prose(name, solutions):
    """{language: the released prose cells}, by which a notebook without metadata is recognised."""
    cells = Assignment(name, solutions).cells
    return {language: {source for kind, meta, source in cells if kind == "markdown" and meta["lang"] == language}
            for language in LANGUAGES}
