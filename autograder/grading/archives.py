"""The files in a zip that somebody sent.

Nothing is unpacked by the names in it: what is needed is copied, within limits that count bytes as they
come, into files that we name.
"""

import os
import re
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.intake import MAX_BYTES
from autograder.grading.layouts import students_of_class
from autograder.grading.zipnames import names
from autograder.messages import _

#: Room for one entry's name and dates in a zip's table of contents.
ENTRY_BYTES = 300

#: Unpacked from archives: the course's own files beside a notebook that say when or whose it is.
WANTED = (".ipynb", "/timestamp.txt", "/submission_metadata.yml")
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
           NotImplementedError)


@dataclass(frozen=True)
class Limits:
    """For one source: members of an archive, bytes of a file, of a student's zip, of all that is unpacked."""

    entries: int = 50_000
    file_bytes: int = MAX_BYTES
    nested_bytes: int = 2 * MAX_BYTES
    total_bytes: int = 8 * 2**30


class Refused(Exception):
    """This file cannot be had; the text says why."""


@dataclass(frozen=True)
class File:
    """`path` begins with the source's name and may lead through zip files; `when` it was handed in, seconds
    since 1970 or None; `read()` gives its bytes or raises Refused."""

    path: str
    when: float | None
    read: Callable


@dataclass(frozen=True)
class Problem:
    """Something that is left where it is, and why."""

    path: str
    reason: str


def members(path, shown, assignment, spool, limits, budgets, when, nested=False):
    """The members of the zip at `path`.  budgets: [bytes left], one for each archive that this is in.

    when: the time of this zip itself.  A platform dates the entries of its own zip; the dates in a zip that a
    student has packed are the student's word, so that all in it was handed in at the time of that zip.
    """
    try:
        archive = _opened(path, limits)
    except Refused as refusal:
        yield Problem(shown, str(refusal))
        return
    with archive:
        entries = archive.infolist()
        called = names(entries)
        times = [when] * len(entries)
        if not nested:
            # A hostile name is still one notebook more: it must not make its classmates' one student's.
            notebooks = [f"{i}.ipynb" if _suspicious(name, info, nested) else name
                         for i, (name, info) in enumerate(zip(called, entries, strict=True))
                         if name.lower().endswith((".ipynb", ".zip")) and not _hidden(name)]
            students = students_of_class([f"{name}/x.ipynb" if name.lower().endswith(".zip") else name
                                          for name in notebooks], assignment)
            if "/" not in shown and students:
                shown = shown[:-len(".zip")]            # to the layouts it is a folder
                times = [_changed(info) for info in entries]
            elif len(students) > 1:
                # Among other students' zips it would let its author hand in for anybody.
                yield Problem(shown, _(
                    "This looks like a whole class's export: if it is, name the zip file itself."))
                return
        if all(_hidden(name) or name.endswith("/") for name in called):
            yield Problem(shown, _("The zip file is empty."))
        for name, info, handed_in in zip(called, entries, times, strict=True):
            if _hidden(name):
                continue
            there = f"{shown}/{name}".rstrip("/")
            if reason := _suspicious(name, info, nested):
                yield Problem(there[:300], reason)
            elif name.endswith("/"):
                if name.rstrip("/").endswith(".ipynb"):
                    yield Problem(there, _("This is a folder, not a notebook."))
            elif name.lower().endswith(".zip"):
                inner = [limits.nested_bytes, *budgets]
                for item in _unpacked(archive, info, there, spool, limits, budgets):
                    if isinstance(item, Problem):
                        yield item
                    else:
                        yield from members(item, there, assignment, spool, limits, inner, handed_in, nested=True)
                        budgets[:] = inner[1:]
                        item.unlink()
            elif f"/{name}".lower().endswith(WANTED):
                for item in _unpacked(archive, info, there, spool, limits, budgets):
                    yield item if isinstance(item, Problem) else File(plain(there), handed_in, item.read_bytes)
            else:
                yield File(there, handed_in, _never)


def plain(path):
    """`path` with the ending of a notebook as Jupyter writes it: some systems shout."""
    return f"{path[:-len('.ipynb')]}.ipynb" if path.lower().endswith(".ipynb") else path


def _opened(path, limits):
    """The ZipFile at `path`, or Refused."""
    try:
        with open(path, "rb") as file:
            # Python makes an object of each entry before anybody can count them: some 20 times its bytes.
            end = zipfile._EndRecData(file)
        if end and end[zipfile._ECD_SIZE] > ENTRY_BYTES * limits.entries:
            raise Refused(_("The zip file holds more than {count} files.", count=limits.entries))
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise Refused(_("The zip file is damaged: {reason}", reason=str(error))) from None
    if len(archive.infolist()) > limits.entries:
        archive.close()
        raise Refused(_("The zip file holds more than {count} files.", count=limits.entries))
    return archive


def _never():
    raise Refused(_("This is not a notebook."))


def _hidden(name):
    """Whether a member is no work of the student's: hidden, macOS' forks, caches.  ".." is not hidden."""
    parts = re.split(r"[/\\]", name)
    return any(part == "__MACOSX" or (part.startswith(".") and part.strip(".")) for part in parts)


def _suspicious(name, info, nested):
    """Why a member is not touched, or None."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not name:
        return _("It has no name.")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return _("Its name leads out of the zip file.")
    if len(name) > 1_000:
        return _("Its name is too long.")
    if kind == stat.S_IFLNK:
        return _("This is a link; links are not followed.")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return _("This is not an ordinary file.")
    if info.flag_bits & 0x1:
        return _("It is encrypted; ask the student for a file without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _("It is compressed in an unusual way; ask the student for an ordinary zip file.")
    if nested and name.lower().endswith(".zip"):
        return _("This is a zip file in a zip file in a zip file.")
    return None


def _unpacked(archive, info, shown, spool, limits, budgets):
    """Yields the Path of a copy of the member, or a Problem.  No header is believed about its size."""
    descriptor, target = tempfile.mkstemp(dir=spool)
    size = 0
    try:
        with open(descriptor, "wb") as copy, archive.open(info) as member:
            while chunk := member.read(2**20):
                size += len(chunk)
                if size > limits.file_bytes:
                    raise Refused(_("The file is larger than {size} MB.", size=limits.file_bytes // 2**20))
                for i in range(len(budgets)):
                    budgets[i] -= len(chunk)
                    if budgets[i] < 0:
                        raise Refused(_("The zip file unpacks to more than is accepted; this is left out."))
                copy.write(chunk)
    except Refused as refusal:
        yield Problem(shown, str(refusal))
    except DAMAGED as error:
        yield Problem(shown, _("The zip file is damaged: {reason}", reason=str(error)))
    else:
        yield Path(target)
        return
    os.unlink(target)


def _changed(info):
    """When a member was changed, seconds since 1970: in UTC if it says so, else by this machine's clock."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x5455 and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return float(struct.unpack("<i", extra[5:9])[0])
        extra = extra[4 + size:]
    if info.date_time[:3] <= (1980, 1, 1):  # what programs write that do not know
        return None
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return None
