"""The last cell of every assignment: a small network trained on digits with the student's own code."""

import numpy as np
from matplotlib import rc_context

from autograder.messages import _

from .datasets import fewer
from .datasets import load_digits as digits
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, STYLE, new_figure
from .figures import smooth as rolling
from .network import MultiLayerNet, uniform
from .trainer import EVERY, Descent, fit

__all__ = ["accuracies", "curves", "digits", "train"]

STYLES = [(BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"), (SKY, "-"), (GREY, "--"), (BLUE, ":")]
WINDOW = 20


def train(optimizer=None, lr=0.1, hidden=(50, 50), steps=300, batch_size=100, initial=uniform, schedule=None,
          gradients=None, normalization=None, dropout=None, examples=None, label_noise=0.0, seed=0):
    """Train a network on the digits; returns its History.

    optimizer: has update(params, grads) and lr; None: plain descent with lr.  schedule(epoch): the learning rate.
    gradients(grads, params): the gradients to use instead.  normalization, dropout, initial: see MultiLayerNet.
    examples: how many training examples to use; label_noise: the share of them with a random label.
    """
    rng, data = np.random.default_rng(seed), digits()
    data = fewer(data, examples, label_noise, rng)
    net = MultiLayerNet((64, *hidden, 10), rng, initial or uniform, normalization, dropout)
    return fit(net, optimizer or Descent(lr), data, rng, steps, batch_size, schedule, gradients)


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
            (means,) = rolling(losses, window)
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
