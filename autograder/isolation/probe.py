"""What isolation this machine offers."""

import os
import subprocess

from . import lockdown, sandbox, seccomp, walls
from .outcome import IsolationUnavailable
from .session import Student


def probe(kind: str | None = None) -> dict:
    """For `autograder doctor`: really starts a sandbox and says what came of it.

    kind: "bubblewrap" or "landlock"; None: whatever grading would take. Keys: works, kind (what was taken), bwrap
    (path or None), version, landlock (of the kernel, 0: none), root, drops_to_own_uid, user_namespaces, seccomp,
    and error (text or None). Root needs no user namespaces, others no uid to drop to.
    """
    found = {"works": False, "kind": None, "bwrap": None, "version": None, "landlock": lockdown.landlock_abi()}
    found |= {"root": os.geteuid() == 0, "drops_to_own_uid": walls.unprivileged_uid() is not None}
    found |= {"user_namespaces": False, "seccomp": False, "error": None}
    try:
        found["bwrap"] = walls.find_bwrap()
        command = [found["bwrap"], "--version"]
        found["version"] = subprocess.check_output(command, text=True, timeout=10).strip()
        command = [found["bwrap"], "--unshare-user", "--ro-bind", "/", "/", "true"]
        found["user_namespaces"] = subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except (IsolationUnavailable, OSError, subprocess.SubprocessError):
        pass  # what it means shows below
    try:
        found["seccomp"] = bool(seccomp.program())
        found["kind"] = sandbox.server(kind).kind
        with Student(walls=kind) as student:
            found["works"] = student.run("1 + 1").error is None
    except (IsolationUnavailable, OSError) as error:
        found["error"] = str(error)
    return found
