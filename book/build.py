"""Builds the three books into _build/html: `python book/build.py [--language en ...]`.

Each language is a process of its own, since Sphinx translates process-wide.  The first fills the execution
cache; the others, whose code cells are the same, take its results and run side by side.
A warning or a failing cell fails the build.  What is up to date is not built again.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import jinja2
import yaml

try:
    import fcntl
except ImportError:  # Windows: builds are not kept apart
    fcntl = None

BOOK = Path(__file__).resolve().parent
ROOT = BOOK.parent


class BookError(Exception):
    """A book could not be built; the message holds what Sphinx said."""


def build(languages=None, progress=print, book=BOOK, output=ROOT / "_build"):
    """Builds the books of these languages (codes; all by default).  Returns the path of the front page."""
    table = read_config()["languages"]
    with one_at_a_time(output):
        codes = [code for code in languages or [row["code"] for row in table] if stale(code, book, output)]
        for side_by_side in (codes[:1], codes[1:]):
            processes = {code: start(code, book, output) for code in side_by_side}
            failures = [finish(code, process, progress, output) for code, process in processes.items()]
            if any(failures):
                raise BookError("\n".join(filter(None, failures)))
    page = output / "html" / "index.html"
    template = jinja2.Template(
        (BOOK / "_templates" / "choose.html").read_text(encoding="utf-8"), autoescape=True
    )
    page.write_text(template.render(languages=table), encoding="utf-8")
    return page


def start(code, book, output):
    """Starts the process that builds one language; what it says goes to _build/log, warnings apart."""
    (output / "log").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, "--here", "--language", code, "--book", book, "--output", output]
    # the code of the chapters finds nnlab and, through it, solutions/ here
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    env = {**env, "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"}
    env["OPENBLAS_NUM_THREADS"] = "1"  # our matrices are small: a second thread costs more than it does
    with (output / "log" / f"{code}.txt").open("w") as log, warnings_of(code, output).open("w") as warnings:
        process = subprocess.Popen(command, stdout=log, stderr=warnings, env=env)
    process.started = time.monotonic()
    return process


def warnings_of(code, output):
    return output / "log" / f"{code}-warnings.txt"


def finish(code, process, progress, output):
    """Waits for that process.  Returns the warnings where it failed, else None."""
    if process.wait():
        warnings = warnings_of(code, output).read_text(encoding="utf-8")
        return f"The book could not be built ({code}):\n{warnings}"
    progress(f"{code}: built in {time.monotonic() - process.started:.0f} s")


def build_one(code, book, output):
    """Builds one language in this process and publishes it.  Returns Sphinx's status, or its exception.

    Sphinx works in a folder of its own, where myst-nb keeps the figures of executed cells for the next build.
    """
    from jupyter_book.sphinx import build_sphinx
    from sphinx.util.console import nocolor

    nocolor()
    row = next(row for row in read_config()["languages"] if row["code"] == code)
    work, published = output / "books" / code, output / "html" / code
    doctrees = newest(work / "doctrees", [ROOT / "_config.yml", *(BOOK / "_ext").glob("*.py")])
    status = build_sphinx(
        book / code,
        work / "html",
        noconfig=True,
        path_config=ROOT / "_config.yml",
        doctreedir=doctrees,
        warningiserror=True,
        keep_going=True,
        confoverrides={
            "latex_individualpages": False,
            "external_toc_path": str(book / code / "_toc.yml"),
            "language": row["sphinx"],
            "html_title": row["title"],
            "project": row["title"],
            "nb_execution_cache_path": str(cache(output)),
            **row["config"],
        },
    )
    if status:
        shutil.rmtree(doctrees, ignore_errors=True)  # else the next build would pass the faulty page by
    else:
        shutil.rmtree(published, ignore_errors=True)
        shutil.copytree(work / "html", published, ignore=shutil.ignore_patterns(".buildinfo*"))
        (work / "inputs").write_text(inputs(code, book))
    return status


def inputs(code, book):
    """A digest of all that the book of one language is made of."""
    folders = [book / code, *book.glob("_*"), ROOT / "nnlab", ROOT / "solutions", ROOT / "exercises" / code]
    files = [path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return digest_of([ROOT / "_config.yml", Path(__file__), *files])


def digest_of(files):
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def stale(code, book, output):
    made_of = output / "books" / code / "inputs"
    published = output / "html" / code / "index.html"
    return not (published.exists() and made_of.exists() and made_of.read_text() == inputs(code, book))


@contextmanager
def one_at_a_time(output):
    """Holds a lock, so that two builds do not write into one folder."""
    output.mkdir(parents=True, exist_ok=True)
    with (output / "book.lock").open("w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def newest(folder, files):
    """A folder inside `folder` that is a new one whenever one of the files has changed; older ones go."""
    digest = digest_of(files)
    for old in folder.glob("*"):
        if old.name != digest:
            shutil.rmtree(old, ignore_errors=True)
    (folder / digest).mkdir(parents=True, exist_ok=True)
    return folder / digest


def cache(output):
    """The folder of the executed notebooks, which hold for as long as the code that they import."""
    return newest(output / "executed", [*ROOT.glob("nnlab/**/*.py"), *ROOT.glob("solutions/*.md")])


def read_config():
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser(description="Build the three books into _build/html.")
    parser.add_argument("--language", action="append", help="a language's code; may be given more than once")
    parser.add_argument("--book", type=Path, default=BOOK, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=ROOT / "_build", help=argparse.SUPPRESS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return 1 if build_one(options.language[0], options.book, options.output) else 0
    try:
        print(build(options.language, book=options.book, output=options.output))
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
