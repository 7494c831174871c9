"""What lies in a student's folder instead of a notebook, and what comes out of a zip."""

import io
import os
import socket
import stat
import zipfile

import pytest
from good import dumped, good
from notebooks import ALL, Case

from autograder.grading import submissions
from autograder.grading.archives import Limits
from autograder.grading.collect import collect
from autograder.grading.decoding import Unreadable, decode

NAME = "optimizers.ipynb"


def named(*names):
    def make(folder, data):
        for name in names:
            (folder / name).write_bytes(data)
    return make


def at(make):
    return lambda folder, data: make(folder / NAME)


def bind(path):
    os.chdir(path.parent)               # a socket's whole path may have 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


def classmate(folder, data):
    (folder.parent.parent / "classmate.ipynb").write_bytes(data)
    (folder / NAME).symlink_to(folder.parent.parent / "classmate.ipynb")


def whole_folder(folder, data):
    other = folder.parent.parent / "classmate"
    other.mkdir()
    (other / NAME).write_bytes(data)
    folder.rmdir()
    folder.symlink_to(other)


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(10 * 2**30)


#: name -> what is put into the folder of the submission.
FOLDERS = {
    "right name": Case(named(NAME)),
    "browser's number": Case(named("optimizers(1).ipynb"), word="was called optimizers(1).ipynb"),
    "capitals": Case(named("Optimizers.IPYNB"), word="was called"),
    "Chinese name": Case(named("作業一(最終版).ipynb"), word="was called 作業一(最終版).ipynb"),
    "ipynb.txt": Case(named("optimizers.ipynb.txt"), word="was called"),
    "ipynb.json": Case(named("optimizers.ipynb.json"), word="was called"),
    "json": Case(named("optimizers.json"), word="was called"),
    "terminal escapes in the name": Case(named("\x1b[31mred\n.ipynb"), word="was called red .ipynb"),
    "beside another": Case(named(NAME, "draft.ipynb"), word="were not graded: draft.ipynb"),
    "one name fits": Case(named("optimizers (2).ipynb", "batchnorm.ipynb"), word="batchnorm.ipynb"),
    "resource fork beside": Case(named(NAME, "._optimizers.ipynb")),
    "checkpoint only": Case(lambda folder, data: (folder / ".ipynb_checkpoints").mkdir(), ALL, "no notebook"),
    "two, neither named right": Case(named("a.ipynb", "b.ipynb"), ALL, "several other notebooks: a.ipynb, b.ipynb"),
    "Python export": Case(named("optimizers.py"), ALL, "only: optimizers.py"),
    "HTML export": Case(named("optimizers.html"), ALL, "only: optimizers.html"),
    "unopened zip": Case(named("optimizers.zip"), ALL, "only: optimizers.zip"),
    "nothing": Case(lambda folder, data: None, ALL, "no notebook"),
    "no folder": Case(lambda folder, data: folder.rmdir(), ALL, "cannot be opened"),
    "a file for a folder": Case(lambda folder, data: (folder.rmdir(), folder.write_bytes(data)), ALL, "cannot be"),
    "folder": Case(at(lambda path: path.mkdir()), ALL, "not an ordinary file"),
    "link to a classmate's": Case(classmate, ALL, "is a link"),
    "link to /etc/passwd": Case(at(lambda path: path.symlink_to("/etc/passwd")), ALL, "is a link"),
    "dangling link": Case(at(lambda path: path.symlink_to("nowhere")), ALL, "is a link"),
    "link to itself": Case(at(lambda path: path.symlink_to(path)), ALL, "is a link"),
    "folder a link": Case(whole_folder, ALL, "is a link"),
    "pipe": Case(at(os.mkfifo), ALL, "not an ordinary file"),
    "socket": Case(at(bind), ALL, "not an ordinary file"),
    "10 GB": Case(at(sparse), ALL, "larger than 100 MB"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    case, data = FOLDERS[name], dumped(good()).encode()
    submission = submissions.Submission("s", "optimizers", tmp_path / "s" / "optimizers")
    submission.folder.mkdir(parents=True)
    case.make(submission.folder, data)
    if case.lost == ALL:
        with pytest.raises(Unreadable) as refused:
            submissions.read(submission)
        assert case.word in str(refused.value) and "\x1b" not in str(refused.value)
    else:
        read, repairs = submissions.read(submission)
        assert read == data and case.word in "\n".join(repairs) and bool(repairs) == bool(case.word)


@pytest.mark.skipif(not hasattr(os, "mknod") or os.geteuid() != 0, reason="only root can make a device")
def test_a_device_is_not_opened(tmp_path):
    submission = submissions.Submission("s", "optimizers", tmp_path)
    os.mknod(tmp_path / NAME, stat.S_IFCHR | 0o666, os.makedev(1, 5))       # /dev/zero never ends
    with pytest.raises(Unreadable, match="not an ordinary file"):
        submissions.read(submission)


@pytest.mark.parametrize("what", ["open", "scandir"])
def test_no_permission(tmp_path, monkeypatch, what):
    """Said to be so; root may read everything, so the kernel's answer is put in its place."""
    (tmp_path / NAME).write_bytes(b"{}")

    def denied(*args, **options):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr(submissions.os, what, denied)
    with pytest.raises(Unreadable, match="Permission denied"):
        submissions.read(submissions.Submission("s", "optimizers", tmp_path))


def zipped(files, method=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return data.getvalue()


def encrypted(book):
    """The flag alone says it: no password is ever tried."""
    data = bytearray(zipped({NAME: book}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


#: name -> the one student's zip, made of a good notebook; lost: nothing was taken, and word says why.
ZIPS = {
    "folder in it": Case(lambda book: zipped({"my work/optimizers.ipynb": book})),
    "macOS": Case(lambda book: zipped({NAME: book, "__MACOSX/._optimizers.ipynb": b"\0\5\x16\7", ".DS_Store": b"x"})),
    "capitals": Case(lambda book: zipped({"OPTIMIZERS.IPYNB": book})),
    "beside its data": Case(lambda book: zipped({NAME: book, "expected.npz": b"x", "plot.png": b"x"})),
    "CP936 names": Case(lambda book: zipped({"作业.ipynb": book})),
    "empty": Case(lambda book: zipped({}), ALL, "empty"),
    "only resource forks": Case(lambda book: zipped({"__MACOSX/._optimizers.ipynb": b"x"}), ALL, "empty"),
    "zip in a zip in a zip": Case(
        lambda book: zipped({"a.zip": zipped({"b.zip": zipped({NAME: book})})}), ALL, "in a zip file"),
    "leads out": Case(lambda book: zipped({"../../../evil/optimizers/optimizers.ipynb": book}), ALL, "leads out"),
    "encrypted": Case(encrypted, ALL, "encrypted"),
    "truncated": Case(lambda book: zipped({NAME: book})[:-40], ALL, "damaged"),
    "bomb": Case(lambda book: zipped({NAME: bytes(30 * 2**20)}), ALL, "larger than"),
    "not a zip": Case(lambda book: book, ALL, "damaged"),
}


@pytest.mark.parametrize("name", ZIPS)
def test_zip(name, tmp_path):
    """Through `collect`, beside a classmate who must be taken whatever happens."""
    case, book = ZIPS[name], dumped(good()).encode()
    (tmp_path / "export").mkdir(), (tmp_path / "course").mkdir()
    for who, content in {"right": zipped({NAME: book}), "odd": case.make(book)}.items():
        folder = tmp_path / "export" / f"{who}_7{len(who)}_assignsubmission_file_"
        folder.mkdir()
        (folder / "optimizers.zip").write_bytes(content)
    collected = collect([tmp_path / "export"], "optimizers", tmp_path / "course", Limits(file_bytes=20 * 2**20))
    found = submissions.find(tmp_path / "course", "optimizers")
    assert len(found) == (1 if case.lost == ALL else 2)
    for submission in found:
        assert decode(submissions.read(submission)[0]).cells
    assert {path.name for path in tmp_path.iterdir()} == {"export", "course"}
    refused = "\n".join(one.note for one in collected if one.status == "refused" and "/odd" in one.student)
    assert case.word in refused if case.word else not refused.replace("This is not a notebook.", "").strip()
