"""Gradients that explode, in a recurrence and in training, and what clipping makes of them."""

import numpy as np
from matplotlib import rc_context

from . import trainer
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE, new_figure

LOOKS = ((BLUE, "--"), (GREEN, "-."), (PURPLE, ":"), (ORANGE, "-"))


def vector(grads):
    """All arrays of a dict as one long vector."""
    return np.concatenate([np.ravel(grads[key]) for key in sorted(grads)])


def norm(grads):
    """The length of that vector."""
    return np.linalg.norm(vector(grads))


def angle(a, b):
    """Degrees between two dicts of arrays, each taken as one vector."""
    with np.errstate(all="ignore"):  # entries may be nan
        cosine = vector(a) @ vector(b) / (norm(a) * norm(b))
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def recurrence(radius, rng, steps=50, units=100):
    """The length of a gradient that goes back through one matrix again and again: (steps + 1,).

    The matrix (units, units) is random, of the spectral radius given; the gradient starts with
    length 1.
    """
    W = rng.standard_normal((units, units))
    W *= radius / np.abs(np.linalg.eigvals(W)).max()
    g = rng.standard_normal(units)
    g /= np.linalg.norm(g)
    lengths = [1.0]
    for _ in range(steps):
        g = W.T @ g
        lengths.append(np.linalg.norm(g))
    return np.array(lengths)


def plot_recurrence(curves):
    """Geometric means of lengths {radius: (seeds, steps + 1)}; the powers of the radius in grey."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (radius, runs), (color, dash) in zip(curves.items(), LOOKS, strict=False):
            n = np.arange(runs.shape[1])
            ax.plot(n, radius**n, color=GREY, linewidth=1)
            ax.plot(
                n,
                np.exp(np.log(runs).mean(axis=0)),
                linestyle=dash,
                color=color,
                label=f"{radius:g}",
            )
        ax.set(yscale="log", xlabel="steps back", ylabel="length of the gradient")
        fig.legend(title="spectral radius", loc="outside upper center", ncols=4)
    return fig


class Watched:
    """Clips with clip(grads), and keeps the norm that each gradient had before: `norms`."""

    def __init__(self, clip=None):
        self.clip, self.norms = clip, []

    def __call__(self, grads, params):
        self.norms.append(norm(grads))
        if self.clip is None or not np.isfinite(self.norms[-1]):  # what is not a number stays so
            return grads
        return self.clip(grads)


def runs(clip=None, lr=1.0, seeds=3, steps=200, **settings):
    """Training at a rate that is too large: a list of (History, norms before clipping (steps,))."""
    results = []
    for seed in range(seeds):
        watched = Watched(clip)
        optimizer = trainer.Descent(lr)
        history = trainer.run(
            optimizer, seed, steps=steps, every=steps, gradients=watched, **settings
        )
        results.append((history, np.array(watched.norms)))
    return results


def plot_runs(window=10, **results):
    """The loss of every run, smoothed; a line ends where the loss is no longer a number."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, pairs), (color, dash) in zip(results.items(), LOOKS, strict=False):
            for i, (history, _) in enumerate(pairs):
                losses = np.convolve(history.losses, np.full(window, 1 / window), mode="valid")
                n = np.arange(window, window + len(losses))
                ax.plot(
                    n,
                    losses,
                    linestyle=dash,
                    color=color,
                    linewidth=1.2,
                    label=None if i else name.replace("_", " "),
                )
        ax.set(
            yscale="log", ylim=(3e-3, 30), xlabel="step", ylabel=f"loss (mean of {window} steps)"
        )
        fig.legend(loc="outside upper center", ncols=2)
    return fig
