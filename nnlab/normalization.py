"""What batch normalization does to a network, and where it fails: the experiments of the chapter.

`functions` are the four of the exercise (forward, backward, update_running, inference), as
MultiLayerNet takes them; None is the plain network.  Without numbers from them: nan.
"""

from copy import deepcopy
from functools import lru_cache

import numpy as np
from matplotlib import rc_context

from . import datasets
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE, band, new_figure
from .flow import scaled
from .layers import ReLU
from .network import MultiLayerNet, uniform
from .trainer import Descent, fit, repeat, run, stack

HIDDEN = (100,) * 5
LOOKS = {"plain": (ORANGE, "--"), "BN": (BLUE, "-")}


@lru_cache
def solved(functions):
    """Whether all functions give numbers; a stand-in for one not written yet gives nan."""
    if functions is None:
        return True
    ahead, back, update, infer = functions
    x, one, zero = np.eye(3, 2), np.ones(2), np.zeros(2)
    out, cache = ahead(x, one, zero)
    answers = out, *back(x, cache), update(zero, one), infer(x, one, zero, zero, one)
    return all(np.isfinite(answer).all() for answer in answers)


def accuracy(functions, seeds, of="test_accuracy", lr=0.1, hidden=HIDDEN, steps=150, every=150,
             batch_size=100, **more):
    """Accuracy after every so many steps of trainer.run: (seeds, steps // every)."""
    if not solved(functions):
        return np.full((seeds, steps // every), np.nan)
    return stack(repeat(lambda seed: run(
        Descent(lr), seed, hidden=hidden, steps=steps, every=every, batch_size=batch_size,
        normalization=functions, **more), seeds), of)


def scales(functions, std, seeds=2, **more):
    """Training accuracy after each of 10 epochs of 1000 examples, W ~ N(0, std²): (seeds, 10)."""
    return accuracy(functions, seeds, "train_accuracy", 0.01, steps=100, every=10, examples=1000,
                    initial=scaled(std), **more)


def rates(functions, lr, seeds=3, **more):
    """Training accuracy after 150 steps with learning rate lr: (seeds,)."""
    return accuracy(functions, seeds, "train_accuracy", lr, **more)[:, -1]


def tiny(functions, batch_size, seeds=3, **more):
    """Test accuracy after 300 steps with small batches, two hidden layers: (seeds,)."""
    return accuracy(functions, seeds, lr=0.05, hidden=(100, 100), steps=300, every=300,
                    batch_size=batch_size, **more)[:, -1]


def overfit(functions, dropout=None, seeds=3, **more):
    """Test accuracy after 900 steps on 300 examples, a fifth with random labels: (seeds,)."""
    if dropout and not np.isfinite(dropout().forward(np.ones(3))).all():
        return np.full(seeds, np.nan)
    return accuracy(functions, seeds, hidden=(100, 100), steps=900, every=900, examples=300,
                    label_noise=0.2, dropout=dropout, **more)[:, -1]


def network(functions, seed=0, hidden=HIDDEN, dataset="digits"):
    """(net, data, rng): a fresh network for the data, and the generator with which to go on."""
    rng, data = np.random.default_rng(seed), datasets.load(dataset)
    sizes = data.x_train.shape[1], *hidden, data.t_train.shape[1]
    return MultiLayerNet(sizes, rng, uniform, functions), data, rng


def seen(net, x):
    """What the last hidden layer puts into its ReLU in training mode, x (N, D): (N, units)."""
    net = deepcopy(net)  # the running statistics of the network itself stay as they are
    net.scores(x[:1])  # puts the current parameters into the layers
    last = max(i for i, layer in enumerate(net.layers) if isinstance(layer, ReLU))
    for layer in net.layers[:last]:
        x = layer.forward(x)
    return x


def drift(functions, seed=0, looks=16, every=10, unit=0, **more):
    """What one unit sees during training: percentiles 15, 50, 85 over the examples, (looks, 3)."""
    if not solved(functions):
        return np.full((looks, 3), np.nan)
    net, data, rng = network(functions, seed, **more)
    record = []
    for _ in range(looks):
        record.append(np.percentile(seen(net, data.x_train)[:, unit], (15, 50, 85)))
        fit(net, Descent(0.1), data, rng, steps=every)
    return np.array(record)


def gradient_norms(functions, depth, seed=0, **more):
    """The length of the gradient of W2, W3 … W(depth) before the first step: (depth - 1,)."""
    if not solved(functions):
        return np.full(depth - 1, np.nan)
    net, data, _ = network(functions, seed, (100,) * depth, **more)
    net.loss(data.x_train[:100], data.t_train[:100])
    grads = net.gradient()
    return np.array([np.linalg.norm(grads[f"W{i}"]) for i in range(2, depth + 1)])


def shifted(functions, changes, seeds=3, **more):
    """Test accuracy where the test pictures are changed after training: (seeds, len(changes))."""
    results = np.full((seeds, len(changes)), np.nan)
    for seed in range(seeds if solved(functions) else 0):
        net, data, rng = network(functions, seed, (100,) * 3, **more)
        fit(net, Descent(0.1), data, rng, steps=200, every=200)
        results[seed] = [net.accuracy(change(data.x_test), data.t_test) for change in changes]
    return results


def running(update, momentum, batch_values, start):
    """The running value after each of the batch values (steps,), from `start` on: (steps,)."""
    value, record = np.array([float(start)]), []
    for batch_value in batch_values:
        value = update(value, np.array([batch_value]), momentum)
        record.append(value[0])
        if np.isnan(value[0]):  # a stand-in: once is enough
            return np.full(len(batch_values), np.nan)
    return np.array(record)


def panels(rows, columns, height):
    """A figure with several pairs of axes: (figure, axes of shape (rows, columns))."""
    fig, ax = new_figure(height=height)
    ax.remove()
    return fig, fig.subplots(rows, columns, sharex=rows > 1, sharey=True, squeeze=False)


def plot_drift(every=10, **records):
    """Percentiles (looks, 3) of what a unit sees, by the steps made; one panel a network."""
    with rc_context(STYLE):
        fig, axes = panels(1, len(records), 2.9)
        for ax, (name, record) in zip(axes[0], records.items(), strict=True):
            for line, dash in zip(record.T, (":", "-", "--"), strict=True):
                ax.plot(every * np.arange(len(line)), line, dash, color=LOOKS[name][0])
            ax.set(title=name, xlabel="step")
        axes[0, 0].set_ylabel("input of the ReLU")
    return fig


def plot_histogram(forward, z, gamma=1.0, beta=0.0):
    """One feature of a batch, z (N, 1), before and after, and the share that is positive."""
    y, _ = forward(z, np.array([gamma]), np.array([beta]))
    with rc_context(STYLE):
        fig, axes = panels(1, 2, 2.9)
        for ax, values, (color, _), name in zip(axes[0], (z, y), LOOKS.values(), "zy", strict=True):
            values = values[np.isfinite(values)]
            ax.hist(values, bins=np.linspace(-6, 6, 61), color=color)
            ax.axvline(0, color="black", linewidth=1)
            share = f"{np.mean(values > 0):.0%}" if values.size else "-"
            ax.set(xlabel=f"${name}$", title=f"positive: {share}", xlim=(-6, 6))
        axes[0, 0].set_ylabel("examples")
    return fig


def plot_scales(records):
    """Training accuracy by epoch, a panel for each {std: {"plain": (seeds, epochs), "BN": …}}."""
    with rc_context(STYLE):
        fig, axes = panels(2, 3, 4.2)
        for ax, (std, both) in zip(axes.flat, records.items(), strict=False):
            for name, runs in both.items():
                band(ax, np.arange(1, runs.shape[1] + 1), runs, *LOOKS[name], label=name)
            ax.set(title=f"w = {std:g}", ylim=(0, 1.04), xticks=(1, 5, 10))
        fig.supxlabel("epoch", fontsize=11)
        fig.supylabel("training accuracy", fontsize=11)
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return fig


def plot_bands(x, xlabel, ylabel, yscale="linear", marker="o", **records):
    """Mean and range over the seeds of records {"plain": (seeds, len(x)), "BN": …}."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.2)
        for name, runs in records.items():
            band(ax, x, runs, *LOOKS[name], label=name)
            ax.plot(x, np.mean(runs, axis=0), marker, color=LOOKS[name][0])
        ax.set(yscale=yscale, xlabel=xlabel, ylabel=ylabel)
        if marker:  # a few settings on a logarithmic axis, each with its name
            ax.set(xscale="log", xticks=x, xticklabels=[f"{value:g}" for value in x])
            ax.minorticks_off()
        fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot_running(goal, **records):
    """Running variances {label: (steps,)}, and the value `goal` to which they should come."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        ax.axhline(goal, color=GREY, linewidth=1)
        styles = zip((GREEN, BLUE, PURPLE), ("-", "--", "-."), strict=True)
        for (label, line), (color, dash) in zip(records.items(), styles, strict=False):
            ax.plot(np.arange(1, len(line) + 1), line, dash, color=color, label=label)
        ax.set(xlabel="step", ylabel="running variance", ylim=(0, 1.5 * goal))
        fig.legend(title=r"$\alpha$", loc="outside upper center", ncols=3)
    return fig
