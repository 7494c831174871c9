"""Writes environment.yml: the direct dependencies of pyproject.toml at the versions of the lock.

    python scripts/environment.py
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Written by scripts/environment.py from pyproject.toml and requirements-test.lock; a test compares them.
name: training-techniques
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def direct(extras=("validate", "book", "grading")):
    """The names of the direct dependencies, without those of the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return sorted({re.match(r"[\w.-]+", requirement)[0].lower() for requirement in wanted})


def locked(lock="requirements-test.lock"):
    """{name: version} of a lock."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))


def environment():
    """The text of environment.yml."""
    versions = locked()
    return HEAD + "".join(f"      - {name}=={versions[name]}\n" for name in direct()) + "      - -e .\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment())
