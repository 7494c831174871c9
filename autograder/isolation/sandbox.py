"""Starts and ends one bubblewrap sandbox; knows nothing of what is said over its pipes."""

import importlib.util
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import weakref
from pathlib import Path

from . import seccomp
from .outcome import IsolationUnavailable, Limits

START_SECONDS = 60.0
COURSE = "/course"  # where the packages autograder and nnlab are bound
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
UNREADABLE = (
    " Students' code runs as another user, who must be able to read the environment and the course:"
    " chmod -R a+rX on their folders."
)
HELP = (
    " Install bubblewrap (Debian and Ubuntu: apt-get install bubblewrap). Ubuntu 24.04 also needs its"
    " AppArmor profile: apt-get install apparmor-profiles, then"
    " ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ &&"
    " systemctl reload apparmor. In a container, start it with --privileged, or with --cap-add SYS_ADMIN"
    " --security-opt seccomp=unconfined --security-opt apparmor=unconfined."
)


def find_bwrap() -> str:
    """The path of bubblewrap."""
    found = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin:" + os.environ.get("PATH", ""))
    if sys.platform != "linux" or not found:
        raise IsolationUnavailable("Students' code runs only inside bubblewrap, which is missing." + HELP)
    return found


def unprivileged_uid() -> int | None:
    """A uid of its own for a sandbox that root starts; None where we are no root, or root of nothing else.

    The limit on processes does not bind root, and it counts per uid, hence one uid for each sandbox.
    """
    if os.geteuid() != 0:
        return None
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    start, _, count = max(ranges, key=lambda r: r[2])
    if count < 10_000:
        return None
    # Above what accounts use; in a container's smaller map, its upper half.
    low, high = (2**30, 2**31) if start + count > 2**31 else (start + count // 2, start + count - 1)
    return low + secrets.randbelow(high - low)


def packages() -> dict[str, Path]:
    """Where the course's two packages are installed."""
    specs = {name: importlib.util.find_spec(name) for name in ("autograder", "nnlab")}
    return {name: Path(spec.origin).resolve().parent for name, spec in specs.items() if spec and spec.origin}


def library_paths() -> list[str]:
    """The folders of third-party packages, which -I -S does not find by itself."""
    numpy = Path(importlib.util.find_spec("numpy").origin).parents[1]
    return list(dict.fromkeys([str(numpy), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]))


def filesystem(limits: Limits) -> list[str]:
    """The part of the command line that says what the student's process sees."""
    out = ["--dev", "/dev", "--remount-ro", "/dev", "--proc", "/proc"]
    out += ["--perms", "1777", "--size", str(4 * limits.file_bytes), "--tmpfs", "/tmp"]
    bound = [Path("/usr")]
    out += ["--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for name in ("/etc/ld.so.cache", "/etc/fonts"):
        out += ["--ro-bind-try", name, name]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        top = Path("/", name)
        if top.is_symlink():
            out += ["--symlink", os.readlink(top), str(top)]
        elif top.is_dir():
            out += ["--ro-bind", str(top), str(top)]
    # After the tmpfs, for an environment that lies under /tmp.
    base = Path(sys.executable).resolve().parents[1]
    for folder in map(Path, (base, sys.base_prefix, sys.prefix, *library_paths())):
        if folder.is_dir() and not any(folder.is_relative_to(b) for b in bound):
            out += [*_parents(folder), "--ro-bind", str(folder), str(folder)]
            bound.append(folder)
    for name, folder in packages().items():
        target = Path(COURSE, name)
        out += [*_parents(target), "--ro-bind", str(folder), str(target)]
    for course in (packages()["autograder"].parent, Path.cwd()):
        if (course / "solutions").is_dir() and any(course.is_relative_to(b.resolve()) for b in bound):
            raise IsolationUnavailable(
                f"Students' code would see {course}/solutions: move it out of the environment or /usr."
            )
    return [*out, "--remount-ro", "/", "--chdir", "/tmp"]


def _parents(target: Path) -> list[str]:
    """Makes the folders above a mount point; by itself bubblewrap lets only root into them."""
    above = [str(p) for p in reversed(target.parents) if p not in (Path("/"), Path("/tmp"))]
    return [word for p in above for word in ("--perms", "0755", "--dir", p)]


def command(limits: Limits, uid: int | None, seccomp_fd: int, info_fd: int) -> list[str]:
    """The whole bubblewrap command line, up to the program."""
    out = [find_bwrap(), "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    out += ["--unshare-cgroup-try", "--hostname", "sandbox", "--die-with-parent", "--new-session"]
    out += ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        out += ["--setenv", name, value]
    out += ["--cap-drop", "ALL"]
    if uid is None:
        out += ["--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    else:  # student.py drops these, with root, before anything else
        out += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*out, "--seccomp", str(seccomp_fd), "--info-fd", str(info_fd), *filesystem(limits), "--"]


class Sandbox:
    """One running sandbox: its pipes (`to`, `replies`, `stdout`, `stderr`) and its end."""

    def __init__(self, limits: Limits):
        uid, opened = unprivileged_uid(), []

        def pipe():
            opened.extend(os.pipe())
            return opened[-2:]

        try:
            requests, self.to = pipe()
            self.replies, replies = pipe()
            info, info_child = pipe()
            seccomp_child, filter_in = pipe()
            self.stdout, stdout = pipe()
            self.stderr, stderr = pipe()
            os.write(filter_in, seccomp.program())  # some kilobytes: fits a pipe
            config = {
                "read": requests,
                "write": replies,
                "uid": uid,
                "path": [COURSE, *library_paths()],
                "cpu": limits.cpu_seconds,
                "memory": limits.memory_bytes,
                "processes": limits.processes,
                "file": limits.file_bytes,
                "files": limits.open_files,
            }
            program = [os.path.realpath(sys.executable), "-I", "-S", "-B", "-X", "utf8"]
            program += [f"{COURSE}/autograder/isolation/student.py", json.dumps(config)]
            self.process = subprocess.Popen(
                command(limits, uid, seccomp_child, info_child) + program,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env={},  # bwrap's own environment can be read in /proc/1
                pass_fds=(requests, replies, seccomp_child, info_child),
                cwd="/",
            )
        except BaseException:
            for fd in opened:
                os.close(fd)
            raise
        ours = (self.to, self.replies, self.stdout, self.stderr)
        for fd in set(opened) - {*ours, info}:
            os.close(fd)
        for fd in ours:
            os.set_blocking(fd, False)
        self.first, self.first_pidfd = _first_process(info)
        self._end = weakref.finalize(self, _end, self.process, self.first_pidfd, ours)

    def kill(self) -> int:
        """Ends every process in the sandbox, reaps it, closes the pipes; the exit status."""
        self._end()
        return self.process.returncode

    def status(self, seconds: float) -> int | None:
        """The exit status, if the sandbox ends by itself within the time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def readable(fd: int, seconds: float) -> bool:
    """Whether a descriptor has something to read, or its end, in time. Not select, which ends at 1024."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(max(0, seconds) * 1000))


def _first_process(info: int) -> tuple[int, int | None]:
    """The pid, and a pidfd, of the sandbox's first process; (0, None) where bwrap failed to start one."""
    text, deadline = b"", time.monotonic() + START_SECONDS
    with open(info, "rb", buffering=0) as file:
        while b"}" not in text and readable(info, deadline - time.monotonic()):
            chunk = file.read(4096)
            if not chunk:
                break
            text += chunk
    try:
        pid = json.loads(text)["child-pid"]
        return pid, os.pidfd_open(pid)
    except (ValueError, ProcessLookupError):
        return 0, None


def _end(process, pidfd, fds):
    """The first process goes before bwrap, which then reaps it: nothing is left to the machine's init."""
    if process.poll() is None and pidfd is not None:
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
    if process.poll() is None:
        process.kill()
    process.wait()
    if pidfd is not None:  # it outlives bwrap for a moment where the student's process ended by itself
        readable(pidfd, 5)
    for fd in (*fds, pidfd):
        if fd is not None:
            os.close(fd)
