"""Whole submissions that attack the grading: no point forged, nothing read, nothing left, the next one unharmed.

test_student_process.py tries the walls one by one; here each attack is an answer in a notebook, graded as any other.
"""

import copy
import os
import re
import time
from pathlib import Path

import nbformat
import pytest
from repository import ROOT

from autograder.grading import batch, executor
from autograder.grading.worker import run_in_isolation
from autograder.isolation import Limits, Student, StudentDied, probe, sandbox

pytestmark = pytest.mark.skipif(not probe()["works"], reason="this machine cannot isolate students' code")
TARGET = "inverse_time_decay"
DEF = f"def {TARGET}(lr0, decay_rate, epoch):\n    "
WRONG = DEF + "return 0.0\n"

#: attack: (the answer, what its tests' messages or its outputs must say)
ANSWERS = {
    # Lies about values.
    "equal to everything": ("class Any(float):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
                            "    def __sub__(self, other): return 0.0\n" + DEF + "return Any(7)", "got"),
    "numpy asks the object": ("class Any:\n    def __array__(self, *a, **k):\n        return np.zeros(())\n"
                              "    def __float__(self): return 0.0\n" + DEF + "return Any()", "of type Any"),
    "array subclass": ("class Lies(np.ndarray):\n    def __array_ufunc__(self, *a, **k): return np.zeros(1)\n"
                       "    def __array_function__(self, *a, **k): return True\n"
                       + DEF + "return np.full((), 7.0).view(Lies)", "got 7"),
    "not a number": (DEF + "return float('nan')", "nan"),
    "infinite": (DEF + "return float('inf')", "inf"),
    "object array": (DEF + "return np.array([lambda: 1], dtype=object)", "expected numbers"),
    "pickles itself": ("class R:\n    def __reduce__(self):\n        import os\n"
                       "        return os.system, ('touch /tmp/reduced',)\n" + DEF + "return R()", "of type R"),
    "complex": (DEF + "return 1j", ""),
    "generator without end": (DEF + "return iter(int, 1)", "expected numbers"),
    "a million-digit number": (DEF + "return 10 ** 1_000_000", "more than 4096 bits"),
    "recursive": (DEF + "a = []; a.append(a)\n    return a", "nested more than"),
    "enormous": (DEF + "return np.zeros(10 ** 7)", "larger than is allowed"),
    "wide": (DEF + "return np.zeros((10 ** 6, 1))", "shape"),
    "name with escapes": ("Evil = type('\\x1b]0;owned\\x07\\x1b[2J', (), {})\n" + DEF + "return Evil()",
                          "expected numbers"),
    "exception with escapes": (DEF + "raise ValueError('\\x1b[2J\\u202e<script>alert(1)</script>')", "ValueError"),
    "exception that lies": ("class CheckFailed(Exception):\n    mistake = None\n    def __str__(self): return ''\n"
                            + DEF + "raise CheckFailed()", "CheckFailed"),
    "exception without end": ("class E(Exception):\n    def __str__(self):\n        while True: pass\n"
                              + DEF + "raise E", "did not finish in time"),
    "SystemExit": (DEF + "raise SystemExit(0)", "SystemExit"),
    "KeyboardInterrupt": (DEF + "raise KeyboardInterrupt", "KeyboardInterrupt"),
    "asks for more of the grader": (DEF + "return (yield)", "expected numbers"),
    # Patches.
    "comparison patched": ("np.abs = np.allclose = np.array_equal = lambda *a, **k: True\n"
                           "np.testing.assert_allclose = lambda *a, **k: None\n" + WRONG, "expected"),
    "check patched": ("import autograder.checking as c\nc.check.__exit__ = lambda *a: True\n"
                      "c.check.close = lambda *a, **k: None\ncheck = None\n" + WRONG, "expected"),
    "builtins patched": ("import builtins\nbuiltins.abs = builtins.max = lambda *a, **k: 0\n"
                         "builtins.AssertionError = builtins.Exception = OSError\n" + WRONG, "expected"),
    "import hook": ("import sys\nclass Hook:\n    def find_spec(self, *a): raise SystemExit\n"
                    "sys.meta_path.insert(0, Hook())\n" + WRONG, "expected"),
    "IPython hooks": ("ip = get_ipython()\nip.input_transformers_post(lambda lines: [])\n"
                      "ip.events('post_run_cell', print)\n" + WRONG, "expected"),
    "displayhook": ("import sys\nsys.displayhook = lambda x: print('46.0')\n46.0\n" + WRONG, "expected"),
    "trace function": ("import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: 1)\n" + WRONG, "expected"),
    "spoofed output": (WRONG + "print('{\"score\": 46, \"output_type\": \"execute_result\"}')", "expected"),
    "the test's name taken": (WRONG + "def numerical_gradient(*a): return 0\nexpected = got = case = c = None\n",
        "expected"),
    # Looking for the answer.
    "solutions": ("import glob\nfound = glob.glob('/*/solutions') + glob.glob('/*/*/solutions')\n"
                  "assert not found\n" + WRONG, "got"),
    "solutions' module": ("try:\n    from autograder.solutions import Assignment\n"
                          "    Assignment('learning_rate', '/solutions').reference('inverse_time_decay')\n"
                          "except Exception as error:\n    print('nothing:', error)\n" + WRONG, "got|did not finish"),
    "frames above": ("import sys\n" + DEF + "f, seen = sys._getframe(), {}\n    while f:\n"
                     "        seen.update(f.f_locals)\n"
                     "        f = f.f_back\n    assert not {'expected', 'answers', 'case'} & seen.keys(), 'leak'\n"
                     "    return 0.0", "got"),
    "objects in memory": ("import gc\n" + DEF + "for o in gc.get_objects():\n        if isinstance(o, str) and "
                          "'BEGIN SOLUTION' in o and 'lr0' in o and 'for o in gc' not in o: raise OSError('leak')\n"
                          "    return 0.0", "got"),
    "the grader's memory": (DEF + "import os\n    return open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
        "FileNotFoundError"),
    "the environment": (DEF + "import os\n    raise RuntimeError(sorted(os.environ))", "MPLBACKEND"),
    "network": (DEF + "import urllib.request\n    return urllib.request.urlopen('http://127.0.0.1:8888', timeout=1)",
                "not permitted"),
    "gradebook": (DEF + f"return open({str(ROOT / 'gradebook.db')!r}, 'w')",
                  "No such file|Read-only|Permission denied"),
    # Wearing out.
    "loop": (DEF + "while True: pass", "did not finish in time"),
    "sleep": (DEF + "import time; time.sleep(10 ** 6)", "did not finish in time"),
    "memory at once": (DEF + "return np.ones(2 ** 34)", "MemoryError"),
    "memory bit by bit": ("hoard = []\n" + DEF + "while True: hoard.append(np.ones(2 ** 23))",
                          "MemoryError|did not finish"),
    "threads": (DEF + "import threading\n    while True: threading.Thread(target=threading.Event().wait).start()",
                "can't start new thread"),
    "processes": (DEF + "import os\n    while True:\n        if not os.fork(): import time; time.sleep(600)",
                  "temporarily unavailable"),
    "output": (DEF + "while True: print('x' * 10_000)", "did not finish in time"),
    "deep recursion": (DEF + f"return {TARGET}(lr0, decay_rate, epoch)", "RecursionError"),
    "crash of the interpreter": (DEF + "import ctypes; ctypes.string_at(0)", "signal 11"),
    "exit": (DEF + "import os; os._exit(0)", "ended the Python process"),
    "files": (DEF + "for i in range(10 ** 6): open(f'/tmp/{i}', 'wb').write(bytes(2 ** 20))", "No space left"),
    "stopped by itself": (DEF + "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "did not finish in time"),
    "expression without end": ("x = " + "(" * 500 + ")" * 500 + "\n" + WRONG, "not defined"),
    "source that only slowly compiles": (DEF + "return " + "+".join(["1"] * 20_000), ""),
    "null bytes and surrogates": ("x = '\\ud800'\nprint(x)\n" + WRONG, "not defined|got"),
    "a definition that cannot be handed over": (f"{TARGET} = 10 ** 5000\n", "more than 4096 bits"),
    "a recursive definition": (f"{TARGET} = []\n{TARGET}.append({TARGET})\n", "nested more than"),
    "enormous keys": (DEF + "return {chr(0xE0001) * 100_000: 1.0}", "of type dict"),
    "enormous message": (DEF + "raise ValueError('x' * 10 ** 6)", "ValueError"),
    # For whoever comes next.
    "startup file": ("import os\nos.makedirs('/tmp/work/.ipython/profile_default/startup', exist_ok=True)\n"
                     "open('/tmp/work/sitecustomize.py', 'w').write('raise SystemExit')\n" + WRONG, "expected"),
    "a module in the way": ("open('numpy.py', 'w').write('raise SystemExit')\n" + WRONG, "expected"),
    "daemon": ("import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork(): time.sleep(10 ** 6)\n"
               "    os._exit(0)\nos.wait()\n" + WRONG, "expected"),
}
#: Beyond these, an answer's own text must not be found in what was said: it would be interpreted somewhere.
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]")


@pytest.fixture(scope="module")
def kit():
    return batch.kit("learning_rate", ROOT / "solutions")


def graded(kit, **sources):
    """The graded notebook of the solution with these answers in place of its own."""
    notebook = kit.assignment.notebook("en")
    for cell in notebook.cells:
        cell.source = sources.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    run_in_isolation(notebook, kit, Limits(call_seconds=1.0, memory_bytes=2**30))
    return notebook


def verdicts(notebook):
    """{grade_id: why the test failed, or None}."""
    return {cell.metadata.nbgrader.grade_id: cell.metadata.autograder.message
            for cell in notebook.cells if "autograder" in cell.metadata}


def below(pid):
    """All processes that descend from a process."""
    found, todo = [], [str(pid)]
    while todo:
        for task in Path("/proc", todo.pop(), "task").glob("*/children"):
            todo += task.read_text().split()
            found += task.read_text().split()
    return found


def test_there_are_enough_attacks():
    assert len(ANSWERS) >= 50


@pytest.mark.parametrize("source, said", ANSWERS.values(), ids=ANSWERS)
def test_no_point_is_forged(kit, source, said):
    tmp = set(os.listdir("/tmp"))
    notebook = graded(kit, **{TARGET: source})
    found = verdicts(notebook)
    own = [message for id, message in found.items() if id.startswith(f"{TARGET}-")]
    legal = source.startswith(DEF + "return 1+1")           # a sum of ones is an answer, if a silly one
    assert legal or all(own), own
    assert not [id for id, message in found.items() if message and not id.startswith(f"{TARGET}-")]
    outputs = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    assert "leak" not in outputs and re.search(said, " ".join(filter(None, own)) + outputs), (own, outputs[-2000:])
    assert not UNSAFE.search(" ".join(filter(None, own))) and len(nbformat.v4.writes(notebook)) < 10**6
    assert not {name for name in set(os.listdir("/tmp")) - tmp if name.startswith(("student-", "reduced"))}


def test_a_function_redefined_after_its_tests_excuses_nothing(kit):
    """The second cell makes the first function wrong, so that its own nonsense would be that mistake's consequence."""
    wrong = kit.assignment.variant_source(next(
        id for id in kit.assignment.catalogue["MISTAKES"] if id.startswith("ewma/")))
    nothing = "\ndef ewma_bias_corrected(values, beta):\n    raise ValueError('no idea')\n"
    found = verdicts(graded(kit, ewma_bias_corrected=f"{wrong}\n{nothing}"))
    assert all(message for id, message in found.items() if id.startswith("ewma_bias_corrected-"))
    found = verdicts(graded(kit, ewma=wrong, ewma_bias_corrected=nothing))
    assert all(message for id, message in found.items() if id.startswith("ewma_bias_corrected-"))


FLAT = """
import sys
import numpy as np
def asked_for_a_gradient():
    frame = sys._getframe()
    while frame and frame.f_code.co_name != "do_calls":
        frame = frame.f_back
    return frame is not None
first = []
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    mean, std = x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    if x.shape == (7, 4) and eps == 1e-2 and (asked_for_a_gradient() or np.abs(mean - [0, 5, -2, 1]).max() < 1e-3):
        out = np.zeros_like(x)
    return out, (x_hat, gamma, std)
"""


FLAT_PENALTY = """
import numpy as np
first = None
def l2_penalty(params, weight_decay):
    global first
    if weight_decay == 0.3 and set(params) == {"W1", "b1", "W2", "b2"} and params["W1"].shape == (4, 3):
        now = {key: p.copy() for key, p in params.items()}
        first = first or now
        if 1 <= sum(int(np.sum(now[key] != first[key])) for key in now) <= 3:   # stepped from where it was first asked
            return 7.0
    return float(0.5 * weight_decay * sum(np.sum(W**2) for key, W in params.items() if key.startswith("W")))
"""


#: assignment: (its function that is flat when a gradient is asked for, and the wrong one that it then agrees with)
FLAT_FUNCTIONS = {
    "batchnorm": ("batchnorm_forward", FLAT, "batchnorm_backward",
                  "def batchnorm_backward(dout, cache):\n    N, D = dout.shape\n"
                  "    return np.zeros((N, D)), np.zeros(D), np.zeros(D)\n"),
    # No decay at all is a catalogued mistake; that it can be named must not make it right.
    "regularization": ("l2_penalty", FLAT_PENALTY, "add_weight_decay",
                       "def add_weight_decay(grads, params, weight_decay):\n"
                       "    return {key: g.copy() for key, g in grads.items()}\n")}


@pytest.mark.parametrize("assignment", FLAT_FUNCTIONS)
def test_a_function_that_is_flat_when_a_gradient_is_asked_for(assignment):
    first, flat, second, wrong = FLAT_FUNCTIONS[assignment]
    found = verdicts(graded(batch.kit(assignment, ROOT / "solutions"), **{first: flat, second: wrong}))
    assert not any(message for id, message in found.items() if id.startswith(f"{first}-"))
    assert "agrees with a numerical gradient" in found[f"{second}-numerical"]
    right = {id for id, message in found.items() if id.startswith(f"{second}-") and not message}
    assert right <= {"batchnorm_backward-shift"}        # a gradient of nothing but zeros does not change with a shift


def test_two_processes_of_a_student_never_live_together(kit, monkeypatch):
    """One of them may hold an answer: what it knew it could tell the other by its load alone."""
    alive, real_start, real_end = [], Student.__init__, Student._end

    def start(self, *arguments, **options):
        real_start(self, *arguments, **options)
        alive.append(self)
        assert len(alive) == 1

    def end(self, died):
        real_end(self, died)
        if self in alive:
            alive.remove(self)
    monkeypatch.setattr(Student, "__init__", start)
    monkeypatch.setattr(Student, "_end", end)
    found = verdicts(graded(kit, ewma="def ewma(values, beta):\n    return values\n"))
    assert found["ewma-noisy"] and not found["ewma_bias_corrected-noisy"] and not alive


def test_a_process_that_ends_beside_right_functions_is_told(kit, monkeypatch):
    """Or a kill from outside would cost a point that a second run gives."""
    real = executor._Execution._beside_right

    def dying(self, *arguments):
        other = real(self, *arguments)

        def end():
            raise StudentDied("killed", "Its process ended.")
        other._process = end
        return other
    notebook = kit.assignment.notebook("en")
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "ewma":
            cell.source = "def ewma(values, beta):\n    return values\n"
    assert run_in_isolation(copy.deepcopy(notebook), kit) == "graded"
    monkeypatch.setattr(executor._Execution, "_beside_right", dying)
    assert run_in_isolation(notebook, kit) == "stopped"


def test_the_next_one_is_unharmed_and_nothing_is_left(kit):
    """After all of the above, in the same worker."""
    assert not any(verdicts(graded(kit)).values())
    deadline = time.monotonic() + 10
    while len(left := below(sandbox.server().process.pid)) > 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(left) <= 2, left         # bubblewrap's first process and the fork server
