"""The same attacks where there is no bubblewrap: against Landlock, a stricter filter of system calls, and limits."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.isolation import lockdown, walls

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(lockdown.landlock_abi() < lockdown.NEEDED_ABI, reason="this kernel has no Landlock")


def python():
    """The beginning of a command that runs Python as an ordinary user; skips where no interpreter can be reached."""
    path = ":".join(map(str, [REPOSITORY, REPOSITORY / "tests", *walls.library_paths()]))
    before = ["env", "-C", "/", f"PYTHONPATH={path}", "PYTHONDONTWRITEBYTECODE=1", "TEST_WALLS=landlock"]
    if os.geteuid() == 0 and shutil.which("setpriv"):
        before = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *before]
    for interpreter in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        command = [*before, interpreter]
        if subprocess.run([*command, "-c", "import numpy, pyseccomp"], capture_output=True).returncode == 0:
            return command
    pytest.skip("no interpreter with numpy that another user can read")


def test_the_attacks_of_the_other_file():
    """As nobody: root's Landlock would also need an interpreter outside root's home."""
    arguments = ["-m", "pytest", "-q", "-n", "0", "-o", "addopts=", "-W", "error", "-p", "no:cacheprovider",
                 str(Path(__file__).with_name("test_student_process.py"))]
    done = subprocess.run([*python(), *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 110


ALONE = """
import json
from autograder.isolation import Student
attacks = {
    "fork": "import os; os.fork()",
    "thread": "import threading; threading.Thread(target=print).start()",
    "program": "import os; os.execv('/bin/true', ['true'])",
    "another's signal": "import os; os.kill(os.getppid(), 0)",
    "another's limits": "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
    "another's priority": "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "another's memory": "import os; open(f'/proc/{os.getppid()}/mem', 'rb')",
    "another's environment": "import os; open(f'/proc/{os.getppid()}/environ').read()",
    "host's temporary files": "import os; os.listdir('/tmp')",
    "write elsewhere": "open('/tmp/hello', 'w')",
    "change modes": "import os; os.chmod('.', 0o777)",
    "change times": "import os; os.utime('.')",
}
with Student(walls="landlock") as student:
    print(json.dumps({name: str(student.run(source).error) for name, source in attacks.items()}))
    student.run("import os; open('mine', 'w').write('x'); mine = os.listdir()")
    print(json.dumps(student.stand_in("mine")), student._sandbox.work)
"""


def test_a_process_without_namespaces_is_alone():
    done = subprocess.run([*python(), "-c", ALONE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    errors, mine, work = done.stdout.replace("] /", "]\n/").splitlines()
    for name, error in json.loads(errors).items():
        assert error.startswith(("PermissionError", "RuntimeError: can't start new thread")), (name, error)
    assert json.loads(mine) == ["mine"] and not Path(work).exists()
