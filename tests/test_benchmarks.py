"""The benchmark measures what it says: all CPU seconds, the same work for everybody, ratios computed right."""

import shutil
import sys

import nbformat
import pytest

from benchmarks import bench, figures, results
from benchmarks import contenders as who
from benchmarks.classes import KINDS, Load
from benchmarks.meter import GROUPS, Cost, Failed, measure, open_group

SECONDS = 0.4

#: Burns CPU in a process namespace of its own, whose first process is then killed: nobody waits for the burner.
KILLED = f"""
import signal, subprocess
burn = "import time\\nwhile time.process_time() < {SECONDS}: pass\\nprint('done', flush=True)\\ntime.sleep(60)"
sandbox = subprocess.Popen(["bwrap", "--unshare-pid", "--dev-bind", "/", "/", "--die-with-parent",
                            {sys.executable!r}, "-S", "-c", burn], stdout=subprocess.PIPE)
assert sandbox.stdout.readline() == b"done\\n"
sandbox.send_signal(signal.SIGKILL)
sandbox.wait()
"""


@pytest.fixture(scope="module")
def load():
    return Load("learning_rate")


def contender(name):
    return next(contender for contender in who.CONTENDERS if contender.name == name)


def available(kind):
    """Whether this machine has control groups of this kind for us, and bubblewrap."""
    group = open_group(kind)
    if group is not None:
        group.close()
    return group is not None and shutil.which("bwrap") is not None


@pytest.mark.parametrize("kind", GROUPS)
def test_what_is_killed_in_a_sandbox_is_counted(kind):
    if not available(kind):
        pytest.skip(f"no {kind} or no bubblewrap here")
    cost = measure([sys.executable, "-S", "-c", KILLED], kinds=[kind])
    assert SECONDS <= cost.cpu < SECONDS + 1


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="no bubblewrap here")
def test_without_a_group_it_is_missing_and_that_is_said():
    with pytest.warns(UserWarning, match="are missing from the figures"):
        assert measure([sys.executable, "-S", "-c", KILLED], kinds=[]).cpu < SECONDS


def test_the_memory_is_that_of_all_processes_together():
    hold = "import time; held = b'x' * 100_000_000; time.sleep(1)"
    both = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-S', '-c', {hold!r}]); {hold}; p.wait()"
    cost = measure([sys.executable, "-S", "-c", both], memory=True)
    assert 200e6 < cost.memory < 300e6
    assert measure([sys.executable, "-S", "-c", both]).memory == 0
    assert Cost(1, 2, 3) + Cost(10, 20, 2) == Cost(11, 22, 3)


def test_a_command_that_fails_ends_the_run_and_shows_what_it_said():
    with pytest.raises(Failed, match=r"ended with 3:\nout of order"):
        measure([sys.executable, "-S", "-c", "import sys; print('out of order'); sys.exit(3)"])


def test_one_submission_costs_what_the_larger_class_costs_more():
    assert figures.line((20, 60), (12.0, 20.0)) == pytest.approx((0.2, 8.0))
    assert figures.line((0, 4), (0.0, 20.0)) == (5.0, 0.0)


def samples(**more):
    return {who.STOCK: [1.3, 2.0, 1.8], who.OTTER_NAME: [5.0, 4.0, 6.0], who.OURS: [0.1, 0.2, 0.1],
            who.BARE: [0.05, 0.05, 0.06], **more}


def test_ratios_are_taken_within_a_repetition():
    assert figures.paired(samples(), who.STOCK, who.OURS, figures.ratio) == figures.Spread(
        *map(pytest.approx, (13.0, 10.0, 18.0)))
    with pytest.raises(ValueError, match="shorter"):
        figures.paired({who.STOCK: [1, 2], who.OURS: [1]}, who.STOCK, who.OURS, figures.ratio)


def test_a_cost_lost_in_the_noise_meets_no_goal():
    noisy = samples(**{who.OURS: [0.1, -0.001, 0.1]})
    assert [goal.met for goal in figures.goals("any", noisy, noisy)] == [False, False, True, False]


@pytest.mark.parametrize("bare, bound", [([0.09] * 3, 12), ([0.11] * 3, 6)])
def test_the_bare_limit_decides_which_goal_there_is(bare, bound):
    stock, otter, above, page = figures.goals("any", samples(**{who.BARE: bare}), samples())
    assert (stock.bound, stock.met) == (bound, True)
    assert stock.measured.median == pytest.approx(13) and otter.measured.median == pytest.approx(50)
    assert above.measured.median == pytest.approx(0.1 - bare[0]) and page.bound == 5


def test_a_goal_that_was_missed_is_told():
    slow = samples(**{who.OURS: [0.5, 0.5, 0.5]})
    rows = results.goal_rows(figures.goals("any", slow, slow))
    assert [row[-1] for row in rows] == ["not met"] * 4
    assert rows[0][3] == "3.6 (2.6 to 4.0)" and rows[2][2:4] == ("at most 0.1", "0.450 (0.440 to 0.450)")


def test_the_curve_takes_the_start_off():
    rows = results.curve_rows({20: [Cost(14, 0, 300e6), Cost(12, 0, 310e6)], 200: [Cost(50, 0, 305e6)]}, start=10)
    assert [row[0] for row in rows] == ["20", "200"]
    assert rows[0][2] == "0.150 (0.100 to 0.200)" and rows[1][3] == f"{(50 - 13) / 180:.3f}"


def test_everybody_gets_the_same_answers_and_the_same_tests(load, tmp_path):
    tests = {id: source for id, points, source in load.cells("right") if points is not None}
    given = {cell.metadata.nbgrader.grade_id: cell.source for cell in load.source().cells
             if cell.cell_type == "code" and cell.metadata.nbgrader.grade}
    ran = []
    who.write_otter_tests(tmp_path / "tests", load)
    for id in tests:
        file = (tmp_path / "tests" / f"{id}.py").read_text().replace("from otter.test_files import test_case\n", "")
        exec(file, {"test_case": lambda: lambda test: test({}), "exec": lambda source, env: ran.append(source)})
    assert ran == list(tests.values()) and tests == given and len(tests) == 21
    for kind in KINDS:
        answers = load.answers(kind)
        bare = {id: source for id, _, source in load.cells(kind)}
        assert answers == {id: bare[id] for id in answers}
        for notebook in (load.notebook(kind), who.otter_notebook(load, kind)):
            cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
            assert answers == {id: cells[id] for id in answers}


def test_the_kinds_differ_by_their_mistakes(load):
    right = load.answers("right")
    changed = [{id for id, source in load.answers(kind).items() if source != right[id]} for kind in KINDS]
    assert changed == [set(), {"ewma"}, {"inverse_time_decay"}, {"ewma", "inverse_time_decay"}]


def test_the_class_is_written_in_turn(load, tmp_path):
    load.hand_in(tmp_path, 6)
    for student, kind in {"s00000": "right", "s00004": "right", "s00003": "both wrong"}.items():
        notebook = nbformat.read(tmp_path / "submitted" / student / load.name / f"{load.name}.ipynb", 4)
        assert notebook == load.notebook(kind)


@pytest.fixture(scope="module")
def expected(load, tmp_path_factory):
    """{kind: {grade_id: points}} at the bare limit, which must give the right answer everything."""
    return bench.points(tmp_path_factory.mktemp("bare"), load)


def test_the_bare_limit_gives_the_right_answer_everything(load, expected):
    assert [sum(expected[kind].values()) for kind in KINDS] == [27, 21, 22, 16]


@pytest.mark.parametrize("name", [who.STOCK, who.OTTER_NAME])
def test_the_peers_give_the_same_points(name, load, expected, tmp_path):
    if name == who.OTTER_NAME and not who.OTTER.exists():
        pytest.skip("otter-grader is not installed: make bench installs it")
    one = contender(name)
    folder = one.course(tmp_path, load, 2)
    assert one.grade(folder, load, 2).cpu > 0.1
    scores = one.scores(folder, load, 2)
    bench.agree(one, load, scores, expected)
    scores["s00001"]["ewma-noisy"] += 1
    with pytest.raises(bench.Differs, match="gives s00001"):
        bench.agree(one, load, scores, expected)
