"""From a folder of submissions to grades: intake, isolated execution, gradebook, feedback, report."""

import autograder.quick  # noqa: F401  (for its effect)
