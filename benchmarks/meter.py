"""What a command cost: the CPU seconds and the memory of all its processes.

A sandbox is killed, and what ran in it is reaped by nobody whom the kernel would ask for RUSAGE_CHILDREN.  So a
command runs in a control group of its own, which remembers the CPU seconds of everything that was ever in it.
"""

import os
import resource
import subprocess
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

#: Seconds between two looks at the memory.
SAMPLE = 0.2

#: Seconds that processes may outlive their command, to be counted with it.
LINGER = 10


def _version_2(folder):
    fields = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
    return int(fields["usage_usec"]) / 1e6


def _version_1(folder):
    return int((folder / "cpuacct.usage").read_text()) / 1e9


#: kind: (is this line of /proc/self/mounts its file system, is this one of /proc/self/cgroup ours, CPU seconds).
GROUPS = {
    "cgroup v2": (lambda type, options: type == "cgroup2", lambda names: names == "", _version_2),
    "cgroup v1": (lambda type, options: type == "cgroup" and "cpuacct" in options.split(","),
                  lambda names: "cpuacct" in names.split(","), _version_1),
}


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of one command, and the largest sum of its processes' resident memory, in bytes."""

    cpu: float
    wall: float
    memory: int = 0

    def __add__(self, other):
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.memory, other.memory))


class Failed(Exception):
    """A command ended with another exit status than it should; the text shows the end of what it said."""


class Group:
    """A control group in a new `folder`."""

    def __init__(self, folder, cpu):
        self.folder, self._cpu = folder, cpu
        folder.mkdir()

    def join(self):
        """Move the calling process in."""
        (self.folder / "cgroup.procs").write_text("0")

    def cpu(self):
        """CPU seconds of all that ever ran in it."""
        return self._cpu(self.folder)

    def pids(self):
        """What runs in it now."""
        return [int(pid) for pid in (self.folder / "cgroup.procs").read_text().split()]

    def close(self):
        """Remove it; it stays where a process will not end."""
        try:
            self.folder.rmdir()
        except OSError as error:
            warnings.warn(f"{self.folder} stays: {error}", stacklevel=2)


def open_group(kind):
    """A new Group of the `kind` in GROUPS, or None where this machine does not let us make one."""
    is_mount, is_ours, cpu = GROUPS[kind]
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    own = (line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines())
    try:
        mount = next(place for _, place, type, options, *_ in mounts if is_mount(type, options))
        path = next(path for _, names, path in own if is_ours(names))
        group = Group(Path(mount) / path.lstrip("/") / f"bench-{os.getpid()}-{time.monotonic_ns()}", cpu)
    except (StopIteration, OSError):
        return None
    try:
        subprocess.run(["true"], preexec_fn=group.join, check=True)
        group.cpu()
    except (OSError, subprocess.SubprocessError):
        group.close()
        return None
    return group


class Rusage:
    """Instead of a group: what this process has waited for."""

    def __init__(self):
        warnings.warn("No control group can be made here (run as root, or under systemd with delegation): CPU seconds "
                      "of processes that are killed in a sandbox are missing from the figures.", stacklevel=2)
        self._before = self._sum()

    @staticmethod
    def _sum():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def join(self):
        """Nothing to do."""

    def cpu(self):
        """CPU seconds of the children that have been waited for since this object was made."""
        return self._sum() - self._before

    def pids(self):
        """The children that run now, and theirs."""
        return [process.pid for process in psutil.Process().children(recursive=True)]

    def close(self):
        """Nothing to do."""


@contextmanager
def group(kinds=tuple(GROUPS)):
    """The first of `kinds` that this machine allows, else Rusage; empty of processes and removed at the end."""
    found = next((made for kind in kinds if (made := open_group(kind))), None) or Rusage()
    try:
        yield found
    finally:
        found.close()


def measure(command, *, cwd=None, env=None, allowed=(0,), kinds=tuple(GROUPS), memory=False):
    """Run `command` and return its Cost; raises Failed where its exit status is not one of `allowed`.

    kinds: of control groups to try; memory: whether to look at the memory meanwhile.
    """
    with group(kinds) as own:
        before, start, peak = own.cpu(), time.monotonic(), 0
        process = subprocess.Popen(command, cwd=cwd, env=env, preexec_fn=own.join, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        said = _read(process, (lambda: resident(own.pids())) if memory else None)
        wall = time.monotonic() - start
        while own.pids() and time.monotonic() < start + wall + LINGER:
            time.sleep(0.05)
        text, peak = said
        if process.returncode not in allowed:
            raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{text[-3000:]}")
        return Cost(own.cpu() - before, wall, peak)


def _read(process, look):
    """(what `process` said until it ended, the largest number that `look` gave meanwhile)."""
    peak = 0
    while True:
        try:
            return process.communicate(timeout=SAMPLE if look else None)[0], peak
        except subprocess.TimeoutExpired:
            peak = max(peak, look())


def resident(pids):
    """Bytes of resident memory of all `pids` together; a page that two share counts twice."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:                 # has ended
            continue
    return total * resource.getpagesize()
