"""Attacks on the walls around a student's process, and on the process that checks it.

Each is a small piece of source that a student might put into a cell. It may break its own process;
it may not reach anything outside, stop the checker, or be taken for a right answer.
"""

import os
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from autograder import isolation
from autograder.isolation import Limits, RemoteObject, StudentDied, StudentError

#: test_landlock.py runs this file once more, with the other kind of walls.
WALLS = os.environ.get("TEST_WALLS", "bubblewrap")
Student = partial(isolation.Student, walls=WALLS)
MACHINE = isolation.probe(WALLS)
pytestmark = pytest.mark.skipif(not MACHINE["works"], reason=f"no isolation here: {MACHINE['error']}")
starts_processes = pytest.mark.skipif(WALLS == "landlock", reason="no process can be started there")

REPOSITORY = Path(__file__).resolve().parents[2]
QUICK = Limits(call_seconds=3.0)

# Reaches the server of its own process, as code that digs can.
DIG = """
import gc, os, json, struct
server = next(o for o in gc.get_objects() if type(o).__name__ == "Server")
def reply(header, body=b"", nonce=None):
    head = (header if isinstance(header, bytes)
            else json.dumps({"n": nonce or server.nonce, **header}).encode())
    os.write(server.write, struct.pack("<4sIQ", b"TTN1", len(head), len(body)) + head)
    sent = 0
    while sent < len(body):
        sent += os.write(server.write, body[sent:sent + 65536])
def ok(value, body=b""):
    reply({"ok": value, "changed": [], "generators": ["l", []]}, body)
"""

SYSCALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def barred(name, *args):
    if getattr(libc, name)(*args) == -1:
        raise OSError(ctypes.get_errno(), name)
"""

# Each must fail with an OSError inside the sandbox.
BARRED = {
    "connect": "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
    "dns": "import socket; socket.getaddrinfo('example.org', 80)",
    "unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "shadow": "open('/etc/shadow').read()",
    "passwd": "open('/etc/passwd').read()",
    "keys": f"import os; os.listdir({str(Path.home() / '.ssh')!r})",
    "homes": "import os; os.listdir('/home')",
    "sys": "import os; os.listdir('/sys')",
    "solutions": f"import os; os.listdir({str(REPOSITORY / 'solutions')!r})",
    "tests": f"import os; os.listdir({str(REPOSITORY / 'tests')!r})",
    "git": f"import os; os.listdir({str(REPOSITORY / '.git')!r})",
    "gradebook": f"open({str(REPOSITORY / 'gradebook.db')!r}, 'w')",
    "write the root": "open('/hello', 'w')",
    "write usr": "open('/usr/hello', 'w')",
    "write the course": "open('/course/autograder/hello.py', 'w')",
    "write the environment": "import numpy; open(numpy.__file__, 'a')",
    "write dev": "open('/dev/shm/hello', 'w')",
    "write proc": "open('/proc/sys/kernel/hostname', 'w')",
    "big file": "f = open('big', 'wb')\nfor i in range(100): f.write(bytes(2**20))\nf.close()",
    "many empty files": "import os\nfor i in range(30_000): os.mknod(str(i))",
    "fill tmp": "for i in range(100): open(f'{i}', 'wb').write(bytes(2**20))",
    "many descriptors": "import os\nwhile True: os.dup(0)",
    "memfd": "import os; os.memfd_create('x')",
    "kill the checker": f"import os; os.kill({os.getpid()}, 9)",
    "raise a limit": "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY,) * 2)",
    "become root": "import os; os.setresuid(0, 0, 0)",
    "chroot": "import os; os.chroot('/tmp')",
    "mount": SYSCALL + "barred('mount', b'none', b'/tmp', b'tmpfs', 0, None)",
    "umount": SYSCALL + "barred('umount2', b'/tmp', 2)",
    "ptrace": SYSCALL + "barred('ptrace', 16, os.getppid(), 0, 0)",
    "unshare": SYSCALL + "barred('unshare', 0x10000000)",
    "userfaultfd": SYSCALL + "barred('syscall', 323, 0)",
    "bpf": SYSCALL + "barred('syscall', 321, 0, 0, 0)",
    "keyctl": SYSCALL + "barred('syscall', 250, 0, 0)",
    "io_uring": SYSCALL + "barred('syscall', 425, 8, 0)",
    "namespace by clone": SYSCALL + "barred('syscall', 56, 0x10000000 | 17, 0, 0, 0, 0)",
    "clone3": SYSCALL + "barred('syscall', 435, 0, 0)",
    "shared memory": SYSCALL + "barred('shmget', 0, 4096, 0o1600)",
    "attach shared memory": SYSCALL + "barred('shmat', 0, None, 0)",
    "attributes by a young call": SYSCALL + "barred('syscall', 463, -100, b'.', 0, b'user.x', None, 0)",
    "attributes of a file by a young call": SYSCALL + "barred('syscall', 469, -100, b'.', None, 0, 0)",
    "look at mounts": SYSCALL + "barred('syscall', 457, None, None, 0, 0)",
    "lock a file": "import fcntl, numpy; fcntl.lockf(open(numpy.__file__), fcntl.LOCK_SH)",
    "flock a file": "import fcntl, numpy; fcntl.flock(open(numpy.__file__), fcntl.LOCK_SH)",
    "ask for locks": "import fcntl, numpy; fcntl.fcntl(open(numpy.__file__), fcntl.F_GETLK, bytes(32))",
    "signals to whom it names": "import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, 1)",
    "a command with a bit too many": SYSCALL + "barred('syscall', 72, 0, ctypes.c_long(1 << 32 | 8), 1)",
    "limits of the first process": "import resource; resource.prlimit(1, resource.RLIMIT_CPU, (1, 1))",
    "terminals": "import os; os.open('/dev/pts/0', os.O_RDWR)",
    "type into the terminal": "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
}


@pytest.mark.parametrize("source", BARRED.values(), ids=BARRED)
def test_barred(source):
    with Student(QUICK) as student:
        try:
            error = student.run(source).error
        except StudentDied as died:  # without a file system of its own, which would be full
            assert WALLS == "landlock" and died.reason == "files"
            return
        assert error is not None
        assert error.type_name in {
            "OSError", "PermissionError", "FileNotFoundError", "ProcessLookupError", "gaierror", "ValueError"
        }  # fmt: skip
        assert (error.type_name == "ValueError") == ("not allowed to raise maximum limit" in error.message)


# (what runs inside `attack`, the reasons that it may die of)
DEADLY = {
    "infinite loop": ("while True: pass", {"timeout"}),
    "sleep": ("import time; time.sleep(1000)", {"timeout"}),
    "infinite output": ("while True: print('x' * 10000)", {"timeout"}),
    "infinite raw output": ("import os\nwhile True: os.write(1, b'x' * 65536)", {"timeout"}),
    "fork bomb": ("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", {"timeout", "cpu"}),
    "ignored alarm": (("import signal\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n"
                      "  except (OSError, ValueError): pass\nwhile True: pass"), {"timeout"}),
    "endless str": ("class E(Exception):\n  def __str__(self):\n    while True: pass\nraise E", {"timeout"}),
    "exit": ("import os; os._exit(0)", {"exited"}),
    "exit with status": ("import os; os._exit(7)", {"exited"}),
    "kill everybody": (("import os\nfor pid in -1, os.getpid():\n  try: os.kill(pid, 9)\n  except OSError: pass\n"
                       "os._exit(0)"), {"memory", "exited"}),
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", {"signal 11"}),
    "close every descriptor": ("import os; os.closerange(0, 10000)", {"protocol", "exited"}),
    "garbage": (("import os\nfor fd in range(3, 2000):\n  try: os.write(fd, b'garbage' * 100)\n"
                "  except OSError: pass"), {"protocol"}),
    "half a frame": ("os.write(server.write, b'TTN1'); time.sleep(100)", {"timeout"}),
    "slow drip": (("head = struct.pack('<4sIQ', b'TTN1', 4000, 0)\nfor b in head + bytes(4000):\n"
                  "  os.write(server.write, bytes([b])); time.sleep(.02)"), {"timeout"}),
    "huge result": ("import numpy as np; return np.zeros(9 * 2**20)", {"reply too large"}),
    "huge promise": ("os.write(server.write, struct.pack('<4sIQ', b'TTN1', 10, 2**62)); return", {"reply too large"}),
    "huge header": ("reply(b'[' * 5_000_000)", {"reply too large"}),
    "deep header": ("reply(b'[' * 100_000 + b']' * 100_000)", {"protocol"}),
    "deep value": ("v = 1\nfor _ in range(200): v = ['l', [v]]\nok(v)", {"protocol"}),
    "wrong nonce": ("reply({'ok': 1, 'changed': [], 'generators': ['l', []]}, nonce='0' * 16)", {"protocol"}),
    "no nonce": ("reply(b'{\"ok\": 1}')", {"protocol"}),
    "not JSON": ("reply(b'cos\\nsystem')", {"protocol"}),
    "not an object": ("reply(b'[1]')", {"protocol"}),
    "missing parts": ("reply({})", {"protocol"}),
    "error of the wrong type": ("reply({'error': 5})", {"protocol"}),
    "object dtype": ("ok(['a', '|O', [1]], bytes(8))", {"protocol"}),
    "dtype expression": ("ok(['a', 'f8,O', [1]], bytes(16))", {"protocol"}),
    "dtype not a string": ("ok(['a', ['<f8'], [1]], bytes(8))", {"protocol"}),
    "shape too large": ("ok(['a', '<f8', [2**40, 2**40]], bytes(8))", {"protocol"}),
    "negative shape": ("ok(['a', '<f8', [-1]], bytes(8))", {"protocol"}),
    "shape of bools": ("ok(['a', '<f8', [True]], bytes(8))", {"protocol"}),
    "empty but huge": ("ok(['a', '<f8', [0] + [2**47] * 5])", {"protocol"}),
    "many dimensions": ("ok(['a', '<f8', [1] * 70], bytes(8))", {"protocol"}),
    "bytes left over": ("ok(1, bytes(8))", {"protocol"}),
    "huge int": ("ok(['i', '0x' + 'f' * 100_000])", {"protocol"}),
    "int beyond text": ("reply(b'{\"n\": ' + b'9' * 5000 + b'}')", {"protocol"}),
    "unknown tag": ("ok(['eval', '1'])", {"protocol"}),
    "unknown callback": ("ok(['f', 99])", {"protocol"}),
    "false handle": ("ok(['h', '1', 'x'])", {"protocol"}),
    "unhashable key": ("ok(['d', [['l', []], 1]])", {"protocol"}),
    "half a dict": ("ok(['d', [1]])", {"protocol"}),
    "change of no argument": ("reply({'ok': 1, 'changed': [[5, 1]], 'generators': ['l', []]})", {"protocol"}),
    "state of no generator": ("reply({'ok': 1, 'changed': [], 'generators': ['l', [['l', [0, 1]]]]})", {"protocol"}),
    "call back nothing": ("reply({'callback': 0, 'args': ['l', []], 'kwargs': ['d', []]})", {"protocol"}),
    "call back by name": ("reply({'callback': 'eval', 'args': ['l', ['1']], 'kwargs': ['d', []]})", {"protocol"}),
}  # fmt: skip


@pytest.mark.parametrize("body, reasons", DEADLY.values(), ids=DEADLY)
def test_deadly(body, reasons):
    indented = "\n".join("    " + line for line in body.splitlines())
    with Student(Limits(call_seconds=1.0 if reasons == {"timeout"} else 5.0)) as student:
        assert student.run(f"{DIG}\nimport time\ndef attack():\n{indented}\n").error is None
        attack = student.stand_in("attack")
        inside = _inside(student)
        begun = time.monotonic()
        with pytest.raises(StudentDied) as died:
            attack()
        assert died.value.reason in reasons
        assert time.monotonic() - begun < 20
        assert not student.alive
        with pytest.raises(StudentDied):
            student.run("1")
    assert not _running(inside)


def _inside(student):
    """The host's pids of everything in the sandbox."""
    found, todo = [], [str(student._sandbox.first)]
    while todo:
        found.append(todo.pop())
        for task in Path("/proc", found[-1], "task").iterdir():
            todo += (task / "children").read_text().split()
    return found


def _running(pids):
    """Those that still run; a zombie does not, and is the business of the machine's init."""
    out = []
    for pid in pids:
        try:
            state = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        out += [pid] * (state != "Z")
    return out


# (expression that `attack` returns, what the checker may see of it)
VALUES = {
    "nan": ("float('nan')", lambda x: type(x) is float and np.isnan(x)),
    "infinity in an array": ("np.array([np.inf, -0.0])", lambda x: x[0] == np.inf and np.signbit(x[1])),
    "lying equality": ("LyingInt(3)", lambda x: type(x) is int and x != 4),
    "lying float": ("LyingFloat(3)", lambda x: type(x) is float and x != 4),
    "lying str": ("LyingStr('a')", lambda x: type(x) is str and x != "b"),
    "lying dict": ("LyingDict(a=1)", lambda x: type(x) is dict and x == {"a": 1}),
    "lying list": ("LyingList([1])", lambda x: type(x) is list and x == [1]),
    "lying array": ("np.zeros(3).view(LyingArray)",
                    lambda x: type(x) is np.ndarray and x.dtype == float and not x.any()),
    "masked array": ("np.ma.masked_array([1.0], [True])", lambda x: type(x) is np.ndarray),
    "object array": ("np.array([Anything()], object)", lambda x: type(x) is RemoteObject),
    "strings": ("np.array(['a'])", lambda x: type(x) is RemoteObject),
    "structured": ("np.zeros(1, 'f8,i4')", lambda x: type(x) is RemoteObject),
    "long double": ("np.zeros(1, np.longdouble)", lambda x: type(x) is RemoteObject),
    "keys with one hash": ("{k * (2**61 - 1): 1 for k in range(50)}", lambda x: type(x) is RemoteObject),
    "keys that are tuples": ("{(k, 1): 1 for k in range(10)}", lambda x: type(x) is RemoteObject),
    "always equal": ("Anything()", lambda x: type(x) is RemoteObject and x != 1),
    "reducer": ("Reducer()", lambda x: type(x) is RemoteObject),
    "name of a class": ("type('\\x1b[31m' + 'x' * 1000, (), {})()",
                        lambda x: len(repr(x)) < 100 and "\x1b" not in repr(x)),
    "big endian": ("np.array([1.0], '>f8')", lambda x: x.dtype.isnative and x[0] == 1),
    "not 0 or 1": ("np.array([7], np.uint8).view(bool)", lambda x: x.tobytes() == b"\1"),
    "surrogate": ("'\\ud800'", lambda x: x.encode() == b"?"),
}  # fmt: skip

LIARS = """
import numpy as np, os
class Lies:
    __hash__ = None
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __class__(self): raise RuntimeError
    def __len__(self): return 10 ** 9
    def __iter__(self): return iter(range(10 ** 9))
    def items(self): return [("b", 2)]
    def keys(self): return ["b"]
    def __float__(self): return 4.0
    def __int__(self): return 4
    def __index__(self): return 4
    def __str__(self): return "b"
    def __repr__(self): return "b"
    def __array__(self, *a, **k): return np.ones(3)
class LyingInt(Lies, int): pass
class LyingFloat(Lies, float): pass
class LyingStr(Lies, str): pass
class LyingDict(Lies, dict): pass
class LyingList(Lies, list): pass
class Anything(Lies): pass
class LyingArray(Lies, np.ndarray):
    dtype = property(lambda self: np.dtype(object))
    shape = property(lambda self: (10 ** 9,))
    tobytes = tolist = lambda self, *a: b"x"
    def __array_finalize__(self, other): pass
    def __array_function__(self, *a): return True
    def __array_ufunc__(self, *a, **k): return True
class Reducer:
    def __reduce__(self): return os.system, ("touch /tmp/reduced",)
"""


@pytest.mark.parametrize("expression, seen", VALUES.values(), ids=VALUES)
def test_value(expression, seen):
    with Student(QUICK) as student:
        student.run(f"{LIARS}\ndef attack(): return {expression}")
        assert seen(student.stand_in("attack")())


# (source of a cell, what its exception may look like); the process lives on
RAISING = {
    "sys.exit": ("import sys; sys.exit(0)", lambda e: e.type_name == "SystemExit"),
    "keyboard interrupt": ("raise KeyboardInterrupt", lambda e: e.type_name == "KeyboardInterrupt"),
    "terminal escapes": ("raise ValueError('\\x1b]0;pwned\\x07\\u202e\\x9b31m')",
                         lambda e: not set("\x1b\x07\u202e\x9b") & set(str(e) + e.traceback)),
    "raising str": ("class E(Exception):\n  def __str__(self): raise E\nraise E",
                    lambda e: e.type_name == "E"),
    "str that is no text": ("class E(Exception):\n  def __str__(self): return 5\nraise E",
                            lambda e: e.type_name == "E"),
    "100 MB of text": ("raise ValueError('x' * 10**8)", lambda e: len(str(e)) < 5000),
    "lying class name": (("class M(type):\n  __name__ = property(lambda c: 1 / 0)\n"
                         "class E(Exception, metaclass=M): pass\nraise E"), lambda e: True),
    "memory hog": ("x = bytearray(2**33)", lambda e: e.type_name == "MemoryError"),
    "array hog": ("import numpy; numpy.ones(2**30)", lambda e: "MemoryError" in e.type_name),
    "recursion": ("def f(): f()\nf()", lambda e: e.type_name == "RecursionError" and len(e.traceback) < 4000),
    "thread bomb": (("import threading, time\nwhile True: "
                    "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"),
                    lambda e: e.type_name == "RuntimeError"),
    "input": ("input()", lambda e: e.type_name == "EOFError"),
}  # fmt: skip


@pytest.mark.parametrize("source, seen", RAISING.values(), ids=RAISING)
def test_raising(source, seen):
    with Student(QUICK) as student:
        try:
            error = student.run(source).error
        except StudentDied as died:  # without a file system of its own, which would be full
            assert WALLS == "landlock" and died.reason == "files"
            return
        assert isinstance(error, StudentError)
        assert seen(error)
        assert student.run("1 + 1").error is None


def test_environment_is_empty(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_TEST_SECRET", "hush")
    source = """
import glob, os
seen = str(dict(os.environ))
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try:
        seen += open(path).read()
    except OSError:
        pass
"""
    with Student() as student:
        assert student.run(source).error is None
        seen = student.stand_in("seen")
        assert "OPENBLAS_NUM_THREADS" in seen and "hush" not in seen


def test_no_process_is_seen():
    with Student() as student:
        student.run("import os\ntry: seen = os.listdir('/proc')\nexcept PermissionError: seen = []")
        assert student.stand_in("seen") == []


def test_no_descriptor_leaks():
    source = """
import os, stat
found = []
for fd in range(5000):
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        continue
    found.append(stat.S_ISFIFO(mode) or (fd == 0 and stat.S_ISCHR(mode)))
"""
    with open(__file__) as file, Student() as student:
        os.set_inheritable(file.fileno(), True)
        assert student.run(source).error is None
        assert student.stand_in("found") == [True] * 5  # nothing to read, what it prints, requests and replies


@starts_processes
def test_fork_bomb_is_bounded_and_gone_afterwards():
    source = """
import os, time
def bomb():
    n = 0
    try:
        while n < 200:
            if not os.fork():
                os.setsid()
                time.sleep(600)
            n += 1
    except OSError:
        pass
    return n
"""
    with Student(QUICK) as student:
        student.run(source)
        assert 1 < student.stand_in("bomb")() < QUICK.processes
        inside = _inside(student)
        assert len(_running(inside)) > 3
    assert not _running(inside)


def test_output_flood_is_counted_and_dropped():
    with Student(QUICK) as student:
        output = student.run("import os\nos.write(1, b'raw ')\nfor i in range(100): print('x' * 100_000)")
        assert output.error is None
        assert output.stdout.startswith("raw xxx")
        assert len(output.stdout) < QUICK.output_chars + 100


@starts_processes
def test_output_of_a_child_that_stays():
    with Student(QUICK) as student:
        student.run("import os\nif not os.fork():\n  while True: os.write(1, b'x' * 4096)")
        assert student.run("y = 2").error is None
        assert student.stand_in("y") == 2


@starts_processes
def test_daemon_dies_with_the_sandbox():
    with Student(QUICK) as student:
        student.run("import os, time\nif not os.fork():\n  os.setsid()\n  if not os.fork(): time.sleep(600)\n"
                    "  os._exit(0)\nos.wait()")  # fmt: skip
        inside = _inside(student)
    assert not _running(inside)


@starts_processes
def test_frames_between_questions():
    source = (
        DIG
        + "import threading, time\n"
        + (
            "threading.Thread(target=lambda: (time.sleep(.5), ok(1)), daemon=True).start()\ndef answer(): return 2"
        )
    )
    with Student(QUICK) as student:
        student.run(source)
        time.sleep(1.0)
        with pytest.raises(StudentDied, match="pipe") as died:
            student.stand_in("answer")
        assert died.value.reason == "protocol"


def test_forged_reply_is_only_an_answer():
    """With the right nonce a forged frame is what any return value is; the frame after it is one too many."""
    with Student(QUICK) as student:
        student.run(DIG + "def attack(): ok(42)")
        attack = student.stand_in("attack")
        assert attack() == 42
        with pytest.raises(StudentDied) as died:
            attack()
        assert died.value.reason == "protocol"


def test_patched_modules_stay_on_their_side():
    source = """
import json, struct, numpy as np
json.dumps = json.loads = struct.pack = lambda *a, **k: "forged"
np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True
np.array = lambda *a, **k: 5
def attack(): return [1.0]
"""
    with Student(QUICK) as student:
        try:
            student.run(source)
            assert student.stand_in("attack")() == [1.0]
        except StudentDied as died:
            assert died.reason in {"protocol", "exited"}
    assert not np.allclose(1, 2)


def test_recursive_and_deep_values():
    with Student(QUICK) as student:
        student.run(
            "a = []\na.append(a)\nd = {}\nd['d'] = d\nb = 1\nfor _ in range(50): b = [b]\nc = list(range(10**6))"
        )
        for name in "adbc":
            with pytest.raises(StudentError):
                student.stand_in(name)
        assert student.alive


def test_arguments_that_become_recursive():
    with Student(QUICK) as student:
        student.run("def attack(x): x.append(x); return 1")
        argument = [1]
        with pytest.raises(StudentError):
            student.stand_in("attack")(argument)
        assert argument == [1]


def test_arguments_stay_as_they_are():
    grads = {"W": np.ones(2)}
    with Student(QUICK, in_place={"update": {"params": 0}}) as student:
        student.run("def update(params, grads):\n  for d in params, grads:\n    d['W'] *= 0; d['new'] = 5")
        params = {"W": np.ones(2)}
        old = params["W"]
        student.stand_in("update")(params, grads)
        assert grads.keys() == {"W"} and grads["W"].all()
        assert student.observed(grads)["new"] == 5 and not student.observed(grads["W"]).any()
        assert old.all()


def test_forged_changes_of_arguments():
    """What comes back for one argument never lands in another that may not change."""
    source = (
        DIG
        + """
def update(params, grads):
    reply({"ok": 1, "changed": [[i, ["d", ["W", 7.0]]] for i in range(4)], "generators": ["l", []]})
    import time; time.sleep(9)
"""
    )
    grads, params = {"W": np.ones(2)}, {"W": np.ones(2)}
    old = params["W"]
    with Student(QUICK, in_place={"update": {"params": 0}}) as student:
        student.run(source)
        try:
            student.stand_in("update")(params, grads)
        except StudentDied as died:
            assert died.reason == "protocol"
        assert grads["W"].all() and old.all()


@pytest.mark.parametrize(
    "change",
    [
        "np.random.default_rng(1).bit_generator.state",
        "{**s, 'state': {**s['state'], 'inc': s['state']['inc'] + 2}}",
        "{**s, 'state': {**s['state'], 'state': s['state']['state'] ^ 1 << 100}}",
    ],
)
def test_generator_set_to_another_state(change):
    with Student(QUICK) as student:
        student.run(
            f"import numpy as np\ndef attack(r):\n  s = r.bit_generator.state\n  r.bit_generator.state = {change}"
        )
        rng = np.random.default_rng(0)
        with pytest.raises(StudentDied) as died:
            student.stand_in("attack")(rng)
        assert died.value.reason == "protocol"
        assert rng.random() == np.random.default_rng(0).random()


def test_callback_without_end():
    with Student(Limits(call_seconds=60, callbacks=100)) as student:
        student.run("def attack(f):\n  while True: f(1)")
        calls = []
        with pytest.raises(StudentDied) as died:
            student.stand_in("attack")(calls.append)
        assert died.value.reason == "protocol" and len(calls) == 100


def test_callback_in_circles():
    with Student(QUICK) as student:
        student.run("def attack(f): return f(1)")
        attack = student.stand_in("attack")

        def again(_):
            return attack(again)

        with pytest.raises(StudentDied) as died:
            attack(again)
        assert died.value.reason == "protocol"


def test_callback_with_the_time_up():
    with Student(Limits(call_seconds=1)) as student:
        student.run("def attack(f):\n  while True:\n    try: f(1)\n    except BaseException: pass")
        begun = time.monotonic()
        with pytest.raises(StudentDied) as died:
            student.stand_in("attack")(lambda x: x)
        assert died.value.reason in ("timeout", "protocol") and time.monotonic() - begun < 10


@starts_processes
def test_many_processes_with_much_memory():
    source = """
import os, time
for i in range(8):
    if not os.fork():
        hog = bytearray(2**26)
        for page in range(0, len(hog), 4096):
            hog[page] = 1
        time.sleep(100)
time.sleep(100)
"""
    with Student(Limits(memory_bytes=2**28, call_seconds=20)) as student, pytest.raises(StudentDied) as died:
        student.run(source)
    assert died.value.reason == "memory"


def test_cpu_limit():
    with Student(Limits(cpu_seconds=1, call_seconds=20)) as student, pytest.raises(StudentDied) as died:
        student.run("while True: pass")
    assert died.value.reason == "cpu"


def test_names_that_begin_with_an_underscore():
    with Student() as student:
        student.run("class A:\n  x = 1\na = A()")
        a = student.stand_in("a")
        for name in ("__class__x", "_x", "__dict__", "__array_interface__"):
            with pytest.raises(AttributeError):
                getattr(a, name)
        with pytest.raises(AttributeError):
            a._x = 1
        with pytest.raises(TypeError):
            len(a)
        with pytest.raises(TypeError):
            np.allclose(a, 1.0)
