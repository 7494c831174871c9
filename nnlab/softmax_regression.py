"""Softmax regression: one layer of scores z = x W + b, softmax, cross-entropy.

x has shape (N, D), t (N, C) one-hot, W (D, C), b (C,), scores and probabilities (N, C).
The softmax and the gradient come from the reader's exercise and are handed in.
"""

from dataclasses import dataclass, field

import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREY, ORANGE, STYLE, Drawing, band, new_figure
from .minibatch import batches
from .network import MultiLayerNet
from .trainer import Descent, fit


@dataclass
class Model:
    """Weights W (D, C), biases b (C,), and the losses and accuracies on the way to them."""

    W: np.ndarray
    b: np.ndarray
    losses: list = field(default_factory=list)
    train_accuracy: list = field(default_factory=list)
    test_accuracy: list = field(default_factory=list)

    def scores(self, x):
        """x (N, D) gives (N, C)."""
        return x @ self.W + self.b

    def accuracy(self, x, t):
        """The share of examples whose highest score is that of their class; nan where W is."""
        if np.isnan(self.W).any():
            return np.nan
        return np.mean(self.scores(x).argmax(axis=1) == t.argmax(axis=1))


def train(data, softmax, cross_entropy, gradient, seed=0, lr=0.5, epochs=300, batch_size=50):
    """A Model from W = 0 and b = 0, by mini-batch gradient descent; measured after each epoch."""
    rng, (x, t) = np.random.default_rng(seed), (data.x_train, data.t_train)
    model = Model(np.zeros((x.shape[1], t.shape[1])), np.zeros(t.shape[1]))
    for _ in range(epochs):
        for batch in batches(len(x), batch_size, rng):
            dz = gradient(model.scores(x[batch]), t[batch])  # (B, C)
            if np.isnan(dz).any():  # there is no gradient yet
                return unknown(model, epochs)
            model.W -= lr * x[batch].T @ dz
            model.b -= lr * dz.sum(axis=0)
        model.losses.append(cross_entropy(softmax(model.scores(x)), t))
        model.train_accuracy.append(model.accuracy(x, t))
        model.test_accuracy.append(model.accuracy(data.x_test, data.t_test))
    return model


def unknown(model, epochs):
    """The Model of somebody who has not written the gradient yet: nan throughout."""
    return Model(model.W * np.nan, model.b * np.nan, *([np.nan] * epochs for _ in range(3)))


def above_chord(loss, shape, rng, pairs=100):
    """loss midway between two random W of that shape, less the mean of their losses: (pairs,)."""
    ends = rng.normal(size=(pairs, 2, *shape))
    return np.array([loss((U + V) / 2) - (loss(U) + loss(V)) / 2 for U, V in ends])


def jacobian(p):
    """∂p_k/∂z_j of the softmax at probabilities p (C,): p_k (δ_kj - p_j), shape (C, C)."""
    return np.diag(p) - np.outer(p, p)


def zero_network(data, steps=500, hidden=50, start=0.0, seed=0):
    """A trained network with one hidden layer of ReLU, all W at `start` first: (W1, accuracy)."""
    rng = np.random.default_rng(seed)
    sizes = (data.x_train.shape[1], hidden, data.t_train.shape[1])
    net = MultiLayerNet(sizes, rng, lambda n_in, n_out, _: np.full((n_in, n_out), start))
    fit(net, Descent(0.5), data, rng, steps, 50, every=steps)
    return net.params["W1"], net.accuracy(data.x_train, data.t_train)


def worst(p, t, n):
    """The n examples whose right class has the lowest probability, worst first: indices (n,)."""
    return np.argsort((p * t).sum(axis=1))[:n]


def confusion(p, t):
    """Examples by class (row, axis=0) and by what they were taken for (column, axis=1): (C, C)."""
    counts = np.zeros((t.shape[1], t.shape[1]), dtype=int)
    np.add.at(counts, (t.argmax(axis=1), p.argmax(axis=1)), 1)
    return counts


def plot_bars(z, p):
    """Scores z (C,) and their probabilities p (C,), side by side."""
    with rc_context(STYLE):
        fig = Drawing(figsize=(5.0, 2.8), layout="constrained")
        axes = fig.subplots(1, 2)
        classes = np.arange(len(z))
        axes[0].bar(classes, z, color=GREY)
        axes[0].axhline(0, color="black", linewidth=0.8)
        axes[0].set(title="scores z", xlabel="class", xticks=classes)
        bars = axes[1].bar(classes, p, color=BLUE)
        axes[1].bar_label(bars, fmt="%.3f")
        axes[1].set(title="probabilities p", xlabel="class", xticks=classes, ylim=(0, 1.1))
    return fig


def plot_log():
    """The surprise -log p by p, and with the wrong sign."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=2.9)
        p = np.linspace(0.01, 1, 300)
        ax.plot(p, -np.log(p), color=BLUE, label=r"$-\log\,p$")
        ax.plot(p, np.log(p), "--", color=ORANGE, label=r"$\log\,p$")
        ax.plot([0.7, 0.7], [-np.log(0.7), np.log(0.7)], "o", color="black", markersize=5)
        ax.axhline(0, color=GREY, linewidth=1)
        ax.set(xlabel="p of the right class", ylabel="loss of one example")
        ax.legend(loc="upper right")
    return fig


def plot_training(models):
    """Accuracy after each epoch on training and test data, over several seeds."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        for name, color, dash in (("train", BLUE, "-"), ("test", ORANGE, "--")):
            runs = [getattr(model, f"{name}_accuracy") for model in models]
            band(ax, np.arange(1, len(runs[0]) + 1), runs, color, dash, name)
        ax.set(xlabel="epoch", ylabel="accuracy", xscale="log", xlim=(0.9, 1.1 * len(runs[0])))
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def pictures(images, titles, columns=5, **look):
    """Square images, each flat (D,), in rows, with a title each."""
    side = int(len(images[0]) ** 0.5)
    rows = -(-len(images) // columns)
    with rc_context(STYLE):
        fig = Drawing(figsize=(5.0, 1.25 * rows), layout="constrained")
        for ax, image, title in zip(
            fig.subplots(rows, columns).ravel(), images, titles, strict=False
        ):
            ax.imshow(np.reshape(image, (side, side)), **look)
            ax.set_title(title, fontsize=11)
            ax.axis("off")
    return fig


def plot_weights(W):
    """The weights of each class as a picture: orange votes against, purple in favour."""
    limit = np.nan_to_num(np.abs(W).max()) or 1.0
    return pictures(W.T, range(W.shape[1]), cmap="PuOr", vmin=-limit, vmax=limit)


def plot_worst(x, p, t, index):
    """Those examples of x (N, D): the right class, and the one that the model takes it for."""
    titles = [f"{t[i].argmax()} as {p[i].argmax()}" for i in index]
    return pictures(x[index], titles, cmap="gray_r", vmin=0, vmax=1)


def plot_confusion(counts):
    """The matrix of `confusion`: rows the right class, columns the answer; no zeros."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=4.0)
        n = len(counts)
        ax.imshow(np.where(np.eye(n) > 0, 0, counts), cmap="Oranges", vmin=0, vmax=8)
        for i, j in zip(*counts.nonzero(), strict=True):
            ax.text(j, i, counts[i, j], ha="center", va="center", fontsize=10)
        ax.set(xlabel="answer", ylabel="right class", xticks=range(n), yticks=range(n))
        ax.grid(False)
    return fig
