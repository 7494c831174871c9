"""The checker's end of the pipes: every wait has a deadline, whatever the other side does."""

import os
import select
import time

from . import wire
from .outcome import Limits, StudentDied, clean
from .sandbox import Sandbox
from .usage import Usage

CHUNK = 2**16
LAST_DRAIN = 2**20  # what is taken of output after the answer has come: more than a pipe holds
LOOK_SECONDS = 0.25
SIGNALS = {
    24: ("cpu", "The code used all the processor time that it may use."),
    9: ("memory", "The code was ended by the system, most likely because it used too much memory."),
}


class Captured:
    """One output stream: its beginning is kept, the rest counted."""

    def __init__(self):
        self.kept, self.total = bytearray(), 0

    def add(self, chunk: bytes, limit: int) -> None:
        """Takes a chunk, keeping at most `limit` bytes in all."""
        self.total += len(chunk)
        self.kept += chunk[: max(0, limit - len(self.kept))]

    def text(self, chars: int) -> str:
        """What was kept, and how much was not."""
        text = self.kept.decode("utf-8", "replace")
        if len(text) <= chars and self.total == len(self.kept):
            return clean(text, chars)
        dropped = self.total - len(text[:chars].encode())
        return f"{clean(text[:chars], chars)}\n[{dropped} more bytes were dropped]\n"


class Channel:
    """Frames to and from one sandbox, and its output meanwhile."""

    def __init__(self, sandbox: Sandbox, limits: Limits):
        self.sandbox, self.reply_bytes, self.output_bytes = sandbox, limits.reply_bytes, 4 * limits.output_chars
        self.usage = Usage(sandbox.first, limits.memory_bytes, sandbox.work, 4 * limits.file_bytes)
        self.open = {sandbox.stdout: "stdout", sandbox.stderr: "stderr"}
        self._arrived = bytearray()  # of the reply that is being read, and what came behind it
        self._poll = select.poll()
        for fd in (sandbox.replies, *self.open):
            self._poll.register(fd, select.POLLIN)
        self.fresh_output()

    def fresh_output(self) -> None:
        """Forgets what was captured so far."""
        self.captured = {"stdout": Captured(), "stderr": Captured()}

    def send(self, frame: bytes, deadline: float) -> None:
        """Writes one frame. Anything that arrived without being asked for is a breach of the protocol."""
        unasked = self._arrived or self._read(self.sandbox.replies, 1)
        if unasked:
            raise StudentDied("protocol", "The code wrote into the grader's pipe.")
        if unasked == b"":
            raise self.ended()
        data = memoryview(frame)
        while data:
            try:
                data = data[os.write(self.sandbox.to, data[:CHUNK]) :]
            except BlockingIOError:
                self._wait(deadline, writing=True)
            except BrokenPipeError:
                raise self.ended() from None

    def receive(self, deadline: float) -> tuple[dict, memoryview]:
        """Reads one frame."""
        try:
            size = wire.PREFIX.size
            head, body = wire.lengths(self._until(size, deadline), self.reply_bytes)
            raw = self._until(size + head + body, deadline)
            if excess := self.usage.written():  # a quick one is over before anybody has looked
                raise StudentDied(*excess)
            del self._arrived[: len(raw)]
            return wire.header(raw[size : size + head]), memoryview(raw)[size + head :]
        except wire.TooLarge as error:
            raise StudentDied("reply too large", f"The result is too large ({error}).") from error
        except wire.WireError as error:
            raise StudentDied("protocol", f"The answer was not understood ({error}).") from error

    def drain(self) -> None:
        """Takes what has been printed by now; the writer flushed before it answered."""
        for _ in range(LAST_DRAIN // CHUNK):
            ready = self.open.keys() & {fd for fd, _ in self._poll.poll(0)}
            if not ready:
                break
            for fd in ready:
                self._take(fd)

    def ended(self) -> StudentDied:
        """Why the process closed its pipe."""
        status = self.sandbox.status(2.0)
        self.drain()  # its last words
        if status is None:
            return StudentDied("protocol", "The code closed the grader's pipe.")
        if -status in SIGNALS:
            return StudentDied(*SIGNALS[-status])
        if status < 0:
            return StudentDied(f"signal {-status}", f"The code crashed its process (signal {-status}).")
        return StudentDied("exited", f"The code ended its process (exit status {status}).")

    def _until(self, count, deadline):
        """The first `count` bytes of the reply, as soon as they are there."""
        while len(self._arrived) < count:
            if self.sandbox.replies in self._wait(deadline):
                chunk = self._read(self.sandbox.replies, CHUNK)
                if chunk == b"":
                    raise self.ended()
                self._arrived += chunk or b""
        return bytes(self._arrived[:count])

    def _wait(self, deadline, writing=False):
        """The descriptors that are ready; output is taken on the way, so that it never fills up."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise StudentDied("timeout", "The code did not finish in time.")
        poll = self._poll
        if writing:  # seldom: it must not wake up for replies, which nobody reads now
            poll = select.poll()
            poll.register(self.sandbox.to, select.POLLOUT)
            for fd in self.open:
                poll.register(fd, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(min(left, LOOK_SECONDS) * 1000)}
        for fd in ready & self.open.keys():
            self._take(fd)
        excess = self.usage.excess()
        if excess:
            raise StudentDied(*excess)
        return ready

    def _take(self, fd):
        chunk = self._read(fd, CHUNK)
        if chunk == b"":
            del self.open[fd]
            self._poll.unregister(fd)
        elif chunk:
            self.captured[self.open[fd]].add(chunk, self.output_bytes)
        return chunk

    @staticmethod
    def _read(fd, count):
        try:
            return os.read(fd, count)
        except BlockingIOError:
            return None
