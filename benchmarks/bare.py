"""The bare limit: the cells of each submission, executed in a forked process in which everything is imported.

    python benchmarks/bare.py EXPECTED.NPZ CELLS.JSON SCORES.JSON

No isolation, no notebook, no database.  CELLS.JSON: {student: [[grade_id, points or null, source], …]}.
"""

import json
import os
import sys
from contextlib import redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path

from autograder import checking, checks, set_language
from autograder.expectations import FileExpectations


def ready(path):
    """What the file of numbers at `path` expects, worked out before the first fork."""
    expected = FileExpectations(path)
    for part in ("probe", "variants", "pairs"):
        setattr(expected, part, lru_cache(getattr(expected, part)))
        for exercise in checks.exercises(expected.assignment):
            getattr(expected, part)(exercise)
    return expected


def scores(cells):
    """{grade_id: points earned} of one submission, computed in this process."""
    namespace, earned = {"__name__": "__main__"}, {}
    for grade_id, points, source in cells:
        try:
            with redirect_stdout(StringIO()):
                exec(compile(source, grade_id, "exec"), namespace)
            passed = True
        except Exception:
            passed = False
        if points is not None:
            earned[grade_id] = points * passed
    return earned


def forked(cells):
    """The same from a forked process, which ends with the submission."""
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(write, json.dumps(scores(cells)).encode())     # a few hundred bytes: the pipe holds them
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        text = pipe.read()
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("a submission's process died")
    return json.loads(text)


def main(expected, cells, to):
    """Grade every submission of the class, one after the other."""
    set_language("en")
    checking.current = ready(expected)
    submissions = json.loads(Path(cells).read_text(encoding="utf-8"))
    result = {student: forked(own) for student, own in submissions.items()}
    Path(to).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
