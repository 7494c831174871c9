"""Why a student's process was stopped, in words for the student."""

from autograder.messages import N_, _

SENTENCES = {
    "timeout": N_("it did not finish in time. Is there a loop that never ends?"),
    "cpu": N_("it used more computing time than is allowed. Is there a loop that never ends?"),
    "memory": N_("it used more memory than is allowed."),
    "files": N_("it wrote more files, or larger ones, than is allowed."),
    "exited": N_("it ended the Python process, by exit(), quit() or a crash."),
    "reply too large": N_("what it returned is larger than is allowed."),
    "protocol": N_("it interfered with the connection to the grader."),
}
OTHER = N_("its process ended ({reason}).")


def sentence(death):
    """What to tell the student about `death`, a StudentDied."""
    return _("Your code was stopped: {reason}",
             reason=_(SENTENCES.get(death.reason, OTHER)).format(reason=death.reason))
