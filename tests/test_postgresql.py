"""The same grades in PostgreSQL, in a server that the test starts itself."""

import glob
import json
import os
import pwd
import shutil
import socket
import subprocess
import time

import pytest
from click.testing import CliRunner
from courses import NAME, copy, hand_in, opened, state, write
from sqlalchemy import create_engine, text

from autograder.cli import main
from autograder.grading import gradebook as books
from autograder.grading import lock

PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
initdb = PROGRAMS[-1] if PROGRAMS else shutil.which("initdb")
pytestmark = pytest.mark.skipif(not initdb, reason="no PostgreSQL on this machine: apt-get install postgresql")


def someone():
    """Options for subprocess that make a program run as no root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "group": "nogroup", "extra_groups": []}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The URL of a PostgreSQL server without its database's name; it ends with the tests."""
    psycopg = pytest.importorskip("psycopg")
    folder = tmp_path_factory.mktemp("postgresql")
    options = someone()
    if options:
        shutil.chown(folder, options["user"])
        for parent in (folder, *list(folder.parents)[:-1]):
            if parent.owner() in (folder.parent.owner(), options["user"]):
                parent.chmod(parent.stat().st_mode | 0o111)     # pytest's folders are closed to others
    data, program = folder / "data", os.path.dirname(initdb)
    subprocess.run([initdb, "-D", data, "-U", "teacher", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                   check=True, capture_output=True, cwd=folder, **options)
    port = free_port()
    process = subprocess.Popen([f"{program}/postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1",
                                "-c", "fsync=off"], cwd=folder, stderr=subprocess.DEVNULL, **options)
    url = f"postgresql://teacher@127.0.0.1:{port}/"
    try:
        for _ in range(600):
            try:
                psycopg.connect(f"{url}postgres").close()
                break
            except psycopg.OperationalError:
                if process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def grade(quick, monkeypatch):
    return quick.patch(monkeypatch)


@pytest.fixture
def db(server, request):
    """A new, empty database."""
    name = f"d{abs(hash(request.node.name))}"
    engine = create_engine(f"{server}postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}{name}"


@pytest.fixture
def course(tmp_path):
    write(tmp_path / "course")
    return tmp_path / "course"


def test_the_same_grades_as_in_sqlite(course, db, grade, tmp_path):
    hand_in(course, "Ångström 王", {"ewma": ""})
    beside = copy(course, tmp_path / "beside")
    grade(course, db=db)
    grade(beside)
    assert state(course, db) == state(beside) and not (course / "gradebook.db").exists()
    assert grade(course, db=db) == []


def test_what_a_person_gave_stays(course, db, grade):
    grade(course, db=db)
    with opened(course, db) as gradebook:
        gradebook.find_grade("ewma-by-hand", NAME, NAME, "right").manual_score = 0.25
        gradebook.find_comment("ewma", NAME, NAME, "right").manual_comment = "以後再說"
        gradebook.db.commit()
    (course / "submitted" / "stub" / NAME / f"{NAME}.ipynb").write_bytes(
        (course / "submitted" / "right" / NAME / f"{NAME}.ipynb").read_bytes())
    again = {result["student"]: result for result in grade(course, db=db, force=True)}
    assert again["right"]["score"] == again["stub"]["score"] - again["stub"]["cells"][0]["max_score"] + 0.25
    with opened(course, db) as gradebook:
        assert gradebook.find_comment("ewma", NAME, NAME, "right").comment == "以後再說"


def test_report_and_feedback_read_it(course, db, grade):
    grade(course, db=db, late_penalty="1 a day")
    where = ["--course", str(course), "--db", db]
    said = CliRunner().invoke(main, ["report", NAME, *where, "--json"])
    assert {one["student"]: one["status"] for one in json.loads(said.stdout)}["torn"] == "unreadable"
    pages = CliRunner().invoke(main, ["feedback", NAME, *where])
    assert pages.exit_code == 0, pages.output
    assert len(list(course.glob("feedback/*/*/*.html"))) == 6


def test_two_graders_of_one_gradebook_exclude_each_other(course, db, grade, tmp_path):
    """Though they work in different folders, perhaps on different machines."""
    beside = copy(course, tmp_path / "beside")
    with (books.open_gradebook(db) as gradebook, lock.alone_in_database(gradebook),
          pytest.raises(lock.Busy, match="wait")):
        grade(beside, db=db)
    assert len(grade(beside, db=db)) == 6       # the first has let go


def test_a_server_that_goes_away_stops_the_run(course, db, server, grade, monkeypatch):
    """In the middle of it; the next run does the rest."""
    from autograder.grading import ledger

    real, count = ledger.Ledger.record, []

    def record(self, *args):
        count.append(1)
        if len(count) == 3:
            engine = create_engine(f"{server}postgres", isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                                   {"name": db.rpartition("/")[2]})
            engine.dispose()
        return real(self, *args)
    with monkeypatch.context() as patch:
        patch.setattr(ledger.Ledger, "record", record)
        with pytest.raises(OSError, match="gradebook"):
            grade(course, db=db)
    assert len(grade(course, db=db)) == 4
    assert state(course, db)["right"]["score"] == sum(
        cell["max_score"] for cell in state(course, db)["right"]["cells"])


def test_an_address_that_is_none_is_said_plainly(course, server, grade):
    for address, said in ((f"{server}nowhere", "nowhere"), ("nonsense", "not the address of a database")):
        with pytest.raises(books.GradebookUnavailable, match=said):
            grade(course, db=address)
