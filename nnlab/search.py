"""Searching for hyperparameters: trials, who judges them, and how the next ones are chosen.

`parts` is what split_validation gives: x_train (N, D), t_train (N, C), x_val, t_val, with one-hot
labels.
A trial is one pair of a learning rate and a weight decay.
"""

import numpy as np
from matplotlib import rc_context

from .datasets import Data
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE, Drawing, band, new_figure
from .network import MultiLayerNet
from .trainer import Descent, fit

RATES = (1e-4, 10.0)
DECAYS = (1e-8, 1.0)


class Shrinking(Descent):
    """Plain gradient descent that first shrinks every W: for it, the same as an L2 penalty."""

    def __init__(self, lr, weight_decay):
        self.lr, self.weight_decay = lr, weight_decay

    def update(self, params, grads):
        for name in params:
            if name.startswith("W"):
                params[name] = params[name] * (1 - self.lr * self.weight_decay)
        super().update(params, grads)


class Trial:
    """A network trained with one learning rate and one weight decay, all at once or bit by bit.

    First weights and order of the batches depend on `seed` only: trials differ in nothing else.
    """

    def __init__(self, parts, lr, weight_decay=0.0, hidden=(50, 50), batch_size=50, seed=0):
        self.data, self.batch_size = (
            Data(*parts),
            batch_size,
        )  # validation data in the place of the test
        self.rng = np.random.default_rng(seed)
        sizes = (parts[0].shape[1], *hidden, parts[1].shape[1])
        self.net = MultiLayerNet(sizes, self.rng)
        self.optimizer = Shrinking(lr, weight_decay)
        self.known = np.isfinite(lr) and np.isfinite(parts[0]).all()

    def train(self, epochs=20):
        """So many epochs more; returns the trial itself."""
        if self.known:
            steps = epochs * (len(self.data.x_train) // self.batch_size)
            fit(self.net, self.optimizer, self.data, self.rng, steps, self.batch_size, every=steps)
        return self

    def accuracy(self, x=None, t=None):
        """On the examples given, else on the validation data; nan if lr or data are missing."""
        if not self.known:
            return np.nan
        with np.errstate(all="ignore"):  # a trial that diverged
            return self.net.accuracy(
                *((self.data.x_test, self.data.t_test) if x is None else (x, t))
            )


def run(parts, rates, decays, epochs=20, **options):
    """Validation accuracy of each trial; rates (n,) and decays (n,) give (n,)."""
    pairs = zip(rates, decays, strict=True)
    return np.array([Trial(parts, *pair, **options).train(epochs).accuracy() for pair in pairs])


def top(scores, n):
    """Which n trials have the highest scores, best first: indices (n,)."""
    return sorted(range(len(scores)), key=lambda i: -scores[i])[:n]


def ranks(values):
    """1 for the smallest of (n,), n for the largest; equals share the mean of their ranks."""
    below, upto = values < values[:, None], values <= values[:, None]
    return (below.sum(axis=1) + upto.sum(axis=1) + 1) / 2


def rank_correlation(a, b):
    """Spearman's: 1 if b always rises with a, -1 if it always falls, about 0 without a trend."""
    with np.errstate(all="ignore"):  # 0/0 where all are equal
        return np.corrcoef(ranks(np.asarray(a)), ranks(np.asarray(b)))[0, 1]


def by_decade(values, scores):
    """The mean score of the trials in each power of ten of `values`: {exponent: mean}."""
    exponents = np.floor(np.log10(values))
    known = np.unique(exponents[np.isfinite(exponents)])
    return {int(e): float(scores[exponents == e].mean()) for e in known}


def guess(classifiers, examples, rng, classes=10):
    """Accuracies (classifiers,) of classifiers that guess at the labels of the same examples."""
    labels = rng.integers(classes, size=examples)
    return (rng.integers(classes, size=(classifiers, examples)) == labels).mean(axis=1)


def grid(low, high, n, shift=0.5):
    """n values at equal distances on a log scale, all moved along by `shift` of such a distance."""
    return low * (high / low) ** ((np.arange(n) + shift) / n)


def grid_trials(n, rng):
    """Rates and decays, (n²,) each, of an n × n grid laid over both ranges at a random place."""
    lr, decay = grid(*RATES, n, rng.random()), grid(*DECAYS, n, rng.random())
    return tuple(axis.ravel() for axis in np.meshgrid(lr, decay))


def best_of(scores, n, rng, repeats=1000):
    """The best of n trials picked at random from those that were run: (repeats,)."""
    return np.array(
        [scores[rng.choice(len(scores), n, replace=False)].max() for _ in range(repeats)]
    )


def successive_halving(parts, rates, decays, epochs=(2, 6, 20), keep=3):
    """Train all trials a little, keep the best third, train those on, and so on.

    Jamieson & Talwalkar (2016), with thirds.  epochs: of each trial, at the end of each round.
    Returns the epochs spent and, by round, {number of the trial: validation accuracy}.
    """
    alive = {i: Trial(parts, *pair) for i, pair in enumerate(zip(rates, decays, strict=True))}
    spent, rounds, before = 0, [], 0
    for now in epochs:
        rounds.append({i: trial.train(now - before).accuracy() for i, trial in alive.items()})
        spent, before = spent + len(alive) * (now - before), now
        survivors = top(list(rounds[-1].values()), len(alive) // keep)
        names = list(alive)
        alive = {names[i]: alive[names[i]] for i in survivors}
    return spent, rounds


def tpe(parts, trials, seed):
    """Validation accuracies (trials,) of a search by Optuna's TPE (Bergstra et al., 2011).

    nan if Optuna is not installed (`pip install optuna`), or if there are no data yet.
    """
    try:
        import optuna
    except ImportError:
        return np.full(trials, np.nan)
    if not np.isfinite(parts[0]).all():
        return np.full(trials, np.nan)
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        lr = trial.suggest_float("lr", *RATES, log=True)
        decay = trial.suggest_float("weight_decay", *DECAYS, log=True)
        return Trial(parts, lr, decay).train().accuracy()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=trials)
    return np.array([trial.value for trial in study.trials])


def panels(n):
    """A figure with n pairs of axes beside each other, which share the y axis: (figure, axes)."""
    fig = Drawing(figsize=(5.0, 3.2), layout="constrained")
    return fig, fig.subplots(1, n, sharey=True)


def plot_guess(first, again):
    """Accuracies (n,) on the examples that chose the best, and that one's accuracy on others."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=2.8)
        values, counts = np.unique(first, return_counts=True)
        ax.bar(values, counts, width=0.007, color=GREY, alpha=0.6)
        ax.plot(first.max(), 1, "v", color=ORANGE, markersize=10, label="best, as chosen")
        ax.plot(again, 1, "o", color=BLUE, markersize=9, label="the same, new examples")
        ax.set(xlabel="accuracy", ylabel="classifiers")
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def error_bar(p, n):
    """The standard error of an accuracy p on n examples."""
    return np.sqrt(p * (1 - p) / n)


def plot_again(first, again, n_first, n_again):
    """Accuracies of the top trials on the examples that ranked them, and on others; with errors."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        rank = np.arange(1, len(first) + 1)
        for x, p, n, color, marker, label in (
            (rank - 0.08, first, n_first, ORANGE, "v", f"{n_first} validation examples"),
            (rank + 0.08, again, n_again, BLUE, "o", f"{n_again} others"),
        ):
            ax.errorbar(x, p, error_bar(p, n), fmt=marker, color=color, capsize=3, label=label)
        ax.set(xlabel="rank on the validation data", ylabel="accuracy", xticks=rank)
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot_draws(**draws):
    """For each array of positive draws, how many lie in each fifth of a power of ten."""
    with rc_context(STYLE):
        fig = Drawing(figsize=(5.0, 3.4), layout="constrained")
        axes = fig.subplots(len(draws), 1, sharex=True, squeeze=False)[:, 0]
        known = np.concatenate([x[np.isfinite(x)] for x in draws.values()])
        known = known if len(known) else np.array(RATES)  # nothing drawn yet
        low, high = np.log10(known.min()), np.log10(known.max())
        edges = 10 ** np.arange(np.floor(low), np.ceil(high) + 0.1, 0.2)
        for ax, (name, x), color in zip(axes, draws.items(), (ORANGE, BLUE, GREEN), strict=False):
            ax.hist(x[np.isfinite(x)], edges, color=color, edgecolor="white")
            ax.set(xscale="log", ylabel="draws", title=name)
        axes[-1].set_xlabel("value drawn")
    return fig


def plot_grid_random(on_grid, at_random):
    """Two sets of trials, each (rates, decays), and below them the rates that each has tried."""
    with rc_context(STYLE):
        fig, axes = panels(2)
        titles = ("grid", "random")
        for ax, (lr, decay), title in zip(axes, (on_grid, at_random), titles, strict=True):
            ax.plot(lr, decay, "o", color=BLUE, markersize=6)
            ax.plot(lr, np.full(len(lr), 1e-9), "|", color=ORANGE, markersize=14, markeredgewidth=2)
            ax.set(xscale="log", yscale="log", xlim=RATES, ylim=(2e-10, 5), xlabel="learning rate")
            ax.set(title=f"{title}: {len(np.unique(lr.round(12)))} rates", yticks=(1e-8, 1e-4, 1))
        axes[0].set_ylabel("weight decay")
    return fig


def plot_trials(searches, limits=None, chance=0.1):
    """Validation accuracy by rate and by decay; searches: a list of (rates, decays, scores)."""
    with rc_context(STYLE):
        fig, axes = panels(2)
        looks = ((ORANGE, "o"), (BLUE, "s"), (GREEN, "^"))
        for seed, ((lr, decay, scores), (color, marker)) in enumerate(
            zip(searches, looks, strict=False)
        ):
            for ax, values in zip(axes, (lr, decay), strict=True):
                ax.plot(values, scores, marker, color=color, markersize=4, label=f"seed {seed}")
        for ax, name, (low, high) in zip(
            axes, ("learning rate", "weight decay"), limits or (RATES, DECAYS), strict=True
        ):
            ax.axhline(chance, color=GREY, linewidth=1)
            ax.set(xscale="log", xlabel=name, xlim=(low / 2, high * 2), ylim=(0, 1.03))
            for edge in (low, high):
                ax.axvline(edge, color=GREY, linewidth=1, linestyle=":")
        axes[0].set_ylabel("validation accuracy")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=3)
    return fig


def plot_halving(rounds, epochs=(2, 6, 20)):
    """Validation accuracy of each trial at the end of its rounds, grey where it was given up."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        for i in rounds[0]:
            path = [scores[i] for scores in rounds if i in scores]
            color, marker = {3: (ORANGE, "o"), 2: (BLUE, "s")}.get(len(path), (GREY, "x"))
            ax.plot(
                epochs[: len(path)], path, marker=marker, color=color, markersize=4, linewidth=1.2
            )
        ax.set(xlabel="epochs", ylabel="validation accuracy", xticks=epochs, ylim=(0, 1.03))
    return fig


def plot_best(**searches):
    """The best score so far, by trial, of several searches (runs, trials) each."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        looks = ((GREY, "--"), (PURPLE, "-"))
        for (name, scores), (color, dash) in zip(searches.items(), looks, strict=False):
            best = np.maximum.accumulate(scores, axis=1)
            band(ax, np.arange(1, best.shape[1] + 1), best, color, dash, name)
        ax.set(xlabel="trial", ylabel="best validation accuracy")
        fig.legend(loc="outside upper center", ncols=2)
    return fig
