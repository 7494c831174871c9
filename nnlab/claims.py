"""Small experiments that put a claim to the test (chapter: mistakes in notes and books)."""

from copy import deepcopy

import numpy as np
from matplotlib import rc_context

from . import datasets
from .figures import BLUE, GREEN, ORANGE, STYLE, band, new_figure
from .layers import ReLU
from .network import MultiLayerNet, Normalization
from .trainer import Descent, fit


class Forgetful:
    """An optimizer whose state is set back before every step, as by code that makes it anew."""

    def __init__(self, optimizer):
        self.fresh = optimizer

    def update(self, params, grads):
        deepcopy(self.fresh).update(params, grads)


def angle(a, b):
    """Degrees between two dicts of arrays, each taken as one long vector."""
    a, b = (np.concatenate([np.ravel(part) for part in each.values()]) for each in (a, b))
    with np.errstate(invalid="ignore"):
        return np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))


def twins(seed=0, hidden=20, steps=400, points=21):
    """The loss on the straight line from a trained network to its twin: (points,).

    The twin is the same network with its hidden units in another order: the same function.
    """
    rng, data = np.random.default_rng(seed), datasets.load_digits()
    net = MultiLayerNet((64, hidden, 10), rng)
    fit(net, Descent(0.5), data, rng, steps, every=steps)
    order = rng.permutation(hidden)
    here = dict(net.params)
    there = {
        "W1": here["W1"][:, order],
        "b1": here["b1"][order],
        "W2": here["W2"][order],
        "b2": here["b2"],
    }
    losses = []
    for share in np.linspace(0, 1, points):
        net.params.update({key: (1 - share) * here[key] + share * there[key] for key in here})
        losses.append(net.loss(data.x_train, data.t_train))
    return np.array(losses)


def plot_twins(runs):
    """The losses (seeds, points) between a network and its twin: mean and range."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        band(ax, np.linspace(0, 1, np.shape(runs)[1]), runs, BLUE)
        ax.set(xlabel="share of the twin in the weights", ylabel="training loss", ylim=(0, None))
    return fig


def signals(activation, initial, rng, layers=5, units=100, examples=1000):
    """What each layer puts out for normal random inputs, and the gradients that come back.

    Returns (outputs, grads): lists of arrays (examples, units), from the first layer to the last.
    What comes in from behind is unit noise; grads are with respect to the activations' inputs.
    """
    h, outputs, parts = rng.normal(size=(examples, units)), [], []
    for _ in range(layers):
        W, f = initial(units, units, rng), activation()
        h = f.forward(h @ W)
        outputs.append(h)
        parts.append((W, f))
    dout, grads = rng.normal(size=h.shape), []
    for W, f in reversed(parts):
        grads.append(f.backward(dout))
        dout = grads[-1] @ W.T
    return outputs, grads[::-1]


def normalized_gradients(functions, layers, rng, units=100, examples=100):
    """|∂L/∂W| of the second layer over that of the last, in a fresh network of so many layers.

    Each layer is x @ W, batch normalization (the reader's own functions) and ReLU; none is skipped.
    """
    x, parts = rng.normal(size=(examples, units)), []
    for _ in range(layers):
        W = rng.normal(size=(units, units)) * (2 / units) ** 0.5
        norm, relu = Normalization(units, functions), ReLU()
        parts.append((x, W, norm, relu))
        x = relu.forward(norm.forward(x @ W))
    dout, sizes = rng.normal(size=x.shape), []
    for x, W, norm, relu in reversed(parts):
        dout = norm.backward(relu.backward(dout))
        sizes.append(np.linalg.norm(x.T @ dout))
        dout = dout @ W.T
    return sizes[-2] / sizes[0]


def shifted(normalization=None, seed=0, steps=300):
    """Test accuracy of one trained network on x, x/2 and x/2 + 0.3: (3,)."""
    rng, data = np.random.default_rng(seed), datasets.load_digits()
    net = MultiLayerNet((64, 100, 100, 10), rng, normalization=normalization)
    fit(net, Descent(0.1), data, rng, steps, every=steps)
    x, t = data.x_test, data.t_test
    return np.array([net.accuracy(inputs, t) for inputs in (x, x / 2, x / 2 + 0.3)])


def plot_corrections(beta, steps=60):
    """The moving average of the constant 10, as it is and divided by 1 - β and by 1 - β^t."""
    t = np.arange(1, steps + 1)
    average = 10 * (1 - beta**t)  # the closed form of the average of a constant
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        ax.plot(t, average, "--", color=BLUE, label="as it is")
        ax.plot(t, average / (1 - beta), "-.", color=ORANGE, label=r"$/\,(1-\beta)$")
        ax.plot(t, average / (1 - beta**t), "-", color=GREEN, label=r"$/\,(1-\beta^t)$")
        ax.set(xlabel="t", ylabel="average", yscale="log", ylim=(0.05, 2000))
        fig.legend(loc="outside upper center", ncols=3)
    return fig
