"""The command line `autograder`: see `autograder --help`.

Exit status: 0 done, 1 something needs a person, 2 wrong usage, 130 stopped with Ctrl-C.
"""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import autograder.quick  # noqa: F401  (for its effect)
from autograder.checks import ASSIGNMENTS
from autograder.guard import Stopped, WrongUsage, guarded, require_known
from autograder.messages import LANGUAGES, set_language

console = Console(stderr=True, highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="training-techniques")
def main():
    """Check, collect and grade the exercises of Techniques for Training Neural Networks."""


def assignments_argument(command):
    """The argument ASSIGNMENT…: all assignments of the course where none is named."""
    return click.argument("assignments", nargs=-1, type=click.Choice(ASSIGNMENTS),
                          metavar="[ASSIGNMENT]...")(command)


def _course_option(exists):
    return click.option("--course", type=click.Path(exists=exists, file_okay=False, path_type=Path), default=".",
                        help="The folder with submitted/ and gradebook.db.", show_default=True)


course_option, new_course_option = _course_option(exists=True), _course_option(exists=False)
solutions_option = click.option("--solutions", type=click.Path(exists=True, file_okay=False), default="solutions",
                                help="The folder with the solutions.", show_default=True)
student_option = click.option("--student", "students", multiple=True, metavar="ID",
                              help="Only this student; repeatable.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print machine-readable results.")
db_option = click.option("--db", metavar="URL", help="The gradebook, instead of COURSE/gradebook.db.")


@main.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(list(LANGUAGES)), help="Say it in this language, not the notebook's.")
@json_option
@guarded
def check(notebook, lang, as_json):
    """Run the visible tests of a NOTEBOOK of your own, and say what they found.

    Example: autograder check optimizers.ipynb --lang zh-TW
    """
    from autograder import selfcheck

    try:
        result = selfcheck.run(notebook, lang)
    except selfcheck.NotAnExercise as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print(json.dumps([result], ensure_ascii=False, indent=1))
    else:
        Console(highlight=False).print(selfcheck.report(result))
    sys.exit(0 if result["score"] == result["max_score"] else 1)


@main.command()
@assignments_argument
@solutions_option
@click.option("--to", type=click.Path(file_okay=False), default="exercises", show_default=True)
@click.option("--source", type=click.Path(file_okay=False), default="_build/source", show_default=True)
@guarded
def release(assignments, solutions, to, source):
    """Prove each ASSIGNMENT and write what students get.

    Refuses unless the solution scores everything, the stub nothing, and each known mistake is caught
    and named.

    Example: autograder release optimizers
    """
    from autograder import release as releasing

    try:
        releasing.release(assignments or ASSIGNMENTS, solutions, to, source, progress=console.print)
    except releasing.Refused as refused:
        raise click.ClickException(str(refused)) from None


@main.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--assignment", required=True, type=click.Choice(ASSIGNMENTS))
@new_course_option
@guarded
def collect(sources, assignment, course):
    """Take folders and zips, as Moodle, Canvas, Brightspace, Gradescope or nbgrader name them, into submitted/.

    Example: autograder collect ~/Downloads/moodle-export.zip --assignment optimizers
    """
    from autograder.grading.collect import collect as collecting

    refused = 0
    for item in collecting(list(sources), assignment, course):
        refused += item.status == "refused"
        console.print(f"{item.status:8} {escape(item.student)}  {escape(item.note)}")
    sys.exit(1 if refused else 0)


@main.command()
@assignments_argument
@student_option
@click.option("--workers", type=click.IntRange(1), help="Processes on this machine.  [default: one a core]")
@click.option("--scheduler", metavar="tcp://…", help="Use this Dask cluster instead.")
@click.option("--force", is_flag=True, help="Grade all again, not only what changed.")
@click.option("--timeout", type=click.FloatRange(0.1), default=10.0, show_default=True,
              help="Seconds that one cell or one call may take.")
@click.option("--attempt", type=click.Choice(["last", "best", "before-deadline"]),
              help="Which of a student's attempts counts.  [default: as course.toml says, else last]")
@click.option("--deadline", metavar="DATE",
              help="“2026-12-01 23:59” in this machine's time, or with a zone: “2026-12-01 23:59+08:00”.")
@click.option("--late-penalty", metavar="TEXT",
              help="“10% a day, at most 50%” of the maximum, or points: “2 a day, at most 10”; for each day begun.")
@db_option
@course_option
@solutions_option
@json_option
@guarded
def grade(assignments, students, workers, scheduler, force, timeout, db, course, solutions, as_json, **policy):
    """Grade the submissions of each ASSIGNMENT in isolation, in parallel.

    Only what is new or changed is graded; manual grades and comments stay.  Which attempt counts, deadlines and the
    penalty for being late are best written into COURSE/course.toml, where the next run finds them.

    Example: autograder grade optimizers --workers 8
    """
    from autograder.grading.batch import grade as grading
    from autograder.isolation import IsolationUnavailable, Limits

    bar, penalized = _progress(), []
    try:
        with bar:
            results = grading(course, assignments or ASSIGNMENTS, students=students, solutions=solutions,
                              workers=workers, scheduler=scheduler, db=db, force=force,
                              limits=Limits(call_seconds=timeout), progress=bar.advance, penalized=penalized.append,
                              **policy)
    except KeyboardInterrupt:
        raise Stopped(f"Stopped. {_count(bar.done, 'submission is', 'submissions are')} recorded; "
                      "the same command grades the rest.") from None
    except WrongUsage:
        raise
    except (IsolationUnavailable, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if sum(penalized):
        console.print(f"{_count(sum(penalized), 'late penalty was', 'late penalties were')} changed.")
    _show(results, as_json, nothing="Nothing new to grade.")


def _count(number, one, several):
    return f"{number} {one if number == 1 else several}"


@main.command()
@assignments_argument
@student_option
@db_option
@course_option
@guarded
def feedback(assignments, students, db, course):
    """Write an HTML page for each graded submission, in the student's language, to feedback/.

    Example: autograder feedback optimizers
    """
    from autograder.grading import feedback as pages

    count = 0
    with _gradebook(course, db) as gradebook:
        _require_students(course, gradebook, assignments or ASSIGNMENTS, students)
        for path in pages.write_all(course, gradebook, assignments or ASSIGNMENTS, students):
            count += 1
            console.print(escape(str(path)))
    console.print(f"{count} pages written.")


@main.command()
@assignments_argument
@student_option
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write a spreadsheet.")
@click.option("--format", "platform", type=click.Choice(["plain", "moodle", "canvas", "brightspace"]), default="plain",
              show_default=True, help="Whose import the spreadsheet is for; all but plain need --like.")
@click.option("--like", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="EXPORT.csv",
              help="The platform's own export, to be filled in: Moodle's grading worksheet, Canvas' or Brightspace's "
                   "gradebook.")
@click.option("--column", help="The heading of its column to fill.  [default: the one named like the assignment]")
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page.")
@click.option("--solutions", type=click.Path(file_okay=False), default="solutions", show_default=True,
              help="For the page: what the solution says is no sign of copying.")
@db_option
@course_option
@json_option
@guarded
def report(assignments, students, csv_file, platform, like, column, html_file, solutions, db, course, as_json):
    """Grades, their distribution, and the class's most frequent mistakes.

    With --format, one column of the platform's export is filled in and all else stays; points are scaled to the
    platform's maximum.  Students who are not found in it for certain are listed, and the exit status is 1.

    Example: autograder report optimizers --csv grades.csv --html report.html

    Example: autograder report optimizers --csv import.csv --format canvas --like export.csv
    """
    from autograder.grading import report as reporting
    from autograder.grading.results import results

    if (platform == "plain") != (like is None) or (like and not csv_file):
        raise click.UsageError("--format moodle, canvas or brightspace, --like EXPORT.csv and --csv FILE go together.")
    if like and len(assignments) != 1:
        raise click.UsageError("An export is filled in for one ASSIGNMENT: name it.")
    with _gradebook(course, db) as gradebook:
        _require_students(course, gradebook, assignments or ASSIGNMENTS, students)
        found = results(course, gradebook, assignments or ASSIGNMENTS, students)
    left_out = 0
    if like:
        left_out = _fill(found, course, platform, like, csv_file, column)
    elif csv_file:
        reporting.write_csv(found, csv_file)
    if html_file:
        reporting.write_html(found, html_file, course, _alike(found, course, solutions))
    _show(found, as_json, nothing="Nothing is graded yet.", mistakes=True, attention=left_out)


def _fill(found, course, platform, like, csv_file, column):
    """Fill in an export and say what was left out; returns how many were."""
    from autograder.grading import lms
    from autograder.grading.roster import Roster

    try:
        filled = lms.fill(found, Roster(course).ids, platform, like, csv_file, column)
    except ValueError as error:
        raise click.ClickException(f"{like}: {error}") from None
    console.print(f"{filled.count} grades put in.")
    if filled.scaled:
        console.print("Points are scaled: of {:g} here, of {:g} there.".format(*filled.scaled))
    for student, score, reason in filled.left_out:
        console.print(escape(f"left out: {lms.one_line(student)}  {lms.number(score)}  {reason}"))
    return len(filled.left_out)


def _alike(found, course, solutions):
    """{assignment: submissions that are nearly the same}; None where there are no solutions to compare with."""
    from autograder.grading import similarity
    from autograder.solutions import Assignment

    sources = {}
    for result in found:
        name, student = result["assignment"], result["student"]
        path = course / "autograded" / student / name / f"{name}.ipynb"
        if result["status"] not in ("failed", "unreadable") and path.is_file():
            sources.setdefault(name, {})[student] = similarity.own_sources(path.read_text(encoding="utf-8"))
    try:
        return {name: similarity.alike(some, similarity.known_sources(Assignment(name, solutions)))
                for name, some in sources.items()}
    except FileNotFoundError as error:
        console.print(escape(f"Submissions are not compared: {error}."))
        return None


@main.command()
@json_option
@guarded
def doctor(as_json):
    """What this machine can do, and how to get what is missing.

    Example: autograder doctor
    """
    from autograder import doctor as examining

    findings = examining.examine()
    if as_json:
        print(json.dumps([finding.__dict__ for finding in findings], indent=1))
    else:
        Console(highlight=False).print(examining.table(findings))
    sys.exit(0 if all(finding.ok for finding in findings if finding.needed) else 1)


def _gradebook(course, db):
    from autograder.grading import gradebook as books

    if db is None and not (course / "gradebook.db").exists():
        raise click.ClickException(f"there is no gradebook in {course}: run autograder grade first")
    return books.open_gradebook(db or books.url(course))


def _require_students(course, gradebook, assignments, students):
    """Raise WrongUsage for those of `students` of whom nothing was handed in or graded."""
    from autograder.grading import submissions
    from autograder.grading.results import students as graded

    if students:
        known = {one.student for name in assignments for one in submissions.find(course, name)}
        require_known(students, known.union(*(graded(course, gradebook, name) for name in assignments)), "submission")


class _progress:
    """A progress bar on stderr, so that --json on stdout stays clean: how many, how fast, how long, who needs a person.

    batch.grade calls `advance` after each submission.
    """

    def __init__(self):
        self.done = self.needed = 0

    def __enter__(self):
        self.bar = Progress(BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
                            TextColumn("{task.fields[needed]}"), TextColumn("{task.description}"), console=console)
        self.bar.start()
        self.task = self.bar.add_task("", total=None, rate="", needed="")
        return self

    def advance(self, done, total, result):
        from autograder.grading.harmless import one_line

        self.done = done
        self.needed += result["status"] != "graded"
        speed = self.bar.tasks[0].finished_speed or self.bar.tasks[0].speed or 0
        self.bar.update(self.task, total=total, completed=done, description=escape(one_line(result["student"], 40)),
                        rate=f"{speed:.1f}/s", needed=f"{self.needed} need a person" if self.needed else "")

    def __exit__(self, *_):
        self.bar.stop()


def _show(results, as_json, nothing, mistakes=False, attention=False):
    """Print results; exit with 1 where a person must look."""
    if as_json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    elif not results:
        console.print(nothing)
    else:
        from autograder.grading import report as reporting

        out = Console(highlight=False)
        out.print(reporting.table(results))
        if mistakes:
            out.print(reporting.mistakes_table(results))
    set_language(None)
    sys.exit(1 if attention or any(result["status"] in ("unreadable", "failed") for result in results) else 0)


if __name__ == "__main__":
    main()
