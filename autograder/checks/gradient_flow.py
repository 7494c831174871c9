"""How weights are drawn and gradients clipped: what is measured, and on which cases.

The initialisers are judged by properties of large arrays.  With 93 600 entries the standard deviation is
known within 0.23 %, so the 1.9 % of `scale` are 8 standard deviations, and the nearest other candidates lie
more than twice as far away; every other threshold is at least 8 standard deviations from a right answer too.
"""

import numpy as np

from autograder.cases import Case, CasesProbe, Measure, MeasuresProbe, near, snap

NARROWING, WIDENING, SQUARE = (720, 130), (130, 720), (320, 320)

#: What is cut off at two standard deviations, or moved to there, has the standard deviation 0.8796 or 0.9594.
TRUNCATED, CLIPPED = 0.87963, 0.95940
#: ... and reaches this many of its own standard deviations; a uniform distribution reaches the root of 3.
REACHES = [3 ** 0.5, 2 / CLIPPED, 2 / TRUNCATED]


class NotTwoAxes(Exception):
    """What was drawn has no rows and columns; the signature then shows this instead of numbers."""


def array(value):
    """`value` as a float64 array of two axes."""
    value = np.asarray(value, dtype=np.float64)
    if value.ndim != 2:
        raise NotTwoAxes
    return value


def kind(implementation, rng):
    """0 for a float64 array of shape (n_in, n_out), else a number for what it is instead."""
    value = implementation(7, 4, rng)
    if value is None:
        return 1
    shape, dtype = np.shape(value), np.asarray(value).dtype
    return 2 if shape == (4, 7) else 3 if shape != (7, 4) else 0 if dtype == np.float64 else 4


def repeated(W):
    """Whether all rows are equal, and whether all columns are."""
    return bool(np.all(np.ptp(W, axis=0) == 0)), bool(np.all(np.ptp(W, axis=1) == 0))


def distribution(implementation, rng):
    """The scale for three pairs of widths, the centre for the second, the tails for the third."""
    Ws = [array(implementation(*widths, rng)) for widths in (NARROWING, WIDENING, SQUARE)]
    return [*map(scale, Ws, (NARROWING, WIDENING, SQUARE)), centre(Ws[1]), *tails(Ws[2])]


def scale(W, widths):
    """The standard deviation times the root of n_in; 0 for repeated rows or columns."""
    n, m = widths
    roots = np.sqrt([1, 2, 4, 1 / 2, 1 / 3, 2 / 3, 1 / 6, 1 / 12, 1 / n, 2 / n, 4 / n, 1e-4 * n, n, n * n, n * n / 2,
                     n / m, 2 * n / m, n / (n + m), 2 * n / (n + m), 4 * n / (n + m), 1 / m, 2 / m])
    cut = np.outer([1, 2 ** 0.5], [TRUNCATED, CLIPPED]).ravel()
    return 0.0 if any(repeated(W)) else snap(np.std(W) * n ** 0.5, [*roots, *cut], 0.019)


def centre(W):
    """Where the mean lies, in standard deviations: 0 at zero (within 0.03, 9 times its error), 1 near it, 2 far."""
    away = abs(np.mean(W)) / np.std(W) if np.std(W) > 1e-12 * np.max(np.abs(W)) else 3.0 * np.any(W)
    return np.searchsorted([0.03, 1.0], away)


def tails(W):
    """4 for a normal distribution; 5 for another without bounds; where there is a bound, its distance in
    standard deviations; 0 for repeated rows or columns.  And the share within one standard deviation.

    102 400 normal numbers all stay below 3.5 with a probability of 1e-20, and 68.27 % of them lie within one
    standard deviation: 1.3 % more or less are 9 times what chance does.
    """
    if any(repeated(W)):
        return 0.0, 0.0
    z = np.abs(W - np.mean(W)) / np.std(W)
    inside = np.mean(z < 1)
    if np.max(z) > 3.5:
        return 4.0 if abs(inside - 0.6827) < 0.013 else 5.0, near(inside, 0.02)
    return snap(np.max(z), REACHES, 0.02), near(inside, 0.02)


def draws(implementation, rng):
    """Is it the same again with the same seed, at the next call, with another seed? Are rows or columns repeated?"""
    seed = int(rng.integers(2 ** 32))
    one = np.random.default_rng(seed)
    first, second = array(implementation(5, 7, one)), array(implementation(5, 7, one))
    again = array(implementation(5, 7, np.random.default_rng(seed)))
    other = array(implementation(5, 7, np.random.default_rng(seed + 1)))
    return [*(np.array_equal(first, W) for W in (again, second, other)), *repeated(first)]


def initialiser(seed):
    """What `xavier` and `he` have in common; which of the two it is, shows in the scale."""
    return MeasuresProbe([Measure("kind", 1, kind), Measure("distribution", 6, distribution),
                          Measure("draws", 5, draws)], seed)


def gradients(r, norm, **shapes):
    """Arrays of the given shapes, filled from one random vector of length `norm`."""
    sizes = [int(np.prod(shape)) for shape in shapes.values()]
    v = r.standard_normal(sum(sizes))
    parts = np.split(v * (norm / np.linalg.norm(v)), np.cumsum(sizes)[:-1])
    return {key: part.reshape(shapes[key]) for key, part in zip(shapes, parts, strict=True)}


def clip_by_value(seed):
    """In every clipped array some entries are above the limit, some below minus the limit, and some between."""
    r = np.random.RandomState(seed)

    def spread(shape, limit):
        """Numbers of which a third each lies below -limit, between, and above limit, in random order."""
        size = int(np.prod(shape))
        parts = [r.uniform(1.2, 3.0, size), r.uniform(-0.9, 0.9, size), r.uniform(-3.0, -1.2, size)]
        return limit * r.permutation(np.choose(np.arange(size) % 3, parts)).reshape(shape)

    def case(name, limit, grads):
        return Case(name, {"grads": grads, "limit": limit}, {"clipped": {key: g.shape for key, g in grads.items()}})

    spike = {"W1": r.uniform(-0.6, 0.6, size=(3, 3)), "b1": r.uniform(-0.6, 0.6, size=3)}
    spike["W1"][1, 2], spike["b1"][0] = 300.0, -200.0
    some = {f"{kind}{i}": spread(shape, 0.8) for i in range(1, r.randint(3, 6)) for kind, shape in
            (("W", tuple(r.randint(3, 7, size=2))), ("b", (r.randint(4, 8),)))}
    some["filters"] = spread((2, *r.randint(2, 5, size=2)), 0.8)
    return CasesProbe([
        case("two arrays", 0.7, {"W": spread((3, 4), 0.7), "b": spread((3,), 0.7)}),
        case("small", 1.6, {"W": r.uniform(-1.4, 1.4, size=(4, 2)), "b": r.uniform(-1.4, 1.4, size=3)}),
        case("zeros", 0.7, {"W": np.zeros((2, 3)), "b": np.zeros(2)}),
        case("spike", 1.3, spike),
        case("other sizes", 0.8, some)])


def clip_by_norm(seed):
    """Norms far above the bound, just below it and far below it; arrays that are below it one by one; zeros."""
    r = np.random.RandomState(seed)

    def case(name, max_norm, grads):
        return Case(name, {"grads": grads, "max_norm": max_norm},
                    {"clipped": {key: g.shape for key, g in grads.items()}})

    spike = gradients(r, 4.0, W1=(3, 3), b1=(3,))
    spike["W1"][1, 2] = 300.0
    # Nearly equal and of one sign: each other way of adding them up comes out above the bound.
    below = {"W": r.uniform(0.85, 1.0, size=(4, 2)), "b": r.uniform(0.85, 1.0, size=3)}
    together = {**gradients(r, 1.7, W1=(4, 3)), **gradients(r, 1.9, b1=(3,)), **gradients(r, 1.6, W2=(3, 2))}
    some = {f"{kind}{i}": shape for i in range(1, r.randint(3, 6))
            for kind, shape in (("W", tuple(r.randint(2, 6, size=2))), ("b", (r.randint(2, 8),)))}
    some["filters"] = (2, *r.randint(2, 5, size=2))
    return CasesProbe([
        case("one factor", 2.3, gradients(r, 11.0, W=(3, 4), b=(3,))),
        case("below", 4.6, below),
        case("far below", 3.4, gradients(r, 0.6, b=(2,), W=(3, 2))),
        case("zeros", 1.8, {"W": np.zeros((2, 3)), "b": np.zeros(2)}),
        case("a zero array", 1.4, {"b": np.zeros(3), **gradients(r, 6.0, W=(3, 3))}),
        case("only together", 2.2, together),
        case("spike", 7.0, spike),
        case("other sizes", 2.7, gradients(r, r.uniform(9, 14), **some))])


EXERCISES = {"xavier": initialiser, "he": initialiser, "clip_by_value": clip_by_value, "clip_by_norm": clip_by_norm}
