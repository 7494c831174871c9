"""The Containerfile, as far as a machine without an engine can try it: its own copy of the course grades a class."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from courses import NAME, hand_in
from repository import ROOT

from autograder.isolation import lockdown

LINES = (ROOT / "Containerfile").read_text().replace("\\\n", " ").splitlines()
NAMES = [name for line in LINES if line.startswith("COPY") for name in line.split()[1:-1]]


@pytest.fixture(scope="module")
def copied():
    """A folder with what is copied into the container, and nothing else; other users can read it."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        folder.chmod(0o755)
        for name in NAMES:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, folder)
        yield folder


def test_everything_copied_is_in_the_repository():
    tracked = subprocess.run(["git", "ls-files", *NAMES], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert found == set(NAMES)


def test_the_environment_is_made_from_what_is_copied(copied):
    """`make .venv/course.stamp` knows how to make all it needs, from the lock with hashes."""
    steps = subprocess.run(["make", "-n", ".venv/course.stamp"], cwd=copied, capture_output=True, text=True, check=True)
    assert "--require-hashes -r requirements-course.lock" in steps.stdout
    assert "RUN make .venv/course.stamp" in "\n".join(LINES)


def test_the_packages_are_those_that_ci_installs():
    wanted = re.search(r"no-install-recommends (.*?) &&", " ".join(LINES))[1].split()
    ours = (ROOT / ".ci" / "run").read_text()
    assert {"bubblewrap", "libseccomp2"} <= set(wanted)
    assert all(re.search(rf"\b{package}\b", ours) for package in wanted if package != "python3")


@pytest.mark.skipif(lockdown.landlock_abi() < lockdown.NEEDED_ABI, reason="this kernel has no Landlock")
def test_a_class_is_graded_without_the_right_to_make_namespaces(copied, tmp_path):
    """As in an ordinary container: root, if at all, without CAP_SYS_ADMIN, and no user namespaces."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root, to give its rights away")
    for interpreter in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        reachable = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", interpreter, "-c",
                     f"import os; os.listdir({str(Path(interpreter).resolve().parents[1])!r})"]
        if subprocess.run(reachable, capture_output=True).returncode == 0:
            break
    else:
        pytest.skip("no interpreter that another user can reach")
    hand_in(tmp_path, "right")
    hand_in(tmp_path, "wrong", {"ewma": "def ewma(values, beta):\n    while True: pass\n"})
    packages = [path for path in sys.path if path.endswith("site-packages")]
    done = subprocess.run(
        ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", interpreter, "-m", "autograder.cli",
         "grade", NAME, "--course", str(tmp_path), "--workers", "1", "--timeout", "3", "--json"],
        cwd=copied, capture_output=True, text=True, check=False,
        env={"PATH": f"{os.path.dirname(sys.executable)}:/usr/sbin:/usr/bin:/bin", "HOME": str(tmp_path),
             "PYTHONPATH": os.pathsep.join([str(copied), *packages])})
    assert done.returncode == 0, done.stderr[-3000:]
    right, wrong = json.loads(done.stdout)
    assert right["score"] == right["max_score"] and wrong["status"] == "stopped" and wrong["score"] > 0
