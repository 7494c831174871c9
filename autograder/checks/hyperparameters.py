"""The cases of the assignment hyperparameters."""

EXERCISES = {}
