"""The training loop that every experiment shares: shuffle, take a mini-batch, update, look now and then."""

from dataclasses import dataclass, field

import numpy as np

from . import datasets
from .network import MultiLayerNet, uniform

EVERY = 50


@dataclass
class History:
    """What training left behind: the loss of every step, and the accuracies after the steps `at`."""

    losses: list = field(default_factory=list)
    at: list = field(default_factory=list)
    train_accuracy: list = field(default_factory=list)
    test_accuracy: list = field(default_factory=list)


class Descent:
    """Plain gradient descent, for where the optimizer is not the point."""

    def __init__(self, lr):
        self.lr = lr

    def update(self, params, grads):
        for name, g in grads.items():
            params[name] = params[name] - self.lr * g


def fit(net, optimizer, data, rng, steps, batch_size=100, schedule=None, gradients=None, every=EVERY):
    """Train `net` on `data` for so many steps; returns its History.

    Each epoch goes once through the examples, in an order shuffled anew; those left over at its end, fewer than a
    batch, are left out.  schedule(epoch): the learning rate from
    epoch 0 on.  gradients(grads, params): the gradients to use instead.  every: after how many steps the accuracies
    are measured.
    """
    history, queue, epoch = History(), [], -1
    x, t = data.x_train, data.t_train
    for step in range(1, steps + 1):
        if len(queue) < batch_size:
            queue, epoch = rng.permutation(len(x)), epoch + 1
            if schedule:
                optimizer.lr = schedule(epoch)
        batch, queue = queue[:batch_size], queue[batch_size:]
        with np.errstate(all="ignore"):              # a diverging run is part of the lesson
            history.losses.append(net.loss(x[batch], t[batch]))
            grads = net.gradient()
            optimizer.update(net.params, gradients(grads, net.params) if gradients else grads)
            if step % every == 0:
                history.at.append(step)
                history.train_accuracy.append(net.accuracy(x, t))
                history.test_accuracy.append(net.accuracy(data.x_test, data.t_test))
    return history


def run(optimizer, seed=0, dataset="digits", hidden=(100,) * 4, steps=300, batch_size=128, initial=uniform,
        examples=None, label_noise=0.0, every=EVERY, schedule=None, gradients=None, **layers):
    """One experiment with one seed: a fresh network, trained; returns its History.

    optimizer: has update(params, grads), and lr; a fresh one for each run.  dataset: "digits" or "mnist".
    hidden: the sizes of the hidden layers.  examples: how many training examples to use; label_noise: the share of
    them with a random label.  layers: normalization, dropout, activation of MultiLayerNet.
    """
    rng, data = np.random.default_rng(seed), datasets.load(dataset)
    if examples or label_noise:
        data = datasets.fewer(data, examples, label_noise, rng)
    net = MultiLayerNet((data.x_train.shape[1], *hidden, data.t_train.shape[1]), rng, initial, **layers)
    return fit(net, optimizer, data, rng, steps, batch_size, schedule, gradients, every)


def repeat(experiment, seeds=3):
    """experiment(seed) for the seeds 0, 1, …: the list of their Histories."""
    return [experiment(seed) for seed in range(seeds)]


def stack(histories, name="losses"):
    """One record of several Histories as an array (seeds, how often it was taken)."""
    return np.array([getattr(history, name) for history in histories])
