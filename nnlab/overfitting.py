"""Models that learn their training data by heart, and what a price on large weights changes."""


import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, STYLE, band, new_figure
from .trainer import Descent, repeat, run, stack

STYLES = ((GREY, "-"), (BLUE, "--"), (SKY, "-."), (ORANGE, ":"), (PURPLE, (0, (5, 1, 1, 1, 1, 1))))


def sine(rng, n=10):
    """Points near a sine: x evenly spaced in [-1, 1] and t with noise, both (n,)."""
    x = np.linspace(-1, 1, n)
    return x, np.sin(np.pi * x) + rng.normal(0, 0.2, size=n)


def powers(x, degree):
    """x, x², … of every point: (N, degree)."""
    return x[:, None] ** np.arange(1, degree + 1)


def polynomial(x, t, degree, weight_decay):
    """The weights w (degree,) and the bias b with the smallest loss plus penalty,
    mean (powers @ w + b - t)²/2 + weight_decay ‖w‖²/2.

    There is no price on b: it lets the mean of the curve meet the mean of t, whatever w is.
    """
    X = powers(x, degree)
    centred = X - X.mean(axis=0)
    slope = centred.T @ centred / len(x) + weight_decay * np.eye(degree)
    w = np.linalg.solve(slope, centred.T @ t / len(x))
    return w, t.mean() - X.mean(axis=0) @ w


def plot_polynomials(x, t, fits):
    """The points, the sine they come from, and each fit {label: (w, b)}."""
    fine = np.linspace(-1, 1, 201)
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.plot(fine, np.sin(np.pi * fine), color=GREY, linewidth=1, label="sine")
        for (label, (w, b)), (color, dash) in zip(fits.items(), STYLES[1:], strict=False):
            ax.plot(fine, powers(fine, len(w)) @ w + b, linestyle=dash, color=color, label=label)
        ax.plot(x, t, "ko", markersize=5)
        ax.set(xlabel="x", ylabel="t", xticks=(-1, -0.5, 0, 0.5, 1), ylim=(-2.2, 2.2))
        fig.legend(loc="outside upper center", ncols=4)
    return fig


def runs(
    gradients=None,
    dropout=None,
    seeds=5,
    epochs=301,
    look=7,
    lr=0.1,
    examples=300,
    label_noise=0.2,
    hidden=(100, 100),
    batch_size=100,
    dataset="digits",
):
    """Train with several seeds; returns epochs (K,), training and test accuracy, each (seeds, K).

    gradients(grads, params): the gradients to use instead; dropout(rng): a dropout layer; look:
    after how many epochs the accuracies are measured.  Raises ValueError where an epoch would not
    be a whole number of batches.
    """
    per_epoch, rest = divmod(examples, batch_size)
    if rest:
        raise ValueError(
            f"batches of {batch_size} do not divide {examples} examples: choose a divisor"
        )

    def experiment(seed):
        rng = np.random.default_rng(1000 + seed)  # for the masks alone
        return run(
            Descent(lr),
            seed,
            dataset,
            hidden,
            epochs * per_epoch,
            batch_size,
            examples=examples,
            label_noise=label_noise,
            every=look * per_epoch,
            gradients=gradients,
            dropout=dropout and (lambda: dropout(rng)),
        )

    histories = repeat(experiment, seeds)
    known = np.isfinite(stack(histories)[:, -1:])
    train, test = (
        np.where(known, stack(histories, name), np.nan)
        for name in ("train_accuracy", "test_accuracy")
    )
    return np.array(histories[0].at) // per_epoch, train, test


def table(results):
    """Text: mean and standard deviation of the last accuracies of each {label: runs(…)}."""
    lines = [f"{'':13}   train           test"]
    for label, (_, train, test) in results.items():
        parts = (f"{a[:, -1].mean():.3f} ± {a[:, -1].std():.3f}" for a in (train, test))
        lines.append(f"{label:13}   {'   '.join(parts)}")
    return "\n".join(lines)


def plot_heart(epochs, train, test, right):
    """Training and test accuracy by epoch; `right`: the share of training labels that are right."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        ax.axhline(right, color=GREY, linewidth=1, linestyle=":", label="labels right")
        band(ax, epochs, train, ORANGE, "--", "train")
        band(ax, epochs, test, BLUE, "-", "test")
        ax.set(xlabel="epoch", ylabel="accuracy", ylim=(0.5, 1.02))
        fig.legend(loc="outside upper center", ncols=3)
    return fig


def plot_tests(results, ylim=(0.7, 0.95)):
    """Test accuracy by epoch for each {label: runs(…)}: the mean and the range of the seeds."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.8)
        for (label, (epochs, _, test)), (color, dash) in zip(results.items(), STYLES, strict=False):
            band(ax, epochs, test, color, dash, label)
        ax.set(xlabel="epoch", ylabel="test accuracy", ylim=ylim)
        fig.legend(loc="outside upper center", ncols=3)
    return fig


def plot_both(results):
    """Training accuracy (thin) and test accuracy (thick, a band) of each {label: runs(…)}."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.8)
        styles = ((GREY, "-"), (BLUE, "--"), (ORANGE, "-."))
        for (label, (epochs, train, test)), (color, dash) in zip(
            results.items(), styles, strict=False
        ):
            ax.plot(
                epochs,
                train.mean(axis=0),
                linestyle=dash,
                color=color,
                linewidth=1,
                label=f"{label}, train",
            )
            band(ax, epochs, test, color, dash, f"{label}, test")
        ax.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))
        fig.legend(loc="outside upper center", ncols=2, fontsize=10)
    return fig


def walk(optimizer, slopes, gradients=None, shrink=1.0):
    """The weights, at first 1, of a walk on the gradients `slopes` (steps, D): (steps + 1, D).

    gradients(grads, params): the gradients to use instead; shrink: the factor that decoupled
    weight decay puts on the weights before each step.
    """
    params = {"W": np.ones(slopes.shape[1])}
    path = [params["W"]]
    for slope in slopes:
        params["W"] = shrink * params["W"]
        grads = {"W": slope}
        optimizer.update(params, gradients(grads, params) if gradients else grads)
        path.append(params["W"].copy())
    return np.array(path)


def plot_decay(penalty, decoupled):
    """The mean weight by step for each size of gradient {size: (steps,)}; decoupled in black."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for mean in decoupled.values():
            ax.plot(mean, color="black", linewidth=0.8)
        ax.lines[0].set_label("decoupled")
        styles = (BLUE, "--"), (ORANGE, "-."), (GREEN, ":")
        for (size, mean), (color, dash) in zip(penalty.items(), styles, strict=True):
            ax.plot(mean, linestyle=dash, color=color, label=rf"L2, $\sigma$ = {size:g}")
        ax.set(xlabel="step", ylabel="mean weight", ylim=(-0.1, 1.1))
        fig.legend(loc="outside upper center", ncols=2)
    return fig
