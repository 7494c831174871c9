"""The cases of the foundations.

Sizes vary with the seed, so that no answer can rely on those of the visible tests.
"""

import numpy as np

from autograder.cases import Case, CasesProbe

#: An answer may call the student's own earlier functions.
USES = {"softmax_cross_entropy_gradient": ["softmax", "cross_entropy"]}


def one_hot(labels, C):
    """The labels, N numbers below C, as N rows of zeros and a one."""
    return np.eye(C)[labels]


def probabilities(r, N, C):
    """N rows of C <= 6 probabilities, none below 0.1 / 5.1 > 0.019: there log(p + 1e-7) is log(p) within 6e-6."""
    p = r.uniform(0.1, 1.0, size=(N, C))
    return p / p.sum(axis=1, keepdims=True)


def scores_in_the_thousands(r):
    """Four rows of three scores, each the undoing of another way to compute softmax.

    Row 0: all above 1000, close together, so exp overflows.  Row 1: all below -1000, close together, so every exp
    is 0, also relative to the largest score of the batch.  Row 2: one far above the mean of its row.  Row 3: one
    1000 below the others.  In each row the columns are shuffled.
    """
    def close(level):
        return level + r.uniform(-2, 2, size=3)

    rows = [close(r.uniform(1010, 1500)), close(r.uniform(-1500, -1010)),
            [r.uniform(1000, 1500), *r.uniform(-3000, -2000, size=2)], close(0) - [0, 0, 1000]]
    return np.array([r.permutation(row) for row in rows])


def given_back(r, size, h):
    """Numbers in [-1, 1] that are the same bits again after + h - 2h + h, and after - h + 2h - h.

    So it is a matter of style whether an answer stores an entry of x or counts its way back to it.
    """
    numbers = []
    while len(numbers) < size:
        x = r.uniform(-1, 1)
        if ((x + h) - 2 * h) + h == x == ((x - h) + 2 * h) - h:
            numbers.append(x)
    return np.array(numbers)


def numerical_gradient(seed):
    """Functions whose third derivative shows the formula, and whose wiggles show the default step."""
    r = np.random.RandomState(seed)

    def curve(shape):
        a, b = r.uniform(0.5, 1.5, size=shape), r.uniform(0.5, 1.5, size=shape)
        return lambda x: float(np.sum(a * np.exp(x)) + np.sum(b * x) ** 2 / 4)     # each slope depends on all of x

    def case(name, shape, h):
        x = r.randint(-96, 97, size=shape) / 64          # with h a power of 2: x + h - 2h + h is x, bit by bit
        return Case(name, {"f": curve(shape), "x": x, "h": h}, {"gradient": shape})

    wave = Case("default h", {"f": lambda x: float(np.sum(np.sin(3000 * x)) / 3000), "x": given_back(r, 4, 1e-4)},
                {"gradient": (4,)})
    return CasesProbe([case("matrix", (3, 2), 0.125), case("square", (3, 3), 0.125),
                       case("vector", (r.randint(4, 8),), 0.25), wave,
                       case("three axes", (2, r.randint(2, 5), 3), 0.125)])


def relative_error(seed):
    """Entries close together, of opposite sign, both zero, both tiny, far apart.

    Where a zero is among them the first number is the larger one of each pair, in the last case the second.
    """
    r = np.random.RandomState(seed)
    a = r.uniform(0.5, 2.0, size=(3, 4)) * r.choice([-1, 1], size=(3, 4))
    a[0, 0], a[2, 3] = abs(a[0, 0]), -abs(a[2, 3])       # both signs occur
    near = a * (1 + r.uniform(-3e-3, 3e-3, size=a.shape))
    near[0, 0] = a[0, 0] * (1 - 5e-3)                    # the largest error has a negative difference
    zeros = a.copy()
    zeros[1, 2] = 0.0
    zeros_near = zeros * (1 - r.uniform(0.1, 0.3, size=a.shape))
    tiny = 1e-9 * r.uniform(1, 2, size=(2, 3))           # 4 * tiny is below the floor of 1e-8
    low = r.uniform(0.5, 2.0, size=r.randint(4, 9))
    high = low + r.uniform(0.5, 3.0, size=low.shape)

    def case(name, a, b):
        return Case(name, {"a": a, "b": b}, {"error": ()})

    return CasesProbe([case("near", near, a), case("opposite signs", a, -a), case("zeros", zeros, zeros_near),
                       case("tiny", tiny, 3 * tiny), case("far", low, high)])


def softmax(seed):
    """Ordinary scores, a square batch (where a wrong axis raises nothing), huge scores."""
    r = np.random.RandomState(seed)
    N, C = r.randint(5, 9), r.choice([2, 4, 5, 6])
    return CasesProbe([Case(name, {"z": z}, {"p": z.shape}) for name, z in (
        ("rows", 2 * r.standard_normal((4, 3))), ("huge", scores_in_the_thousands(r)),
        ("square", 2 * r.standard_normal((3, 3))), ("other size", 2 * r.standard_normal((N, C))))])


def cross_entropy(seed):
    """Two sizes, so that a missing or wrong mean shows, and a batch that no test uses.

    In that batch the right classes have probabilities near 4e-5: there log(p) and log(p + 1e-7) are told apart, so
    that a mistake is recognised in either style.  Both styles pass the tests.
    """
    r = np.random.RandomState(seed)

    def case(name, p, labels):
        return Case(name, {"p": p, "t": one_hot(labels, p.shape[1])}, {"loss": ()})

    N, C = r.randint(7, 10), r.randint(4, 7)
    doubtful, labels = probabilities(r, 4, 3), r.randint(3, size=4)
    doubtful[np.arange(4), labels] = r.uniform(3e-5, 5e-5, size=4)
    return CasesProbe([
        case("batch", probabilities(r, 4, 3), r.permutation([0, 1, 2, r.randint(3)])),    # every class occurs
        case("square", probabilities(r, 3, 3), r.randint(3, size=3)),
        case("other size", probabilities(r, N, C), r.randint(C, size=N)),
        case("doubtful", doubtful / doubtful.sum(axis=1, keepdims=True), labels)])


def softmax_cross_entropy_gradient(seed):
    """As for softmax, with labels.

    Ordinary scores lie within 1.5 of 0, so that no probability is below 0.01: the numerical gradient of a loss
    with log(p + 1e-7) is then within 1e-5 / N of the right one.
    """
    r = np.random.RandomState(seed)
    sizes = {"batch": (4, 3), "square": (3, 3), "other size": (r.randint(7, 10), r.randint(4, 7))}
    cases = [Case(name, {"z": r.uniform(-1.5, 1.5, size=(N, C)), "t": one_hot(r.randint(C, size=N), C)},
                  {"gradient": (N, C)}) for name, (N, C) in sizes.items()]
    z, labels = scores_in_the_thousands(r), r.randint(3, size=4)
    labels[2] = np.argmin(z[2])                          # a right class of probability 0
    return CasesProbe([*cases, Case("huge", {"z": z, "t": one_hot(labels, 3)}, {"gradient": (4, 3)})])


EXERCISES = {
    "numerical_gradient": numerical_gradient,
    "relative_error": relative_error,
    "softmax": softmax,
    "cross_entropy": cross_entropy,
    "softmax_cross_entropy_gradient": softmax_cross_entropy_gradient,
}
