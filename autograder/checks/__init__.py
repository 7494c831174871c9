"""What is drawn for each exercise: one module an assignment, with two tables in each.

EXERCISES maps an exercise to a function that makes its probe from a seed.  USES, where there is one, maps an
exercise to the earlier exercises that its tests hand to `check` as well, because an answer may call them.
"""

from importlib import import_module


def probe(assignment, exercise, seed):
    """A fresh probe for `exercise` of `assignment`.

    Raises KeyError for an exercise that the assignment does not have.
    """
    return import_module(f"autograder.checks.{assignment}").EXERCISES[exercise](seed)


def exercises(assignment):
    """The exercises of `assignment` in order."""
    return list(import_module(f"autograder.checks.{assignment}").EXERCISES)


def uses(assignment, exercise):
    """The earlier exercises that the tests of `exercise` hand over, in order."""
    return getattr(import_module(f"autograder.checks.{assignment}"), "USES", {}).get(exercise, [])


def assignment_of(exercise):
    """The assignment that `exercise` belongs to."""
    for name in ASSIGNMENTS:
        if exercise in exercises(name):
            return name
    raise KeyError(exercise)


ASSIGNMENTS = ("foundations", "optimizers", "learning_rate", "gradient_flow", "batchnorm", "regularization",
               "hyperparameters")
