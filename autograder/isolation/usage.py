"""What all processes of a sandbox use together; rlimits bound only each by itself."""

import os
import time
from pathlib import Path

EVERY_SECONDS = 0.25
INODES = 20_000  # of /tmp: empty files cost memory that the size of /tmp does not count
PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage:
    """Looks at a sandbox now and then, for as long as something in it runs."""

    def __init__(self, first_pid: int, memory_bytes: int):
        self.pid, self.memory_bytes, self.next = first_pid, memory_bytes, time.monotonic() + EVERY_SECONDS

    def excess(self) -> str | None:
        """A sentence if the sandbox uses too much; cheap when called often."""
        if time.monotonic() < self.next:
            return None
        self.next = time.monotonic() + EVERY_SECONDS
        if _resident(self.pid) > self.memory_bytes:
            return "The code used too much memory."
        if _inodes(self.pid) > INODES:
            return "The code made too many files."
        return None


def _resident(pid: int) -> int:
    """Resident bytes of a process and of all that descend from it."""
    total, todo = 0, [str(pid)]
    while todo:
        process = Path("/proc", todo.pop())
        try:
            total += int((process / "statm").read_text().split()[1]) * PAGE
            for task in (process / "task").iterdir():
                todo += (task / "children").read_text().split()
        except (OSError, IndexError):
            continue  # it ended meanwhile
    return total


def _inodes(pid: int) -> int:
    try:
        tmp = os.statvfs(f"/proc/{pid}/root/tmp")
    except OSError:
        return 0  # the kernel does not let everybody look
    return tmp.f_files - tmp.f_ffree
