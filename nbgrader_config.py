"""Makes this repository an ordinary nbgrader course whose Autograde button is isolated, too."""

from autograder.grading.preprocessors import AUTOGRADE, FEEDBACK, SANITIZE

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "training-techniques"
c.CourseDirectory.source_directory = "_build/source"
c.CourseDirectory.release_directory = "_build/release"

# nbgrader's stock Execute would run students' code unprotected, with the tests beside it.
c.Autograde.sanitize_preprocessors = SANITIZE
c.Autograde.autograde_preprocessors = AUTOGRADE
# Stock feedback shows the hidden tests; it still is written in English only, see `autograder feedback`.
c.GenerateFeedback.preprocessors = FEEDBACK
