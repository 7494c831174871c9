"""The cases of the foundations.

Sizes vary with the seed, so that no answer can rely on those of the visible tests.
"""

import numpy as np

from autograder.cases import Case, CasesProbe

#: An answer may call the student's own earlier functions.
USES = {"softmax_cross_entropy_gradient": ["softmax", "cross_entropy"]}


def one_hot(r, N, C):
    """N random labels of C classes as rows of zeros and a one."""
    return np.eye(C)[r.randint(C, size=N)]


def probabilities(r, N, C):
    """N rows of C probabilities, none below 0.02: log(p + 1e-7) is log(p) there, within 5e-6."""
    p = r.uniform(0.1, 1.0, size=(N, C))
    return p / p.sum(axis=1, keepdims=True)


def numerical_gradient(seed):
    """Functions whose third derivative shows the formula, and whose wiggles show the default step."""
    r = np.random.RandomState(seed)

    def curve(shape):
        a = r.uniform(0.5, 1.5, size=shape)
        return lambda x: float(np.sum(a * np.exp(x)))

    def case(name, shape, *h):
        x = r.standard_normal(shape)
        return Case(name, {"f": curve(shape), "x": x, **({"h": h[0]} if h else {})}, {"gradient": shape})

    wave = Case("default h", {"f": lambda x: float(np.sum(np.sin(3000 * x)) / 3000), "x": r.uniform(-1, 1, size=4)},
                {"gradient": (4,)})
    return CasesProbe([case("matrix", (3, 2), 0.1), case("vector", (r.randint(4, 8),), 0.2), wave,
                       case("three axes", (2, r.randint(2, 4), 3), 0.1)])


def relative_error(seed):
    """Ordinary numbers, entries of opposite sign, both zero, both tiny."""
    r = np.random.RandomState(seed)
    a = r.uniform(0.5, 2.0, size=(3, 4)) * r.choice([-1, 1], size=(3, 4))
    near = a * (1 + 1e-3 * r.standard_normal(a.shape))
    signs, zeros, tiny = -a, a.copy(), 1e-10 * r.uniform(1, 2, size=(2, 3))
    zeros[1, 2] = 0.0
    zeros_near = zeros * (1 + 0.1 * r.uniform(size=a.shape))
    far = r.standard_normal(r.randint(4, 9))

    def case(name, a, b):
        return Case(name, {"a": a, "b": b}, {"error": ()})

    return CasesProbe([case("near", near, a), case("opposite signs", a, signs), case("zeros", zeros, zeros_near),
                       case("tiny", tiny, 3 * tiny), case("far", far, 5 * r.standard_normal(far.shape))])


def softmax(seed):
    """Ordinary scores, a square batch (where a wrong axis raises nothing), huge scores."""
    r = np.random.RandomState(seed)
    N, C = r.randint(5, 9), r.randint(2, 5)
    return CasesProbe([Case(name, {"z": z}, {"p": z.shape}) for name, z in (
        ("rows", 2 * r.standard_normal((4, 3))), ("huge", 1000 * r.standard_normal((4, 3))),
        ("square", 2 * r.standard_normal((3, 3))), ("other size", 2 * r.standard_normal((N, C))))])


def cross_entropy(seed):
    """Two sizes, so that a missing or wrong mean shows."""
    r = np.random.RandomState(seed)
    sizes = {"batch": (4, 3), "square": (3, 3), "other size": (r.randint(5, 9), r.randint(4, 7))}
    return CasesProbe([Case(name, {"p": probabilities(r, *size), "t": one_hot(r, *size)}, {"loss": ()})
                       for name, size in sizes.items()])


def softmax_cross_entropy_gradient(seed):
    """As for softmax, with labels."""
    r = np.random.RandomState(seed)
    sizes = {"batch": (4, 3), "square": (3, 3), "other size": (r.randint(5, 9), r.randint(4, 7))}
    cases = [Case(name, {"z": 2 * r.standard_normal(size), "t": one_hot(r, *size)}, {"gradient": size})
             for name, size in sizes.items()]
    huge = Case("huge", {"z": 1000 * r.standard_normal((4, 3)), "t": one_hot(r, 4, 3)}, {"gradient": (4, 3)})
    return CasesProbe([*cases, huge])


EXERCISES = {
    "numerical_gradient": numerical_gradient,
    "relative_error": relative_error,
    "softmax": softmax,
    "cross_entropy": cross_entropy,
    "softmax_cross_entropy_gradient": softmax_cross_entropy_gradient,
}
