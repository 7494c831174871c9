"""A course of six tiny submissions, what its gradebook must hold, and a quick grader for what needs no cluster."""

import os
import runpy
import shutil
import time
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from nbgrader import api
from repository import ROOT
from sqlalchemy import select

from autograder.grading import batch, cluster
from autograder.grading import gradebook as books
from autograder.grading.results import results
from autograder.grading.worker import run
from autograder.solutions import Assignment

SAMPLE = runpy.run_path(str(ROOT / "solutions" / "sample_class.py"))
SOLUTIONS = str(ROOT / "solutions")
NAME = "learning_rate"
MISTAKES = ("ewma/", "exponential_decay/", "staircase_decay/")


@lru_cache(maxsize=1)
def assignment():
    return Assignment(NAME, SOLUTIONS)


def hand_in(course, student, answers=None):
    """Write one submission of the solution with `answers` instead; returns the notebook's Path."""
    SAMPLE["hand_in"](course, student, assignment(), "en", answers or {}, {})
    return Path(course) / "submitted" / student / NAME / f"{NAME}.ipynb"


def write(course):
    """The class: a right answer, three mistakes, a stub, and one that is no notebook."""
    hand_in(course, "right")
    for prefix in MISTAKES:
        id = next(id for id in assignment().catalogue["MISTAKES"] if id.startswith(prefix))
        hand_in(course, prefix.strip("/"), {prefix.strip("/"): id})
    hand_in(course, "stub", dict.fromkeys(assignment().names, ""))
    path = Path(course) / "submitted" / "torn" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text('{"cells": [')


@contextmanager
def opened(course, db=None):
    with books.open_gradebook(db or books.url(Path(course))) as gradebook:
        yield gradebook


def state(course, db=None):
    """All that must be the same after a disturbed run: nbgrader's grades and comments, and our results.

    Messages are left out: they speak of the numbers of the run's own probe.
    """
    found = {}
    with opened(course, db) as gradebook:
        with gradebook.engine.connect() as connection:
            for table in (api.Grade.__table__, api.Comment.__table__):
                cell, notebook = api.BaseCell.__table__, api.SubmittedNotebook.__table__
                submitted = api.SubmittedAssignment.__table__
                own = [column for column in table.c if column.name not in ("id", "cell_id", "notebook_id")]
                for student, penalty, name, *values in connection.execute(
                        select(submitted.c.student_id, notebook.c.late_submission_penalty, cell.c.name, *own)
                        .select_from(table.join(cell).join(notebook).join(submitted))):
                    found[student, table.name, name] = (penalty, *values)
        for result in results(course, gradebook, [NAME]):
            cells = [{key: cell[key] for key in cell if key != "message"} for cell in result["cells"]]
            found[result["student"]] = {**result, "cells": cells}
    return found


def honest(course, expected):
    """Each student's result is what it must be, or says that a person must look; never something else."""
    for student, found in state(course).items():
        if isinstance(student, str) and found["status"] != "failed":
            assert found == expected[student]


def scores(course, db=None):
    """{student: score as the report has it}."""
    with opened(course, db) as gradebook:
        return {result["student"]: result["score"] for result in results(course, gradebook, [NAME])}


class Quick:
    """batch.grade without Dask: the same bytes are really executed once, in this process."""

    def __init__(self):
        self.texts = {}

    def run_all(self, _client, jobs, kits, _doubtful=None):
        for job in jobs:
            if job.data not in self.texts:
                self.texts[job.data] = run(job, kits[job.assignment]).replace(job.key, "THE KEY")
            yield job, self.texts[job.data].replace("THE KEY", job.key)

    @contextmanager
    def connect(self, *_):
        yield None

    def patch(self, monkeypatch):
        """Put it in the cluster's place; returns batch.grade for the course's one assignment."""
        monkeypatch.setattr(cluster, "connect", self.connect)
        monkeypatch.setattr(cluster, "run_all", self.run_all)
        return lambda course, **options: batch.grade(course, [NAME], solutions=SOLUTIONS, **options)


def copy(course, to):
    """Another course of the same submissions, ungraded."""
    shutil.copytree(Path(course) / "submitted", Path(to) / "submitted")
    return Path(to)


def below(pid):
    """The processes under `pid`, itself not."""
    parents = {}
    for folder in os.scandir("/proc"):
        with suppress(OSError, ValueError):
            stat = Path(f"/proc/{int(folder.name)}/stat").read_text()
            parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found[1:]


def all_end(pids, seconds=30):
    """Whether all these processes end in that time."""
    until = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
        time.sleep(0.1)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)
