"""The cases of the assignment regularization."""

EXERCISES = {}
