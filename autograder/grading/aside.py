"""Files that appear in one step: a reader sees the old one or the new one, never half of one."""

import os
from pathlib import Path


def replace(path, data, sync=False):
    """Write bytes aside, then rename over `path`; makes its folders; returns the Path.

    sync: they are on the disk before the new name is.  Then only one process may write `path` at a time: what one
    that was killed left behind is overwritten by the next.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{'part' if sync else os.getpid()}")
    try:
        with open(aside, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path
