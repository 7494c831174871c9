"""How PyTorch, Keras 3 and Optax differ from the course, computed with the reader's optimizers."""

import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREEN, ORANGE, STYLE, new_figure


class RateOutside:
    """Momentum as PyTorch and Optax have it: the rate multiplies a velocity made of gradients.

    optimizer: the reader's own Momentum or Nesterov, with lr=1; lr: may be changed at any time.
    """

    def __init__(self, optimizer, lr):
        self.optimizer, self.lr = optimizer, lr

    def update(self, params, grads):
        moved = {key: np.zeros_like(g) for key, g in grads.items()}
        self.optimizer.update(moved, grads)
        for key in params:
            params[key] += self.lr * moved[key]


def steps_taken(optimizer, rates, gradient=1.0):
    """How far each step moves one number under a constant gradient, with the rates (T,): (T,)."""
    params, path = {"W": np.zeros(1)}, [0.0]
    for lr in rates:
        optimizer.lr = lr
        optimizer.update(params, {"W": np.full(1, gradient)})
        path.append(params["W"].item())
    return -np.diff(path)


def dropped(lr=0.1, factor=0.1, drop=60, steps=100):
    """The rate of each step: lr at first, factor * lr from step `drop` on: (steps,)."""
    return lr * np.where(np.arange(steps) < drop, 1.0, factor)


def plot_rate_drop(inside, outside, start=40):
    """Step lengths (T,) of both forms of momentum around a drop of the rate."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        t = np.arange(1, len(inside) + 1)
        ax.plot(t[start:], inside[start:], "-", color=BLUE, label="rate inside (course, Keras)")
        label = "rate outside (PyTorch, Optax)"
        ax.plot(t[start:], outside[start:], "--", color=ORANGE, label=label)
        ax.set(xlabel="step", ylabel="length of the step", ylim=(0, None))
        fig.legend(loc="outside upper center", ncols=1)
    return fig


def nadam_momentum(t, speed, beta1=0.9):
    """The momentum that Nadam uses at step t: beta1 in the end, half of it at first (Dozat, 2016).

    speed: 1 in Keras, 0.004 in PyTorch (there called momentum_decay).
    """
    return beta1 * (1 - 0.96 ** (speed * np.asarray(t, dtype=float)) / 2)


def plot_nadam():
    """The momentum of Nadam by step in Keras, PyTorch, and the course and Optax."""
    t = np.unique(np.geomspace(1, 1e5, 200).round())
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        ax.plot(t, np.full_like(t, 0.9), "-", color=GREEN, label="course, Optax")
        ax.plot(t, nadam_momentum(t, 1), "-.", color=BLUE, label="Keras")
        ax.plot(t, nadam_momentum(t, 0.004), "--", color=ORANGE, label="PyTorch")
        ax.set(xscale="log", xlabel="step", ylabel="momentum", ylim=(0.4, 0.95))
        fig.legend(loc="outside upper center", ncols=3)
    return fig
