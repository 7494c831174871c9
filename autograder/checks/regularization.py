"""The cases of the penalty, and the measures of the layers that drop units.

A layer may draw its mask in any way, so nothing here compares two masks number for number except those of one
implementation with itself.  Every input is without zeros (but one): an output is 0 exactly where the unit fell.
"""

from itertools import pairwise
from math import erfc

import numpy as np

from autograder.cases import Case, CasesProbe, Measure, MeasuresProbe, snap
from autograder.diagnosis import same
from autograder.probes import observed, same_values

#: The tests of a gradient differentiate the student's own penalty.
USES = {"add_weight_decay": ["l2_penalty"]}


def parameters(r, *sizes, batchnorm=False):
    """Random weights and biases of a network with layers of these sizes, {key: array}."""
    params = {}
    for i, (n_in, n_out) in enumerate(pairwise(sizes), 1):
        params[f"W{i}"] = r.standard_normal((n_in, n_out))
        params[f"b{i}"] = r.standard_normal(n_out)
        if batchnorm:
            params[f"gamma{i}"] = r.uniform(0.5, 1.5, size=n_out)
            params[f"beta{i}"] = r.standard_normal(n_out)
    return params


def networks(seed):
    """(name, params, weight_decay): a square layer, three layers, BatchNorm's gamma and beta, keys in another order."""
    r = np.random.RandomState(seed)
    other = parameters(r, *r.randint(2, 6, size=3))
    yield "two layers", parameters(r, 4, 3, 2), 0.3
    yield "one square layer", parameters(r, 3, 3), 0.08
    yield "batchnorm", parameters(r, 3, 4, 2, batchnorm=True), 0.15
    yield "last layer first", dict(reversed(other.items())), 0.2
    yield "three layers", parameters(r, *r.randint(2, 5, size=4)), 0.04


def l2_penalty(seed):
    """Networks of one, two and three layers."""
    return CasesProbe([Case(name, {"params": params, "weight_decay": weight_decay}, {"penalty": ()})
                       for name, params, weight_decay in networks(seed)])


def add_weight_decay(seed):
    """The same networks, with random gradients."""
    r = np.random.RandomState(seed + 1)

    def case(name, params, weight_decay):
        grads = {key: r.standard_normal(p.shape) for key, p in params.items()}
        shapes = {"new grads": {key: g.shape for key, g in grads.items()}}
        return Case(name, {"grads": grads, "params": params, "weight_decay": weight_decay}, shapes)

    return CasesProbe([case(*network) for network in networks(seed)])


class Nothing(Exception):
    """A method returned None."""


class NoArray(Exception):
    """A method returned something that is no float64 array."""


class LessPrecise(Exception):
    """A method returned floating-point numbers, but not float64 ones."""


class Misshaped(Exception):
    """A method returned an array of another shape than its argument's."""


def expect_like(x, value):
    """`value` if it is an array like x, else what is odd about it as an exception: its kind is in the signature."""
    if value is None:
        raise Nothing
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.dtype != np.float64:
        raise LessPrecise
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        raise NoArray
    if value.shape != x.shape:
        raise Misshaped
    return value


def forward(layer, x, **mode):
    """The layer's output for a copy of x."""
    return expect_like(x, layer.forward(x.copy(), **mode))


def backward(layer, dout):
    """The layer's gradient for a copy of dout."""
    return expect_like(dout, layer.backward(dout.copy()))


def numbers(rng, *shape):
    """Random numbers of both signs, none near 0."""
    return rng.uniform(0.5, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def generators(rng, count):
    """Numpy generators in different states, for the layers."""
    return [np.random.default_rng(int(seed)) for seed in rng.integers(2**32, size=count)]


def odd_share(rng, size, low, high):
    """A ratio between low and high that is no whole number of `size` units: some units and a third."""
    return (int(rng.integers(int(low * size), int(high * size))) + 0.37) / size


def factor(values, of, ratio):
    """The one factor by which `values` are `of`, if it is one that a ratio can suggest; else NaN."""
    values, of = values.ravel(), of.ravel()
    keep = 1 - ratio
    if not values.size or not np.ptp(values / of) < 1e-9:
        return np.nan
    candidates = [1, ratio, keep, 1 / ratio, 1 / keep, keep**2, 1 / keep**2, keep**0.5, keep**-0.5]
    return snap(values[0] / of[0], candidates, 1e-9)


def survivors(low, high):
    """A measure of 100 small training passes and a large one, with a ratio between low and high.

    Numbers: the factor on survivors; whether it is one over the pass's own share of survivors; whether all
    units of every row, of every column, in every pass share one fate; the share of survivors.
    The share is estimated only where units and passes are drawn apart, from 40 000 numbers: the tolerance of 6 % is
    then 7 standard deviations at a share of 0.26, and more at larger ones.
    """
    def measure(implementation, rng):
        x, large = numbers(rng, rng.integers(5, 8), rng.integers(8, 11)), numbers(rng, 200, 200)
        ratio = odd_share(rng, large.size, low, high)
        layer = implementation(ratio, *generators(rng, 1))
        outs = np.array([forward(layer, x) for _ in range(100)])
        kept, xs = outs != 0, np.broadcast_to(x, outs.shape)
        own = outs * kept.mean(axis=(1, 2), keepdims=True)
        together = [(kept == kept[:, :, :1]).all(), (kept == kept[:, :1]).all(), (kept == kept[:1]).all()]
        share = np.nan
        if not any(together) or kept.all() or not kept.any():
            above = erfc(ratio / 2**0.5) / 2                 # the share of standard normal numbers above the ratio
            new = implementation(ratio, *generators(rng, 1))
            shares = [0, ratio, 1 - ratio, 0.5, above, 1 - above, 1]
            share = snap(np.mean(forward(new, large) != 0), shares, 0.06)
        return [factor(outs[kept], xs[kept], ratio), np.allclose(own[kept], xs[kept], rtol=1e-12), *together, share]
    return measure


def count(implementation, rng):
    """Whether the number of survivors is the same in each of 20 passes, of which no two are likely to agree."""
    x = numbers(rng, 12, 10)
    layer = implementation(odd_share(rng, x.size, 0.26, 0.3), *generators(rng, 1))
    return [len({np.count_nonzero(forward(layer, x)) for _ in range(20)}) == 1]


def generator(implementation, rng):
    """Whether the outputs of 60 passes are those of a generator in the same state, in another state."""
    x = numbers(rng, 6, 5)
    seeds = rng.integers(2**32, size=2)
    first, again, other = (implementation(0.23, np.random.default_rng(int(seed))) for seed in seeds[[0, 0, 1]])
    outs = [[forward(layer, x) for _ in range(60)] for layer in (first, again, other)]
    return [np.array_equal(outs[0], outs[1]), np.array_equal(outs[0], outs[2])]


def gradient(implementation, rng):
    """What the backward pass makes of dout in 40 passes.

    Numbers: the factor where it lets through, to dout and to x dout; whether it lets through other units than
    survived in the first pass, in any pass; exactly those that fell; whether a second call gives the same result.
    """
    x, ratio = numbers(rng, 12, rng.integers(8, 12)), rng.uniform(0.26, 0.3)
    layer, douts = implementation(ratio, *generators(rng, 1)), numbers(rng, 40, *x.shape)
    outs, dxs, repeated = [], [], []
    for dout in douts:
        outs.append(forward(layer, x))
        dxs.append(backward(layer, dout))
        repeated.append(np.array_equal(dxs[-1], backward(layer, dout)))
    kept, dxs = np.array(outs) != 0, np.array(dxs)
    through, products = dxs != 0, douts * x
    wrong = (kept != through).any(axis=(1, 2))
    return [factor(dxs[through], douts[through], ratio), factor(dxs[through], products[through], ratio),
            wrong[0], wrong.any(), (kept != through).all(), all(repeated)]


def two_layers(implementation, rng):
    """Whether a layer's gradient still is that of its own mask after another layer's forward pass."""
    x, dout = numbers(rng, 12, 9), numbers(rng, 12, 9)
    one, two = (implementation(0.28, g) for g in generators(rng, 2))
    out, _other = forward(one, x), forward(two, x)
    return [np.array_equal(backward(one, dout) != 0, out != 0)]


def inference(trained):
    """A measure of the passes at test time, of a new layer or of one that was trained.

    Numbers: the factor where the output is not 0; whether it is 0 anywhere; whether a second pass gives the same.
    """
    def measure(implementation, rng):
        x, ratio = numbers(rng, rng.integers(20, 30), 30), rng.uniform(0.26, 0.3)
        layer = implementation(ratio, *generators(rng, 1))
        if trained:
            forward(layer, x)
        out = forward(layer, x, train=False)
        kept = out != 0
        return [factor(out[kept], x[kept], ratio), not kept.all(), np.array_equal(out, forward(layer, x, train=False))]
    return measure


def arguments(implementation, rng):
    """Whether x is changed in training, dout in the backward pass, x at test time."""
    layer, arrays = implementation(0.27, *generators(rng, 1)), [numbers(rng, 12, 9) for _ in range(3)]
    calls, changed = [layer.forward, layer.backward, lambda x: layer.forward(x, train=False)], []
    for call, before in zip(calls, arrays, strict=True):
        now = before.copy()
        call(now)
        changed.append(not same_values(observed(layer, now), before))
    return changed


def extreme(ratio):
    """A measure: which share of the output and of the gradient is 0, and which share is the argument itself."""
    def measure(implementation, rng):
        x, dout = numbers(rng, 5, 4), numbers(rng, 5, 4)
        layer = implementation(ratio, *generators(rng, 1))
        pairs = [(forward(layer, x, train=True), x), (backward(layer, dout), dout)]
        return [np.mean(got == wanted) for got, given in pairs for wanted in (0 * given, given)]
    return measure


def shape(*shape):
    """A measure that only asks whether an input of this shape goes through, forward and backward."""
    def measure(implementation, rng):
        layer, x = implementation(0.28, *generators(rng, 1)), numbers(rng, *shape)
        forward(layer, x), backward(layer, x)
        return [1]
    return measure


def zeros(implementation, rng):
    """Whether a gradient goes through inputs that are 0: 200 of them, so that some survive."""
    x, dout = numbers(rng, 20, 20), numbers(rng, 20, 20)
    x[::2] = 0
    layer = implementation(0.28, *generators(rng, 1))
    forward(layer, x)
    return [backward(layer, dout)[::2].any()]


class LayerProbe(MeasuresProbe):
    """Measures, and special ones that count only where all of the others are the right answer's.

    So one plain mistake is recognised as itself, whether or not the layer also forgets a special case.
    main, side, special: lists of Measures; `side` always counts, but does not decide about `special`.
    """

    def __init__(self, main, side, special, seed):
        super().__init__([*main, *side, *special], seed)
        self._main = sum(1 + measure.size for measure in main)
        self._special = self._main + sum(1 + measure.size for measure in side)
        self._right = None

    def observe(self, implementation, *uses):
        """The signature, with zeros for the special measures of an answer that is wrong already."""
        signature = super().observe(implementation, *uses)
        if self._right is not None and not same(signature[:self._main], self._right[:self._main]):
            signature[self._special:] = 0
        return signature

    def expect(self, signature):
        """Take `signature` for the right answer's."""
        self._right = signature


def layer(seed):
    """Both kinds of dropout."""
    main = [Measure("survivors", 6, survivors(0.26, 0.3)), Measure("another ratio", 6, survivors(0.6, 0.64)),
            Measure("generator", 2, generator), Measure("gradient", 6, gradient), Measure("two layers", 1, two_layers),
            Measure("inference", 3, inference(trained=False)), Measure("trained", 3, inference(trained=True)),
            Measure("arguments", 3, arguments)]
    special = [Measure("ratio 0", 4, extreme(0.0)), Measure("ratio 1", 4, extreme(1.0)),
               Measure("vector", 1, shape(7)), Measure("images", 1, shape(2, 3, 4, 5)), Measure("zeros", 1, zeros)]
    return LayerProbe(main, [Measure("count", 1, count)], special, seed)


EXERCISES = {
    "l2_penalty": l2_penalty,
    "add_weight_decay": add_weight_decay,
    "dropout": layer,
    "inverteddropout": layer,
}
