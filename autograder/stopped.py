"""The exception that says: there is no verdict on the values, the student's process is gone."""


class Stopped(Exception):
    """The student's code was stopped (time, memory, exit) before it answered."""
