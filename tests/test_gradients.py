"""Numerical gradients and their comparison."""

import numpy as np
import pytest

from autograder import check_gradient, numerical_gradient, relative_error


def test_the_gradient_of_a_known_function():
    x = np.random.RandomState(0).standard_normal((2, 3, 4))
    before = x.copy()
    gradient = numerical_gradient(lambda x: np.sum(np.sin(x) * np.arange(24).reshape(x.shape)), x)
    np.testing.assert_allclose(gradient, np.cos(x) * np.arange(24).reshape(x.shape), atol=1e-8)
    np.testing.assert_array_equal(x, before)


def test_integers_are_differentiated_as_floats():
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(x ** 2), [1, 2]), [2, 4], atol=1e-8)


def test_relative_error_of_zeros_is_zero():
    np.testing.assert_array_equal(relative_error([0.0, 1.0], [0.0, -1.0]), [0.0, 2.0])


def test_the_error_falls_with_the_fourth_power_of_h():
    """Halving h makes it sixteen times smaller: a central difference, an answer of foundations, would make it four."""
    errors = [abs(numerical_gradient(np.exp, 1.0, h) - np.e) for h in (0.2, 0.1)]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.05)


@pytest.mark.parametrize("wrong", [[2.0, 4.1], [2.0, np.nan], [2.0], [-2.0, -4.0]])
def test_a_wrong_gradient_is_refused(wrong):
    def f(x):
        return np.sum(x ** 2)
    check_gradient(f, [1.0, 2.0], [2.0, 4.0])
    with pytest.raises(AssertionError):
        check_gradient(f, [1.0, 2.0], wrong)
