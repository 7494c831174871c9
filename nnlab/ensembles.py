"""Dropout as an ensemble: what a net says as a whole, and what its thinned nets say on average."""

from itertools import product

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import ListedColormap

from . import datasets
from .figures import BLUE, ORANGE, STYLE, band, new_figure
from .layers import SoftmaxWithLoss
from .network import MultiLayerNet
from .trainer import Descent, fit


def plot_mask(layer, examples=8, units=20):
    """Which units of which examples survive one training pass of a dropout layer."""
    survives = layer.forward(np.ones((examples, units))) > 0
    with rc_context(STYLE):
        fig, ax = new_figure(height=2.6)
        ax.imshow(survives, cmap=ListedColormap(["white", BLUE]), vmin=0, vmax=1)
        ax.set(
            xlabel="unit", ylabel="example", xticks=range(0, units, 5), yticks=range(0, examples, 2)
        )
        ax.set_xticks(np.arange(units + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(examples + 1) - 0.5, minor=True)
        ax.grid(visible=False)
        ax.grid(which="minor", color="#bbbbbb", linewidth=0.8)
        ax.tick_params(which="minor", length=0)
    return fig


def trained(
    dropout,
    seed=0,
    hidden=(100, 100),
    steps=900,
    lr=0.1,
    examples=None,
    label_noise=0.0,
    dataset="digits",
):
    """A net trained with the layers dropout(rng), and its data: (net, Data)."""
    rng, data = np.random.default_rng(seed), datasets.load(dataset)
    data = datasets.fewer(data, examples, label_noise, rng)
    masks = np.random.default_rng(1000 + seed)
    sizes = data.x_train.shape[1], *hidden, data.t_train.shape[1]
    net = MultiLayerNet(sizes, rng, dropout=lambda: dropout(masks))
    fit(net, Descent(lr), data, rng, steps, every=steps)
    return net, data


def judged(p, t):
    """Accuracy and mean cross-entropy of probabilities p (N, C), with one-hot labels t (N, C)."""
    with np.errstate(all="ignore"):
        right = np.where(np.isfinite(p[:, 0]), p.argmax(axis=1) == t.argmax(axis=1), np.nan)
        return right.mean(), -np.log(p[t == 1]).mean()


def probabilities(z):
    """The softmax of scores z (N, C)."""
    layer = SoftmaxWithLoss()
    with np.errstate(all="ignore"):
        layer.forward(z, np.zeros_like(z))
    return layer.p


def with_multiplier(net, layer, multiplier, data):
    """Accuracy and loss on the test set, where layers of class `layer` multiply by `multiplier`."""
    parts = [part for part in net.layers if isinstance(part, layer)]
    ratios = [part.dropout_ratio for part in parts]
    for part in parts:
        part.dropout_ratio = 1 - multiplier
    result = judged(probabilities(net.scores(data.x_test)), data.t_test)
    for part, ratio in zip(parts, ratios, strict=True):
        part.dropout_ratio = ratio
    return result


def geometric_mean(x, W, b, keep):
    """The normalized geometric mean of softmax((m ⊙ x) @ W + b) over all 2^D masks m: (C,).

    x (D,), W (D, C), b (C,); a unit survives with probability `keep`, and a mask counts as often
    as it is drawn.
    """
    masks = np.array(list(product((0, 1), repeat=len(x))))  # (2^D, D)
    often = np.prod(np.where(masks, keep, 1 - keep), axis=1)  # (2^D,)
    logs = np.log(probabilities((masks * x) @ W + b))  # (2^D, C)
    return probabilities((often @ logs)[None])[0]


def passes(net, x, number):
    """The probabilities of so many passes with fresh masks: (number, N, C)."""
    with np.errstate(all="ignore"):
        return np.array([probabilities(net.scores(x, train=True)) for _ in range(number)])


def plot_passes(numbers, averaged, scaled):
    """Test loss of the mean of passes, (seeds, len(numbers)), and of one scaled pass, (seeds,)."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.set(
            xscale="log",
            xlim=(numbers[0], numbers[-1]),
            xlabel="number of passes T",
            ylabel="test loss",
        )
        band(ax, numbers, averaged, ORANGE, "-", "mean of T passes")
        level = np.repeat(np.array(scaled)[:, None], len(numbers), axis=1)
        band(ax, numbers, level, BLUE, "--", "one pass, scaled")
        fig.legend(loc="outside upper center", ncols=2)
    return fig
