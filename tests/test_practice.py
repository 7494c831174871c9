"""The network that students train in the last cell of each assignment, and those cells themselves."""

import time

import matplotlib
import numpy as np
import pytest
from repository import ROOT

from autograder import check_gradient
from autograder.checks import ASSIGNMENTS
from autograder.release import master
from autograder.selftest import expecting
from autograder.solutions import DEMO, MARKERS, Assignment
from nnlab import layers, practice
from nnlab.datasets import load_digits
from nnlab.network import MultiLayerNet

matplotlib.use("Agg")


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("layer", [layers.ReLU(), layers.Sigmoid(), layers.Tanh(),
                                   layers.Affine(np.arange(12.0).reshape(4, 3) / 7, np.ones(3))])
def test_layers_know_their_gradient(layer, rng):
    x = rng.uniform(0.1, 1, size=(5, 4)) * rng.choice([-1, 1], size=(5, 4))      # no entry near the kink of ReLU
    dout = rng.normal(size=layer.forward(x).shape)
    dx = layer.backward(dout)
    check_gradient(lambda x: np.sum(layer.forward(x) * dout), x, dx)
    for name, gradient in getattr(layer, "grads", {}).items():
        value = getattr(layer, name).copy()

        def loss(p, name=name, value=value):
            setattr(layer, name, p)
            out = np.sum(layer.forward(x) * dout)
            setattr(layer, name, value)
            return out
        check_gradient(loss, value, gradient)


def test_softmax_with_loss(rng):
    layer, z, t = layers.SoftmaxWithLoss(), rng.normal(size=(6, 3)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
    layer.forward(z, t)
    check_gradient(lambda z: layers.SoftmaxWithLoss().forward(z, t), z, layer.backward())
    assert np.isfinite(layer.forward(1e4 * z, t)) and np.all(np.isfinite(layer.backward()))


@pytest.fixture(scope="module")
def normalization():
    assignment = Assignment("batchnorm", ROOT / "solutions")
    return tuple(map(assignment.reference, assignment.names))


@pytest.mark.parametrize("with_batchnorm", [False, True])
def test_the_network_knows_its_gradient(with_batchnorm, normalization, rng):
    net = MultiLayerNet((4, 5, 3), rng, normalization=normalization if with_batchnorm else None)
    x, t = rng.normal(size=(8, 4)), np.eye(3)[rng.integers(3, size=8)]
    net.loss(x, t)
    for name, gradient in net.gradient().items():
        value = net.params[name].copy()

        def loss(p, name=name):
            net.params[name] = p
            return net.loss(x, t)
        np.testing.assert_allclose(gradient, _numerical(loss, value), atol=1e-7)
        net.params[name] = value
    assert set(net.params) == ({"W1", "b1", "W2", "b2", "gamma1", "beta1"} if with_batchnorm else
                               {"W1", "b1", "W2", "b2"})


def _numerical(f, x):
    from autograder import numerical_gradient
    return numerical_gradient(f, x)


def test_the_digits():
    data = load_digits()
    assert data.x_train.shape == (1437, 64) and data.x_test.shape == (360, 64)
    assert data.t_train.shape == (1437, 10) and np.all(data.t_train.sum(axis=1) == 1)
    assert data.x_train.dtype == np.float64 and 0 == data.x_train.min() < data.x_train.max() == 1
    data.x_train[:] = 5
    assert load_digits().x_train.max() == 1


def test_training_learns():
    history = practice.train(steps=200)
    assert len(history.losses) == 200 and len(history.test_accuracy) == 4
    assert history.losses[-1] < 0.3 < 2 < history.losses[0] and history.test_accuracy[-1] > 0.85
    assert practice.train(steps=200).losses == history.losses


def test_every_option_changes_the_run(normalization):
    plain = practice.train(steps=60, lr=0.05).losses
    other = {
        "schedule": {"schedule": lambda epoch: 0.05 if epoch == 0 else 0.01},
        "gradients": {"gradients": lambda grads, params: {key: g / 2 for key, g in grads.items()}},
        "initial": {"initial": lambda n_in, n_out, rng: 0.01 * rng.normal(size=(n_in, n_out))},
        "normalization": {"normalization": normalization},
        "dropout": {"dropout": lambda: Halves()},
        "label_noise": {"label_noise": 0.3}, "examples": {"examples": 200}, "seed": {"seed": 1},
    }
    for name, options in other.items():
        assert practice.train(steps=60, lr=0.05, **options).losses != plain, name


class Halves:
    """A layer like dropout, without chance."""

    def forward(self, x, train=True):
        return x / 2

    def backward(self, dout):
        return dout / 2


def test_an_unanswered_run_is_left_out(capsys):
    def unanswered():
        raise NotImplementedError
    figure = practice.curves({"there": lambda: [1.0, 0.5], "missing": unanswered})
    assert "missing: not answered yet" in capsys.readouterr().out
    assert [line.get_label() for line in figure.axes[0].lines] == ["there"]


def demo(assignment):
    (source,) = [source for kind, metadata, source in assignment.cells
                 if kind == "code" and DEMO in metadata.get("tags", [])]
    return source


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_last_cell_shows_the_solutions_at_work(name, capsys):
    assignment, start = Assignment(name, ROOT / "solutions"), time.monotonic()
    assert assignment.cells[-1][2] == demo(assignment)
    namespace = {}
    for source in [assignment.code["setup"], *(MARKERS.sub("", assignment.code[id]) for id in assignment.names)]:
        exec(source, namespace)
    exec(demo(assignment), namespace)
    assert time.monotonic() - start < 60
    assert "not answered yet" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_last_cell_names_what_is_not_answered(name, capsys):
    """On the notebook as released it says so, in a sentence; nothing is drawn from nothing."""
    assignment = Assignment(name, ROOT / "solutions")
    code = {cell.metadata.nbgrader.grade_id: cell.source for cell in master(assignment).cells
            if cell.cell_type == "code"}
    namespace = {}
    with expecting(None):
        for id in ["setup", *assignment.names]:
            exec(code[id], namespace)
        exec(demo(assignment), namespace)
    assert "not answered yet" in capsys.readouterr().out
