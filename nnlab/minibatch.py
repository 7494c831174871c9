"""Mini-batches, and how much the gradient of one differs from the gradient of all the data."""

import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREEN, GREY, ORANGE, STYLE, new_figure


def batches(n, size, rng, replacement=False):
    """The index arrays, each of shape (size,), of one epoch over n examples; the last may be shorter.

    Without replacement the examples are shuffled and cut into pieces: each is seen once.
    With replacement every index is drawn afresh: some are seen twice, others not at all.
    """
    order = rng.integers(n, size=n) if replacement else rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]


def coverage(n, rng, replacement):
    """The share of n examples that one epoch sees at least once."""
    seen = np.concatenate(list(batches(n, 100, rng, replacement)))
    return len(np.unique(seen)) / n


def regression(rng, n=1000):
    """Points on a line with noise around it: x of shape (n, 2), its last column 1, and t of shape (n,)."""
    x = np.stack([rng.uniform(-2, 2, size=n), np.ones(n)], axis=1)
    return x, x @ np.array([2.0, -1.0]) + rng.normal(size=n)


def loss(w, x, t):
    """Half the mean square error of the prediction x @ w; x (N, D), w (D,), t (N,)."""
    return np.mean((x @ w - t) ** 2) / 2


def gradients(w, x, t):
    """The gradient of each example's loss with respect to w: shape (N, D).  Their mean is that of `loss`."""
    return (x @ w - t)[:, None] * x


def noise(per_example, sizes, rng, trials=2000, replacement=True):
    """Root mean square distance of a mini-batch gradient from the full one, for each size: (len(sizes),).

    `per_example` has shape (N, D).  With replacement it is σ/√B, σ² being the variance of one example's
    gradient; without, a factor √((N - B)/(N - 1)) smaller.
    """
    full = per_example.mean(axis=0)
    distances = []
    for size in sizes:
        if replacement:
            index = rng.integers(len(per_example), size=(trials, size))
        else:  # the `size` smallest of N random numbers are a sample without replacement
            index = rng.random((trials, len(per_example))).argpartition(size - 1, axis=1)[:, :size]
        means = per_example[index].mean(axis=1)  # (trials, D)
        distances.append(np.sqrt(((means - full) ** 2).sum(axis=1).mean()))
    return np.array(distances)


def plot_noise(sizes, sigma, with_replacement, without):
    """Measured noise by batch size beside σ/√B; both axes are logarithmic."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.plot(sizes, sigma / np.sqrt(sizes), color=GREY, label=r"$\sigma/\sqrt{B}$")
        ax.plot(sizes, with_replacement, "o", color=ORANGE, label="with replacement")
        ax.plot(sizes, without, "s", color=BLUE, markerfacecolor="none", label="without")
        ax.set(xscale="log", yscale="log", xlabel="batch size B", ylabel="rms error of gradient")
        ax.legend()
    return fig


def noise_floor(optimizer, rng, steps=3000, runs=1000):
    """Mean height E f of f(w) = w²/2 after each step, w = 1 at first, gradients w + N(0, 1): (steps,).

    All runs are the entries of one parameter of shape (runs,).
    """
    params = {"w": np.ones(runs)}
    mean = np.empty(steps)
    for i in range(steps):
        optimizer.update(params, {"w": params["w"] + rng.normal(size=runs)})
        mean[i] = np.mean(params["w"] ** 2) / 2
    return mean


def plot_floor(curves):
    """Mean height by step for each constant learning rate {lr: (steps,)}, and the floor lr / (2(2 - lr))."""
    floors = [lr / (2 * (2 - lr)) for lr in curves]
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.set(xscale="log", yscale="log", ylim=(min(floors) / 2, 1), xlabel="step", ylabel="mean of f")
        styles = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."))
        for (lr, mean), (color, dash) in zip(curves.items(), styles, strict=False):
            ax.plot(np.arange(1, len(mean) + 1), mean, dash, color=color, linewidth=1.2, label=f"{lr:g}")
        for floor in floors:
            ax.axhline(floor, color=GREY, linewidth=1)
        ax.legend(title=r"$\eta$")
    return fig
