"""What the chapter on overfitting claims, and the mathematics of its modules."""

import numpy as np
import pytest

from nnlab import datasets, ensembles, overfitting, workbook
from nnlab.network import MultiLayerNet

#: The entries of the errata that the chapter teaches right, and the section in which it does.
ERRATA = {
    "0.24": "regularization-scale",
    "0.25": "regularization-norm",
    "0.26": "regularization-keep",
    "0.27": "regularization-underfit",
    "1.36": "regularization-underfit",
    "1.37": "regularization-epochs",
    "1.38": "regularization-epochs",
    "1.39": "regularization-epochs",
    "1.40": "regularization-norm",
    "1.41": "regularization-decay",
    "1.42": "regularization-underfit",
    "1.43": "regularization-keep",
    "1.44": "regularization-inverted",
    "1.45": "regularization-underfit",
    "1.46": "regularization-ensemble",
}

SMALL_NET = {"examples": 100, "label_noise": 0, "batch_size": 50, "hidden": (100,) * 6, "lr": 0.01, "epochs": 201}


def decayed(weight_decay):
    add_weight_decay = workbook.load("add_weight_decay")
    return lambda grads, params: add_weight_decay(grads, params, weight_decay)


def dropped(ratio):
    layer = workbook.load("Dropout")
    return lambda rng: layer(ratio, rng)


def last(result):
    """Mean training and test accuracy at the end."""
    return [accuracy[:, -1].mean() for accuracy in result[1:]]


def test_regularization_helps_where_labels_are_wrong():
    train, test = last(overfitting.runs(seeds=3, look=301))
    assert (train, test) == (pytest.approx(0.986, abs=0.02), pytest.approx(0.793, abs=0.05))
    for kind, expected in (({"gradients": decayed(0.02)}, 0.895), ({"dropout": dropped(0.5)}, 0.901)):
        train_too, test_too = last(overfitting.runs(seeds=3, look=301, **kind))
        assert test_too == pytest.approx(expected, abs=0.03)
        assert test_too > test + 0.04
        assert train_too < train - 0.1


def test_regularization_lowers_both_accuracies_of_a_network_that_learns_slowly():
    train, test = last(overfitting.runs(seeds=3, look=201, **SMALL_NET))
    assert (train, test) == (pytest.approx(1, abs=0.01), pytest.approx(0.837, abs=0.04))
    for kind, expected in (({"gradients": decayed(0.1)}, 0.736), ({"dropout": dropped(0.2)}, 0.348)):
        train_too, test_too = last(overfitting.runs(seeds=3, look=201, **kind, **SMALL_NET))
        assert test_too == pytest.approx(expected, abs=0.1)
        assert test_too < test - 0.05
        assert train_too < train - 0.05


def test_epochs_are_whole_numbers_of_steps():
    epochs, train, _ = overfitting.runs(seeds=1, epochs=4, look=2)
    assert epochs.tolist() == [2, 4]
    assert train.shape == (1, 2)
    with pytest.raises(ValueError, match="divisor"):
        overfitting.runs(batch_size=128)


def test_the_polynomial_is_the_minimum_of_its_loss():
    x, t = overfitting.sine(np.random.default_rng(0))
    w, b = overfitting.polynomial(x, t, 4, 0.1)

    def loss(w, b):
        return np.mean((overfitting.powers(x, 4) @ w + b - t) ** 2) / 2 + 0.1 * w @ w / 2

    for step in 1e-4 * np.vstack([np.eye(5), -np.eye(5)]):
        assert loss(w + step[:4], b + step[4]) > loss(w, b)


def test_penalty_and_decoupled_decay_differ_for_adam_alone():
    slopes = np.random.default_rng(0).normal(size=(200, 20))
    apart = {}
    for name in ("SGD", "Adam"):
        optimizer = workbook.load(name)
        penalty = overfitting.walk(optimizer(lr=0.02), slopes, decayed(0.5))
        apart[name] = np.abs(penalty - overfitting.walk(optimizer(lr=0.02), slopes, shrink=0.99)).max()
    assert apart["SGD"] < 1e-13
    assert apart["Adam"] > 0.01


def test_a_relu_net_computes_the_same_with_nine_times_the_norm():
    data, net = datasets.load_digits(), MultiLayerNet((64, 50, 10), np.random.default_rng(0))
    before, norm = net.scores(data.x_test), np.hypot(*(np.linalg.norm(net.params[W]) for W in ("W1", "W2")))
    net.params["W1"], net.params["W2"] = net.params["W1"] * 10, net.params["W2"] / 10
    after = np.hypot(*(np.linalg.norm(net.params[W]) for W in ("W1", "W2")))
    np.testing.assert_allclose(net.scores(data.x_test), before, rtol=0, atol=1e-12)
    assert norm == pytest.approx(10.9, abs=0.3)
    assert after == pytest.approx(99.4, abs=2)


def test_the_keep_ratio_is_right_and_the_deleted_one_is_not():
    layer = workbook.load("Dropout")
    net, data = ensembles.trained(lambda rng: layer(0.15, rng))
    keep, deleted = (ensembles.with_multiplier(net, layer, m, data) for m in (0.85, 0.15))
    assert keep == (pytest.approx(0.977, abs=0.015), pytest.approx(0.071, abs=0.03))
    assert deleted[1] == pytest.approx(1.981, abs=0.1)
    assert deleted[0] < keep[0]
    assert keep[1] == pytest.approx(net.loss(data.x_test, data.t_test, train=False))  # the ratios are put back


def test_the_geometric_mean_is_exact_for_one_layer_and_the_arithmetic_is_not():
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=6), rng.normal(size=(6, 3)), rng.normal(size=3)
    scaled = ensembles.probabilities((0.7 * x @ W + b)[None])[0]
    np.testing.assert_allclose(ensembles.geometric_mean(x, W, b, 0.7), scaled, rtol=0, atol=1e-14)
    masks = rng.random((20000, 6)) > 0.3
    assert np.abs(ensembles.probabilities((masks * x) @ W + b).mean(axis=0) - scaled).max() > 0.01


def test_in_a_deep_net_many_passes_are_right_as_often_as_scaling_but_not_the_same():
    net, data = ensembles.trained(dropped(0.5), examples=300, label_noise=0.2)
    mean = ensembles.passes(net, data.x_test, 100).mean(axis=0)
    scaled = ensembles.probabilities(net.scores(data.x_test))
    assert np.abs(mean - scaled).max() > 0.1
    assert ensembles.judged(mean, data.t_test)[0] == pytest.approx(ensembles.judged(scaled, data.t_test)[0], abs=0.04)
