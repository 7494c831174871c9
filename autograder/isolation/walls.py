"""What a student's process may see of this machine, and the bubblewrap command line that shows it no more."""

import importlib.util
import os
import secrets
import shutil
import sys
import sysconfig
from pathlib import Path

from .outcome import IsolationUnavailable

COURSE = "/course"  # where the packages autograder and nnlab are bound
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
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


def python_folders() -> list[Path]:
    """What Python needs besides the system's own folders: the interpreter's and the environment's."""
    base, bound = Path(sys.executable).resolve().parents[1], [Path("/usr")]
    for folder in map(Path, (base, sys.base_prefix, sys.prefix, *library_paths())):
        if folder.is_dir() and not any(folder.is_relative_to(b) for b in bound):
            bound.append(folder)
    for course in (packages()["autograder"].parent, Path.cwd()):
        if (course / "solutions").is_dir() and any(course.is_relative_to(b.resolve()) for b in bound):
            raise IsolationUnavailable(
                f"Students' code would see {course}/solutions: move it out of the environment or /usr."
            )
    return bound[1:]


def kept() -> list[str]:
    """Those of them below /tmp, where each student's process gets an empty folder."""
    return [str(folder) for folder in python_folders() if folder.is_relative_to("/tmp")]


def system_folders() -> list[Path]:
    """The names beside /usr under which programs and libraries are found."""
    return [top for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32") if (top := Path("/", name)).exists()]


def filesystem() -> list[str]:
    """The part of bubblewrap's command line that says what is seen."""
    out = ["--dev", "/dev", "--remount-ro", "/dev", "--proc", "/proc", "--perms", "1777", "--size", str(2**20)]
    out += ["--tmpfs", "/tmp", "--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for name in ("/etc/ld.so.cache", "/etc/fonts"):
        out += ["--ro-bind-try", name, name]
    for top in system_folders():
        link = top.is_symlink()
        out += ["--symlink", os.readlink(top), str(top)] if link else ["--ro-bind", str(top), str(top)]
    for folder in python_folders():  # after the tmpfs, for an environment that lies under /tmp
        out += [*_parents(folder), "--ro-bind", str(folder), str(folder)]
    for name, folder in packages().items():
        target = Path(COURSE, name)
        out += [*_parents(target), "--ro-bind", str(folder), str(target)]
    return [*out, "--remount-ro", "/", "--chdir", "/tmp"]


def _parents(target: Path) -> list[str]:
    """Makes the folders above a mount point; by itself bubblewrap lets only root into them."""
    above = [str(p) for p in reversed(target.parents) if p not in (Path("/"), Path("/tmp"))]
    return [word for p in above for word in ("--perms", "0755", "--dir", p)]


def bubblewrap(uid: int | None) -> list[str]:
    """The whole command line, up to the program, which is the fork server: it keeps what makes namespaces."""
    out = [find_bwrap(), "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    out += ["--unshare-cgroup-try", "--hostname", "sandbox", "--die-with-parent", "--new-session"]
    out += ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        out += ["--setenv", name, value]
    out += ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]
    if uid is None:
        out += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    else:
        out += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*out, *filesystem(), "--"]


def landlock() -> dict:
    """What a process without bubblewrap may read, as the lists `folders` and `readable`, of files."""
    folders = [Path("/usr"), Path("/etc/fonts"), *system_folders(), *python_folders(), *packages().values()]
    files = ["/etc/ld.so.cache", *(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))]
    return {"folders": [str(folder) for folder in folders if folder.is_dir()],
            "readable": [name for name in files if Path(name).exists()]}
