"""Every file in a folder or zip that somebody sent, and why some of it cannot be had."""

import os
import stat
from pathlib import Path

from autograder.grading import archives
from autograder.grading.archives import File, Limits, Problem, Refused
from autograder.grading.zipnames import guess
from autograder.messages import _


def walk(source, assignment, spool, skip=(), limits=Limits()):
    """The Files and Problems of `source`, a folder, zip or notebook, in a fixed order.

    spool: a folder for what is unpacked, to be removed afterwards; skip: folders not to enter.
    Hidden files and folders, and what macOS adds to archives, are passed over.
    """
    source = Path(source)
    if source.is_dir():
        for folder, folders, files in os.walk(source):
            here = Path(folder)
            kept = []
            for name in sorted(folders):
                path = here / name
                if name.startswith(".") or name == "__MACOSX" or path.resolve() in skip:
                    continue
                if name.endswith(".ipynb"):
                    yield Problem(_shown(source, path), _("This is a folder, not a notebook."))
                elif path.is_symlink():
                    yield Problem(_shown(source, path), _("This is a link; links are not followed."))
                else:
                    kept.append(name)
            folders[:] = kept
            for name in sorted(files):
                if not name.startswith((".", "~$")):
                    yield from _file(here / name, _shown(source, here / name), assignment, spool, limits)
    else:
        yield from _file(source, source.name, assignment, spool, limits)


def _shown(source, path):
    """The path from the source's name on; a name that is not UTF-8 as what it most likely says."""
    shown = "/".join([source.resolve().name, *path.relative_to(source).parts])
    data = os.fsencode(shown)
    return data.decode(guess(data), errors="replace")


def _file(path, shown, assignment, spool, limits):
    try:
        info = path.lstat()
    except OSError as error:
        yield Problem(shown, _("It cannot be opened: {reason}", reason=error.strerror))
        return
    if stat.S_ISLNK(info.st_mode):
        yield Problem(shown, _("This is a link; links are not followed."))
    elif not stat.S_ISREG(info.st_mode):
        yield Problem(shown, _("This is not an ordinary file."))
    elif shown.lower().endswith(".zip"):
        yield from archives.members(path, shown, assignment, spool, limits, [limits.total_bytes],
                                    info.st_mtime)
    else:
        yield File(archives.plain(shown), info.st_mtime, lambda: _bytes(path, limits))


def _bytes(path, limits):
    if path.lstat().st_size > limits.file_bytes:
        raise Refused(_("The file is larger than {size} MB.", size=limits.file_bytes // 2**20))
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(_("It cannot be opened: {reason}", reason=error.strerror)) from None
