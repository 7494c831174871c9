"""Averages that fade and walkers that roll: experiments and pictures for momentum."""

import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE, band, new_figure, smooth
from .trainer import repeat, run, stack

LINES = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."), (PURPLE, ":"))


def series(period, seed=0, steps=200):
    """A made-up series: a wave around 10, and the same with noise N(0, 1); each (steps,)."""
    t = np.arange(1, steps + 1)
    signal = 10 + 2 * np.sin(2 * np.pi * t / period)
    return signal, signal + np.random.default_rng(seed).normal(size=steps)


def errors(weights, period, seeds=5, start=300):
    """Mean square distance of a moving average from the signal of `series`, by seed: (seeds,).

    weights: of the newest value first, (steps,).  The first `start` steps do not count: there the
    average is still filling up.
    """
    found = []
    for seed in range(seeds):
        signal, values = series(period, seed, len(weights))
        average = np.convolve(weights, values)[: len(weights)]
        found.append(np.mean((average - signal)[start:] ** 2))
    return np.array(found)


def pushes(optimizer, forces):
    """How far a parameter moves at each step if the gradients are -forces: (steps,)."""
    params, moves = {"w": np.zeros(1)}, []
    for force in forces:
        before = params["w"].copy()
        optimizer.update(params, {"w": np.array([-force])})
        moves.append((params["w"] - before)[0])
    return np.array(moves)


def crossings(path):
    """How often y changes its sign along a path of shape (steps + 1, 2)."""
    y = path[:, 1]
    return int(np.sum(y[1:] * y[:-1] < 0))


def length(path):
    """How far a path of shape (steps + 1, 2) walks in all."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


class Outside:
    """An optimizer whose moves are multiplied by `lr` afterwards: its memory knows nothing of `lr`.

    inner: an optimizer whose moves depend on the gradients alone, with a rate of 1 (or 1 - α).
    """

    def __init__(self, inner, lr):
        self.inner, self.lr = inner, lr

    def update(self, params, grads):
        moves = {name: np.zeros_like(g, dtype=float) for name, g in grads.items()}
        self.inner.update(moves, grads)
        for name, move in moves.items():
            params[name] = params[name] + self.lr * move


def factors(c, alpha):
    """What one step leaves of a small displacement, in the long run: {name: array like c}.

    c = ηh is the learning rate times the curvature, (n,).  Each rule is linear on a parabola; its
    factor is the size of the largest root z of its characteristic equation z² - bz + d = 0.
    """
    rules = {"SGD": (1 - c, 0 * c),
             "Momentum": (1 + alpha - c, alpha + 0 * c),
             "Nesterov": ((1 + alpha) * (1 - c), alpha * (1 - c))}
    found = {}
    for name, (b, d) in rules.items():
        root = np.sqrt(b**2 - 4 * d + 0j)
        found[name] = np.maximum(abs(b + root), abs(b - root)) / 2
    return found


def train(make, seeds=3, dataset="digits", steps=300):
    """Training loss of networks that make() optimizes, one for each seed: (seeds, steps)."""
    return stack(repeat(lambda seed: run(make(), seed, dataset, steps=steps, every=steps), seeds))


def plot_series(values, **averages):
    """The values of a series as dots, and its averages by name, all of shape (steps,)."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        steps = 1 + np.arange(len(values))
        ax.plot(steps, values, ".", color=GREY, markersize=4)
        for (name, average), (color, dash) in zip(averages.items(), LINES, strict=False):
            ax.plot(steps, average, dash, color=color, label=name)
        ax.set(xlabel="t", ylabel="value", ylim=(0, None))
        fig.legend(loc="outside upper center", ncols=3)
    return fig


def plot_weights(weights, steps=80):
    """The weight of a value by its age, for each β {β: (steps,)}; a dot at the age 1/(1-β)."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        for (beta, weight), (color, dash) in zip(weights.items(), LINES, strict=False):
            window = round(1 / (1 - beta))
            ax.plot(weight[:steps], dash, color=color, label=rf"$\beta = {beta}$")
            ax.plot(window, weight[window], "o", color=color)
        ax.set(xlabel="age of the value (steps)", ylabel="weight", ylim=(0, None))
        ax.legend()
    return fig


def plot_errors(windows, curves):
    """Mean square error by window for each series {name: (len(windows), seeds)}: mean and range."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.2)
        for (name, found), (color, dash) in zip(curves.items(), LINES, strict=False):
            band(ax, windows, np.transpose(found), color, dash, label=name)
        ax.set(xscale="log", xlabel=r"window $1/(1-\beta)$", xticks=windows)
        ax.set(ylabel="mean square error", ylim=(0, None))
        ax.set_xticklabels(windows)
        ax.minorticks_off()
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot_pushes(**moves):
    """The velocity by step under several sequences of forces, each (steps,)."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        styles = zip(LINES, "os", strict=False)
        for (name, move), ((color, dash), marker) in zip(moves.items(), styles, strict=False):
            look = {"marker": marker, "markersize": 3, "linewidth": 1.2, "color": color}
            ax.plot(1 + np.arange(len(move)), move, dash, label=name, **look)
        ax.set(xlabel="step", ylabel=r"velocity $v$")
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot_walks(what, **walks):
    """A quantity by step for several walks, each (steps + 1,); `what` names it.

    f gets a logarithmic axis that ends at 1e-10.
    """
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.2)
        for (name, walk), (color, dash) in zip(walks.items(), LINES, strict=False):
            ax.plot(walk, dash, color=color, label=name)
        ax.set(xlabel="step", ylabel=what)
        if what == "f":
            ax.set(yscale="log", ylim=(1e-10, 100))
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot_factors(c, found, alpha, *marks):
    """The factors of `factors` by c = ηh; grey lines at 1, at √α, and at each of the marks."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.2)
        for level in (1, alpha**0.5):
            ax.axhline(level, color=GREY, linewidth=1)
        for mark in marks:
            ax.axvline(mark, color=GREY, linewidth=1, linestyle=":")
        for (name, factor), (color, dash) in zip(found.items(), LINES, strict=False):
            ax.plot(c, factor, dash, color=color, label=name)
        ax.set(xscale="log", xlabel=r"$\eta h$", ylabel="factor per step", ylim=(0.75, 1.1))
        fig.legend(loc="outside upper center", ncols=3)
    return fig


def plot_training(window=20, **runs):
    """Training loss by step, each (seeds, steps), as the mean of the last `window` mini-batches."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, losses), (color, dash) in zip(runs.items(), LINES, strict=False):
            smoothed = smooth(losses, window)
            band(ax, window + np.arange(smoothed.shape[1]), smoothed, color, dash, label=name)
        ax.set(xlabel="step", ylabel="training loss", yscale="log", ylim=(0.02, 4))
        fig.legend(loc="outside upper center", ncols=2)
    return fig
