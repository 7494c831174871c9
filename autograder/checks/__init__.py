"""What is drawn for each exercise: one module an assignment, a table in each."""

from importlib import import_module


def probe(assignment, exercise, seed):
    """A fresh probe for `exercise` of `assignment`.

    Raises KeyError for an exercise that the assignment does not have.
    """
    return import_module(f"autograder.checks.{assignment}").EXERCISES[exercise](seed)


def exercises(assignment):
    """The exercises of `assignment` in order."""
    return list(import_module(f"autograder.checks.{assignment}").EXERCISES)


def assignment_of(exercise):
    """The assignment that `exercise` belongs to."""
    for name in ASSIGNMENTS:
        if exercise in exercises(name):
            return name
    raise KeyError(exercise)


ASSIGNMENTS = ("optimizers",)
