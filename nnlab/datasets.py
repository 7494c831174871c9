"""The data sets of the course: the digits that scikit-learn carries, and MNIST."""

import gzip
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

#: MNIST (LeCun, Cortes & Burges, 1998): the four files and their MD5 sums.
MNIST = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"


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


def load_mnist(folder=None):
    """60,000 and 10,000 handwritten digits of 28×28 pixels.

    folder: where the four files of MNIST are, gzipped; None: that named by the environment variable NNLAB_MNIST, else
    they are downloaded once into the user's cache.  Raises ValueError where a file is not the original.
    """
    import pooch

    folder = folder or os.environ.get("NNLAB_MNIST")
    if folder is None:
        store = pooch.create(pooch.os_cache("nnlab"), MNIST_URL, registry={n: f"md5:{s}" for n, s in MNIST.items()})
        paths = [store.fetch(name) for name in MNIST]
    else:
        paths = [Path(folder) / name for name in MNIST]
        for path in paths:
            if pooch.file_hash(path, alg="md5") != MNIST[path.name]:
                raise ValueError(f"{path} is not the original file of MNIST: download it again")
    x_train, labels_train, x_test, labels_test = map(_idx, paths)
    return Data(*(part for x, labels in ((x_train, labels_train), (x_test, labels_test))
                  for part in (x.reshape(len(x), -1) / 255, np.eye(10)[labels])))


def _idx(path):
    """The array of unsigned bytes in a gzipped IDX file, in the shape that its head gives."""
    with gzip.open(path) as file:
        content = file.read()
    axes = content[3]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(np.frombuffer(content, ">i4", axes, offset=4))


def load(dataset):
    """The Data of "digits" or "mnist"."""
    return {"digits": load_digits, "mnist": load_mnist}[dataset]()


def fewer(data, examples, label_noise, rng):
    """The first `examples` training examples (None: all), of which the share `label_noise` gets a random label."""
    x, t = data.x_train[:examples], data.t_train[:examples].copy()
    wrong = rng.random(len(t)) < label_noise
    t[wrong] = np.eye(t.shape[1])[rng.integers(t.shape[1], size=wrong.sum())]
    return replace(data, x_train=x, t_train=t)
