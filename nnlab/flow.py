"""How signals run forward and gradients backward through the layers of a fresh network.

x has shape (N, D), one example a row; initial(n_in, n_out, rng) draws the weights (n_in, n_out)
of one layer.
"""

from dataclasses import dataclass

import numpy as np

from .layers import Affine, ReLU, Sigmoid, Tanh

ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "ReLU": ReLU}


def scaled(std):
    """An `initial` with normal weights of this standard deviation in layers of any size."""

    def initial(n_in, n_out, rng):
        return std * rng.standard_normal((n_in, n_out))

    return initial


def constant(value):
    """An `initial` that gives all weights the same value."""
    return lambda n_in, n_out, rng: np.full((n_in, n_out), float(value))


@dataclass
class Flow:
    """What one pass leaves behind, first layer first: outputs (layers, N, units), and the gradients
    with respect to what stands before the activation, dz (layers, N, units).
    """

    outputs: np.ndarray
    dz: np.ndarray

    @property
    def pooled(self):
        """Standard deviation over all units and examples, what a histogram shows: (layers,)."""
        return self.outputs.std(axis=(1, 2))

    @property
    def per_unit(self):
        """Standard deviation over the examples, mean over the units: (layers,)."""
        return self.outputs.std(axis=1).mean(axis=1)

    @property
    def gradient(self):
        """Root mean square of dz: (layers,)."""
        return np.sqrt((self.dz**2).mean(axis=(1, 2)))

    @property
    def dead(self):
        """Share of the units that give 0 for every example: (layers,)."""
        return (self.outputs == 0).all(axis=1).mean(axis=1)


def flow(initial, activation="ReLU", seed=0, layers=5, units=100, examples=1000):
    """Sends normal noise forward through the layers and unit noise back from the last: a Flow."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((examples, units))
    affine, active, outputs, dz = [], [], [], []
    with np.errstate(all="ignore"):  # weights may be nan
        for _ in range(layers):
            affine.append(Affine(initial(units, units, rng), np.zeros(units)))
            active.append(ACTIVATIONS[activation]())
            x = active[-1].forward(affine[-1].forward(x))
            outputs.append(x)
        dout = rng.standard_normal(x.shape)
        for below, act in zip(reversed(affine), reversed(active), strict=True):
            dz.append(act.backward(dout))
            dout = below.backward(dz[-1])
        return Flow(np.array(outputs), np.array(dz[::-1]))


def repeat(initial, activation="ReLU", seeds=10, **sizes):
    """The Flows of the seeds 0, 1, …"""
    first = flow(initial, activation, 0, **sizes)
    if np.isnan(first.outputs).all():  # not solved yet: to be told so by one seed is enough
        return [first]
    return [first, *(flow(initial, activation, seed, **sizes) for seed in range(1, seeds))]


def average(flows, name):
    """The mean of `pooled`, `per_unit`, `gradient` or `dead` over several Flows: (layers,)."""
    return np.mean([getattr(f, name) for f in flows], axis=0)


def ratio(flows):
    """dz of the first layer by dz of the last, rms; the geometric mean over several Flows."""
    with np.errstate(all="ignore"):  # dz may be nan
        return np.exp(np.mean([np.log(f.gradient[0] / f.gradient[-1]) for f in flows]))


def row(values):
    """Numbers as one line of a table, two digits each."""
    return " ".join(f"{value:8.2g}" for value in values)
