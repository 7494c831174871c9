"""The cases of the assignment gradient_flow."""

EXERCISES = {}
