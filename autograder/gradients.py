"""Numerical gradients, and how to tell whether a gradient agrees with one.

Central differences with step h have an error of order h^2, from the formula.  Two of them, with h and 2h, can be
put together so that this error cancels (Richardson's extrapolation): what is left is of order h^4, and rounding
adds some 1e-16 |f| / h.  In float64 h = 1e-3 keeps both near 1e-12, ten thousand times below the 1e-8 or so
that separates a right gradient from a wrong one.
"""

import numpy as np

#: (multiple of h, weight): f'(x) = sum of weight * f(x + multiple * h) / h, up to an error h^4 f^(5) / 30.
STENCIL = ((1, 2 / 3), (-1, -2 / 3), (2, -1 / 12), (-2, 1 / 12))


def one_by_one(f, points):
    """The values of f at the points."""
    return [f(x) for x in points]


#: How often a numerical gradient was asked for: by it a check sees that its test compares functions with each other.
asked = 0

#: How many points are evaluated: official grading sends them to the student's process together.
evaluate = one_by_one


def numerical_gradient(f, x, h=1e-3):
    """The gradient of the scalar function f at x, an array of any shape, of fourth order in h.

    f is called with float64 copies of x; x itself is not changed.  No entry of x may lie within 2h of a
    kink of f, such as that of ReLU at 0.
    """
    global asked
    asked += 1
    x = np.asarray(x, dtype=np.float64)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    values = evaluate(f, [x + multiple * h * e for e in directions for multiple, _ in STENCIL])
    slopes = np.array([float(value) for value in values]).reshape(-1, len(STENCIL)) @ [w for _, w in STENCIL] / h
    return slopes.reshape(x.shape)


def relative_error(got, expected, floor=1e-8):
    """How far `got` is from `expected` in units of `expected`, entry by entry; 0 rather than 0/0 where both vanish."""
    got, expected = np.asarray(got, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return np.abs(got - expected) / np.maximum(np.abs(expected), floor)


def check_gradient(f, x, gradient, h=1e-3, tolerance=1e-6):
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
