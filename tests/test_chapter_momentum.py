"""The chapter on momentum: its numbers, its formulas, and what its figures are made of."""

from copy import deepcopy

import numpy as np
import pytest
from repository import ROOT
from secret_lines import found, telling

from autograder.solutions import Assignment
from nnlab import landscape, momentum, workbook

ERRATA = {
    "0.9": "momentum-forces", "0.10": "momentum-forces", "0.16": "momentum-ball", "1.4": "momentum-state",
    "1.6": "momentum-forces", "2.4": "momentum-average", "2.5": "momentum-which-beta", "2.6": "momentum-bias",
    "2.7": "momentum-average", "2.8": "momentum-two-forms", "2.9": "momentum-forces", "4.2": "momentum-flat",
    "4.3": "momentum-nesterov",
}

SGD, Momentum, Nesterov = (workbook.load(name) for name in ("SGD", "Momentum", "Nesterov"))
ewma = workbook.load("ewma")


@pytest.mark.parametrize(
    ("make", "height", "sign_changes", "length"),
    [
        (lambda: SGD(lr=0.95), 0.013327, 30, 36.99),
        (lambda: Momentum(lr=0.1), 0.047937, 4, 12.80),
        (lambda: Nesterov(lr=0.1), 0.023779, 5, 10.04),
    ],
    ids=["SGD", "Momentum", "Nesterov"],
)
def test_thirty_steps_in_the_valley_agree_with_the_reference(make, height, sign_changes, length):
    path = landscape.descend(make())
    assert landscape.f(*path[-1]) == pytest.approx(height, rel=1e-4)
    assert momentum.crossings(path) == sign_changes
    assert momentum.length(path) == pytest.approx(length, abs=0.01)


def test_after_200_steps_plain_descent_is_lower_still_and_the_best_pair_lowest():
    makes = (SGD(lr=0.95), Momentum(lr=0.1), Momentum(lr=1.336, momentum=0.403))
    heights = [landscape.f(*landscape.descend(optimizer, steps=200)[-1]) for optimizer in makes]
    assert heights[0] == pytest.approx(1.3e-17, rel=0.1)
    assert heights[1] == pytest.approx(7.7e-10, rel=0.1)
    assert heights[2] < 1e-60


def test_steady_pushes_add_up_and_alternating_ones_cancel():
    ones = np.ones(300)
    v = momentum.pushes(Momentum(lr=1), ones)
    np.testing.assert_allclose(v, 10 * (1 - 0.9 ** np.arange(1, 301)), rtol=1e-12)
    to_and_fro = momentum.pushes(Momentum(lr=1), ones * np.resize([1, -1], 300))
    assert abs(to_and_fro[-1]) == pytest.approx(1 / 1.9)


def test_on_flat_ground_the_ball_rolls_on_by_nine_velocities():
    v = momentum.pushes(Momentum(lr=1), np.r_[np.ones(30), np.zeros(400)])
    assert v[30:].sum() == pytest.approx(9 * v[29])


def test_the_best_window_depends_on_the_drift():
    windows, pulse = (1, 3, 10, 50), np.eye(1, 1500)[0]
    slow, fast = (
        [momentum.errors(ewma(pulse, 1 - 1 / window), period).mean() for window in windows] for period in (600, 40)
    )
    assert windows[np.argmin(slow)] == 10 and windows[np.argmin(fast)] == 3
    assert fast[2] > fast[0]                       # β = 0.9 is worse than no average


def test_rate_outside_is_the_same_walk_until_the_rate_changes():
    inside, outside = Momentum(lr=0.1), momentum.Outside(Momentum(lr=1), lr=0.1)
    first = [landscape.descend(optimizer, steps=10) for optimizer in (inside, outside)]
    np.testing.assert_allclose(*first, atol=1e-14)
    inside.lr = outside.lr = 0.01
    rest = [landscape.descend(each, start=path[-1]) for each, path in zip((inside, outside), first, strict=True)]
    assert np.abs(rest[0] - rest[1]).max() > 1


def test_rate_outside_follows_its_formula():
    rng = np.random.default_rng(0)
    outside, params, v, w = momentum.Outside(Momentum(lr=1), lr=0.1), {"w": np.zeros(3)}, np.zeros(3), np.zeros(3)
    for step in range(8):
        outside.lr = 0.1 / (1 + step)
        g = rng.normal(size=3)
        outside.update(params, {"w": g})
        v = 0.9 * v + g
        w = w - outside.lr * v
        np.testing.assert_allclose(params["w"], w, atol=1e-14)


def test_averaging_the_gradients_rescales_the_rate_once():
    averaged = momentum.Outside(Momentum(lr=1 - 0.9), lr=1.0)
    np.testing.assert_allclose(landscape.descend(averaged), landscape.descend(Momentum(lr=0.1)), atol=1e-13)


def test_a_velocity_made_anew_is_plain_descent():
    class Forgetful:
        fresh = Momentum(lr=0.1)

        def update(self, params, grads):
            deepcopy(self.fresh).update(params, grads)

    path = landscape.descend(Forgetful())
    np.testing.assert_array_equal(path, landscape.descend(SGD(lr=0.1)))
    assert landscape.f(*path[-1]) == pytest.approx(1.3405, abs=1e-4)


def test_nesterov_stores_the_points_ahead():
    w, v = np.array(landscape.START), np.zeros(2)
    ahead = [w]
    for _ in range(30):
        v = 0.9 * v - 0.1 * np.array(landscape.gradient(*(w + 0.9 * v)))
        w = w + v
        ahead.append(w + 0.9 * v)
    np.testing.assert_allclose(landscape.descend(Nesterov(lr=0.1)), ahead, atol=1e-13)
    assert landscape.descend(Nesterov(lr=0.1))[1] == pytest.approx([-6.867, 1.24])


@pytest.mark.parametrize("eta", [0.001, 0.02, 0.35])
def test_the_factors_are_those_of_long_walks(eta):
    """Along y, whose curvature is 2; place and move together, for a swinging ball passes through 0."""
    expected = momentum.factors(np.array([2 * eta]), 0.9)
    for name, optimizer in {"SGD": SGD(lr=eta), "Momentum": Momentum(lr=eta), "Nesterov": Nesterov(lr=eta)}.items():
        path = landscape.descend(optimizer, steps=300)
        size = np.hypot(path[1:, 1], np.diff(path[:, 1]))
        assert (size[-1] / size[99]) ** (1 / 200) == pytest.approx(expected[name][0], rel=0.01), name


def test_where_the_rules_begin_to_diverge():
    limits = {"SGD": 2, "Momentum": 3.8, "Nesterov": 3.8 / 2.8}
    for name, limit in limits.items():
        below, above = momentum.factors(np.array([0.999, 1.001]) * limit, 0.9)[name]
        assert below < 1 < above


def test_on_the_digits_momentum_is_like_ten_times_the_rate():
    losses = {
        name: momentum.train(make, seeds=1, steps=150)[0, 100:].mean()
        for name, make in {
            "SGD": lambda: SGD(lr=0.01), "ten": lambda: SGD(lr=0.1), "Momentum": lambda: Momentum(lr=0.01)
        }.items()
    }
    assert losses["SGD"] > 5 * losses["Momentum"]
    assert losses["Momentum"] == pytest.approx(losses["ten"], rel=0.3)


@pytest.mark.parametrize("name", ["optimizers", "learning_rate"])
def test_neither_the_page_nor_the_module_gives_an_answer_away(name):
    lines = {line for line in telling(Assignment(name, ROOT / "solutions")) if len(line) > 16}
    for file in ("book/en/momentum.md", "nnlab/momentum.py"):
        assert found(lines, (ROOT / file).read_text(encoding="utf-8")) == []
