"""The machine and the versions, without which a figure says nothing."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.contenders import OTTER
from benchmarks.meter import GROUPS, open_group

PACKAGES = ("nbgrader", "ipykernel", "distributed", "numpy")

OTTER_VERSION = "from importlib.metadata import version; print('otter-grader', version('otter-grader'))"

#: Above this many processes that want to run, wall clock times are not to be trusted.
BUSY = 0.5


def describe():
    """{what: text} of this machine."""
    processors = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in processors if line.startswith("model name")),
                 platform.machine())
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": f"{model}, {len(os.sched_getaffinity(0))} cores",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "versions": ", ".join([*(f"{name} {version(name)}" for name in PACKAGES),
                               said([OTTER.with_name("python"), "-c", OTTER_VERSION]), said(["bwrap", "--version"])]),
        "CPU seconds from": counted_by(),
        "load average at the start": f"{os.getloadavg()[0]:.2f}",
    }


def said(command):
    """What `command` prints, or that it is missing."""
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "?"
    except OSError:
        return f"no {Path(command[0]).name}"


def counted_by():
    """Which of the meter's ways this machine allows."""
    for kind in GROUPS:
        if (group := open_group(kind)) is not None:
            group.close()
            return kind
    return "RUSAGE_CHILDREN: what is killed in a sandbox is missing"


def busy():
    """A sentence where other processes take the processor now, else None."""
    load = os.getloadavg()[0]
    if load > BUSY:
        return f"The load average is {load:.2f}: other processes were at work, and cost these some CPU seconds as well."
    return None
