"""`make course`: the books, the exercises, and a sample class graded from end to end.

Each step says how long it took; the first that needs what this machine lacks says how to get it.
"""

import json
import runpy
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder import doctor

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "_build" / "sample"
AUTOGRADER = [sys.executable, "-m", "autograder.cli"]
console = Console(highlight=False)


def command(*arguments, stdout=None):
    """Run a command in the repository; its own progress, on stderr, shows."""
    subprocess.run([str(argument) for argument in arguments], cwd=ROOT, check=True, stdout=stdout)


def book():
    command(sys.executable, "book/build.py")


def exercises():
    command(*AUTOGRADER, "release")


def sample_class():
    shutil.rmtree(SAMPLE, ignore_errors=True)
    runpy.run_path(str(ROOT / "solutions" / "sample_class.py"))["main"](SAMPLE, ROOT / "solutions")


def grade():
    command(*AUTOGRADER, "grade", "--course", SAMPLE, "--timeout", 4, stdout=subprocess.DEVNULL)


def feedback():
    command(*AUTOGRADER, "feedback", "--course", SAMPLE)


def report():
    command(*AUTOGRADER, "report", "--course", SAMPLE, "--csv", SAMPLE / "grades.csv", "--html", SAMPLE / "report.html")


def compare():
    """Every submission of the sample class got what it had to get."""
    said = subprocess.run([*AUTOGRADER, "report", "--json", "--course", SAMPLE], cwd=ROOT,
                          capture_output=True, check=True)
    wrong = runpy.run_path(str(ROOT / "solutions" / "sample_class.py"))["differences"](
        json.loads(said.stdout), json.loads((SAMPLE / "expected.json").read_text()))
    if wrong := list(wrong):
        raise RuntimeError("\n".join(wrong))


STEPS = [
    ("the books in three languages", book),
    ("the exercises, proved and released", exercises),
    ("a sample class hands in", sample_class),
    ("its submissions are graded in isolation", grade),
    ("feedback pages", feedback),
    ("the report", report),
    ("every grade is what it must be", compare),
]


def main():
    """Run the steps; exit status 1 and the reason where one fails."""
    missing = [finding for finding in doctor.examine() if finding.needed and not finding.ok]
    for finding in missing:
        console.print(f"[bold]Missing:[/] {escape(finding.name)}: {escape(finding.detail)}")
    times = Table("step", "seconds", title="Time taken")
    for name, step in STEPS:
        if missing and step is grade:
            sys.exit("The books and exercises are made. Grading needs the above; then run make course again.")
        console.rule(name)
        start = time.monotonic()
        try:
            step()
        except (subprocess.CalledProcessError, RuntimeError, OSError) as error:
            sys.exit(f"{name}: failed: {error}")
        times.add_row(name, f"{time.monotonic() - start:.1f}")
    console.rule()
    console.print(times)
    console.print(f"Sample class: {SAMPLE}/feedback, {SAMPLE}/report.html")
    console.print(f"The book:     {ROOT / '_build' / 'html' / 'index.html'}")


if __name__ == "__main__":
    main()
