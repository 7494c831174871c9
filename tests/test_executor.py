"""What one submission may take, and what is said of strange answers."""

import numpy as np
import pytest
from repository import ROOT

from autograder.grading import batch, executor
from autograder.grading.worker import _expectations
from autograder.isolation import Limits


def graded(assignment, seconds=executor.EXERCISE_SECONDS, limits=Limits(call_seconds=4), own=(), **sources):
    """{grade_id: why it failed, or None} of the solution with these cells in place of its own, `own` before all."""
    kit = batch.kit(assignment, ROOT / "solutions")
    notebook = kit.assignment.notebook("en")
    for cell in notebook.cells:
        cell.source = sources.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    setup = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells[setup + 1:setup + 1] = [executor.nbformat.v4.new_code_cell(source) for source in own]
    hidden, visible = _expectations(kit)
    executor.execute(notebook, kit.assignment.names, kit.assignment.code, hidden, limits, seconds, visible)
    return {cell.metadata.nbgrader.grade_id: cell.metadata.autograder.message
            for cell in notebook.cells if "autograder" in cell.metadata}


def test_a_slow_exercise_uses_up_its_own_time_only():
    slow = "import time\ndef ewma(values, beta):\n    time.sleep(1)\n    return values\n"
    said = graded("learning_rate", seconds=1.5, ewma=slow)
    assert all(message for id, message in said.items() if id.startswith("ewma-")), said
    assert any("did not finish in time" in message for message in said.values() if message)
    assert not any(message for id, message in said.items() if not id.startswith("ewma-"))


def test_cells_of_the_students_own_use_up_no_exercises_time():
    said = graded("learning_rate", seconds=3, own=["import time\ntime.sleep(2)"] * 2)
    assert not any(said.values()), said


@pytest.mark.parametrize("source, word", [
    ("def ewma(values, beta): return map(float, values)", "of type map"),
    ("def ewma(values, beta): return {'v': values}", "of type dict"),
    ("def ewma(values): return values", "Leave the line that begins with def as it was given"),
    ("ewma = 5", "TypeError"),
])
def test_strange_answers_are_spoken_of_as_what_they_are(source, word):
    message = graded("learning_rate", ewma=source)["ewma-noisy"]
    assert word in message and "Remote" not in message and "line ?" not in message, message


def test_the_memory_of_a_test_is_bounded():
    with executor._bounded_memory(2**28), pytest.raises(MemoryError):
        np.ones((2**14, 2**15))
    assert np.ones((2**10, 2**15)).all()


def test_cells_that_take_longer_when_they_are_repeated_are_cut_off(monkeypatch):
    """After a crash earlier cells run again; one that knows it by something must not hold the grader up."""
    calls, real = [], executor.Student.run

    def run(self, source, name="cell"):
        calls.append(name)
        return real(self, source.replace("SECONDS", "60" if calls.count(name) > 1 else "0"), name)
    monkeypatch.setattr(executor.Student, "run", run)
    begun = executor.time.monotonic()
    said = graded("learning_rate", limits=Limits(call_seconds=100), own=["import time\ntime.sleep(SECONDS)"],
                  ewma="def ewma(values, beta):\n    import os; os._exit(1)\n")
    assert executor.time.monotonic() - begun < 55 and all(v for k, v in said.items() if k.startswith("ewma-"))
