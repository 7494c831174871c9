"""Runs a rebuilt notebook: the student's cells in isolation, the instructor's tests here.

The verdict falls in this process, in which no code of the student's ever runs: the names that the
student had to define are bound to stand-ins that call across a pipe.  When the student's process
dies, it is started again and the earlier cells replayed, so that one crash costs one exercise.  A test that
fails after an earlier function has failed is run once more beside the right earlier function.
"""

import resource
import time
from collections import defaultdict
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import nbformat

from autograder import gradients
from autograder.checking import CheckFailed, Unproved
from autograder.diagnosis import explain_id
from autograder.grading import deaths
from autograder.isolation import Limits, Student, StudentDied, StudentError
from autograder.messages import _
from autograder.selftest import expecting
from autograder.solutions import DEMO, compiled

#: Wall clock in seconds for one exercise, its cell and its tests; and for all cells of the student's own together.
EXERCISE_SECONDS = 40.0
#: For the whole submission, every restart included.
TOTAL_SECONDS = 300.0
#: What a test may take besides: an answer of a strange shape can make NumPy ask for any amount.
TEST_BYTES = 2**30

#: Which arguments a student's function may change: {function: {name: position}}.
IN_PLACE = {"update": {"params": 0}}


def execute(notebook, names, answers, expected, limits=Limits(), seconds=EXERCISE_SECONDS, visible=None):
    """Run `notebook` and write outputs and verdicts into its cells.

    names: {exercise: the name it defines}; answers: {exercise: the solution's cell}, which stands in for an earlier
    function that is wrong; expected: where checks learn what is right; seconds: of each exercise; visible: the same
    as expected for the numbers that students have, by which an answer is told that has them written into it.
    Each test cell gets `metadata.autograder = {"mistake": id or None, "message": text}`; a failed one
    also an error output, from which nbgrader takes its score of 0.  Returns whether the student's
    process had to be stopped.
    """
    execution = _Execution(names, answers, limits, seconds, expected, visible, time.monotonic() + TOTAL_SECONDS)
    left = defaultdict(lambda: seconds)
    try:
        with expecting(expected, execution.sources), _bounded_memory(TEST_BYTES):
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    exercise, begun = _exercise(cell), time.monotonic()
                    execution.deadline, execution.replayed = min(begun + left[exercise], execution.end), 0.0
                    execution.run(cell)
                    left[exercise] -= time.monotonic() - begun - execution.replayed
            execution.settle()
    finally:
        execution.close()
    return bool(execution.stopped)


def _exercise(cell):
    """The exercise that a cell belongs to; None for a student's own."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")[0] or None


@contextmanager
def _bounded_memory(size):
    """Within the block this process may take `size` bytes of address space more than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = pages * resource.getpagesize() + size
    if soft != resource.RLIM_INFINITY:
        bound = min(bound, soft)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _together(student):
    """Within the block numerical gradients ask the student's process for many points at once."""
    before, gradients.evaluate = gradients.evaluate, student.evaluate
    try:
        yield
    finally:
        gradients.evaluate = before


class _Execution:
    def __init__(self, names, answers, limits, seconds, expected, visible, end):
        self.names, self.answers, self.limits, self.seconds = names, answers, limits, seconds
        self.expected, self.visible, self.end = expected, visible, end
        self.deadline = None                        # of the cell that is running
        self.replayed = 0.0                         # seconds of it that went into repeating earlier cells
        self.namespace = {"__name__": "__main__"}   # of the tests
        self.ran = []                               # the student's cells: (grade_id, source, ended by itself, id)
        self.took = 0.0                             # seconds for all of them
        self.stopped = {}                           # grade_id: why its process was stopped
        self.failed = defaultdict(set)              # exercise: its tests that failed
        self.sources = {}                           # exercise: the student's cell
        self.student = None
        self.unproved = set()                       # the tests that wrong functions of the student's may have agreed on
        self.doubtful = []                          # [(test cell, how many of the student's cells had run)]

    def close(self):
        if self.student is not None:
            self.student.close()

    def run(self, cell):
        cell.outputs, cell.execution_count = [], None
        ours = cell.metadata.get("nbgrader", {})
        if ours.get("locked") and DEMO in cell.metadata.get("tags", []):
            return
        if ours.get("grade") and not ours.get("solution"):      # an answer that a person grades is the student's code
            self._say(cell, *self._verdict(cell))
            if cell.metadata["autograder"]["message"] is not None:
                exercise, grade_id = _exercise(cell), ours["grade_id"]
                self.failed[exercise].add(grade_id)
                if self._to_be_replaced(cell):
                    self.doubtful.append((cell, len(self.ran)))
            return
        if ours.get("solution"):
            self.sources[ours["grade_id"]] = cell.source
        if ours.get("locked"):
            exec(cell.source, self.namespace)
        output, begun = None, time.monotonic()
        try:
            output = self._process().run(cell.source, cell.id)
        except StudentDied as death:
            cell.outputs = [_error(deaths.sentence(death))]
            self.stopped[ours.get("grade_id")] = deaths.sentence(death)
        self.took += time.monotonic() - begun - self.replayed
        self.ran.append((ours.get("grade_id"), cell.source, output is not None, cell.id))
        if output is None:
            return
        cell.outputs = [_stream(name, text) for name in ("stdout", "stderr") if (text := getattr(output, name))]
        if output.error is not None:
            cell.outputs.append(_error(output.error.traceback or str(output.error), output.error.type_name))

    def _to_be_replaced(self, cell):
        """The earlier functions of the student's that must not decide about the failed test `cell`."""
        exercise, grade_id = _exercise(cell), cell.metadata.nbgrader.grade_id
        return [used for used in self.expected.uses(exercise) if self.failed[used] or grade_id in self.unproved]

    def settle(self):
        """Judges failed tests again, beside right earlier functions in place of those that must not decide.

        The student's own process has ended before: one that holds an answer must not be able to tell it.
        """
        self.close()
        for count, together in groupby(self.doubtful, key=itemgetter(1)):
            cells = {cell.id: (cell, self._to_be_replaced(cell)) for cell, _count in together}
            other = self._beside_right({name for _cell, replaced in cells.values() for name in replaced}, count)
            try:
                for cell, replaced in cells.values():
                    if replaced:                # it may have been the fault of one that has proved right since
                        self._judge_again(cell, replaced, other)
            finally:
                other.close()
                self.stopped = {**other.stopped, **self.stopped}    # it may have been killed from outside

    def _judge_again(self, cell, replaced, other):
        message, named, _said = other._verdict(cell)
        said, grade_id = cell.metadata["autograder"], cell.metadata.nbgrader.grade_id
        if message is None:
            self.failed[_exercise(cell)].discard(grade_id)
            self._say(cell, None, None, "" if grade_id in self.unproved else _(
                "Accepted: beside a right {names}, in place of yours above, this function passes the test.",
                names=", ".join(replaced)))
        elif named and not said["mistake"]:
            # Of that run nothing is told but the name: its words may be the student's, who has seen an answer.
            self._say(cell, f"{said['message']}\n\n{explain_id(named)}", named, "")

    def _beside_right(self, replaced, count):
        """An execution of the first `count` of the student's cells with right answers for the exercises `replaced`."""
        other = _Execution(self.names, None, self.limits, self.seconds, self.expected, None, self.end)
        other.deadline = min(time.monotonic() + self.seconds, self.end)    # the slowness of the wrong is not its own
        other.namespace, other.took = dict(self.namespace), self.took
        other.ran = [(id, self.answers[id], True, name) if id in replaced else (id, source, alive, name)
                     for id, source, alive, name in self.ran[:count]]
        other.stopped = {id: self.stopped[id] for id, _source, alive, _name in other.ran if not alive}
        return other

    @staticmethod
    def _say(cell, message, mistake, said):
        """Write a verdict into a test cell."""
        cell.metadata["autograder"] = {"mistake": mistake, "message": message}
        cell.outputs = [_error(message)] if message is not None else [_stream("stdout", said)] if said else []

    def _verdict(self, cell):
        """(why the test failed or None, the mistake's id or None, what it printed)."""
        grade_id = cell.metadata.nbgrader.grade_id
        exercise = _exercise(cell)
        if exercise in self.stopped:
            return f"{grade_id}: {self.stopped[exercise]}", None, ""
        said = StringIO()
        try:
            self._bind(cell.source)
            with redirect_stdout(said), _together(self.student):
                exec(compiled(cell.source, grade_id), self.namespace)
        except Unproved as error:
            if self.answers is None:                # beside right functions: there is nothing more to prove
                return None, None, said.getvalue()
            self.unproved.add(grade_id)
            return str(error), None, ""
        except CheckFailed as error:
            return str(error) + ("" if error.mistake else self._hard_coded(cell)), error.mistake, ""
        except StudentDied as death:
            self.stopped[exercise] = deaths.sentence(death)
            return f"{grade_id}: {self.stopped[exercise]}", None, ""
        except StudentError as error:               # a name that stands for what cannot even be handed over
            return _("{id}: The test could not go on: {kind}: {message}.",
                     id=grade_id, kind=error.type_name, message=error.message), None, ""
        except NameError as error:
            return _("{id}: {name} is not defined: did its cell stop with an error?",
                     id=grade_id, name=error.name), None, ""
        return None, None, said.getvalue()

    def _hard_coded(self, cell):
        """What to add where a test that failed passes with the numbers that students have.

        Not looked for where an earlier function is wrong: that is reason enough, and the hint stands there.
        """
        if self.visible is None or any(self.failed[used] for used in self.expected.uses(_exercise(cell))):
            return ""
        try:
            with redirect_stdout(StringIO()), expecting(self.visible, self.sources), _together(self.student):
                exec(compiled(cell.source, cell.metadata.nbgrader.grade_id), self.namespace)
        except (Exception, StudentDied):
            return ""
        return "\n\n" + _("With the numbers of the students' copy your code passes this test, with others it does not: "
                          "are numbers or sizes from the tests written into it?")

    def _bind(self, source):
        """Give a test the student's definitions that it speaks of, as they now are, and no stale ones."""
        process = self._process()
        for name in self.names.values():
            self.namespace.pop(name, None)
            if name in source and (found := process.find(name)) is not None:
                self.namespace[name] = found

    def _process(self):
        """The student's process, started again and brought back to where it was if it died."""
        if time.monotonic() > self.deadline:
            raise StudentDied("timeout", "The time for this exercise was used up.")
        if self.student is None or not self.student.alive:
            self.close()
            begun = time.monotonic()
            while not self._replay():
                if time.monotonic() > self.end:
                    raise StudentDied("timeout", "The time for the whole notebook was used up.")
            self.replayed += time.monotonic() - begun       # not at the cost of what comes after a crash
            self.deadline = min(self.deadline + self.replayed, self.end)
        self.student.until = self.deadline
        return self.student

    def _replay(self):
        """Whether a fresh process has run all earlier cells; what ends it now or takes longer is not run again."""
        self.close()
        self.student = Student(self.limits, in_place=IN_PLACE)
        self.student.until = min(self.end, time.monotonic() + 2 * self.took + 5)
        for number, (id, source, alive, name) in enumerate(self.ran):
            try:
                if alive:
                    self.student.run(source, name)
            except StudentDied as death:
                self.ran[number] = id, source, False, name
                self.stopped[id] = deaths.sentence(death)
                return False
        return True


def _error(message, kind="CheckFailed"):
    return nbformat.v4.new_output("error", ename=kind, evalue=message, traceback=message.splitlines())


def _stream(name, text):
    return nbformat.v4.new_output("stream", name=name, text=text)
