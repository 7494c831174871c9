"""What this machine can do for the course, and how to get what it cannot."""

import importlib.util
import shutil
import sys
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is there, and if not, what it costs and how to get it."""

    name: str
    ok: bool
    detail: str
    needed: bool = False                # for grading; the rest is for building or testing


def examine():
    """All Findings, what grading needs first."""
    return [_python(), _extra("grading", "nbgrader", "jupytext", "distributed"), *_isolation(),
            _extra("book", "jupyter_book"), _browser(), _cjk_font()]


def _python():
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python 3.11 to 3.13", (3, 11) <= sys.version_info[:2] <= (3, 13), version, needed=True)


def _extra(name, *modules):
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    detail = f"pip install 'training-techniques[{name}]'" if missing else "installed"
    return Finding(f"extra “{name}”", not missing, detail, needed=name == "grading")


def _isolation():
    try:
        from autograder.isolation import lockdown, probe
    except ImportError as error:
        return [Finding("isolation", False, f"{error.name} is missing: install the extra “grading”", needed=True)]
    facts, landlock = probe(), f"Landlock {lockdown.landlock_abi()}"
    found = {"bubblewrap": f"{facts['version']} works", "landlock": (
        f"{landlock} works. Bubblewrap does not: with it, code would not even see which files there are, and could "
        "start processes. apt-get install bubblewrap")}.get(facts["kind"])
    return [Finding("isolation", bool(facts["works"]), facts["error"] or found, needed=True)]


def _browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return Finding("Chromium, for browser tests and PDF", bool(path), path or "apt-get install chromium")


def _cjk_font():
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return Finding("a Chinese font", False, "apt-get install fontconfig fonts-noto-cjk")
    import subprocess

    fonts = subprocess.run([fc_list, ":lang=zh-tw", "family"], capture_output=True, text=True).stdout.split("\n")
    return Finding("a Chinese font", bool(fonts[0]), fonts[0] or "apt-get install fonts-noto-cjk")


def table(findings):
    """The findings as a rich table."""
    out = Table("", "what")
    out.add_column("found", overflow="fold")         # a command to copy must not be cut
    for finding in findings:
        out.add_row("ok" if finding.ok else ("MISSING" if finding.needed else "missing"), finding.name, finding.detail)
    return out
