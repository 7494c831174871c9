"""The ordinary use of a student's process: cells, stand-ins, arguments, what comes back."""

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.isolation import (
    IsolationUnavailable,
    Limits,
    RemoteObject,
    Student,
    StudentDied,
    StudentError,
    lockdown,
    probe,
    sandbox,
    walls,
    wire,
)

REPOSITORY = Path(__file__).resolve().parents[1]
MACHINE = probe()
pytestmark = pytest.mark.skipif(not MACHINE["works"], reason=f"no isolation here: {MACHINE['error']}")


@pytest.fixture(scope="module")
def student():
    with Student(in_place={"update": {"params": 0}, "fill": {"x": 0}, "extend": {"items": 0}}) as process:
        process.run("import numpy as np\ndef echo(*args): return args[0] if len(args) == 1 else args")
        yield process


@pytest.fixture(scope="module")
def define(student):
    """Runs source and returns a stand-in for the last name that it defines."""

    def run(source, name):
        output = student.run(textwrap.dedent(source))
        assert output.error is None, output.error.traceback
        return student.stand_in(name)

    return run


def test_probe():
    assert MACHINE["works"] and MACHINE["seccomp"] and MACHINE["version"].startswith("bubblewrap")
    assert MACHINE["error"] is None


# Cells.


def test_cells_share_a_namespace(student):
    assert student.run("x = 1\nprint('out')", "first").stdout == "out\n"
    output = student.run("import sys\nx += 1\nprint(x)\nprint('err', file=sys.stderr)", "second")
    assert (output.stdout, output.stderr, output.error) == ("2\n", "err\n", None)
    assert student.find("x") is not None and student.find("nothing") is student.find("get_ipython") is None
    assert student.stand_in("x") == 2


def test_main_is_the_notebook(student):
    student.run("import dataclasses, sys\n@dataclasses.dataclass\nclass D: n: int\nname = __name__")
    assert student.stand_in("name") == "__main__"
    assert student.run("assert vars(sys.modules['__main__'])['D'] is D").error is None
    assert student.run("assert not [n for n in globals() if 'server' in n.lower()]").error is None


def test_traceback_shows_the_students_lines_only(student):
    output = student.run("def f(x):\n    return 1 / x\n\nf(0)", "sgd")
    error = output.error
    assert (error.type_name, error.message) == ("ZeroDivisionError", "division by zero")
    assert error.traceback == (
        'File "<sgd>", line 4, in <module>\n    f(0)\nFile "<sgd>", line 2, in f\n    return 1 / x'
    )


def test_syntax_error(student):
    error = student.run("def f(:\n  pass", "he").error
    assert error.type_name == "SyntaxError" and 'File "<he>", line 1' in error.traceback


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 5",
        "%%time\nx = 5",
        "!pip install numpy\nx = 5",
        "files = !ls\nx = 5",
        "if True:\n    %time pass\nx = 5",
        "np.array?\nx = 5",
        "x = 5\nx % 2",
        "text = '''\n%not magic\n'''\nx = 5\nassert '%not' in text",
        "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 5",
        "display(3)\nx = 5",
    ],
)
def test_notebook_syntax(student, source):
    student.run("x = 0")
    assert student.run(source).error is None
    assert student.stand_in("x") == 5


def test_warnings_are_no_errors(student):
    output = student.run("np.log(np.zeros(1))")
    assert output.error is None and "RuntimeWarning" in output.stderr


def test_an_environment_below_tmp_is_seen_and_not_written_to(monkeypatch):
    """Python looks for what it has not imported yet in the student's own /tmp, which is empty otherwise."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        Path(folder, "extra.py").write_text("x = 1")
        found = [*walls.library_paths(), folder]
        monkeypatch.setattr(walls, "library_paths", lambda: found)
        server = sandbox.ForkServer("bubblewrap")
        monkeypatch.setattr(sandbox, "server", lambda *_: server)
        with Student() as student:
            assert student.run("import extra, os; print(extra.x, os.listdir('/tmp'))").stdout.startswith("1 [")
            for attack in ("open('{}/extra.py', 'a')", "open('{}/new', 'w')", "os.rename('{}', 'a')"):
                attack = attack.format(folder)
                assert isinstance(student.run(attack).error, StudentError)
        assert Path(folder, "extra.py").read_text() == "x = 1"


def test_figures(student):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')"
    assert student.run(source).error is None
    student.run("n = len(open('a.png', 'rb').read())")
    assert student.stand_in("n") > 1000


def test_the_students_packages_are_there(student):
    assert student.run("import autograder, nnlab").error is None


def test_files():
    with Student(files={"expected.npz": b"abc\0"}) as process:
        process.run("content = list(open('expected.npz', 'rb').read())")
        assert process.stand_in("content") == list(b"abc\0")
    with pytest.raises(ValueError, match="plain file name"):
        Student(files={"../escape": b""})


# Values.

VALUES = [
    None, True, False, 0, -5, 2**62, 2**63, -(2**200), 1.5, -0.0, float("inf"), 1e-320, 1 + 2j, "", "文字 \u00e9",
    [], [1, [2.0, "x"]], (), (1, (2,)), {}, {"a": 1, 2: "b", None: [3]},
    np.float64(2.5), np.float32(1.5), np.int64(-3), np.bool_(True), np.complex128(1j),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_go_and_come(student, value):
    back = student.stand_in("echo")(value)
    assert type(back) is type(value) and back == value
    if isinstance(value, float):
        assert np.signbit(back) == np.signbit(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.arange(24)[::-2],
        np.array(3.0),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array([np.nan, np.inf], np.float32),
        np.array([1 + 1j]),
        np.arange(3, dtype=">i4"),
        np.float16([1, 2]),
    ],
    ids=lambda a: f"{a.dtype.str}{a.shape}",
)
def test_arrays_go_and_come(student, array):
    back = student.stand_in("echo")(array)
    assert type(back) is np.ndarray and back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("=") and back.flags.writeable
    np.testing.assert_array_equal(back, array)


def test_several_arguments_and_keywords(define):
    f = define("def f(a, *b, c=3): return {'a': a, 'b': b, 'c': c}", "f")
    assert f(1, 2, c=np.float64(4)) == {"a": 1, "b": (2,), "c": 4}


def test_what_cannot_be_sent(student):
    echo = student.stand_in("echo")
    for value in ({1, 2}, b"bytes", object(), np.array([None])):
        with pytest.raises(TypeError):
            echo(value)
    assert echo(1) == 1


def test_missing_name_and_errors(student, define):
    with pytest.raises(StudentError, match="name 'missing' is not defined") as caught:
        student.stand_in("missing")
    assert caught.value.type_name == "NameError"
    with pytest.raises(StudentError) as caught:
        define("def bad(x):\n    raise KeyError(x)", "bad")("k")
    assert caught.value.type_name == "KeyError" and "in bad" in caught.value.traceback
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message
    assert pickle.loads(pickle.dumps(StudentDied("cpu", "x"))).reason == "cpu"


# Objects.


def test_classes_attributes_methods(define):
    sgd = define(
        """
        class SGD:
            def __init__(self, lr=0.01): self.lr = lr
            def step(self, x): return x - self.lr
        """,
        "SGD",
    )
    assert repr(sgd) == "<the student's SGD: class SGD>"
    one, two = sgd(lr=0.5), sgd()
    assert isinstance(one, RemoteObject) and repr(one) == "<the student's SGD>"
    assert (one.lr, two.lr) == (0.5, 0.01)
    one.lr = 0.25
    assert one.step(1.0) == 0.75 and two.step(1.0) == 0.99
    assert hasattr(one, "lr") and not hasattr(one, "momentum")
    assert one != two and one == one


def test_handles_go_back_also_in_containers(define):
    make = define("class Cache:\n  n = 3\ndef make(): return 1.0, {'cache': Cache()}", "make")
    use = define("def use(cache, more): return cache.n, more[0]['c'] is cache", "use")
    out, cache = make()
    assert out == 1.0
    assert use(cache["cache"], [{"c": cache["cache"]}]) == (3, True)


def test_handles_of_another_process(student, define):
    stand_in = define("class A: pass\na = A()", "a")
    with Student() as other:
        other.run("def f(x): return x")
        with pytest.raises(TypeError):
            other.stand_in("f")(stand_in)


def test_released_handles_are_forgotten(student, define):
    make = define("class Big:\n  def __init__(self): self.x = bytearray(2**26)", "Big")
    for _ in range(100):  # 6 GiB, were they kept
        make()
    assert student.alive


# Arguments that change.


def test_in_place_arguments_come_back(student, define):
    optimizer = define(
        """
        class Optimizer:
            def update(self, params, grads):
                for k in params: params[k] -= grads[k]
                params['b'] = 1.0
                grads['W'] *= 2
        """,
        "Optimizer",
    )()
    w = np.ones(2)
    for call in (optimizer.update, lambda p, g: optimizer.update(grads=g, params=p)):
        params, grads = {"W": w}, {"W": np.full(2, 0.5)}
        call(params, grads)
        assert params["b"] == 1.0 and params["W"].tolist() == [0.5, 0.5] and params["W"] is not w
        assert grads["W"].tolist() == [0.5, 0.5]
        assert student.observed(grads)["W"].tolist() == [1.0, 1.0]
        assert student.observed(params)["W"].tolist() == [0.5, 0.5]
        assert w.tolist() == [1, 1] and student.observed(w).tolist() == [0.5, 0.5]


def test_arrays_and_lists_in_place(student, define):
    x, items = np.zeros(3), [1]
    define("def fill(x): x[1] = 7", "fill")  # a call by its global name is not in the table of methods
    student.stand_in("fill")(x)
    student.run("def extend(items): items.append(x)\nx = 5")
    student.stand_in("extend")(items)
    assert x.tolist() == [0, 7, 0] and items == [1, 5]


def test_observed(student, define):
    clip = define("def clip(x, y):\n  x[0] = 9\n  return x", "clip")
    x, y = np.zeros(2), np.zeros(2)
    assert clip(x, y).tolist() == [9, 0]
    assert x.tolist() == [0, 0] and student.observed(x).tolist() == [9, 0]
    assert student.observed(y) is y
    student.observed(x)[:] = 5
    assert student.observed(x).tolist() == [9, 0]
    student.stand_in("echo")(x)
    assert student.observed(x) is x


def test_changes_are_told_after_an_exception(student, define):
    spoil = define("def spoil(x):\n  x += 1\n  raise ValueError", "spoil")
    x = np.zeros(1)
    with pytest.raises(StudentError):
        spoil(x)
    assert student.observed(x) == 1


# Generators and callbacks.


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_generators_advance(define, bits):
    draw = define("def draw(n, rng): return [rng.standard_normal(n), rng.integers(5, dtype='u4')]", "draw")
    ours, theirs = (np.random.Generator(getattr(np.random, bits)(3)) for _ in range(2))
    for _ in range(2):
        assert draw(5, theirs)[0].tolist() == ours.standard_normal(5).tolist()
        ours.integers(5, dtype="u4")
        assert ours.random() == theirs.random()


def test_random_state(define):
    draw = define("def normal(rng): return rng.randn(3)", "normal")
    ours, theirs = np.random.RandomState(3), np.random.RandomState(3)
    assert draw(theirs).tolist() == ours.randn(3).tolist()
    assert ours.randn() == theirs.randn()


def test_a_generator_that_an_object_keeps(define):
    dropout = define(
        """
        class Dropout:
            def __init__(self, rng): self.rng = rng
            def forward(self): return self.rng.random()
        """,
        "Dropout",
    )
    rng, ours = np.random.default_rng(1), np.random.default_rng(1)
    one, two = dropout(rng), dropout(rng)
    assert [one.forward(), two.forward(), rng.random(), two.forward()] == ours.random(4).tolist()


def test_callbacks(define):
    gradient = define(
        """
        def gradient(f, x, h=1e-4):
            out = np.zeros_like(x)
            for i in np.ndindex(x.shape):
                old = x[i]
                x[i] = old + h; up = f(x)
                x[i] = old - h; out[i] = (up - f(x)) / (2 * h)
                x[i] = old
            return out
        """,
        "gradient",
    )
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(gradient(lambda v: float((v**2).sum()), x), 2 * x, atol=1e-6)


def test_callbacks_that_ask_back_and_raise(define):
    apply = define("def square(x): return x * x\ndef apply(f, x): return f(x) + 1", "apply")
    square = define("square = square", "square")
    assert apply(lambda x: square(x), 3) == 10
    assert apply(square, 3) == 10

    def fail(x):
        raise ValueError(f"not {x}")

    with pytest.raises(StudentError, match="not 3") as caught:
        apply(fail, 3)
    assert caught.value.type_name == "ValueError"
    careful = define("def careful(f):\n  try: f(1)\n  except ValueError: return 'caught'", "careful")
    assert careful(fail) == "caught"


def test_a_check_that_is_broken_off_ends_the_process():
    def interrupt(_):
        raise KeyboardInterrupt

    with Student() as process:
        process.run("def f(g): g(1)")
        with pytest.raises(KeyboardInterrupt):
            process.stand_in("f")(interrupt)
        assert not process.alive


# Life and death.


def test_closed():
    process = Student()
    f = (process.run("def f(): return 1"), process.stand_in("f"))[1]
    process.close()
    process.close()
    assert not process.alive
    with pytest.raises(StudentDied) as died:
        f()
    assert died.value.reason == "closed"


def test_forgotten_process_ends_quietly():
    process = Student()
    pid = process._sandbox.first
    assert Path("/proc", str(pid)).exists()
    del process
    _gone(pid)


def _gone(pid):
    """Waits for the end of a process."""
    deadline = time.monotonic() + 5
    while Path("/proc", str(pid)).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_timeout_and_another_student():
    with Student(Limits(call_seconds=0.5)) as slow, Student() as fine:
        fine.run("x = 1")
        with pytest.raises(StudentDied) as died:
            slow.run("while True: pass")
        assert died.value.reason == "timeout" and fine.stand_in("x") == 1


@pytest.fixture
def afresh(monkeypatch):
    """No fork server of this process is running yet."""
    monkeypatch.setattr(sandbox, "_servers", {})


def test_machine_without_bubblewrap_and_landlock(monkeypatch, afresh):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(lockdown, "landlock_abi", lambda: 1)
    with pytest.raises(IsolationUnavailable, match=r"(?s)apt-get install bubblewrap.*Landlock.*this kernel has 1"):
        Student().run("1")
    assert not probe()["works"] and "bubblewrap" in probe()["error"]


def test_bubblewrap_that_may_not_start(monkeypatch, tmp_path, afresh):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(walls, "find_bwrap", lambda: str(fake))
    with pytest.raises(IsolationUnavailable, match=r"(?s)uid map.*AppArmor"):
        Student(walls="bubblewrap")


def test_solutions_inside_the_environment(monkeypatch, tmp_path, afresh):
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(IsolationUnavailable, match="solutions"):
        Student()


def test_one_fork_server_serves_many_and_is_started_again(afresh):
    with Student() as one, Student() as other:
        assert one._sandbox.server is other._sandbox.server
        one._sandbox.server.process.kill()
        _gone(other._sandbox.first)
        with pytest.raises(IsolationUnavailable, match="from outside"):    # nobody's fault inside
            other.run("1")
    with Student() as again:
        assert again.run("1").error is None


LEAVE = """
import builtins, json, os, sys
import numpy as np
builtins.left = json.left = np.left = 1
os.environ["LEFT"] = "1"
sys.path.append("/left")
os.umask(0)
open("/tmp/left", "w").close(), open("left", "w").close()
np.set_printoptions(precision=1)
"""
FIND = """
import builtins, json, os, sys
import numpy as np
found = [hasattr(x, "left") for x in (builtins, json, np)] + ["LEFT" in os.environ, "/left" in sys.path]
found += [os.path.exists("/tmp/left"), os.path.exists("left"), os.umask(0) == 0]
found += [np.get_printoptions()["precision"] == 1]
drawn = np.random.rand()
"""


def test_nothing_of_one_student_reaches_the_next():
    with Student() as one:
        assert one.run(LEAVE + FIND).error is None and all(one.stand_in("found"))
        drawn = {one.stand_in("drawn")}
    for _ in range(2):
        with Student() as other:
            assert other.run(FIND).error is None and not any(other.stand_in("found"))
            drawn.add(other.stand_in("drawn"))
    assert len(drawn) == 3                                      # NumPy's own generator starts anew


def test_files_may_be_empty_but_not_too_large():
    with Student(files={"empty": b""}) as process:
        process.run("n = len(open('empty').read())")
        assert process.stand_in("n") == 0
    with pytest.raises(StudentError):
        Student(Limits(file_bytes=2**20), files={"big": bytes(2**21)})


def test_root_takes_a_uid_for_each_sandbox():
    if not MACHINE["drops_to_own_uid"]:
        pytest.skip("not started as root")
    uids = []
    for _ in range(2):
        with Student() as process:
            process.run("import os\nuids = os.getresuid() + os.getresgid()\ngroups = os.getgroups()")
            uids.append(process.stand_in("uids"))
            assert process.stand_in("groups") == []
    assert len(set(uids)) == 2 and len(set(uids[0])) == 1 and min(uids[0]) >= 1000


AS_A_USER = """
import os
from autograder.isolation import Limits, Student
assert os.getuid() == 65534
with Student(Limits(processes=12)) as student:
    student.run('''
import os, time
def bomb():
    n = 0
    try:
        while n < 100:
            if not os.fork(): time.sleep(600)
            n += 1
    except OSError: pass
    return n
def secrets(): return os.path.exists("/etc/passwd"), os.path.exists("/home"), os.getuid()
''')
    print(student.stand_in("bomb")(), student.stand_in("secrets")())
"""


def test_as_an_ordinary_user(tmp_path):
    """Namespaces of its own instead of root's; needs an interpreter that other users can reach."""
    if not MACHINE["root"] or not shutil.which("setpriv"):
        pytest.skip("started as an ordinary user: every other test shows this")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-C", "/"]
    command.append(f"PYTHONPATH={':'.join([str(REPOSITORY), *walls.library_paths()])}")
    for interpreter in (sys.executable, f"/usr/bin/{version}"):
        if (
            subprocess.run(
                [*command, interpreter, "-c", "import numpy, pyseccomp"], capture_output=True
            ).returncode
            == 0
        ):
            break
    else:
        pytest.skip(f"no {version} with numpy that another user can read")
    done = subprocess.run(
        [*command, interpreter, "-c", AS_A_USER], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    count, rest = done.stdout.split(" ", 1)
    assert 1 < int(count) < 12
    assert rest.strip() == "(False, False, 65534)"


# The wire.


def test_frames():
    encoder = wire.Encoder()
    frame = wire.pack({"v": encoder.value([1, np.arange(3)])}, encoder.buffers)
    head, body = wire.lengths(frame[: wire.PREFIX.size], 10**6)
    assert wire.PREFIX.size + head + body == len(frame)
    decoder = wire.Decoder(frame[wire.PREFIX.size + head :])
    value = decoder.value(wire.header(frame[wire.PREFIX.size : wire.PREFIX.size + head])["v"])
    decoder.finish()
    assert value[0] == 1 and value[1].tolist() == [0, 1, 2]
    with pytest.raises(wire.TooLarge):
        wire.lengths(frame[: wire.PREFIX.size], 10)
    with pytest.raises(wire.WireError):
        wire.lengths(b"x" * wire.PREFIX.size, 10)
