"""The experiments on real MNIST come out as the reference says; skipped where MNIST is not at hand."""

import gzip
import importlib.util
import os
import shutil

import numpy as np
import pytest
from repository import ROOT

from nnlab import (
    adaptive,
    datasets,
    decay,
    flow,
    momentum,
    normalization,
    overfitting,
    saddles,
    starts,
    trainer,
)

HERE = os.environ.get("NNLAB_MNIST") or ROOT.parent / "shared" / "mnist"
needs_mnist = pytest.mark.skipif(not os.path.isdir(HERE), reason="MNIST is not here: name its folder in NNLAB_MNIST")


def table():
    spec = importlib.util.spec_from_file_location("mnist_table", ROOT / "scripts" / "mnist.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_mnist
def test_the_files_are_read():
    data = datasets.load_mnist(HERE)
    assert data.x_train.shape == (60_000, 784) and data.x_test.shape == (10_000, 784)
    assert data.t_train[:4].argmax(axis=1).tolist() == [5, 0, 4, 1] and data.t_test.sum() == 10_000
    assert 0 == data.x_train.min() < data.x_train.max() == 1


@needs_mnist
def test_another_file_is_refused(tmp_path):
    for name in datasets.MNIST:
        shutil.copy(os.path.join(HERE, name), tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x01\x07"))
    with pytest.raises(ValueError, match="is not the original"):
        datasets.load_mnist(tmp_path)


def test_idx_is_read_in_its_shape(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"\0\0\x08\x02\0\0\0\x02\0\0\0\x03" + bytes(range(6))))
    assert datasets._idx(tmp_path / "x.gz").tolist() == [[0, 1, 2], [3, 4, 5]]


@needs_mnist
def test_ours_agree_with_the_reference(monkeypatch):
    monkeypatch.setenv("NNLAB_MNIST", str(HERE))
    measured = [(row, row.ours(1)) for row in table().rows()]
    assert [(row.name, float(ours.mean())) for row, ours in measured if not row.agrees(ours)] == []


@needs_mnist
@pytest.mark.parametrize("experiment", [
    lambda: momentum.train(lambda: trainer.Descent(0.1), seeds=1, dataset="mnist", steps=3),
    lambda: adaptive.sweep(trainer.Descent(0.1), [0.1], seeds=1, dataset="mnist", steps=60),
    lambda: decay.last_losses(decay.deep(lambda: trainer.Descent(0.1), seeds=1, dataset="mnist", epochs=1)),
    lambda: saddles.trained(steps=2, dataset="mnist")[0].params["W1"],
    lambda: starts.compare(lambda: trainer.Descent(0.1), flow.scaled(0.05), 1, 3, dataset="mnist")[0].losses,
    lambda: normalization.rates(None, 0.1, seeds=1, steps=3, every=3, dataset="mnist"),
    lambda: overfitting.runs(seeds=1, epochs=7, dataset="mnist")[2],
], ids=["momentum", "adaptive", "decay", "saddles", "initialization", "batchnorm", "regularization"])
def test_the_experiments_of_the_chapters_take_mnist(experiment, monkeypatch):
    monkeypatch.setenv("NNLAB_MNIST", str(HERE))
    assert np.isfinite(experiment()).all()


def test_a_number_that_is_off_is_noticed():
    row = table().Row("a number", lambda seed: 0.5 + 0.01 * seed, 0.6, 0.01)
    assert not row.agrees(row.ours(3)) and table().Row("a number", None, 0.52, 0.01).agrees(row.ours(3))
