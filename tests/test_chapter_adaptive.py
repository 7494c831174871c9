"""The numbers and the mathematics of the chapter on adaptive step sizes."""

import numpy as np
import pytest

from nnlab import adaptive, landscape, workbook

ERRATA = {
    "0.8": "adaptive-valley", "0.12": "adaptive-adagrad", "0.13": "adaptive-adagrad", "0.15": "adaptive-adam",
    "0.17": "adaptive-valley", "1.5": "adaptive-adagrad", "1.7": "adaptive-valley", "1.8": "adaptive-slowing",
    "1.9": "adaptive-adagrad", "1.11": "adaptive-adam", "1.12": "adaptive-bias", "1.13": "adaptive-adam",
    "1.14": "adaptive-adam", "1.15": "adaptive-digits", "2.10": "adaptive-adam", "2.12": "adaptive-bias",
    "2.13": "adaptive-adam", "4.4": "adaptive-adagrad", "4.5": "adaptive-rmsprop", "4.6": "adaptive-bias",
    "4.7": "adaptive-nadam",
}

NAMES = ("SGD", "Momentum", "AdaGrad", "RMSProp", "Adam", "Nadam")
SGD, Momentum, AdaGrad, RMSProp, Adam, Nadam = map(workbook.load, NAMES)

#: Height, crossings and length of thirty steps, from the reference numbers, Fig 6-3 to 6-8.
VALLEY = [
    (SGD(lr=0.95), 0.013327, 30, 36.99),
    (Momentum(lr=0.1), 0.047937, 4, 12.80),
    (AdaGrad(lr=1.5), 0.00072195, 0, 7.58),
    (RMSProp(lr=0.3, decay_rate=0.9), 0.0011844, 0, 7.49),
    (Adam(lr=0.3), 0.10221, 2, 8.30),
]


@pytest.mark.parametrize("optimizer, height, crossings, length", VALLEY)
def test_a_path_has_the_numbers_of_the_table(optimizer, height, crossings, length):
    found = adaptive.measures(adaptive.walk(optimizer))
    assert found[0] == pytest.approx(height, rel=1e-3)
    assert found[1] == crossings
    assert found[2] == pytest.approx(length, abs=0.005)


def test_a_walk_leaves_its_optimizer_fresh():
    optimizer = Adam(lr=0.3)
    assert np.array_equal(adaptive.walk(optimizer), adaptive.walk(optimizer))


def test_the_first_step_of_adagrad_is_a_sign():
    moved = adaptive.first_step(AdaGrad(lr=1.5), [-0.7, 4.0, 0.0])
    assert moved == pytest.approx([-1.5, 1.5, 0], abs=1e-6)


def test_without_eps_a_zero_gradient_is_fatal():
    moved = adaptive.first_step(AdaGrad(lr=1.5, eps=0), [4.0, 0.0])
    assert moved[0] == 1.5 and np.isnan(moved[1])


def test_steps_under_a_constant_gradient():
    t = np.arange(1, 1001)
    assert adaptive.constant(AdaGrad(lr=1), 1000, g=3.0) == pytest.approx(1 / np.sqrt(t), rel=1e-6)
    assert adaptive.constant(Adam(lr=1), 1000, g=3.0) == pytest.approx(np.ones(1000), rel=1e-6)
    assert adaptive.constant(RMSProp(lr=1), 1)[0] == pytest.approx(10, rel=1e-5)
    assert adaptive.constant(Nadam(lr=1), 1)[0] == pytest.approx(1 + 0.9 / 1.9)


def test_the_correction_slows_the_first_steps():
    t = np.array([1, 10, 100, 1000])
    assert adaptive.correction(t) == pytest.approx([0.316, 0.153, 0.309, 0.795], abs=5e-4)
    every = adaptive.correction(np.arange(1, 1001))
    assert every.max() < 1 and every.argmin() + 1 == 12


def test_the_correction_is_what_adam_does_beyond_moving_averages():
    rng, m, v, uncorrected = np.random.default_rng(0), 0.0, 0.0, []
    optimizer, params, moved = Adam(lr=1, eps=0), {"w": np.zeros(1)}, []
    for g in rng.normal(size=20):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        uncorrected.append(m / v**0.5)
        before = params["w"].copy()
        optimizer.update(params, {"w": np.array([g])})
        moved.append((before - params["w"])[0])
    ratio = adaptive.correction(np.arange(1, 21))
    assert np.array(moved) == pytest.approx(ratio * uncorrected, rel=1e-9)


def test_the_scale_of_the_loss_drops_out_for_adaptive_methods_only():
    for optimizer in (AdaGrad(lr=1.5), RMSProp(lr=0.3), Adam(lr=0.3), Nadam(lr=0.3)):
        assert adaptive.other_loss(optimizer, 1000) == pytest.approx(adaptive.walk(optimizer), abs=1e-4)
    assert np.abs(adaptive.other_loss(SGD(lr=0.95), 1000)).max() > 1e9


def test_another_unit_multiplies_a_step_by_its_square_or_by_itself():
    down = {name: [adaptive.other_unit(optimizer, c, steps=1)[1, 1] - landscape.START[1] for c in (1, 10)]
            for name, optimizer in (("SGD", SGD(lr=0.95)), ("AdaGrad", AdaGrad(lr=1.5)))}
    assert down["SGD"][1] / down["SGD"][0] == pytest.approx(100)
    assert down["AdaGrad"][1] / down["AdaGrad"][0] == pytest.approx(10, rel=1e-5)


def test_momentum_is_ahead_of_sgd_at_one_rate_and_level_at_ten_times_that_rate():
    last = {name: adaptive.sweep(optimizer, [lr], seeds=2)[:, 0].mean()
            for name, optimizer, lr in (("SGD", SGD(), 0.01), ("SGD at ten times", SGD(), 0.1),
                                        ("Momentum", Momentum(), 0.01))}
    assert last["SGD"] > 5 * last["Momentum"]
    assert last["SGD at ten times"] == pytest.approx(last["Momentum"], rel=0.4)


def test_tuned_momentum_overtakes_adam_at_its_default():
    momentum, adam = adaptive.sweep(Momentum(), [0.1], seeds=2), adaptive.sweep(Adam(), [0.001], seeds=2)
    assert momentum.max() < adam.min()


def test_on_a_valley_turned_by_45_degrees_adagrad_has_little_to_adapt():
    turn = np.array([[1, -1], [1, 1]]) / 2**0.5

    def gradient(a, b):
        return tuple(turn @ landscape.gradient(*(turn.T @ (a, b))))

    path = adaptive.walk(AdaGrad(lr=1.5), 30, tuple(turn @ landscape.START), gradient) @ turn
    assert landscape.f(*path[-1]) == pytest.approx(0.14, abs=0.005)
