"""The settings on which each optimizer is probed.

No two hyperparameters of a setting add up to 1 or are equal, or a swap would not show; the second
setting has a large eps, so that its place in the formula shows.
"""

from functools import partial

from autograder.probes import OptimizerProbe

EXERCISES = {
    "sgd": partial(OptimizerProbe, dict(lr=0.3), dict(lr=0.07)),
    "momentum": partial(OptimizerProbe, dict(lr=0.1, momentum=0.8), dict(lr=0.05, momentum=0.3)),
    "nesterov": partial(OptimizerProbe, dict(lr=0.1, momentum=0.8), dict(lr=0.05, momentum=0.3)),
    "adagrad": partial(OptimizerProbe, dict(lr=0.4), dict(lr=0.2, eps=1e-2)),
    "rmsprop": partial(OptimizerProbe, dict(lr=0.1, decay_rate=0.8),
                       dict(lr=0.03, decay_rate=0.6, eps=1e-2)),
    "adam": partial(OptimizerProbe, dict(lr=0.1, beta1=0.8, beta2=0.95),
                    dict(lr=0.3, beta1=0.6, beta2=0.9, eps=1e-2)),
    "nadam": partial(OptimizerProbe, dict(lr=0.1, beta1=0.8, beta2=0.95),
                     dict(lr=0.3, beta1=0.6, beta2=0.9, eps=1e-2)),
}
