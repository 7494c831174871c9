"""A full disk and a read-only one, made by bubblewrap: each command says so and what to do, and loses nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from courses import NAME, SOLUTIONS, state

from autograder.isolation import probe

pytestmark = [pytest.mark.skipif(not probe()["works"], reason="this machine cannot isolate students' code"),
              pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap makes the disks")]

READ_ONLY = "Read-only file system: {course}", "Get the right to read and write there, or name another folder"
FULL = "No space left on device", "Make room there, then run the same command again"
#: What is tried: the command, and in which folder of the course there is no room; the whole course is read-only else.
COMMANDS = {
    "collect": ("collect {course}/submitted --assignment {name}", None),
    "collect, full": ("collect {course}/submitted --assignment {name} --course {course}/new", "new"),
    "grade": ("grade {name} --force --solutions {solutions}", None),
    "grade, full": ("grade {name} --force --solutions {solutions}", "autograded"),
    "feedback": ("feedback {name}", None),
    "feedback, full": ("feedback {name}", "feedback"),
    "a spreadsheet": ("report {name} --csv {course}/grades.csv", None),
    "a page, full": ("report {name} --html {course}/report/page.html --solutions {solutions}", "report"),
}


@pytest.fixture
def course(tmp_path, undisturbed):
    """The graded course, to be written to."""
    return Path(shutil.copytree(undisturbed[0], tmp_path / "course"))


def run(course, command, disk):
    """Run `autograder COMMAND` with bubblewrap's options `disk`; returns the CompletedProcess."""
    command = command.format(course=course, name=NAME, solutions=SOLUTIONS)
    if "--course" not in command:
        command += f" --course {course}"
    program = [str(Path(sys.executable).with_name("autograder")), *command.split()]
    return subprocess.run(["bwrap", "--dev-bind", "/", "/", "--cap-add", "ALL", *disk, "--", *program],
                          capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("command, full", COMMANDS.values(), ids=COMMANDS)
def test_a_disk_that_takes_nothing(course, undisturbed, command, full):
    disk, (said, advice) = ["--ro-bind", course, course], READ_ONLY
    if full:
        (course / full).mkdir(exist_ok=True)
        disk, (said, advice) = ["--size", "4096", "--tmpfs", course / full], FULL
    ran = run(course, command, map(str, disk))
    assert ran.returncode == 1 and "Traceback" not in ran.stderr, ran.stderr
    assert said.format(course=course) in ran.stderr and advice in ran.stderr, ran.stderr
    assert state(course) == undisturbed[1] or "grade" in command     # a forced run had begun
    again = run(course, command, [])
    assert "Error" not in again.stderr and "Traceback" not in again.stderr, again.stderr
    assert state(course) == undisturbed[1]
