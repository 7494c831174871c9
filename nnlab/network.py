"""A multilayer perceptron whose parts can be exchanged for the reader's own."""

from itertools import pairwise

import numpy as np

from .layers import Affine, ReLU, SoftmaxWithLoss


def uniform(n_in, n_out, rng):
    """First weights that suit ReLU: uniform, within bounds that shrink as more of them are added up."""
    bound = (6 / n_in) ** 0.5
    return rng.uniform(-bound, bound, size=(n_in, n_out))


class Normalization:
    """Batch normalization as a layer, from four functions of the reader's own."""

    def __init__(self, D, functions):
        self.ahead, self.back, self.update, self.infer = functions
        self.params = {"gamma": np.ones(D), "beta": np.zeros(D)}
        self.mean, self.var = np.zeros(D), np.zeros(D)    # moving averages that begin at 0: short by 0.9^t

    def forward(self, x, train=True):
        gamma, beta = self.params["gamma"], self.params["beta"]
        if not train:
            return self.infer(x, gamma, beta, self.mean, self.var)
        self.mean = self.update(self.mean, np.mean(x, axis=0))
        self.var = self.update(self.var, np.var(x, axis=0))
        out, self.cache = self.ahead(x, gamma, beta)
        return out

    def backward(self, dout):
        dx, dgamma, dbeta = self.back(dout, self.cache)
        self.grads = {"gamma": dgamma, "beta": dbeta}
        return dx


class MultiLayerNet:
    """Affine layers of the given sizes with ReLU, and softmax with cross-entropy at the end.

    sizes: (inputs, hidden …, classes); initial(n_in, n_out, rng): the first weights; normalization: the four
    functions of the exercise batchnorm, put before every ReLU; dropout(): a layer, put after every ReLU;
    activation: the class of the layers between.
    `params` holds every array by name ("W1", "b1", "gamma1" …); an optimizer may change them in place or put
    others in their stead.
    """

    def __init__(self, sizes, rng, initial=uniform, normalization=None, dropout=None, activation=ReLU):
        self.layers, self.named, self.loss_layer = [], [], SoftmaxWithLoss()
        self.params = {}
        last = len(sizes) - 1
        for i, (n_in, n_out) in enumerate(pairwise(sizes), 1):
            self._add(Affine(initial(n_in, n_out, rng), np.zeros(n_out)), i, "W", "b")
            if i == last:
                break
            if normalization:
                self._add(Normalization(n_out, normalization), i, "gamma", "beta")
            self.layers.append(activation())
            if dropout:
                self.layers.append(dropout())

    def _add(self, layer, i, *names):
        self.layers.append(layer)
        held = layer.params if hasattr(layer, "params") else vars(layer)
        for name in names:
            self.named.append((f"{name}{i}", layer, held, name))
            self.params[f"{name}{i}"] = held[name]

    def scores(self, x, train=False):
        """What the last layer says of x (N, D): an array (N, classes)."""
        for full, _, held, name in self.named:
            held[name] = self.params[full]
        for layer in self.layers:
            x = layer.forward(x, train)
        return x

    def loss(self, x, t, train=True):
        """The mean cross-entropy, a float."""
        return self.loss_layer.forward(self.scores(x, train), t)

    def gradient(self):
        """The gradients of the last `loss`, a dict like `params`."""
        dout = self.loss_layer.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return {full: layer.grads[name] for full, layer, _, name in self.named}

    def accuracy(self, x, t):
        """The share of examples whose highest score is that of the right class."""
        return float(np.mean(self.scores(x).argmax(axis=1) == t.argmax(axis=1)))
