"""From a folder of submissions to grades: intake, isolated execution, gradebook, feedback, report."""
