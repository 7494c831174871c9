"""The data sets of the course."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True)
class Data:
    """Training and test examples: x float64 (N, D) in [0, 1], t one-hot (N, classes)."""

    x_train: np.ndarray
    t_train: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray


@lru_cache
def _shuffled():
    from sklearn.datasets import load_digits as bundled  # here: its import takes a second

    x, t = bundled(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(x))
    return x[order] / 16, np.eye(10)[t[order]]


def load_digits(test=360):
    """1,797 handwritten digits of 8×8 pixels (Alpaydin & Kaynak, 1998; carried by scikit-learn), shuffled once.

    The last `test` of them are the test set.  Every call gives fresh copies.
    """
    x, t = _shuffled()
    return Data(*(part.copy() for part in (x[:-test], t[:-test], x[-test:], t[-test:])))
