"""Starts and ends the process of one student; knows nothing of what is said over its pipes.

A fork server waits inside the walls with NumPy imported (forkserver.py), one for each worker; what it forks for a
student starts in some milliseconds and shares nothing with the next one.
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path

from . import lockdown, seccomp, walls
from .outcome import IsolationUnavailable, Limits

START_SECONDS = 60.0
FORK_SECONDS = 20.0
WARM = ("numpy", "numpy.random", "numpy.linalg", "autograder")  # what the notebooks' first cells import
UNREADABLE = (
    " Students' code runs as another user, who must be able to read the environment and the course:"
    " chmod -R a+rX on their folders."
)
KINDS = ("bubblewrap", "landlock")


class ForkServer:
    """The process from which a worker's students are forked; `kind` says what the walls are made of.

    instead: why it is not the better kind, for those to whom this one fails as well.
    """

    def __init__(self, kind: str, instead: str = ""):
        self.kind, self._instead, self._lock = kind, instead, threading.Lock()
        bubblewrap = kind == "bubblewrap"
        if not bubblewrap and (abi := lockdown.landlock_abi()) < lockdown.NEEDED_ABI:
            raise self.refused(f"version {lockdown.NEEDED_ABI} is needed (Linux 6.2), this kernel has {abi}")
        wrapped = walls.bubblewrap(walls.unprivileged_uid()) if bubblewrap else []
        folder = Path(walls.COURSE) if bubblewrap else walls.packages()["autograder"].parent
        shown = {"kept": walls.kept()} if bubblewrap else walls.landlock()
        setup = {"bubblewrap": bubblewrap, "warm": WARM, "path": [str(folder), *walls.library_paths()], **shown,
                 "filter": seccomp.program(alone=not bubblewrap).hex()}
        program = [os.path.realpath(sys.executable), "-I", "-S", "-B", "-X", "utf8",
                   f"{folder}/autograder/isolation/forkserver.py"]
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as said:
            self.process = subprocess.Popen(
                [*wrapped, *program, json.dumps({"control": theirs.fileno(), **setup})],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={} if bubblewrap else walls.ENVIRONMENT,  # bwrap's own environment can be read in /proc/1
                pass_fds=(theirs.fileno(),),
                cwd="/",
            )
            theirs.close()
            self._end = weakref.finalize(self, _end_server, self.process, self.control)
            if not readable(self.control.fileno(), START_SECONDS) or not self.control.recv(100):
                self._end()
                said.seek(0)
                raise self.refused(said.read(2000).decode("utf-8", "replace").strip() or "it does not answer")

    @property
    def alive(self) -> bool:
        """Whether students can still be forked; the kernel ends the server with the thread that started it."""
        return self.process.poll() is None

    def fork(self, config: dict, descriptors: list[int]) -> list[int]:
        """pidfds of the first process of a new sandbox and of the student's own."""
        with self._lock:
            try:
                socket.send_fds(self.control, [json.dumps(config).encode()], descriptors)
                if not readable(self.control.fileno(), FORK_SECONDS):
                    raise TimeoutError("it does not answer")
                answer, handles, _, _ = socket.recv_fds(self.control, 4096, 2)
            except BaseException as error:  # Ctrl-C, too: a late answer would be taken for that to the next question
                self.close()
                if isinstance(error, OSError):
                    raise IsolationUnavailable(f"The fork server has gone: {error}.") from None
                raise
        error = json.loads(answer or b'{"error": "the fork server has gone"}').get("error")
        if error:
            raise self.refused(error)
        return handles

    def refused(self, said: str) -> IsolationUnavailable:
        """The exception that says why nothing starts here, and what to do."""
        unreadable = UNREADABLE if "PermissionError" in said or "ModuleNotFoundError" in said else ""
        if self.kind == "bubblewrap":
            return IsolationUnavailable(f"The sandbox does not start: {said}." + (unreadable or walls.HELP))
        return IsolationUnavailable(f"{self._instead} Landlock, its substitute, does not start: {said}.{unreadable}")

    def close(self):
        """Ends the server, and with it all that it forked."""
        self._end()


def _end_server(process, control):
    control.close()  # it ends by itself, so that what it used of the processor is counted
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_servers = {}  # (process, kind): ForkServer; a forked copy of this process must start its own


def server(kind: str | None = None) -> ForkServer:
    """This process' fork server of a kind; None: bubblewrap, or where that cannot start Landlock."""
    kinds, refused = [kind] if kind else KINDS, []
    for one in kinds:
        found = _servers.get((os.getpid(), one))
        if found and found.alive:
            return found
        try:
            _servers[os.getpid(), one] = ForkServer(one, " ".join(refused))
            return _servers[os.getpid(), one]
        except IsolationUnavailable as error:
            refused.append(str(error))
    raise IsolationUnavailable(refused[-1])


class Sandbox:
    """One student's process: its pipes (`to`, `replies`, `stdout`, `stderr`) and its end."""

    def __init__(self, limits: Limits, kind: str | None = None):
        self.server = server(kind)
        uid, opened, work = walls.unprivileged_uid(), [], None
        config = {"uid": uid, "cpu": limits.cpu_seconds, "memory": limits.memory_bytes, "file": limits.file_bytes,
                  "processes": limits.processes, "files": limits.open_files}
        if self.server.kind == "landlock":
            work = config["work"] = tempfile.mkdtemp(prefix="student-")
            if uid is not None:
                os.chown(work, uid, uid)

        def pipe():
            opened.extend(os.pipe2(os.O_CLOEXEC))
            return opened[-2:]

        try:
            requests, self.to = pipe()
            self.replies, replies = pipe()
            self.stdout, stdout = pipe()
            self.stderr, stderr = pipe()
            self._status, status = pipe()
            theirs = [requests, replies, stdout, stderr, status]
            handles = self.server.fork(config, theirs)
        except BaseException:
            for fd in opened:
                os.close(fd)
            if work:
                shutil.rmtree(work, ignore_errors=True)
            raise
        for fd in theirs:
            os.close(fd)
        ours = (self.to, self.replies, self.stdout, self.stderr)
        for fd in ours:
            os.set_blocking(fd, False)
        self.first, self.work = _pid(handles[0]), work
        self._end = weakref.finalize(self, _end, handles, (*ours, self._status), work)

    def kill(self) -> None:
        """Ends every process in the sandbox, closes the pipes."""
        self._end()

    def status(self, seconds: float) -> int | None:
        """How the student's process ended, as subprocess says it, if it ended by itself within the time.

        Raises IsolationUnavailable where the walls came down around it, which is nobody's fault inside.
        """
        if not readable(self._status, seconds):
            return None
        said = os.read(self._status, 100)
        if not said:
            raise IsolationUnavailable("The sandbox was ended from outside.")
        return int(said)


def readable(fd: int, seconds: float) -> bool:
    """Whether a descriptor has something to read, or its end, in time. Not select, which ends at 1024."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(max(0, seconds) * 1000))


def _pid(handle: int) -> int:
    """The pid in our own process namespace of what a pidfd stands for; -1 where it has ended."""
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pid:")))


def _end(handles, fds, work):
    """With the first process of a namespace, or with the parent of a process that cannot fork, everything ends."""
    for handle in handles:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    for handle in handles:
        readable(handle, 5)
    for fd in (*fds, *handles):
        os.close(fd)
    if work:
        shutil.rmtree(work, ignore_errors=True)
