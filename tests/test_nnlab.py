"""What the chapters and the readers build with: the landscape, mini-batches, figures, the workbook."""

import json

import numpy as np
import pytest

from nnlab import figures, interactive, landscape, minibatch, workbook
from nnlab.trainer import Descent


def test_the_gradient_is_that_of_the_valley():
    x, y, h = -3.0, 1.5, 1e-5
    numeric = (
        (landscape.f(x + h, y) - landscape.f(x - h, y)) / (2 * h),
        (landscape.f(x, y + h) - landscape.f(x, y - h)) / (2 * h),
    )
    assert landscape.gradient(x, y) == pytest.approx(numeric, rel=1e-8)


@pytest.mark.parametrize(
    ("lr", "height"),
    [(0.1, 1.341), (0.5, 0.1129), (0.95, 0.01333), (0.99, 1.195), (1.0, 4.004), (1.05, 1218)],
)
def test_thirty_steps_agree_with_the_closed_form_and_the_reference(lr, height):
    path = landscape.descend(Descent(lr), steps=30)
    t = np.arange(31)
    assert path.shape == (31, 2)
    np.testing.assert_allclose(path[:, 0], -7 * (1 - lr / 10) ** t, rtol=1e-9)
    np.testing.assert_allclose(path[:, 1], 2 * (1 - 2 * lr) ** t, rtol=1e-9, atol=1e-300)
    assert landscape.f(*path[-1]) == pytest.approx(height, rel=5e-4)


def test_a_batch_without_replacement_sees_every_example_once(rng):
    parts = list(minibatch.batches(105, 10, rng))
    assert [len(part) for part in parts] == [10] * 10 + [5]
    assert sorted(np.concatenate(parts)) == list(range(105))


def test_with_replacement_an_epoch_sees_63_percent(rng):
    assert minibatch.coverage(100_000, rng, replacement=False) == 1
    assert minibatch.coverage(100_000, rng, replacement=True) == pytest.approx(1 - np.exp(-1), abs=0.005)


def test_the_gradients_of_the_examples_average_to_that_of_the_loss(rng):
    x, t = minibatch.regression(rng, n=50)
    w, h = np.array([0.3, -0.2]), 1e-6
    numeric = [
        (minibatch.loss(w + h * e, x, t) - minibatch.loss(w - h * e, x, t)) / (2 * h) for e in np.eye(2)
    ]
    np.testing.assert_allclose(minibatch.gradients(w, x, t).mean(axis=0), numeric, rtol=1e-7)


@pytest.mark.parametrize("replacement", [True, False])
def test_the_noise_of_a_mini_batch_falls_with_the_root_of_its_size(rng, replacement):
    per_example = minibatch.gradients(np.zeros(2), *minibatch.regression(rng))
    n, sizes = len(per_example), np.array([1, 16, 256])
    expected = np.sqrt(per_example.var(axis=0).sum() / sizes)
    if not replacement:
        expected = expected * np.sqrt((n - sizes) / (n - 1))
    measured = minibatch.noise(per_example, sizes, rng, trials=4000, replacement=replacement)
    np.testing.assert_allclose(measured, expected, rtol=0.1)


@pytest.mark.parametrize("lr", [0.1, 0.05])
def test_a_constant_step_stops_at_its_floor(rng, lr):
    mean = minibatch.noise_floor(Descent(lr), rng, steps=1000)
    assert mean[-500:].mean() == pytest.approx(lr / (2 * (2 - lr)), rel=0.05)


def test_every_picture_can_be_drawn():
    path = landscape.descend(Descent(0.95))
    sizes = np.array([1.0, 4.0])
    for fig in (
        landscape.surface(),
        landscape.field(),
        landscape.contour_map(SGD=path),
        landscape.two_directions(-7, 2),
        landscape.heights(**{"0.95": path}),
        minibatch.plot_noise(sizes, 1.0, 1 / sizes, 1 / sizes),
        minibatch.plot_floor({0.1: np.ones(10)}),
    ):
        assert figures.png(fig).startswith(b"\x89PNG")


# --- the workbook -----------------------------------------------------------------------------------------

START = """class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
"""
SOLVED = START + "        for k in params:\n            params[k] = params[k] - np.abs(self.lr) * grads[k]\n"
STUB = START + "        raise NotImplementedError()\n"


def notebook(folder, code, name="optimizers", grade_id="sgd"):
    mark = {"nbgrader": {"grade_id": grade_id, "solution": True}}
    cell = {"cell_type": "code", "metadata": mark, "source": code.splitlines(keepends=True)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def student(tmp_path, monkeypatch):
    """A student's folder: no solutions beside the package, and the working folder is theirs."""
    monkeypatch.setattr(workbook, "ROOT", tmp_path / "package")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NNLAB_WORKBOOK", raising=False)
    return tmp_path


def test_a_reader_gets_their_own_class_from_the_working_folder(student):
    notebook(student, SOLVED)
    assert landscape.descend(workbook.load("SGD")(lr=0.95))[-1] == pytest.approx(
        [-0.350393, 0.0847823], rel=1e-5
    )


def test_or_from_the_exercise_of_their_language_above_it(student, monkeypatch):
    notebook(student / "exercises" / "en" / "optimizers", STUB)
    notebook(student / "exercises" / "zh-TW" / "optimizers", SOLVED)
    (student / "book" / "zh-TW").mkdir(parents=True)
    monkeypatch.chdir(student / "book" / "zh-TW")
    assert landscape.f(*landscape.descend(workbook.load("SGD")(lr=0.95))[-1]) == pytest.approx(
        0.013327, rel=1e-4
    )


def test_or_from_where_the_environment_says(student, monkeypatch):
    notebook(student, STUB)
    notebook(student / "elsewhere", SOLVED)
    monkeypatch.setenv("NNLAB_WORKBOOK", str(student / "elsewhere"))
    assert workbook.load("SGD")(lr=0.5).lr == 0.5


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("en", "solve it in the exercise “optimizers”"),
        ("zh-TW", "先完成練習「optimizers」"),
        ("zh-CN", "先完成练习“optimizers”"),
    ],
)
def test_an_unsolved_exercise_says_so_and_the_page_still_runs(student, capsys, folder, words):
    notebook(student / "exercises" / folder / "optimizers", STUB)
    path = landscape.descend(workbook.load("SGD")(lr=0.95))
    assert words in capsys.readouterr().out
    assert np.isnan(path[1:]).all()
    figures.png(landscape.contour_map(SGD=path))
    figures.png(landscape.heights(SGD=path))
    mean = minibatch.noise_floor(workbook.load("SGD")(), np.random.default_rng(0), steps=10)
    figures.png(minibatch.plot_floor({0.1: mean}))


def test_a_missing_function_has_a_stand_in_too(student, capsys):
    assert np.isnan(workbook.load("softmax")(np.ones((2, 3)))).all()
    assert "“foundations”" in capsys.readouterr().out


def test_a_stand_in_speaks_once(student, capsys):
    softmax = workbook.load("softmax")
    softmax(np.ones((2, 3))), softmax(np.ones((2, 3)))
    assert capsys.readouterr().out.count("softmax") == 1


@pytest.mark.parametrize(("name", "args", "shapes"), [
    ("batchnorm_backward", (np.ones((4, 3)), None), [(4, 3), (3,), (3,)]),
    ("split_validation", (np.ones((4, 3)), np.ones(4), 0.5, None), [(4, 3), (4,), (4, 3), (4,)]),
    ("he", (4, 3, None), (4, 3)), ("sample_momentum", (0.1, 0.9, 5, None), (5,)),
    ("numerical_gradient", (np.sum, np.ones((2, 2))), (2, 2)), ("cross_entropy", (np.ones((2, 2)), None), ()),
])
def test_a_stand_in_returns_as_many_arrays_of_such_shapes(student, name, args, shapes):
    given = workbook.load(name)(*args)
    assert [np.shape(part) for part in given] == shapes if isinstance(shapes, list) else np.shape(given) == shapes
    assert all(np.isnan(part).all() for part in (given if isinstance(shapes, list) else [given]))


def test_a_solved_function_may_call_one_that_is_not(student, capsys):
    stub = "def softmax(z):\n    raise NotImplementedError()\n"
    answer = "def softmax_cross_entropy_gradient(z, t):\n    return (softmax(z) - t) / len(z)\n"
    cells = [{"cell_type": "code", "source": source, "metadata": {"nbgrader": {"grade_id": id, "solution": True}}}
             for id, source in (("softmax", stub), ("softmax_cross_entropy_gradient", answer))]
    (student / "foundations.ipynb").write_text(json.dumps({"cells": cells}))
    assert np.isnan(workbook.load("softmax_cross_entropy_gradient")(np.ones((2, 3)), np.ones((2, 3)))).all()
    assert "softmax is not there yet" in capsys.readouterr().out


def test_without_jupytext_solutions_are_passed_over(student, monkeypatch):
    (student / "package" / "solutions").mkdir(parents=True)
    (student / "package" / "solutions" / "optimizers.md").write_text("not read", encoding="utf-8")
    monkeypatch.setattr(workbook, "has_jupytext", lambda: False)
    notebook(student, SOLVED)
    assert workbook.find("optimizers") == student / "optimizers.ipynb"


def test_who_builds_the_book_gets_the_solution(student):
    (student / "package" / "solutions").mkdir(parents=True)
    cell = f"```{{code-cell}} ipython3\n---\nnbgrader: {{grade_id: sgd, solution: true}}\n---\n{SOLVED}```\n"
    head = "---\njupytext:\n  text_representation: {extension: .md, format_name: myst}\n---\n\n# Title\n\n"
    (student / "package" / "solutions" / "optimizers.md").write_text(head + cell, encoding="utf-8")
    notebook(student, STUB)
    assert landscape.descend(workbook.load("SGD")(lr=0.95))[-1] == pytest.approx(
        [-0.350393, 0.0847823], rel=1e-5
    )


def test_a_slider_draws_the_figure_anew():
    seen = []

    def draw(lr, steps):
        seen.append((lr, steps))
        return landscape.contour_map(walk=landscape.descend(Descent(lr), steps=steps))

    box = interactive.play(draw, lr=(0.1, 1.0, 0.1, 0.5), steps=(1, 30, 1, 10))
    rate, steps, picture = box.children
    before = picture.value
    rate.value, steps.value = 0.9, 20
    assert seen == [(0.5, 10), (0.9, 10), (0.9, 20)] and isinstance(steps.value, int)
    assert picture.value[:4] == b"\x89PNG" and picture.value != before
