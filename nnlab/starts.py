"""What training makes of its first weights: equal ones, small ones, and units that are silent."""

import numpy as np
from matplotlib import rc_context

from . import datasets, trainer
from .figures import BLUE, GREEN, ORANGE, PURPLE, STYLE, band, new_figure, smooth
from .layers import ReLU
from .network import MultiLayerNet

LOOKS = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."), (PURPLE, ":"))


def network(initial, hidden=(100,) * 4, activation=ReLU, seed=0, dataset="digits"):
    """A fresh network, the data, and the generator that goes on to shuffle them."""
    rng, data = np.random.default_rng(seed), datasets.load(dataset)
    sizes = (data.x_train.shape[1], *hidden, data.t_train.shape[1])
    return MultiLayerNet(sizes, rng, initial, activation=activation), data, rng


def first_gradient(net, data, examples=100):
    """The gradients of the first examples' loss, a dict like net.params."""
    net.loss(data.x_train[:examples], data.t_train[:examples])
    return net.gradient()


def train(net, data, rng, lr, steps=500):
    """Plain gradient descent in batches of 100; returns the accuracy on the training data."""
    trainer.fit(net, trainer.Descent(lr), data, rng, steps, every=steps)
    return net.accuracy(data.x_train, data.t_train)


def unlike(array):
    """How far the columns (units) of an array are apart: the largest deviation along a row."""
    return array.std(axis=1).max()


def silent(net, x):
    """Which hidden units give 0 for every example of x (N, D): bools (hidden layers, units)."""
    net.scores(x)
    return np.array([~layer.on.any(axis=0) for layer in net.layers if isinstance(layer, ReLU)])


def compare(optimizer, initial, seeds=3, steps=1000, **settings):
    """Training with the seeds 0, 1, …: a list of Histories.  optimizer(): a fresh one for each."""
    return trainer.repeat(
        lambda seed: trainer.run(
            optimizer(), seed, initial=initial, steps=steps, every=steps, **settings
        ),
        seeds,
    )


def mean_loss(histories, step, window=50):
    """The mean of the last `window` losses before a step, for each History: (seeds,)."""
    return trainer.stack(histories)[:, step - window : step].mean(axis=1)


def plot_losses(window=50, **runs):
    """The loss by step, smoothed, of lists of Histories: means and bands over the seeds."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, histories), (color, dash) in zip(runs.items(), LOOKS, strict=False):
            losses = smooth(trainer.stack(histories), window)
            band(
                ax,
                np.arange(window, window + losses.shape[1]),
                losses,
                color,
                dash,
                name.replace("_", " "),
            )
        ax.set(xlabel="step", ylabel=f"loss (mean of {window} steps)", ylim=(0, 2.6))
        fig.legend(loc="outside upper center", ncols=3)
    return fig


def two_gradients(**arrays):
    """Arrays (units, classes) side by side as pictures, each with its own scale of colours."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=2.9)
        ax.remove()
        for ax, (name, array) in zip(
            fig.subplots(1, len(arrays), sharey=True), arrays.items(), strict=True
        ):
            limit = np.abs(array).max()
            ax.imshow(
                array, cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto", interpolation="none"
            )
            ax.set(title=name.replace("_", " "), xlabel="class", xticks=range(0, 10, 3))
            ax.title.set_fontsize(11)
            ax.grid(False)
        fig.axes[0].set(ylabel="hidden unit")
    return fig
