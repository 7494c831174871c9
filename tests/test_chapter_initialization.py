"""The chapter on initial weights: its numbers, and the mathematics of its experiments."""

import numpy as np
import pytest

from nnlab import clipping, flow, starts, workbook
from nnlab.flow import constant, scaled
from nnlab.layers import Sigmoid

ERRATA = {
    "0.18": "initialization-zero",
    "0.19": "initialization-xavier",
    "1.16": "initialization-training",
    "1.17": "initialization-training",
    "1.18": "initialization-zero",
    "1.19": "initialization-backward",
    "1.20": "initialization-backward",
    "1.21": "initialization-units",
    "1.22": "initialization-forward",
    "1.23": "initialization-xavier",
    "1.25": "initialization-xavier",
    "1.26": "initialization-he",
    "1.27": "initialization-he",
    "1.28": "initialization-units",
    "1.30": "initialization-training",
    "4.8": "initialization-backward",
    "4.9": "initialization-dead",
    "4.10": "initialization-recurrence",
    "4.14": "initialization-clipping",
    "4.15": "initialization-clipping",
}
RULES = {"1": scaled(1), "0.01": scaled(0.01), "4": scaled(0.4)}
RULES |= {name: workbook.load(name) for name in ("xavier", "he")}


@pytest.mark.parametrize(
    ("activation", "rule", "pooled", "per_unit", "ratio"),  # of layer 5, from the reference numbers
    [
        ("sigmoid", "1", 0.434, 0.143, 0.774),
        ("sigmoid", "0.01", 0.0123, 9.61e-9, 3.88e-7),
        ("sigmoid", "xavier", 0.119, 0.000629, 0.00275),
        ("sigmoid", "he", 0.164, 0.00254, None),
        ("sigmoid", "4", None, 0.046, 0.122),
        ("tanh", "1", 0.958, 0.957, 30.2),
        ("tanh", "0.01", 9.92e-6, 9.79e-6, 9.89e-5),
        ("tanh", "xavier", 0.32, 0.317, 0.411),
        ("ReLU", "0.01", 1.55e-6, 8.21e-7, 2.55e-5),
        ("ReLU", "xavier", 0.155, 0.0821, 0.255),
        ("ReLU", "he", 0.876, 0.465, 1.02),
        ("ReLU", "1", 1.55e4, 8.21e3, None),
    ],
)
def test_layers_agree_with_the_reference(activation, rule, pooled, per_unit, ratio):
    runs = flow.repeat(RULES[rule], activation)
    assert len(runs) == 10
    if pooled:
        assert flow.average(runs, "pooled")[-1] == pytest.approx(pooled, rel=0.12)
    assert flow.average(runs, "per_unit")[-1] == pytest.approx(per_unit, rel=0.12)
    if ratio:
        assert flow.ratio(runs) == pytest.approx(ratio, rel=0.12)


def test_noise_sent_back_is_the_gradient_of_the_outputs():
    """dz of the first layer, against a numerical derivative through all layers."""
    f = flow.flow(scaled(0.3), "tanh", seed=1, layers=3, units=4, examples=2)
    rng = np.random.default_rng(1)
    x, W = rng.standard_normal((2, 4)), [0.3 * rng.standard_normal((4, 4)) for _ in range(3)]
    noise = rng.standard_normal((2, 4))

    def loss(z):
        return np.sum(noise * np.tanh(np.tanh(np.tanh(z) @ W[1]) @ W[2]))

    z, h, numeric = x @ W[0], 1e-5, np.zeros((2, 4))
    for i in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[i] = h
        numeric[i] = (loss(z + step) - loss(z - step)) / (2 * h)
    np.testing.assert_allclose(f.dz[0], numeric, rtol=1e-6, atol=1e-9)


def test_gradients_of_weights_are_alike_though_dz_is_not():
    """Question 3: ReLU with weights of 0.01."""
    f = flow.flow(scaled(0.01), "ReLU")
    x = np.random.default_rng(0).standard_normal((1000, 100))
    first, last = (np.linalg.norm(a.T @ dz) for a, dz in ((x, f.dz[0]), (f.outputs[3], f.dz[4])))
    assert f.gradient[4] / f.gradient[0] == pytest.approx(4e4, rel=0.2)
    assert 1 / 3 < first / last < 3


def test_zeros_train_softmax_regression_but_leave_hidden_units_equal():
    net, data, rng = starts.network(constant(0), hidden=())
    assert starts.train(net, data, rng, lr=1.0) > 0.95
    net, data, rng = starts.network(constant(0), (100,), Sigmoid)
    assert starts.train(net, data, rng, lr=1.0) < 0.5
    assert np.abs(net.params["W1"]).max() > 0.1
    assert starts.unlike(net.params["W1"]) < 1e-9


def test_from_zeros_rows_of_the_gradient_are_equal_and_columns_are_not():
    net, data, _ = starts.network(constant(0), (100,), Sigmoid)
    grads = starts.first_gradient(net, data)
    assert grads["W2"].std(axis=0).max() < 1e-12
    assert grads["W2"].std(axis=1).max() > 0.01
    assert np.all(grads["W1"] == 0)


def test_from_zeros_relu_moves_its_last_bias_only():
    net, data, rng = starts.network(constant(0), (100,))
    starts.train(net, data, rng, lr=0.1, steps=50)
    assert [name for name, array in net.params.items() if np.any(array != 0)] == ["b2"]


def test_dead_units_are_few_and_may_revive():
    net, data, rng = starts.network(RULES["he"])
    before = starts.silent(net, data.x_train)
    starts.train(net, data, rng, lr=0.1, steps=300)
    after = starts.silent(net, data.x_train)
    assert before.sum(axis=1).tolist() == [6, 2, 7, 7]
    assert (before & ~after).sum(axis=1).tolist() == [0, 0, 2, 4]


def test_clipping_turns_the_gradient_unless_one_factor_serves_all():
    by_value, by_norm = workbook.load("clip_by_value"), workbook.load("clip_by_norm")
    g = {"W": np.array([100.0, 1.0])}
    assert clipping.angle(g, by_value(g, 1.0)) == pytest.approx(44.4, abs=0.05)
    g = {"W1": np.array([100.0, 1.0]), "W2": np.array([3.0, 4.0])}
    assert clipping.angle(g, by_norm(g, 1.0)) == pytest.approx(0, abs=1e-5)
    each = {name: by_norm({name: a}, 1.0)[name] for name, a in g.items()}
    assert clipping.norm(each) == pytest.approx(1.414, abs=5e-4)
    assert clipping.angle(g, each) == pytest.approx(42.1, abs=0.05)


def test_a_recurrence_grows_like_powers_of_its_spectral_radius():
    rng = np.random.default_rng(0)
    for radius, measured in ((0.9, 1.4e-3), (1.3, 1.1e5)):
        ends = np.array([clipping.recurrence(radius, rng) for _ in range(10)])[:, [30, 50]]
        assert np.exp(np.log(ends[:, 1]).mean()) == pytest.approx(measured, rel=0.9)
        assert np.median(ends[:, 1] / ends[:, 0]) == pytest.approx(radius**20, rel=0.5)


def test_small_weights_stay_put_under_descent_and_move_under_adam():
    descent = starts.compare(lambda: starts.trainer.Descent(0.01), scaled(0.01), 1, 300)
    adam = starts.compare(lambda: workbook.load("Adam")(lr=0.001), scaled(0.01), 1, 300)
    he = starts.compare(lambda: starts.trainer.Descent(0.01), RULES["he"], 1, 300)
    losses = [float(starts.mean_loss(runs, 300)[0]) for runs in (descent, adam, he)]
    assert losses[0] == pytest.approx(2.302, abs=0.003)
    assert losses[1] < 1.5
    assert losses[2] == pytest.approx(0.469, abs=0.12)


def test_clipping_rescues_a_rate_that_is_too_large():
    clip = workbook.load("clip_by_norm")
    (wild, _), (tame, norms) = (
        clipping.runs(c, seeds=1, initial=RULES["he"])[0] for c in (None, lambda g: clip(g, 1.0))
    )
    assert wild.train_accuracy[-1] < 0.3
    assert tame.train_accuracy[-1] > 0.95
    assert norms.max() > 1  # taken before clipping
