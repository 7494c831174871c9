"""What all processes of a sandbox use together; rlimits bound only each by itself."""

import os
import time
from pathlib import Path

from .lockdown import INODES

EVERY_SECONDS = 0.25
PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage:
    """Looks at a sandbox now and then, for as long as something in it runs.

    folder: the one that it may write, where that is no file system of its own, which would be bounded by itself.
    """

    def __init__(self, first_pid: int, memory_bytes: int, folder: str | None, folder_bytes: int):
        self.pid, self.memory_bytes, self.folder, self.folder_bytes = first_pid, memory_bytes, folder, folder_bytes
        self.next = time.monotonic() + EVERY_SECONDS

    def excess(self) -> tuple[str, str] | None:
        """(reason, sentence) if the sandbox uses too much; cheap when called often."""
        if time.monotonic() < self.next:
            return None
        self.next = time.monotonic() + EVERY_SECONDS
        if _resident(self.pid) > self.memory_bytes:
            return "memory", "The code used too much memory."
        return self.written()

    def written(self) -> tuple[str, str] | None:
        """The same if too much lies in the folder."""
        if self.folder:
            count, size = _written(self.folder)
            if count > INODES or size > self.folder_bytes:
                return "files", "The code wrote too many or too large files."
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


def _written(folder: str) -> tuple[int, int]:
    """How many files there are, and how many bytes they take."""
    count = size = 0
    for here, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        if count > INODES:
            break
        for name in files:
            try:
                size += os.lstat(os.path.join(here, name)).st_blocks * 512
            except OSError:
                continue  # it was removed meanwhile
    return count, size
