"""A step size for each parameter: on a constant gradient, on the valley, and on the digits.

An optimizer is passed in fresh; each run works on a copy of it.
"""

from copy import deepcopy

import numpy as np
from matplotlib import rc_context

from . import landscape, trainer
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, STYLE, band, new_figure, smooth

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (8, 3)))
LOOKS = tuple(zip((ORANGE, BLUE, GREEN, PURPLE, SKY, GREY), DASHES, strict=True))
MARKERS = "os^D"


def first_step(optimizer, g):
    """How far one update moves each parameter against its gradient g: an array of g's shape."""
    params = {"w": np.zeros(np.shape(g))}
    with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 is what an eps of 0 leads to
        deepcopy(optimizer).update(params, {"w": np.array(g, dtype=float)})
    return 0 - params["w"]


def constant(optimizer, steps, g=1.0):
    """The lengths of so many steps under the constant gradient g: (steps,)."""
    optimizer, params = deepcopy(optimizer), {"w": np.zeros(1)}
    places = np.zeros(steps + 1)
    for t in range(1, steps + 1):
        optimizer.update(params, {"w": np.array([float(g)])})
        places[t] = params["w"][0]
    return -np.diff(places)


def plot_steps(curves, ylim=(0.02, 20)):
    """Step lengths by the number of the step, (steps,) for each name; both axes are logarithmic."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, length), (color, dash) in zip(curves.items(), LOOKS, strict=False):
            ax.plot(np.arange(1, len(length) + 1), length, linestyle=dash, color=color, label=name)
        ax.set(xscale="log", yscale="log", xlim=(0.9, 1100), ylim=ylim)
        ax.set(xlabel="step t", ylabel=r"length of the step / $\eta$")
        fig.legend(ncols=2, loc="outside upper center")
    return fig


def correction(t, beta1=0.9, beta2=0.999):
    """An Adam step over the same step without bias correction (ε = 0); t of any shape.

    The two denominators of Kingma & Ba (2015), Algorithm 1; the gradients do not matter.
    """
    return np.sqrt(1 - beta2**t) / (1 - beta1**t)


def measures(path):
    """Of a path (steps + 1, 2): the height of its end, how often it crosses y = 0, its length.

    A crossing counts if it leads from one side to the other by more than rounding errors.
    """
    y = path[:, 1]
    crossings = np.sum(y[1:] * y[:-1] < -1e-12)
    return landscape.f(*path[-1]), int(crossings), np.hypot(*np.diff(path, axis=0).T).sum()


def maps(paths):
    """Six maps of the valley, two in a row, with one path (steps + 1, 2) each, by their names."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=5.6)
        fig.delaxes(ax)
        axes, (x, y) = fig.subplots(3, 2, sharex=True, sharey=True), landscape.grid()
        thin = {"levels": landscape.LEVELS, "colors": GREY, "linewidths": 0.6, "alpha": 0.6}
        for ax, (name, path) in zip(axes.flat, paths.items(), strict=True):
            ax.contour(x, y, landscape.f(x, y), **thin)
            ax.plot(0, 0, "+", color="black", markersize=10, markeredgewidth=1.8)
            ax.plot(*path.T, "o-", color=BLUE, markersize=2.5, linewidth=1.1)
            ax.plot(*path[0], "s", color="black", markersize=5)
            ax.set(xlim=(-8.5, 4), ylim=(-3.2, 3.2), xticks=(-8, -4, 0, 4), yticks=(-2, 0, 2))
            ax.set_title(name, fontsize=11)
            ax.label_outer()
            ax.grid(False)
        fig.supxlabel("x", fontsize=11)
        fig.supylabel("y", fontsize=11)
    return fig


def walk(optimizer, steps=30, start=landscape.START, gradient=landscape.gradient):
    """The path of a copy of the optimizer on the valley: (steps + 1, 2)."""
    return landscape.descend(deepcopy(optimizer), start, steps, gradient)


def other_unit(optimizer, unit=1.0, steps=30):
    """The walk when y is counted in another unit: the optimizer moves u = y / unit and sees ∂f/∂u.

    Returns the path in the old coordinates (x, y): (steps + 1, 2).
    """
    def gradient(x, u):
        gx, gy = landscape.gradient(x, unit * u)
        return gx, unit * gy                             # the chain rule

    x, y = landscape.START
    return walk(optimizer, steps, (x, y / unit), gradient) * (1, unit)


def other_loss(optimizer, factor, steps=30):
    """The walk when the height is counted in another unit, factor · f: a path (steps + 1, 2)."""
    def gradient(x, y):
        return tuple(factor * g for g in landscape.gradient(x, y))

    return walk(optimizer, steps, gradient=gradient)


def turned(optimizer, steps=30):
    """The walk in a valley turned by 45°, seen along and across that valley: (x, y), (steps + 1, 2)."""
    rotation = np.array([[1, -1], [1, 1]]) / np.sqrt(2)  # (x, y) to what the optimizer sees, (p, q)

    def gradient(p, q):
        return rotation @ landscape.gradient(*(rotation.T @ (p, q)))

    return walk(optimizer, steps, rotation @ landscape.START, gradient) @ rotation


def on_digits(optimizer, lr=None, seeds=5, dataset="digits", steps=300):
    """Trains a network with four hidden layers of 100 in batches of 128: a list of Histories.

    lr: the learning rate to use instead of the optimizer's own; dataset: "digits" or "mnist".
    """
    def experiment(seed):
        fresh = deepcopy(optimizer)
        if lr is not None:
            fresh.lr = lr
        return trainer.run(fresh, seed, dataset, steps=steps, every=100)

    return trainer.repeat(experiment, seeds)


def sweep(optimizer, rates, seeds=3, dataset="digits", steps=200):
    """The mean loss of the last 50 of so many steps for each learning rate: (seeds, rates)."""
    runs = [trainer.stack(on_digits(optimizer, lr, seeds, dataset, steps)) for lr in rates]
    return np.array([losses[:, -50:].mean(axis=1) for losses in runs]).T


def plot_training(runs, window=20):
    """The smoothed training loss of lists of Histories by name: means, and ranges over seeds."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.9)
        for (name, histories), (color, dash) in zip(runs.items(), LOOKS, strict=False):
            losses = smooth(trainer.stack(histories), window)
            band(ax, np.arange(window, window + losses.shape[1]), losses, color, dash, name)
        ax.set(yscale="log", ylim=(0.002, 20))
        ax.set(xlabel="step", ylabel=f"loss (mean of {window} steps)")
        narrow = {"handlelength": 1.8, "columnspacing": 1.0, "handletextpad": 0.5}
        fig.legend(ncols=3, loc="outside upper center", **narrow)
    return fig


def plot_sweep(grid):
    """The loss by learning rate, both logarithmic; grid: {name: (rates, losses (seeds, rates))}."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.7)
        for (name, (rates, losses)), look, mark in zip(grid.items(), LOOKS, MARKERS, strict=False):
            color, dash = look
            band(ax, rates, losses, color, dash)
            mean = losses.mean(axis=0)
            ax.plot(rates, mean, marker=mark, linestyle=dash, color=color, label=name)
        ax.set(xscale="log", yscale="log", xlim=(2e-4, 1.5), ylim=(0.001, 5))
        ax.set(xlabel=r"learning rate $\eta$", ylabel="final loss")
        fig.legend(ncols=2, loc="outside upper center")
    return fig
