"""Grades a class: one Dask task a submission, one writer for files and gradebook.

The writer puts a graded notebook in its place, whole, and then its grades into the gradebook, in one transaction
with the hash of the notebook.  Where the two do not agree, something was cut off in between: the next run grades
that submission again, and only what is new, changed or cut off.
"""

import errno
import hashlib
import os
import secrets
from contextlib import ExitStack, suppress
from pathlib import Path

import nbformat
from dask.distributed import KilledWorker
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy.exc import DBAPIError

from autograder import release
from autograder.grading import cluster, deaths, lock, submissions
from autograder.grading import gradebook as books
from autograder.grading import policy as policies
from autograder.grading.aside import replace
from autograder.grading.ledger import Ledger
from autograder.grading.plan import Plan, graded_path
from autograder.grading.results import failed, graded, result
from autograder.grading.worker import Kit
from autograder.isolation import Limits, StudentDied
from autograder.messages import LANGUAGES, using
from autograder.solutions import Assignment

#: Errors of the disk that would befall every submission: the run stops instead.
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)


def grade(course, assignments, *, students=(), solutions="solutions", workers=None, scheduler=None,
          db=None, force=False, limits=Limits(), progress=lambda done, total, result: None,
          penalized=lambda count: None, attempt=None, deadline=None, late_penalty=None):
    """Grade the submissions under `course`; returns the result dicts of those students who were graded now.

    workers: processes on this machine (None: one a core); scheduler: the address of a Dask cluster to use instead;
    attempt, deadline, late_penalty: see policy.py, None as course.toml says.  progress is called after each
    submission, penalized with how many late penalties have changed of what is not graded again.  Raises WrongUsage
    where nothing was handed in of what was named, IsolationUnavailable before anything is run where students' code
    cannot be isolated, an OSError (Busy, GradebookUnavailable, ClusterUnavailable, a full disk) where the run must
    stop: what was graded until then is recorded, and the same call grades the rest.
    """
    course, results = Path(course), {}
    known = [Assignment(name, solutions).name for name in assignments]      # a missing solution is said at once
    policy = policies.read(course, known, attempt, deadline, late_penalty)
    submissions.require(course, known, students)
    db = db or books.url(course)
    with ExitStack() as stack:
        stack.enter_context(lock.alone(course))
        gradebook = stack.enter_context(books.open_gradebook(db))
        stack.enter_context(lock.alone_in_database(gradebook))
        kits = {name: kit(name, solutions) for name in known if submissions.find(course, name, students)}
        plans = {}
        for name in kits:
            books.register(gradebook, db, name, kits[name].master)
            plans[name] = _plan(course, gradebook, kits[name], policy, students, force)
        penalized(sum(len(plan.penalties) for plan in plans.values()))
        total = sum(len(plan.due) for plan in plans.values())
        if not total:
            return []
        client = stack.enter_context(cluster.connect(scheduler, min(workers or os.cpu_count(), total)))
        jobs = (job for plan in plans.values() for due in plan.due if (job := plan.job(due, limits)) is not None)
        for done, (job, outcome) in enumerate(cluster.run_all(client, jobs, kits, _perhaps_killed), 1):
            at = job.assignment, job.student
            said, counts = _settle(course, plans[job.assignment], job, outcome)
            if said["status"] == "failed" or (counts and results.get(at, said)["status"] != "failed"):
                results[at] = said
            else:
                results.setdefault(at, None)    # an attempt that does not count: the one that does is looked up below
            progress(done, total, said)
        for name, student in [at for at, said in results.items() if said is None]:
            results[name, student] = next(graded(course, gradebook, name, [student]))[0]
    return [results[at] for at in sorted(results)]


def kit(name, solutions):
    """What submissions of assignment `name` are graded with in one run, from the folder `solutions`."""
    assignment = Assignment(name, solutions)
    files = (assignment.path, assignment.folder / "mistakes" / f"{name}.py")
    fingerprint = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    prose = {language: {source for kind, meta, source in assignment.cells
                        if kind == "markdown" and meta["lang"] == language} for language in LANGUAGES}
    return Kit(assignment, release.master(assignment), prose, fingerprint, secrets.randbits(32))


def _plan(course, gradebook, kit, policy, students, force):
    name = kit.assignment.name
    ledger = Ledger(gradebook, name)
    if name in policy.deadlines:
        ledger.set_deadline(policies.naive_utc(policy.deadlines[name]))
    if ledger.deadline is None and policy.attempt == "before-deadline":
        raise ValueError(f"There is no deadline for {name}, before which an attempt could count: give --deadline, or "
                         "write it into course.toml, or enter it in formgrader as the assignment's due date.")
    plan = Plan(course, kit, ledger, policy, students, force)
    ledger.penalize(plan.penalties)
    return plan


def _settle(course, plan, job, outcome):
    """(the result dict of a job, whether its grades are the student's now)."""
    try:
        if isinstance(outcome, Exception):
            raise outcome
        return save(course, plan, job, outcome)
    except books.GradebookUnavailable:
        raise
    except Exception as error:                  # a fault of ours must not cost the others their grades
        if isinstance(error, OSError) and error.errno in DISK:
            path = error.filename or graded_path(course, job.student, job.assignment)
            raise OSError(error.errno, f"{error.strerror}. What was graded is recorded", str(path)) from None
        reason = _reason(error)
        standing = plan.standing.get(job.student)
        with suppress(ValueError, DBAPIError):  # a name that no database takes: it is said on every run
            plan.ledger.fail(job.student, plan.row(job, score=None, reason=reason), blank=standing is None)
        return failed(job.student, job.assignment, reason), False


def save(course, plan, job, text):
    """Put the graded notebook `text` in its place, its grades into the gradebook, if they are to be the student's.

    Returns (its result dict, whether they are).
    """
    data = text.encode()
    notebook = nbformat.v4.reads(text)          # ours: to validate it would cost more than all the rest
    grades = {_id(cell): determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)}
    score = sum(value or 0.0 for value in grades.values())
    if not plan.counts(job.student, job.key, score):
        plan.ledger.remember(job.student, plan.row(job, score=score))
        return result(notebook, job.student, {}), False
    comments = {_id(cell): "No response." if _untouched(cell) else None
                for cell in notebook.cells if is_solution(cell) or is_task(cell)}
    replace(graded_path(course, job.student, job.assignment), data, sync=True)
    row = plan.row(job, score=score, counts=True, notebook=hashlib.sha256(data).hexdigest())
    scores, penalty = plan.ledger.record(job.student, row, grades, comments, policies.naive_utc(plan.when(job)),
                                         plan.penalty(job.student, job.key))
    plan.standing[job.student] = row
    return result(notebook, job.student, scores, row.number, penalty), True


def _perhaps_killed(text):
    """Whether the student's process ended in a way that looks the same if it was killed from outside.

    By the system, short of memory, or by a person: that is not the student's fault.  If it is, it happens again.
    """
    if '"status": "stopped"' not in text:
        return False
    notebook = nbformat.v4.reads(text)
    with using(notebook.metadata["autograder"]["language"]):
        doubtful = [deaths.sentence(StudentDied(reason, "")) for reason in ("memory", "exited", "protocol")]
    said = [output.evalue for cell in notebook.cells for output in cell.get("outputs", ())
            if output.output_type == "error"]
    return any(sentence in text for sentence in doubtful for text in said)


def _id(cell):
    return cell.metadata.nbgrader.grade_id


def _untouched(cell):
    return not is_task(cell) and cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)


def _reason(error):
    """Why a submission could not be graded, for the instructor."""
    if isinstance(error, KilledWorker):
        return ("The worker process died each time it graded this notebook, alone at last: its memory ran out, or "
                "somebody ended it. The next run tries again.")
    return f"The grader failed ({error!r}). The next run tries again."
