"""What isolation this machine offers."""

import os
import subprocess

from . import sandbox, seccomp
from .outcome import IsolationUnavailable
from .session import Student


def probe() -> dict:
    """For `autograder doctor`: really starts a sandbox and says what came of it.

    Keys: works, bwrap (path or None), version, root, drops_to_own_uid, user_namespaces, seccomp, and
    error (text or None). Root needs no user namespaces, others no uid to drop to.
    """
    found = {"works": False, "bwrap": None, "version": None, "root": os.geteuid() == 0}
    found |= {"drops_to_own_uid": False, "user_namespaces": False, "seccomp": False, "error": None}
    try:
        found["bwrap"] = sandbox.find_bwrap()
        command = [found["bwrap"], "--version"]
        found["version"] = subprocess.check_output(command, text=True, timeout=10).strip()
        tried = subprocess.run(
            [found["bwrap"], "--unshare-user", "--ro-bind", "/", "/", "true"], capture_output=True, timeout=10
        )
        found["user_namespaces"] = tried.returncode == 0
        found["drops_to_own_uid"] = sandbox.unprivileged_uid() is not None
        found["seccomp"] = bool(seccomp.program())
        with Student() as student:
            found["works"] = student.run("1 + 1").error is None
    except (IsolationUnavailable, OSError, subprocess.SubprocessError) as error:
        found["error"] = str(error)
    return found
