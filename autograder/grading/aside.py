"""Files that appear in one step: a reader sees the old one or the new one, never half of one."""

import os
from pathlib import Path


def replace(path, data):
    """Write bytes aside, then rename over `path`; makes its folders; returns the Path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path
