"""Our experiments on MNIST beside the reference numbers: python scripts/mnist.py [--seeds 3] > docs/mnist.md

The reference was measured with other code; it gives a mean and a standard deviation over 3 or 5 seeds.  Its losses
are those of a batch after the step that was taken on it, which flatters the adaptive methods most; so are ours here,
other than in the book.  Needs MNIST: NNLAB_MNIST names a folder with its four files, else they are
downloaded.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.solutions import Assignment
from nnlab import datasets, trainer
from nnlab.flow import scaled
from nnlab.network import MultiLayerNet

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"


@dataclass(frozen=True)
class Row:
    """One number: what it is, how `measure(seed)` finds it, and the reference's mean and standard deviation."""

    name: str
    measure: object
    mean: float
    sd: float
    noise: float = 0.005       # a standard deviation of ours, where one batch decides

    def ours(self, seeds):
        """The number for each of so many seeds."""
        return np.array([self.measure(seed) for seed in range(seeds)])

    def agrees(self, values):
        """Whether the mean of `values` lies within 4 standard deviations of the reference's."""
        return abs(values.mean() - self.mean) <= 4 * max(self.noise, self.sd)


def rows():
    """The table, experiment by experiment."""
    mnist = datasets.load_mnist()
    optimizers = Assignment("optimizers", SOLUTIONS).reference
    he = Assignment("gradient_flow", SOLUTIONS).reference("he")
    xavier = Assignment("gradient_flow", SOLUTIONS).reference("xavier")
    weight_decay = Assignment("regularization", SOLUTIONS).reference("add_weight_decay")
    dropout = Assignment("regularization", SOLUTIONS).reference("dropout")
    batchnorm = Assignment("batchnorm", SOLUTIONS)
    normalization = tuple(map(batchnorm.reference, batchnorm.names))

    def losses(make, initial, seed, steps=100):
        """The loss of each batch after the step taken on it."""
        rng, found = np.random.default_rng(seed), []
        net, optimizer = MultiLayerNet((784, 100, 100, 100, 100, 10), rng, initial), make()
        for _ in range(steps):
            batch = rng.integers(len(mnist.x_train), size=128)
            net.loss(mnist.x_train[batch], mnist.t_train[batch])
            optimizer.update(net.params, net.gradient())
            found.append(net.loss(mnist.x_train[batch], mnist.t_train[batch]))
        return found

    def accuracy(steps, which, **settings):
        def measure(seed):
            made = {name: value() if name == "optimizer" else value for name, value in settings.items()}
            return getattr(trainer.run(seed=seed, dataset="mnist", steps=steps, every=steps, **made), which)[-1]
        return measure

    for name, lr, mean, sd in [("SGD", 0.01, 1.803, 0.093), ("Momentum", 0.01, 0.430, 0.026),
                               ("AdaGrad", 0.01, 0.187, 0.011), ("Adam", 0.001, 0.310, 0.010),
                               ("RMSProp", 0.01, 0.540, 0.095)]:
        make = optimizers(name.lower())
        yield Row(f"{name}, lr {lr}: mean loss of steps 51 to 100",
                  lambda seed, make=make, lr=lr: np.mean(losses(lambda: make(lr=lr), he, seed)[50:]), mean, sd)
    plain = {"optimizer": lambda: trainer.Descent(0.01)}    # a fresh one for each run
    for name, initial, mean, sd in [("std 0.01", scaled(0.01), 2.302, 0.000), ("Xavier", xavier, 2.230, 0.025),
                                    ("He", he, 1.489, 0.024)]:
        yield Row(f"first weights {name}: loss of step 100",
                  lambda seed, initial=initial: losses(lambda: trainer.Descent(0.01), initial, seed)[-1], mean, sd,
                  noise=0.05)
    deep = {"hidden": (100,) * 4, "batch_size": 128}
    for name, lr, mean in [("SGD", 0.01, 0.934), ("Momentum", 0.01, 0.969), ("AdaGrad", 0.01, 0.971),
                           ("Adam", 0.001, 0.971), ("RMSProp", 0.01, 0.948)]:
        make = optimizers(name.lower())
        yield Row(f"{name}, lr {lr}: test accuracy after 2000 steps",
                  accuracy(2000, "test_accuracy", optimizer=lambda make=make, lr=lr: make(lr=lr), initial=he, **deep),
                  mean, 0.002, noise=0.01 if name == "RMSProp" else 0.005)
    for name, initial, mean in [("std 0.01", scaled(0.01), 0.114), ("Xavier", xavier, 0.915), ("He", he, 0.937)]:
        yield Row(f"first weights {name}: test accuracy after 2000 steps",
                  accuracy(2000, "test_accuracy", initial=initial, **deep, **plain), mean, 0.002)
    wide = {"hidden": (100,) * 5, "examples": 1000, "batch_size": 100, **plain}
    for std, without, with_bn in [(0.2929, (0.671, 0.100), (0.240, 0.021)), (0.0136, (0.117, 0.001), (0.790, 0.018))]:
        yield Row(f"std {std}: training accuracy, epoch 5",
                  accuracy(41, "train_accuracy", initial=scaled(std), **wide), *without)
        yield Row(f"std {std}, batch normalization: training accuracy, epoch 5",
                  accuracy(41, "train_accuracy", initial=scaled(std), normalization=normalization, **wide), *with_bn)
    few = {"hidden": (100,) * 6, "examples": 300, "batch_size": 100, "initial": he, **plain}
    yield Row("300 examples: test accuracy", accuracy(603, "test_accuracy", **few), 0.754, 0.022)
    yield Row("300 examples, weight decay 0.1: test accuracy",
              accuracy(603, "test_accuracy", gradients=lambda g, p: weight_decay(g, p, 0.1), **few), 0.715, 0.016)

    def dropped(seed):
        mask = np.random.default_rng([seed, 1])
        return accuracy(903, "test_accuracy", dropout=lambda: dropout(0.2, mask), **few)(seed)
    yield Row("300 examples, dropout 0.2, 301 epochs: test accuracy", dropped, 0.524, 0.043)


def main():
    seeds = int(sys.argv[sys.argv.index("--seeds") + 1]) if "--seeds" in sys.argv else 3
    print("# Our experiments on MNIST beside the reference numbers\n")
    print(f"`python scripts/mnist.py --seeds {seeds}`; ours: mean and standard deviation of {seeds} seeds.\n")
    print("| experiment | ours | reference | within 4 sd |\n|---|---|---|---|")
    for row in rows():
        values = row.ours(seeds)
        print(f"| {row.name} | {values.mean():.3f} ± {values.std():.3f} | {row.mean:.3f} ± {row.sd:.3f} | "
              f"{'yes' if row.agrees(values) else 'no'} |", flush=True)


if __name__ == "__main__":
    main()
