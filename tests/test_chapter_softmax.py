"""What the chapter on softmax regression claims."""

import numpy as np
import pytest

from nnlab import datasets, softmax_regression, workbook

ERRATA = {
    "0.18": "softmax-zero",
    "1.48": "softmax-scores",
    "3.17": "softmax-rule",
    "3.18": "softmax-rule",
    "3.19": "softmax-scores",
    "3.20": "softmax-loss",
    "3.21": "softmax-loss",
    "3.22": "softmax-stable",
}

softmax, cross_entropy, gradient, numerical_gradient = map(
    workbook.load,
    ("softmax", "cross_entropy", "softmax_cross_entropy_gradient", "numerical_gradient"),
)


@pytest.fixture(scope="module")
def data():
    return datasets.load("digits")


@pytest.fixture(scope="module")
def model(data):
    return softmax_regression.train(data, softmax, cross_entropy, gradient)


def test_the_jacobian_is_that_of_the_softmax():
    z = np.array([[0.3, -1.2, 2.0, 0.1]])
    measured = [numerical_gradient(lambda z, k=k: softmax(z)[0, k], z)[0] for k in range(4)]
    assert softmax_regression.jacobian(softmax(z)[0]) == pytest.approx(np.array(measured), abs=1e-9)


def test_the_shifted_scores_have_the_probabilities_that_the_page_shows():
    assert softmax(np.array([[1000.0, 1001, 1002]]))[0] == pytest.approx(
        [0.090, 0.245, 0.665], abs=5e-4
    )


def test_the_loss_of_seven_tenths_is_positive():
    loss = cross_entropy(np.array([[0.7, 0.2, 0.1]]), np.array([[1.0, 0, 0]]))
    assert loss == pytest.approx(0.357, abs=5e-4)


def test_softmax_regression_learns_from_zero(model):
    assert model.train_accuracy[-1] == pytest.approx(0.995, abs=0.004)
    assert model.test_accuracy[-1] == pytest.approx(0.98, abs=0.01)


def test_the_training_loss_still_falls_at_the_end(model):
    assert model.losses[299] < model.losses[99] / 1.5


def test_a_hidden_layer_does_not_learn_from_zero(data):
    W1, accuracy = softmax_regression.zero_network(data, steps=100)
    assert not W1.any()
    assert accuracy < 0.2


def test_the_loss_lies_below_its_chords(data):
    x, t = data.x_train[:50], data.t_train[:50]
    shape, rng = (x.shape[1], 10), np.random.default_rng(0)
    above = softmax_regression.above_chord(
        lambda W: cross_entropy(softmax(x @ W), t), shape, rng, 20
    )
    assert above.shape == (20,)
    assert above.max() < 0
    assert softmax_regression.above_chord(lambda W: -(W**2).sum(), (3, 2), rng, 20).max() > 0


def test_the_confusion_counts_rows_by_right_class():
    t, p = np.eye(3)[[0, 0, 2]], np.eye(3)[[0, 1, 2]]
    assert softmax_regression.confusion(p, t).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert softmax_regression.worst(p, t, 1).tolist() == [1]


def test_without_a_gradient_the_model_is_unknown(data):
    def unsolved(z, t):
        return z * np.nan

    model = softmax_regression.train(data, softmax, cross_entropy, unsolved, epochs=3)
    assert np.isnan(model.accuracy(data.x_test, data.t_test))
    assert np.isnan(model.test_accuracy).all()
    assert len(model.losses) == 3
