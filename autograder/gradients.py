"""Numerical gradients and how to compare them.

Central differences: (f(x + h) - f(x - h)) / 2h has an error of order h^2 from the formula and of
order 1e-16 / h from rounding; in float64 h = 1e-5 balances them near 1e-10.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-5):
    """The gradient of the scalar function f at x, an array of any shape, by central differences.

    f is called with float64 copies of x; x itself is not changed.
    """
    x = np.asarray(x, dtype=np.float64)

    def difference(direction):
        step = h * direction.reshape(x.shape)
        return (float(f(x + step)) - float(f(x - step))) / (2 * h)

    return np.array([difference(e) for e in np.eye(x.size)]).reshape(x.shape)


def relative_error(a, b, floor=1e-8):
    """Element-wise |a - b| / max(|a| + |b|, floor): scale-free, yet 0 rather than 0/0 where both vanish."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), floor)


def check_gradient(f, x, gradient, h=1e-5, tolerance=1e-6):
    """Raise AssertionError unless `gradient` agrees with the numerical gradient of f at x."""
    numerical = numerical_gradient(f, x, h)
    gradient = np.asarray(gradient, dtype=np.float64)
    if gradient.shape != numerical.shape:
        raise AssertionError(f"the gradient has shape {gradient.shape}, x has shape {numerical.shape}")
    error = relative_error(gradient, numerical)
    if not np.all(error <= tolerance):  # not "any(error > tolerance)": a NaN must fail
        where = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
        raise AssertionError(
            f"the gradient at index {tuple(map(int, where))} is {gradient[where]:.6g}, "
            f"the numerical gradient {numerical[where]:.6g} (relative error {error[where]:.1e})")
