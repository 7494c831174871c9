"""The cases of batch normalization.

A case of the backward pass knows what the forward pass should have come to without measuring the batch: its x is
put together from columns whose mean and variance are known beforehand.
"""

import numpy as np

from autograder.cases import Case, CasesProbe
from autograder.stopped import Stopped

#: The backward pass works on what the student's own forward pass has kept for it.
USES = {"batchnorm_backward": ["batchnorm_forward"]}

MEANS, SCALES = np.array([0.0, 5.0, -2.0, 1.0]), np.array([1.0, 3.0, 0.5, 1e-3])
FAR = np.array([300.0, -1000.0, 20.0])


class BackwardCase(Case):
    """A case that can tell whether a forward pass came to the right out, and knows the right cache."""

    def cache_from(self, forward):
        """What the backward pass is to be judged on.

        The cache of the student's `forward`, whatever it is, if its out is right.  Beside a wrong out, or where
        there is none, the right cache of the stub; but the student's own where that is laid out in another way.
        """
        right = self.x_hat, self.gamma, self.std
        try:
            result = forward(self.x, self.gamma, self.beta, self.eps)
        except Stopped:
            raise
        except Exception:                        # the tests of the forward pass say so
            return right
        if not (isinstance(result, (tuple, list)) and len(result) == 2 and _array(result[0], self.out.shape)):
            return right
        out, cache = result
        return right if not _alike(out, self.out) and self._as_in_the_stub(out, cache) else cache

    def _as_in_the_stub(self, out, cache):
        """Whether `cache` means x_hat, gamma, std: the third is the right std, or what the first was divided by."""
        if not (isinstance(cache, (tuple, list)) and len(cache) == 3):
            return False
        try:
            x_hat, gamma, std = (np.asarray(part, dtype=np.float64) for part in cache)
            spread = (x_hat - x_hat[0]) * std
        except (TypeError, ValueError, IndexError):
            return False
        meant = _alike(std, self.std) or _alike(spread, self.x - self.x[0])
        return not np.isfinite(out).all() or (np.array_equal(gamma, self.gamma) and meant)


def _array(value, shape):
    """Whether `value` is an array of this shape."""
    return isinstance(value, np.ndarray) and value.shape == shape


def _alike(got, expected):
    """Whether two arrays are equal within rounding, which is below 1e-10 in these cases."""
    return _array(got, expected.shape) and np.allclose(got, expected, 1e-9, 1e-9)


def ahead(case, implementation, arguments):
    """The out of a forward pass, and how many values came back; the cache is the student's own business."""
    result = implementation(*arguments)
    values = result if isinstance(result, (tuple, list)) else [result]
    return values[0] if values else None, float(len(values))


def back(case, implementation, arguments, forward):
    """The gradients of a backward pass, on the cache that suits it."""
    return implementation(*arguments, case.cache_from(forward))


def standard(r, N, D):
    """D random columns of N numbers, each with mean 0 and mean square 1, an array (N, D).

    They lie in the space that is orthogonal to a column of ones; its basis comes from a QR decomposition.
    """
    basis = np.linalg.qr(np.column_stack([np.ones(N), r.standard_normal((N, N - 1))]))[0][:, 1:]
    weights = r.standard_normal((N - 1, D))
    return N ** 0.5 * basis @ (weights / np.linalg.norm(weights, axis=0))


def scale_and_shift(r, D):
    """gamma and beta, none of them 1 or 0; the first gamma is negative."""
    gamma, beta = r.uniform(1.2, 2.0, size=D), r.uniform(0.3, 0.9, size=D) * r.choice([-1, 1], size=D)
    gamma[0] *= -1
    return gamma, beta


def batchnorm_forward(seed):
    """Columns of very different means and scales, a square batch, a dead column, two numbers very far from zero."""
    r = np.random.RandomState(seed)

    def case(name, x, *eps):
        gamma, beta = scale_and_shift(r, x.shape[1])
        return Case(name, {"x": x, "gamma": gamma, "beta": beta, **dict(zip(["eps"], eps, strict=False))},
                    {"out": x.shape, "values": ()})

    def batch(N, D):
        return np.resize(MEANS, D) + np.resize(SCALES, D) * r.standard_normal((N, D))

    dead = batch(6, 4)
    dead[:, 2] = 0.0
    N = r.randint(9, 13)
    # Squares of these need more than 53 bits: a variance that is a difference of squares comes out as exactly 0.
    far = 2.0 ** r.randint(-2, 3, size=3) * (2.0 ** 27 * np.array([1, -1, 1]) + np.array([[1.0], [-1.0]]))
    return CasesProbe([case("batch", batch(7, 4)), case("large eps", batch(7, 4), 1e-2), case("dead column", dead),
                       case("square", batch(4, 4), 1e-3), case("other size", batch(N, r.randint(5, 8)), 2e-5),
                       case("far from zero", far)], ahead)


def batchnorm_backward(seed):
    """Ordinary columns, very different ones, far ones; a gamma that is nearly 0, or 0; tall, square, wide batches."""
    r = np.random.RandomState(seed)

    def case(name, N, mean, scale, eps, *, last=None):
        D = len(mean)
        gamma, beta = scale_and_shift(r, D)
        if last is not None:
            gamma[-1] = last
        z, std = standard(r, N, D), np.hypot(scale, eps ** 0.5)
        x_hat = z * (scale / std)
        return BackwardCase(name, {"dout": r.standard_normal((N, D))}, {"dx": (N, D), "dgamma": (D,), "dbeta": (D,)},
                            x=mean + scale * z, gamma=gamma, beta=beta, eps=eps,
                            x_hat=x_hat, std=std, out=beta + x_hat * gamma)

    def ordinary(D):
        return r.uniform(-3, 3, size=D), r.uniform(0.4, 3.0, size=D)

    return CasesProbe([case("batch", 7, MEANS, np.array([1.0, 3.0, 0.5, 2.0]), 1e-2),
                       case("scales", 7, MEANS, SCALES, 1e-7, last=1e-3),
                       case("far from zero", 6, FAR, np.array([0.7, 2.0, 0.2]), 1e-3, last=0.0),
                       case("square", 4, *ordinary(4), 1e-7), case("wide", 3, *ordinary(5), 1e-2),
                       case("other size", r.randint(8, 13), *ordinary(r.randint(2, 4)), 1e-5)], back)


def update_running(seed):
    """Vectors of several sizes with a momentum of their own, and the default one."""
    r = np.random.RandomState(seed)

    def case(name, D, *momentum):
        return Case(name, {"running": r.uniform(1, 3, size=D), "batch_value": r.uniform(-3, -1, size=D),
                           **dict(zip(["momentum"], momentum, strict=False))}, {"running": (D,)})

    return CasesProbe([case("running mean", 4, 0.8), case("default momentum", 3),
                       case("other size", r.randint(5, 9), r.uniform(0.55, 0.75))])


def batchnorm_inference(seed):
    """Running statistics that are not those of the batch; a single row, a square batch, a column with variance 0."""
    r = np.random.RandomState(seed)

    def case(name, N, D, *eps, var=None):
        gamma, beta = scale_and_shift(r, D)
        mean = r.uniform(0.5, 2.0, size=D) * r.choice([-1, 1], size=D)
        var = r.uniform(1.5, 6.0, size=D) if var is None else var
        x = r.uniform(-3, 3, size=(N, D))
        return Case(name, {"x": x, "gamma": gamma, "beta": beta, "running_mean": mean, "running_var": var,
                           **dict(zip(["eps"], eps, strict=False))}, {"out": (N, D)})

    tiny, none = np.array([2.0, 5.0, 1e-6, 3.0]), np.array([2.0, 0.0, 4.0])
    return CasesProbe([case("batch", 7, 4, var=tiny), case("large eps", 5, 3, 1e-2), case("single row", 1, 4, 1e-3),
                       case("square", 4, 4, 1e-4), case("zero variance", 6, 3, var=none),
                       case("other size", r.randint(8, 13), r.randint(5, 8), 2e-5)])


EXERCISES = {
    "batchnorm_forward": batchnorm_forward,
    "batchnorm_backward": batchnorm_backward,
    "update_running": update_running,
    "batchnorm_inference": batchnorm_inference,
}
