"""Many calls in one round trip, for a numerical gradient, which asks the same of many points.

The test's function f is ours and does the same whenever it is called with the same argument.  So it is run twice for
each point: up to its call of the student's code, and, when all these calls have been made in one go, to its end.
"""

from .outcome import StudentError


class Deferred(BaseException):
    """Ends the first run of f at its call; no `except Exception` of a test's stops it."""


def evaluate(student, f, points):
    """[f(x) for x in points], in few round trips if f calls the student's code once and hands over only values."""
    if not points:
        return []
    student.noted = []
    try:
        values = [f(points[0])]
    finally:
        noted, student.noted = student.noted, None
    if noted != [True]:
        return values + [f(x) for x in points[1:]]
    size = max(1, student.limits.reply_bytes // 4 // student.reply_size)
    for start in range(1, len(points), size):
        values += _in_one_trip(student, f, points[start : start + size])
    return values


def _in_one_trip(student, f, points):
    student.deferred = []
    try:
        for x in points:
            try:
                f(x)
            except Deferred:
                continue
    finally:
        calls, student.deferred = student.deferred, None
    if len(calls) == len(points):
        try:
            student.answers = iter(student.call_all(calls))
        except StudentError:  # not all that came back could be told: one by one it can be said what
            student.answers = None
    try:
        return [f(x) for x in points]
    finally:
        student.answers = None
