"""Builds the three books into _build/html: `python book/build.py [--language en ...]`.

Each language is a process of its own, since Sphinx translates process-wide.  The first fills the execution
cache; the others, whose code cells are the same, take its results and run side by side.
A warning or a failing cell fails the build.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jinja2
import yaml

BOOK = Path(__file__).resolve().parent
ROOT = BOOK.parent


class BookError(Exception):
    """A book could not be built; the message holds what Sphinx said."""


def build(languages=None, progress=print, book=BOOK, output=ROOT / "_build"):
    """Builds the books of these languages (codes; all by default).  Returns the path of the front page."""
    table = read_config()["languages"]
    codes = languages or [row["code"] for row in table]
    first = start(codes[0], book, output)
    finish(codes[0], first, progress)
    others = {code: start(code, book, output) for code in codes[1:]}
    failures = []
    for code, process in others.items():
        try:
            finish(code, process, progress)
        except BookError as error:
            failures.append(str(error))
    if failures:
        raise BookError("\n".join(failures))
    page = output / "html" / "index.html"
    template = jinja2.Template((BOOK / "_templates" / "choose.html").read_text(encoding="utf-8"), autoescape=True)
    page.write_text(template.render(languages=table), encoding="utf-8")
    return page


def start(code, book, output):
    """Starts the process that builds one language; what it says goes to a file beside the other two."""
    (output / "log").mkdir(parents=True, exist_ok=True)
    log = (output / "log" / f"{code}.txt").open("w+", encoding="utf-8")
    command = [sys.executable, __file__, "--here", "--language", code, "--book", book, "--output", output]
    # the code of the chapters finds nnlab and, through it, solutions/ here
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    env = {**env, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", "MPLBACKEND": "agg"}
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
    process.log, process.started = log, time.monotonic()
    return process


def finish(code, process, progress):
    """Waits for that process, and raises BookError with the warnings where it failed."""
    status = process.wait()
    with process.log as log:
        log.seek(0)
        said = log.read()
    if status:
        raise BookError(f"The book could not be built ({code}):\n{said}")
    progress(f"{code}: built in {time.monotonic() - process.started:.0f} s")


def build_one(code, book, output):
    """Builds one language in this process and publishes it.  Returns Sphinx's status, or its exception.

    Sphinx works in a folder of its own, where myst-nb keeps the figures of executed cells for the next build.
    """
    from jupyter_book.sphinx import build_sphinx

    row = next(row for row in read_config()["languages"] if row["code"] == code)
    work, published = output / "books" / code, output / "html" / code
    status = build_sphinx(
        book / code,
        work / "html",
        noconfig=True,
        path_config=ROOT / "_config.yml",
        doctreedir=work / "doctrees",
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
        shutil.rmtree(work / "doctrees", ignore_errors=True)  # else the next build would pass the faulty page by
    else:
        shutil.rmtree(published, ignore_errors=True)
        shutil.copytree(work / "html", published, ignore=shutil.ignore_patterns(".buildinfo*"))
    return status


def cache(output):
    """The folder of the executed notebooks: a new one whenever the code that they import changes."""
    code = sorted([*ROOT.glob("nnlab/**/*.py"), *ROOT.glob("solutions/*.md")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:12]
    for old in (output / "executed").glob("*"):
        if old.name != digest:
            shutil.rmtree(old, ignore_errors=True)
    folder = output / "executed" / digest
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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
