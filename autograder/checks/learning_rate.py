"""The cases of the assignment learning_rate."""

EXERCISES = {}
