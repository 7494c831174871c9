"""What the chapter on decay and the landscape claims in numbers."""

import numpy as np
import pytest

from nnlab import decay, saddles, trainer, workbook
from nnlab.layers import Tanh
from nnlab.trainer import Descent

#: Entries of the list of errors -> the section that teaches them right.
ERRATA = {
    "0.7": "decay-floor", "2.1": "decay-twin", "2.2": "decay-floor", "2.3": "decay-batch",
    "2.14": "decay-eigenvalues", "2.15": "decay-saddle", "2.16": "decay-shapes",
}
EPOCHS = 20


def test_a_rate_of_one_over_t_gets_below_every_constant_floor():
    floors = {0.1: 0.0259, 0.05: 0.0129, 0.01: 0.0025}
    for lr, floor in floors.items():
        assert decay.noisy_walk(Descent(lr))[-1000:].mean() == pytest.approx(floor, rel=0.05)
    inverse = workbook.load("inverse_time_decay")
    falling = decay.noisy_walk(Descent(1), lambda step: inverse(1, 1, step))
    assert falling[-1000:].mean() == pytest.approx(0.0002, abs=0.00004)


def test_a_small_first_rate_of_one_over_t_has_hardly_moved():
    inverse = workbook.load("inverse_time_decay")
    assert 0.05 < decay.noisy_walk(Descent(1), lambda step: inverse(0.1, 1, step))[-1] < 0.15


def test_the_shapes_of_cosine_warm_up_and_inverse_root():
    cosine = decay.table(lambda e: decay.cosine_decay(0.4, EPOCHS, e), EPOCHS)
    assert cosine[[0, 10]] == pytest.approx([0.4, 0.2])
    assert 0 < cosine[-1] < 0.003
    assert [decay.warmup(5, e) for e in range(7)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1, 1])
    assert decay.inverse_sqrt_decay(0.4, 3) == pytest.approx(0.2)


def test_an_unsolved_schedule_is_asked_once():
    asked = []
    assert np.isnan(decay.table(lambda e: asked.append(e) or np.nan, 9)).all()
    assert asked == [0]


def test_each_decay_ends_below_both_constant_rates_in_every_seed():
    exponential, staircase, inverse = map(
        workbook.load, ("exponential_decay", "staircase_decay", "inverse_time_decay"))
    schedules = (
        lambda e: exponential(0.4, 0.8, e), lambda e: staircase(0.4, 0.1, 8, e),
        lambda e: inverse(0.4, 0.8, e), lambda e: decay.inverse_sqrt_decay(0.4, e),
        lambda e: decay.cosine_decay(0.4, EPOCHS, e),
    )
    constant = [decay.last_losses(decay.on_digits(lambda lr=lr: Descent(lr), seeds=3)) for lr in (0.4, 0.04)]
    for schedule in schedules:
        falling = decay.on_digits(lambda: Descent(0.4), decay.table(schedule, EPOCHS), seeds=3)
        assert (decay.last_losses(falling) < np.minimum(*constant)).all()


def test_the_middle_between_twins_is_much_worse_than_they_are():
    net, data = saddles.trained((20,), steps=1400)
    twin = saddles.permuted(net.params, np.random.default_rng(0).permutation(20))
    start, middle, end = saddles.along(net, net.params, twin, data)[[0, 20, 40]]
    assert start == pytest.approx(0.0114, abs=0.003)
    assert end == pytest.approx(start, rel=1e-9)
    assert middle > 30 * start


def test_softmax_regression_stays_below_its_chord():
    a, data = saddles.trained((), steps=300)
    b, _ = saddles.trained((), steps=300, seed=1, scale=3)
    losses = saddles.along(a, a.params, b.params, data)
    assert (np.diff(losses, 2) > 0).all()


def test_steps_to_leave_a_saddle():
    SGD, Momentum = workbook.load("SGD"), workbook.load("Momentum")
    for y, plain, fast in ((0, None, None), (1e-12, 152, 70), (1e-6, 76, 36), (1e-3, 38, 19)):
        assert saddles.escape(saddles.walk(SGD(lr=0.1), y, 300)) == plain
        assert saddles.escape(saddles.walk(Momentum(lr=0.1), y, 300)) == fast
    y = saddles.walk(Momentum(lr=0.1), 1e-6)[:, 1]
    assert y[60] / y[59] == pytest.approx(1.5)
    assert saddles.escape(saddles.walk(SGD(lr=0.1), 0, noise=0.01)) < 60


def test_minima_of_random_matrices_are_rarer_than_coins():
    rng = np.random.default_rng(0)
    exact = {2: (2 - 2**0.5) / 4, 3: (np.pi - 2 * 2**0.5) / (4 * np.pi)}
    for n, p in {**exact, 4: 0.0025, 5: 0.00017}.items():
        measured = saddles.all_positive(n, rng, rounds=2)
        assert abs(measured - p) < 4 * (p / 200_000) ** 0.5
        assert measured < 0.6 * 2.0**-n


def test_the_hessian_predicts_the_gradient_nearby():
    net, data = saddles.trained((3,), steps=100, activation=Tanh)
    H = saddles.hessian(net, data)
    rng, h = np.random.default_rng(0), 1e-4
    way = {name: rng.normal(size=a.shape) for name, a in net.params.items()}
    start, slopes = net.params, []
    for sign in (1, -1):
        net.params = {name: start[name] + sign * h * way[name] for name in start}
        net.loss(data.x_train, data.t_train)
        slopes.append(saddles.flatten(net.gradient()))
    expected = (slopes[0] - slopes[1]) / (2 * h)
    assert H @ saddles.flatten(way) == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_the_start_is_near_a_saddle_and_training_leaves_it():
    ends = []
    for steps in (0, 3000):
        net, data = saddles.trained((5,), steps, scale=0.01, activation=Tanh)
        ends.append(np.linalg.eigvalsh(saddles.hessian(net, data))[[0, -1]])
    assert ends[0] == pytest.approx([-0.236, 0.236], abs=0.01)
    assert ends[1][0] > -0.01 and ends[1][1] > 1


def test_momentum_leaves_the_plateau_sooner():
    Momentum = workbook.load("Momentum")
    for optimizer, still, left in ((lambda: Descent(0.1), 500, 1000), (lambda: Momentum(lr=0.1), 50, 250)):
        losses = trainer.stack(saddles.plateau(optimizer, seeds=2, steps=left + 20))
        assert losses[:, :still].min() > 2.2
        assert losses[:, left:].mean() < 1.3


def test_warm_up_lowers_what_cosine_reaches_at_too_large_a_rate():
    cosine = 0.5 * decay.table(lambda e: decay.cosine_decay(1, EPOCHS, e), EPOCHS)
    ramp = decay.table(lambda e: decay.warmup(5, e), EPOCHS)
    plain, both = (decay.last_losses(decay.deep(lambda: Descent(0.5), rates, seeds=3), 14)
                   for rates in (cosine, cosine * ramp))
    assert both.max() < plain.min() < 0.1


def test_a_full_batch_is_far_behind_and_a_power_of_two_is_nothing_special():
    tests = {B: trainer.stack(decay.on_digits(lambda: Descent(0.5), None, B, 0, 3), "test_accuracy")[:, -1].mean()
             for B in (30, 32, 1437)}
    assert tests[1437] < tests[32] - 0.1
    assert tests[30] == pytest.approx(tests[32], abs=0.01)
