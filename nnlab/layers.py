"""The layers that are given: each `forward` keeps what its `backward` needs.

x has shape (N, D), one example a row; dout is the gradient of the loss with respect to what `forward` returned.
"""

import numpy as np


class Affine:
    """x @ W + b, with W of shape (D, M) and b of shape (M,)."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x, train=True):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(axis=0)}
        return dout @ self.W.T


class ReLU:
    """max(x, 0); its slope is 1 where x is positive and 0 elsewhere."""

    def forward(self, x, train=True):
        self.on = x > 0
        return x * self.on

    def backward(self, dout):
        return dout * self.on


class Sigmoid:
    """1 / (1 + exp(-x)); with y for its value, the slope is y (1 - y)."""

    def forward(self, x, train=True):
        self.y = (1 + np.tanh(x / 2)) / 2        # the same function, without overflow
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y)


class Tanh:
    """tanh(x); with y for its value, the slope is 1 - y²."""

    def forward(self, x, train=True):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y**2)


class SoftmaxWithLoss:
    """Mean cross-entropy of the softmax of scores z (N, C) and one-hot labels t (N, C).

    The logarithm of a softmax is z - log Σ exp z; its gradient is the softmax itself.
    """

    def forward(self, z, t):
        top = z.max(axis=1, keepdims=True)
        log_p = z - top - np.log(np.exp(z - top).sum(axis=1, keepdims=True))
        self.p, self.t = np.exp(log_p), t
        return -(t * log_p).sum() / len(t)

    def backward(self):
        share = 1 / len(self.t)
        return share * self.p - share * self.t
