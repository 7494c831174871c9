"""The landscape of a loss: a network's permuted twin, the saddle x² - y², signs of curvatures."""

import numpy as np
from matplotlib import rc_context

from . import datasets, landscape, trainer
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE, band, new_figure
from .flow import scaled
from .layers import Tanh
from .network import MultiLayerNet

LOOKS = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."), (PURPLE, ":"))


def trained(hidden=(20,), steps=1500, lr=0.5, seed=0, dataset="digits", scale=None, **layers):
    """A network after some steps of plain descent with batches of 100, and its data.

    hidden: () is softmax regression.  scale: the standard deviation of the first weights.
    """
    rng, data = np.random.default_rng(seed), datasets.load(dataset)
    data = datasets.fewer(data, 1437, 0, rng)
    if scale is not None:
        layers["initial"] = scaled(scale)
    net = MultiLayerNet((data.x_train.shape[1], *hidden, data.t_train.shape[1]), rng, **layers)
    trainer.fit(net, trainer.Descent(lr), data, rng, steps, every=steps + 1)
    return net, data


def permuted(params, order):
    """The parameters of a network with one hidden layer, its hidden units in another order:
    W1 (D, H), b1 (H,), W2 (H, C) are rearranged, b2 (C,) stays.
    """
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    return {"W1": W1[:, order], "b1": b1[order], "W2": W2[order], "b2": b2}


def along(net, start, end, data, points=41):
    """The training loss on the straight line from the parameters `start` to `end`: (points,)."""
    losses = []
    for s in np.linspace(0, 1, points):
        net.params = {name: (1 - s) * start[name] + s * end[name] for name in start}
        losses.append(net.loss(data.x_train, data.t_train))
    net.params = start
    return np.array(losses)


def flatten(arrays):
    """All arrays of a dict in one row."""
    return np.concatenate([a.ravel() for a in arrays.values()])


def gradient_size(net, data):
    """The length of the gradient of the training loss."""
    net.loss(data.x_train, data.t_train)
    return np.linalg.norm(flatten(net.gradient()))


def hessian(net, data, h=1e-4):
    """The second derivatives of the training loss, (P, P), P parameters in all: central differences
    of the gradient.  Takes 2P gradients, so the network must be small, and smooth: tanh, not ReLU.
    """
    def gradient():
        net.loss(data.x_train, data.t_train)
        return flatten(net.gradient())

    rows = []
    for array in net.params.values():
        for i in np.ndindex(array.shape):
            old = array[i]
            array[i] = old + h
            ahead = gradient()
            array[i] = old - h
            rows.append((ahead - gradient()) / (2 * h))
            array[i] = old
    H = np.array(rows)
    return (H + H.T) / 2


def all_positive(n, rng, rounds=8):
    """The share of random symmetric n×n matrices whose eigenvalues are all positive, among 100,000
    in each round.  Entries are normal, those off the diagonal with half the variance (the Gaussian
    orthogonal ensemble).
    """
    def share():
        M = rng.normal(size=(100_000, n, n))
        return np.mean(np.linalg.eigvalsh((M + M.swapaxes(1, 2)) / 2)[:, 0] > 0)

    return np.mean([share() for _ in range(rounds)])


def height(x, y):
    """The saddle: x² - y², x and y of any one shape."""
    return x**2 - y**2


def slope(noise=0.0, rng=None):
    """The function (x, y) -> gradient of the saddle, with normal noise of that deviation."""
    def seen(x, y):
        exact = np.array([2 * x, -2 * y])
        return exact + rng.normal(scale=noise, size=2) if noise else exact

    return seen


def walk(optimizer, y, steps=100, noise=0.0, seed=0):
    """The path of an optimizer from (1, y) on the saddle: (steps + 1, 2)."""
    return landscape.descend(optimizer, (1, y), steps, slope(noise, np.random.default_rng(seed)))


def escape(path):
    """The first step at which |y| > 1, or None if the path (steps + 1, 2) stays near the axis."""
    away = np.flatnonzero(abs(path[:, 1]) > 1)
    return int(away[0]) if len(away) else None


def plateau(optimizer, seeds=3, dataset="digits", steps=1500):
    """Two hidden layers of 50 tanh units, first weights of deviation 0.01, batches of 100."""
    return trainer.repeat(
        lambda seed: trainer.run(
            optimizer(), seed, dataset, (50, 50), steps, 100, scaled(0.01), examples=1437, every=steps,
            activation=Tanh,
        ),
        seeds,
    )


def plot_segments(twins, convex):
    """The loss along straight lines: between twins (nets, points), and for softmax regression
    (points,), with the chord between its ends.
    """
    s = np.linspace(0, 1, len(convex))
    with rc_context(STYLE):
        fig, ax = new_figure()
        band(ax, s, twins, ORANGE, "-", "network and its twin")
        ax.plot(s, convex, "--", color=BLUE, label="softmax regression")
        ax.plot([0, 1], convex[[0, -1]], ":", color=GREY, label="chord")
        ax.set(xlabel="s, from one end to the other", ylabel="training loss", ylim=(0, None))
        fig.legend(ncols=2, loc="outside upper center")
    return fig


def surface():
    """The saddle in perspective, and the two curves through its middle."""
    fig, ax = new_figure(height=3.6, projection="3d")
    t = np.linspace(-1.5, 1.5, 41)
    x, y = np.meshgrid(t, t)
    ax.plot_surface(x, y, height(x, y), cmap="viridis", alpha=0.75, linewidth=0, antialiased=True)
    ax.plot(t, 0 * t, height(t, 0), color=BLUE, linewidth=3, zorder=5)
    ax.plot(0 * t, t, height(0, t), "--", color=ORANGE, linewidth=3, zorder=6)
    ax.set(xlabel="x", ylabel="y", zlabel="f")
    ax.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1), zticks=(-2, 0, 2))
    ax.view_init(elev=28, azim=-58)
    ax.set_box_aspect(None, zoom=0.88)
    return fig


def plot_paths(**paths):
    """The saddle from above with paths (steps + 1, 2) on it."""
    x, y = landscape.grid(1.3, 1.1)
    with rc_context(STYLE):
        fig, ax = new_figure()
        levels = np.linspace(-1.2, 1.2, 13)
        ax.contour(x, y, height(x, y), levels=levels, colors=GREY, linewidths=0.8)
        looks = zip(LOOKS, "os^v", (9, 6, 3.5, 2), strict=True)  # the later ones lie on the earlier
        for (name, path), ((color, dash), mark, size) in zip(paths.items(), looks, strict=False):
            ax.plot(*path.T, linestyle=dash, color=color, marker=mark, markersize=size,
                    linewidth=1.3, label=name.replace("_", " "))
        ax.plot(0, 0, "x", color="black", markersize=11, markeredgewidth=2, zorder=5)
        ax.set(xlabel="x", ylabel="y", xlim=(-1.3, 1.3), ylim=(-1.1, 1.1))
        ax.grid(False)
        fig.legend(ncols=3, loc="outside upper center")
    return fig


def plot_escapes(**paths):
    """|y|, the distance from the axis, after each step of paths (steps + 1, 2)."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.set(xlabel="step", ylabel="|y|", yscale="log", ylim=(1e-13, 10))
        ax.axhline(1, color=GREY, linewidth=1)
        for (name, path), (color, dash) in zip(paths.items(), LOOKS, strict=False):
            ax.plot(abs(path[:, 1]), linestyle=dash, color=color, label=name.replace("_", " "))
        fig.legend(ncols=3, loc="outside upper center")
    return fig


def plot_spectra(**eigenvalues):
    """Eigenvalues in order, each set (P,) as one line, from the smallest to the largest."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.axhline(0, color="black", linewidth=0.8)
        for (name, values), (color, dash) in zip(eigenvalues.items(), LOOKS, strict=False):
            share = np.linspace(0, 1, len(values))
            ax.plot(share, values, linestyle=dash, color=color, label=name.replace("_", " "))
        ax.set(xlabel="share of the eigenvalues", ylabel="eigenvalue")
        ax.set_yscale("symlog", linthresh=0.01)
        fig.legend(ncols=3, loc="outside upper center")
    return fig
