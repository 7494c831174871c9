"""What the chapter on batch normalization claims."""

import numpy as np
import pytest
from repository import ROOT

from autograder.gradients import numerical_gradient
from autograder.solutions import Assignment
from nnlab import graph, workbook
from nnlab import normalization as bn
from nnlab.flow import scaled

#: entry of errata.md -> the section of the page that teaches it right
ERRATA = {
    "0.21": "batchnorm-epsilon",
    "0.22": "batchnorm-initial",
    "0.23": "batchnorm-regularizer",
    "1.31": "batchnorm-algorithm",
    "1.32": "batchnorm-momentum",
    "1.34": "batchnorm-epsilon",
    "1.35": "batchnorm-initial",
    "3.3": "batchnorm-epsilon",
    "3.4": "batchnorm-epsilon",
    "3.5": "batchnorm-why",
    "3.7": "batchnorm-algorithm",
    "3.9": "batchnorm-backward",
    "3.10": "batchnorm-bias",
    "3.11": "batchnorm-bias",
    "3.12": "batchnorm-shift",
    "3.13": "batchnorm-why",
    "3.14": "batchnorm-depth",
    "3.15": "batchnorm-regularizer",
    "3.16": "batchnorm-regularizer",
    "4.11": "batchnorm-depth",
    "4.12": "batchnorm-momentum",
    "4.13": "batchnorm-momentum",
}


@pytest.fixture(scope="module")
def own():
    reference = Assignment("batchnorm", ROOT / "solutions").reference
    return tuple(reference(name) for name in workbook.EXERCISES["batchnorm"].split())


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def after_epochs(functions, w, epochs):
    """Training accuracy in the experiment of the six scales, measured once."""
    return bn.accuracy(functions, 1, "train_accuracy", 0.01, steps=10 * epochs, every=10 * epochs,
                       examples=1000, initial=scaled(w))[0, 0]


def nodes_backward(x, gamma, g, eps=1e-7):
    """The seven nodes of the chapter's derivation, one line an equation; without the term that is 0."""
    N = len(x)
    mu = np.add.reduce(x) / N
    c = x - mu
    v = np.add.reduce(c * c) / N
    s = (v + eps) ** 0.5
    d_hat = gamma * g
    dv = -(d_hat * c / s).sum(axis=0) / s / (2 * s)
    dmu = -(d_hat / s).sum(axis=0)
    return d_hat / s + 2 / N * c * dv + dmu / N


def test_the_nodes_and_the_compact_form_agree_with_the_numerical_gradient(own, rng):
    x, g, gamma, beta = rng.normal(size=(8, 4)), rng.normal(size=(8, 4)), *rng.normal(size=(2, 4))
    _, cache = own[0](x, gamma, beta)
    numeric = numerical_gradient(lambda x: np.sum(g * own[0](x, gamma, beta)[0]), x)
    np.testing.assert_allclose(own[1](g, cache)[0], numeric, atol=1e-9)
    np.testing.assert_allclose(nodes_backward(x, gamma, g), numeric, atol=1e-9)


def test_a_pair_leaves_no_gradient_and_a_bias_has_none(own, rng):
    pair = np.array([[1.0, 5, -2, 0.3], [2.0, -7, 4, 0.8]])
    _, cache = own[0](pair, np.ones(4), np.zeros(4))
    assert np.abs(own[1](rng.normal(size=(2, 4)), cache)[0]).max() < 1e-4
    _, cache = own[0](rng.normal(size=(100, 4)), np.ones(4), np.zeros(4))
    assert np.abs(own[1](rng.normal(size=(100, 4)), cache)[0].sum(axis=0)).max() < 1e-12


def test_a_start_fades_as_the_reference_says(own):
    assert bn.running(own[2], 0.99, np.zeros(100), 1)[-1] == pytest.approx(0.37, abs=0.005)
    from_zero = 1 / np.sqrt(bn.running(own[2], 0.9, np.ones(50), 0)[[0, 9, 49]])
    np.testing.assert_allclose(from_zero, (3.16, 1.24, 1.003), rtol=2e-3)


def test_bn_learns_from_small_weights_and_is_slower_at_029(own):
    assert after_epochs(own, 0.0251, 10) == pytest.approx(0.986, abs=0.03)
    assert after_epochs(None, 0.0251, 10) < 0.15
    assert after_epochs(None, 0.2929, 5) > after_epochs(own, 0.2929, 5) + 0.2


def test_only_bn_stands_a_rate_of_one(own):
    assert bn.rates(None, 1, 1)[0] < 0.2
    assert bn.rates(own, 1, 1)[0] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("depth", "reference"), [(5, 1.46), (20, 26.4), (50, 6742)])
def test_gradients_explode_with_depth(own, depth, reference):
    norms = bn.gradient_norms(own, depth)
    assert reference / 2 < norms[0] / norms[-1] < reference * 2
    assert norms.shape == (depth - 1,)
    plain = bn.gradient_norms(None, depth)
    assert 0.3 < plain[0] / plain[-1] < 3


def test_the_factor_of_explosion_is_what_a_layer_measures(own):
    norms = bn.gradient_norms(own, 50)
    assert (norms[0] / norms[-1]) ** (2 / 48) == pytest.approx(np.pi / (np.pi - 1), abs=0.04)


def test_paler_pictures_hurt_bn_more(own):
    changes = (lambda x: x, lambda x: 0.5 * x)
    (plain, paler), (normal, normal_paler) = (bn.shifted(f, changes, 1)[0] for f in (None, own))
    assert min(plain, paler, normal) > 0.95
    assert normal_paler == pytest.approx(0.80, abs=0.08)


def test_a_stand_in_gives_nan_and_not_a_curve(capsys):
    names = workbook.EXERCISES["batchnorm"].split()
    missing = tuple(workbook.stand_in(name) for name in names)
    assert np.isnan(bn.scales(missing, 1)).all() and bn.scales(missing, 1).shape == (2, 10)
    assert np.isnan(bn.gradient_norms(missing, 5)).all()
    assert capsys.readouterr().out.count("batchnorm_forward") == 1


def test_every_way_of_the_graph_ends_at_a_node_or_at_y():
    places = {node[:2] for node in graph.NODES.values()}
    assert {way[-1] for way in graph.WAYS} - places == {(0, 15.6)}
    assert len(graph.NODES) == 7
