"""What the chapter on hyperparameters claims."""

import builtins

import numpy as np
import pytest

from nnlab import datasets, search, workbook

ERRATA = {
    "0.28": "hyperparameters-scale",
    "1.49": "hyperparameters-border",
    "1.50": "hyperparameters-error",
    "1.51": "hyperparameters-grid",
    "3.1": "hyperparameters-scale",
    "3.2": "hyperparameters-scale",
}

split_validation, sample_log_uniform = map(
    workbook.load, ("split_validation", "sample_log_uniform")
)


@pytest.fixture(scope="module")
def data():
    return datasets.load("digits")


@pytest.fixture(scope="module")
def parts(data):
    return split_validation(data.x_train[:500], data.t_train[:500], 0.2, np.random.default_rng(0))


@pytest.fixture(scope="module")
def wide(parts):
    rng = np.random.default_rng(0)
    lr = sample_log_uniform(*search.RATES, 60, rng)
    decay = sample_log_uniform(*search.DECAYS, 60, rng)
    return lr, decay, search.run(parts, lr, decay)


def test_shrinking_is_an_l2_penalty_for_plain_descent():
    params = {"W1": np.array([2.0, -1.0]), "b1": np.array([3.0])}
    grads = {"W1": np.array([0.5, 0.5]), "b1": np.array([1.0])}
    search.Shrinking(0.1, 0.2).update(params, grads)
    assert params["W1"] == pytest.approx([2 - 0.1 * (0.5 + 0.2 * 2), -1 - 0.1 * (0.5 - 0.2)])
    assert params["b1"] == pytest.approx([2.9])


def test_the_best_rates_of_the_wide_search_lie_inside_its_range(wide):
    lr, _, scores = wide
    best = lr[search.top(scores, 5)]
    assert scores.max() == pytest.approx(0.95, abs=0.04)  # reference: .97, .95, .96
    assert (best.min() > 0.05) & (best.max() < 1)


def test_by_decade_of_the_rate_the_accuracy_rises_and_falls(wide):
    mean = search.by_decade(wide[0], wide[2])
    assert [mean[-4], mean[-3], mean[0]] == pytest.approx([0.1, 0.25, 0.1], abs=0.1)
    assert min(mean[-2], mean[-1]) > 0.5


def test_in_the_narrow_range_only_the_rate_matters_and_the_best_is_beyond(parts):
    lr = search.grid(1e-6, 1e-2, 8)
    deep = {"epochs": 50, "hidden": (100,) * 6, "batch_size": 100}
    scores = search.run(parts, lr, np.full(8, 1e-6), **deep)
    assert scores.argmax() == 7
    assert search.run(parts, [0.05], [0.0], **deep)[0] > scores.max() + 0.1
    strong = search.run(parts, lr[-1:], [1e-4], **deep)
    assert strong == pytest.approx(scores[-1:], abs=0.03)


def test_the_best_of_a_hundred_guessers_looks_better_than_guessing():
    rng = np.random.default_rng(0)
    best = [search.guess(100, 100, rng).max() for _ in range(300)]
    assert np.mean(best) == pytest.approx(0.18, abs=0.01)


def test_the_standard_error_on_a_hundred_examples():
    assert search.error_bar(0.8, 100) == pytest.approx(0.04)
    draws = np.random.default_rng(0).binomial(100, 0.8, size=20_000) / 100
    assert draws.std() == pytest.approx(search.error_bar(0.8, 100), rel=0.02)


def test_a_grid_of_nine_tries_three_rates():
    rates, decays = search.grid_trials(3, np.random.default_rng(0))
    assert len(set(zip(rates, decays, strict=True))) == 9
    assert len(set(rates)) == len(set(decays)) == 3
    assert search.RATES[0] <= rates.min() < rates.max() <= search.RATES[1]


def test_rank_correlation():
    a = np.array([1.0, 2, 3, 4])
    assert search.rank_correlation(a, np.exp(a)) == pytest.approx(1)
    assert search.rank_correlation(a, -(a**3)) == pytest.approx(-1)
    assert search.ranks(np.array([5.0, 1, 5])).tolist() == [2.5, 1, 2.5]


def test_halving_finds_the_best_with_a_quarter_of_the_epochs(parts, wide):
    lr, decay, scores = wide
    spent, rounds = search.successive_halving(parts, lr[:27], decay[:27])
    assert [len(each) for each in rounds] == [27, 9, 3]
    assert spent == 27 * 2 + 9 * 4 + 3 * 14
    assert max(rounds[-1].values()) == pytest.approx(scores[:27].max())
    assert all(rounds[-1][i] == scores[i] for i in rounds[-1])  # bit by bit or at once: the same


def test_without_optuna_the_page_goes_on(parts, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "optuna":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert np.isnan(search.tpe(parts, 3, 0)).all()


def test_tpe_finds_its_way_to_the_sensible_rates(parts):
    pytest.importorskip("optuna")
    scores = search.tpe(parts, 30, seed=0)
    assert scores[10:].mean() > 0.45  # random draws: .39
    assert scores.max() > 0.85
