"""What checks and grades the exercises; a student's notebook imports the names below."""

from autograder.checking import check
from autograder.gradients import check_gradient, numerical_gradient, relative_error
from autograder.messages import set_language

__all__ = ["check", "check_gradient", "numerical_gradient", "relative_error", "set_language"]
