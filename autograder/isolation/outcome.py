"""What a student's process may use, and what comes of running code in it."""

from dataclasses import dataclass
from unicodedata import category

from autograder.stopped import Stopped


@dataclass(frozen=True)
class Limits:
    """What one sandboxed process may use."""

    call_seconds: float = 10.0
    """Wall clock seconds for one cell or one call, its callbacks included."""
    cpu_seconds: int = 60
    """CPU seconds of one process over its whole life."""
    memory_bytes: int = 2 * 2**30
    """Bytes of address space of one process, and of resident memory of all of them together."""
    processes: int = 16
    """Processes and threads at the same time."""
    file_bytes: int = 16 * 2**20
    """Bytes of one written file; the private /tmp holds four times as much."""
    open_files: int = 64
    """Open descriptors of one process."""
    output_chars: int = 50_000
    """Characters of stdout, and of stderr, kept per cell; the rest is counted and dropped."""
    reply_bytes: int = 8 * 2**20
    """Bytes of one message from the student's process."""
    callbacks: int = 20_000
    """How often one call may call back the functions that were passed to it."""


class IsolationUnavailable(RuntimeError):
    """This machine cannot isolate a student's code; the message says why and what to install."""


class StudentError(Exception):
    """The student's code raised an exception.

    ``type_name``, ``message`` and ``traceback`` (the student's own frames) are text from the student:
    control characters are removed and the length is bounded, nothing else is promised.
    """

    def __init__(self, type_name: str, message: str = "", traceback: str = ""):
        self.type_name, self.message, self.traceback = type_name, message, traceback
        super().__init__(f"{type_name}: {message}" if message else type_name)

    def __reduce__(self):  # so that it survives the way through Dask
        return type(self), (self.type_name, self.message, self.traceback)


class MissingAttribute(StudentError, AttributeError):
    """The student's object lacks the attribute: an AttributeError, so that ``hasattr`` works."""


class StudentDied(Stopped):
    """The student's process is gone: it broke a limit or the protocol, or ended itself.

    ``reason`` is one of timeout, memory, files, cpu, exited, protocol, reply too large, closed, or "signal N";
    ``sentence`` says it in words.
    """

    def __init__(self, reason: str, sentence: str):
        self.reason, self.sentence = reason, sentence
        super().__init__(sentence)

    def __reduce__(self):
        return type(self), (self.reason, self.sentence)


@dataclass(frozen=True)
class Output:
    """What one cell did."""

    stdout: str
    stderr: str
    error: StudentError | None
    """The exception that ended the cell."""


def clean(text: str, limit: int) -> str:
    """Text from a student, safe to print: no terminal escapes, no invisible or reordering characters."""
    text = text[: limit + 1].replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c if c in "\n\t" or category(c) not in _UNPRINTABLE else "\ufffd" for c in text)
    return text if len(text) <= limit else text[:limit] + "…"


# Control, format (bidirectional overrides, zero width), surrogate.
_UNPRINTABLE = {"Cc", "Cf", "Cs"}
