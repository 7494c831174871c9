"""Schedules for the learning rate, and what they do to a noisy walk and to training on the digits.

A schedule is a function: the epoch, counted from 0, -> the learning rate during that epoch.
"""

import numpy as np
from matplotlib import rc_context

from . import minibatch, trainer
from .figures import BLUE, GREEN, ORANGE, PURPLE, SKY, STYLE, band, new_figure, smooth

LOOKS = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."), (PURPLE, ":"), (SKY, (0, (5, 1, 1, 1))))


def inverse_sqrt_decay(lr0, epoch):
    """The learning rate that falls like 1/√time."""
    return lr0 / np.sqrt(1 + epoch)


def cosine_decay(lr0, epochs, epoch):
    """Half a cosine wave: from lr0 down to 0 after `epochs` epochs."""
    return lr0 * (1 + np.cos(np.pi * epoch / epochs)) / 2


def warmup(epochs, epoch):
    """The factor that rises evenly to 1 in the first `epochs` epochs."""
    return min(1, (epoch + 1) / epochs)


def table(schedule, epochs):
    """The learning rates of the epochs 0, 1, …: shape (epochs,)."""
    first = schedule(0)
    if np.isnan(first):  # the exercise is not solved yet: to be told so once is enough
        return np.full(epochs, np.nan)
    return np.array([first, *map(schedule, range(1, epochs))], dtype=float)


class Scheduled:
    """An optimizer that is given a new learning rate before each of its steps: rates (steps,)."""

    def __init__(self, optimizer, rates):
        self.optimizer, self.rates = optimizer, iter(rates)

    def update(self, params, grads):
        self.optimizer.lr = next(self.rates)
        self.optimizer.update(params, grads)


def noisy_walk(optimizer, schedule=None, steps=3000, seed=0):
    """Mean height of 1000 walks on f(w) = w²/2 after each step, the gradient seen with noise of
    variance 1: (steps,).  schedule(step): the learning rate of the steps 0, 1, …; None: constant.
    """
    if schedule:
        optimizer = Scheduled(optimizer, table(schedule, steps))
    return minibatch.noise_floor(optimizer, np.random.default_rng(seed), steps)


def on_digits(optimizer, rates=None, batch_size=10, label_noise=0.2, seeds=5, dataset="digits",
              epochs=20):
    """Training where the gradients stay noisy: 20 hidden units, small batches, and a fifth of the
    labels random.  rates: the learning rate of each epoch, (epochs,), or None: constant.
    optimizer(): a new optimizer.  Returns a list of Histories, one a seed.
    """
    examples = 1437  # all there are of the digits, and as many of MNIST
    per_epoch = examples // batch_size
    return trainer.repeat(
        lambda seed: trainer.run(
            optimizer(), seed, dataset, hidden=(20,), steps=epochs * per_epoch,
            batch_size=batch_size, examples=examples, label_noise=label_noise, every=per_epoch,
            schedule=None if rates is None else rates.__getitem__,
        ),
        seeds,
    )


def deep(optimizer, rates=None, seeds=5, dataset="digits", epochs=20):
    """Four hidden layers of 100 units and clean labels, 1437 examples in batches of 100: 14 steps
    an epoch.  Arguments and result as for `on_digits`.
    """
    schedule = None if rates is None else rates.__getitem__
    return trainer.repeat(
        lambda seed: trainer.run(
            optimizer(), seed, dataset, steps=14 * epochs, batch_size=100, examples=1437,
            every=14 * epochs, schedule=schedule,
        ),
        seeds,
    )


def last_losses(histories, steps=143):
    """The mean loss of the last steps of each History: (seeds,)."""
    return trainer.stack(histories)[:, -steps:].mean(axis=1)


def spread(values):
    """Mean, lowest and highest as text."""
    return f"{np.mean(values):.3f} ({np.min(values):.3f} to {np.max(values):.3f})"


def plot_schedules(**schedules):
    """The learning rate over the epochs, one staircase for each table of rates (epochs,)."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, rates), (color, dash) in zip(schedules.items(), LOOKS, strict=False):
            ax.step(range(len(rates) + 1), [*rates, rates[-1]], where="post", linestyle=dash,
                    color=color, label=name.replace("_", " "))
        ax.set(xlabel="epoch", ylabel=r"$\eta$", ylim=(0, None))
        ax.xaxis.get_major_locator().set_params(integer=True)
        fig.legend(ncols=3, loc="outside upper center")
    return fig


def plot_walks(**means):
    """Mean height by step, (steps,) each, both axes logarithmic."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.set(xscale="log", yscale="log", ylim=(1e-4, 1), xlabel="step", ylabel="mean of f")
        for (name, mean), (color, dash) in zip(means.items(), LOOKS, strict=False):
            ax.plot(np.arange(1, len(mean) + 1), mean, linestyle=dash, color=color, linewidth=1.4,
                    label=name)
        fig.legend(ncols=4, loc="outside upper center")
    return fig


def plot_training(window=143, ylim=(0, None), yscale="linear", **runs):
    """The loss by step, smoothed, of several lists of Histories: means and bands over the seeds."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, histories), (color, dash) in zip(runs.items(), LOOKS, strict=False):
            losses = smooth(trainer.stack(histories), window)
            steps = np.arange(window, window + losses.shape[1])
            band(ax, steps, losses, color, dash, name.replace("_", " "))
        ax.set(xlabel="step", ylabel=f"loss (mean of {window} steps)", yscale=yscale, ylim=ylim)
        fig.legend(ncols=3, loc="outside upper center")
    return fig
