"""The last cell of every assignment: a small network trained on digits with the student's own code."""

from dataclasses import dataclass, field

import numpy as np
from matplotlib import rc_context

from autograder.messages import _

from .datasets import load_digits as digits
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, STYLE, new_figure
from .network import MultiLayerNet, uniform

__all__ = ["History", "accuracies", "curves", "digits", "train"]

STYLES = [(BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"), (SKY, "-"), (GREY, "--"), (BLUE, ":")]
EVERY, WINDOW = 50, 20


@dataclass
class History:
    """What training left behind: the loss of every step, and the accuracies after every 50th."""

    losses: list = field(default_factory=list)
    train_accuracy: list = field(default_factory=list)
    test_accuracy: list = field(default_factory=list)


class Descent:
    """Plain gradient descent, for where the optimizer is not the point."""

    def __init__(self, lr):
        self.lr = lr

    def update(self, params, grads):
        for name, g in grads.items():
            params[name] = params[name] - self.lr * g


def train(optimizer=None, lr=0.1, hidden=(50, 50), steps=300, batch_size=100, initial=uniform, schedule=None,
          gradients=None, normalization=None, dropout=None, examples=None, label_noise=0.0, seed=0):
    """Train a network on the digits; returns its History.

    optimizer: has update(params, grads) and lr; None: plain descent with lr.  schedule(epoch): the learning rate.
    gradients(grads, params): the gradients to use instead.  normalization, dropout, initial: see MultiLayerNet.
    examples: how many training examples to use; label_noise: the share of them with a random label.
    """
    rng, data = np.random.default_rng(seed), digits()
    x, t = data.x_train[:examples], data.t_train[:examples]
    wrong = rng.random(len(t)) < label_noise
    t[wrong] = np.eye(10)[rng.integers(10, size=wrong.sum())]
    net = MultiLayerNet((64, *hidden, 10), rng, initial or uniform, normalization, dropout)
    optimizer, history, queue, epoch = optimizer or Descent(lr), History(), [], -1
    for step in range(1, steps + 1):
        if len(queue) < batch_size:
            queue, epoch = list(rng.permutation(len(x))), epoch + 1
            if schedule:
                optimizer.lr = schedule(epoch)
        batch, queue = queue[:batch_size], queue[batch_size:]
        with np.errstate(all="ignore"):              # a diverging run is part of the lesson
            history.losses.append(net.loss(x[batch], t[batch]))
            grads = net.gradient()
            optimizer.update(net.params, gradients(grads, net.params) if gradients else grads)
            if step % EVERY == 0:
                history.train_accuracy.append(net.accuracy(x, t))
                history.test_accuracy.append(net.accuracy(data.x_test, data.t_test))
    return history


def curves(runs, smooth=WINDOW):
    """Draw the loss of each run {label: function that returns a History or a list of losses}.

    smooth: of how many steps each point is the mean; runs of fewer than five times as many are drawn as they are.
    """
    window = 1
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (label, result), (color, dash) in zip(_answered(runs), STYLES * len(runs), strict=False):
            losses = np.asarray(getattr(result, "losses", result), dtype=float)
            window = smooth if len(losses) >= 5 * smooth else 1          # single steps jitter too much to compare
            means = np.convolve(losses, np.full(window, 1 / window), mode="valid")
            ax.plot(np.arange(window, len(losses) + 1), means, dash, color=color, linewidth=1.6, label=label)
            if getattr(result, "test_accuracy", None):
                print(_("{label}: test accuracy {test}", label=label, test=f"{result.test_accuracy[-1]:.3f}"))
        ax.set(xlabel="step", ylabel=f"loss (mean of {window} steps)" if window > 1 else "loss", yscale="log")
        return _finished(fig, ax)


def accuracies(runs):
    """Draw training accuracy (thin) and test accuracy (thick) of each run {label: function -> History}."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (label, result), (color, _dash) in zip(_answered(runs), STYLES * len(runs), strict=False):
            steps = EVERY * np.arange(1, len(result.test_accuracy) + 1)
            ax.plot(steps, result.train_accuracy, "--", color=color, linewidth=1, label=f"{label}, train")
            ax.plot(steps, result.test_accuracy, "-", color=color, linewidth=2, label=f"{label}, test")
            print(_("{label}: training accuracy {train}, test accuracy {test}", label=label,
                    train=f"{result.train_accuracy[-1]:.3f}", test=f"{result.test_accuracy[-1]:.3f}"))
        ax.set(xlabel="step", ylabel="accuracy")
        return _finished(fig, ax)


def _finished(fig, ax):
    if ax.lines:
        fig.legend(fontsize=9, loc="outside lower center", ncols=2)
    return fig


def _answered(runs):
    """(label, result) of each run; one that meets an unanswered exercise is named and left out."""
    for label, run in runs.items():
        try:
            yield label, run()
        except NotImplementedError:
            print(_("{label}: not answered yet; this curve is left out.", label=label))
