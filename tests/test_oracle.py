"""The right answers against PyTorch 2.13 in float64: other people's code, from other forms of the formulas.

Where PyTorch defines a thing differently, the test says how it is brought to our form.  It has no counterpart of
relative_error and of the hyperparameters.
"""

import zlib
from functools import cache

import numpy as np
import pytest
from repository import ROOT

from autograder.solutions import Assignment

torch = pytest.importorskip("torch", reason="PyTorch is not installed (pip install torch==2.13.0)")
F, optim = torch.nn.functional, torch.optim

STEPS = 120
#: Batches of all sorts, among them square ones, a single column and as few rows as BatchNorm can bear.
SHAPES = [(2, 3), (2, 1), (4, 4), (7, 7), *np.random.RandomState(0).randint((3, 1), (14, 11), size=(20, 2)).tolist()]


@pytest.fixture(autouse=True)
def float64():
    """PyTorch's NAdam keeps the product of its momenta in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


assignment = cache(lambda name: Assignment(name, ROOT / "solutions"))


def right(name, id):
    """The reference for the exercise `id` of the assignment `name`, or its catalogued variant "exercise/what"."""
    exercise, _, variant = id.partition("/")
    if not variant:
        return assignment(name).reference(exercise)
    return {id: implementation for id, implementation, _ in assignment(name).variants(exercise)}[id]


def random(*key):
    """A generator of its own for each key."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def tensor(array):
    """A tensor with the numbers of `array`, of which autograd takes account."""
    return torch.tensor(array, requires_grad=True)


def close(got, expected, tolerance):
    """Compare an array with a tensor or array: shape, and every entry within tolerance * (1 + |expected|)."""
    expected = expected.detach().numpy() if torch.is_tensor(expected) else np.asarray(expected)
    assert np.shape(got) == expected.shape
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


LR, BETAS = dict(lr=0.02), dict(lr=0.02, beta1=0.8, beta2=0.95, eps=1e-2)
TORCHS = dict(lr=0.02, betas=(0.8, 0.95), eps=1e-2)
# PyTorch's momentum schedule is constant in the limit of a fast decay.
CONSTANT = dict(momentum_decay=1e9)
# Each row: what is tested, our settings, PyTorch's class and settings.  Where ours are {}, the defaults are tested.
OPTIMIZERS = [
    ("sgd", LR, optim.SGD, LR),
    ("sgd", {}, optim.SGD, dict(lr=0.01)),
    ("momentum", LR | dict(momentum=0.8), optim.SGD, LR | dict(momentum=0.8)),
    ("momentum", {}, optim.SGD, dict(lr=0.01, momentum=0.9)),
    ("nesterov", LR | dict(momentum=0.8), optim.SGD, LR | dict(momentum=0.8, nesterov=True)),
    ("nesterov", {}, optim.SGD, dict(lr=0.01, momentum=0.9, nesterov=True)),
    ("adagrad", LR | dict(eps=1e-2), optim.Adagrad, LR | dict(eps=1e-2)),
    ("adagrad", {}, optim.Adagrad, dict(lr=0.01, eps=1e-7)),
    ("rmsprop", LR | dict(decay_rate=0.7, eps=1e-2), optim.RMSprop, LR | dict(alpha=0.7, eps=1e-2)),
    ("rmsprop", {}, optim.RMSprop, dict(lr=0.01, alpha=0.99, eps=1e-7)),
    ("adam", BETAS, optim.Adam, TORCHS),
    ("adam", {}, optim.Adam, dict(lr=0.001, betas=(0.9, 0.999), eps=1e-8)),
    ("nadam", BETAS, optim.NAdam, TORCHS | CONSTANT),
    ("nadam", {}, optim.NAdam, dict(lr=0.001, betas=(0.9, 0.999), eps=1e-8) | CONSTANT),
    # Catalogued variants whose texts say that this is how PyTorch or Keras does it.
    ("momentum/learning-rate-outside-velocity", {}, optim.SGD, dict(lr=0.01, momentum=0.9)),
    ("nesterov/learning-rate-outside-velocity", {}, optim.SGD, dict(lr=0.01, momentum=0.9, nesterov=True)),
    ("nesterov/plain-momentum-of-pytorch", {}, optim.SGD, dict(lr=0.01, momentum=0.9)),
    ("adam/largest-uncorrected-average-kept", {}, optim.Adam, dict(lr=0.001, amsgrad=True)),
    ("nadam/pytorch-schedule", {}, optim.NAdam, dict(lr=0.001)),
    ("nadam/keras-schedule", {}, optim.NAdam, dict(lr=0.001, momentum_decay=1)),
]
#: The size of the gradients, and what lr is multiplied with at each step.
GRADIENTS = {
    "ordinary": (1.0, np.ones(STEPS)),
    "tiny": (1e-7, np.ones(STEPS)),
    "changing lr": (1.0, 0.97 ** np.arange(STEPS) * np.where(np.arange(STEPS) < 50, 1.0, 0.1)),
}


@pytest.mark.parametrize("kind", GRADIENTS)
@pytest.mark.parametrize(("id", "ours", "torchs_class", "theirs"), OPTIMIZERS)
def test_every_iterate_of_an_optimizer(id, ours, torchs_class, theirs, kind):
    size, factors = GRADIENTS[kind]
    r = random(id, kind)
    params = {"W": r.standard_normal((4, 3)), "b": r.standard_normal(3)}
    tensors = {key: tensor(p.copy()) for key, p in params.items()}
    optimizer = right("optimizers", id)(**ours)
    assert optimizer.lr == theirs["lr"]
    # With lr inside the velocity, PyTorch's momentum with lr = 1 on the gradients lr * g: our v is minus its buffer.
    inside = kind == "changing lr" and id in ("momentum", "nesterov")
    torchs = torchs_class(tensors.values(), **theirs | ({"lr": 1.0} if inside else {}))
    for t, factor in enumerate(factors, 1):
        optimizer.lr = theirs["lr"] * factor
        torchs.param_groups[0]["lr"] = 1.0 if inside else optimizer.lr
        grads = {key: size * r.standard_normal(p.shape) for key, p in params.items()}
        for key, g in grads.items():
            tensors[key].grad = torch.tensor(optimizer.lr * g if inside else g)
        optimizer.update(params, grads)
        torchs.step()
        for key in params:  # NAdam multiplies t factors where we take a power
            close(params[key], tensors[key], 1e-13 * t if torchs_class is optim.NAdam else 1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_and_cross_entropy(shape):
    r = random("softmax", shape)
    z, t = tensor(5 * r.standard_normal(shape)), np.eye(shape[1])[r.integers(shape[1], size=shape[0])]
    loss = F.cross_entropy(z, torch.tensor(t))
    loss.backward()
    p = torch.softmax(z, dim=1).detach().numpy()
    scores = z.detach().numpy()
    close(right("foundations", "softmax")(scores), p, 1e-13)
    close(right("foundations", "softmax")(200 * scores), torch.softmax(200 * z, dim=1), 1e-13)  # exp would overflow
    close(right("foundations", "cross_entropy")(p, t), loss, 1e-12)
    close(right("foundations", "softmax_cross_entropy_gradient")(scores, t), z.grad, 1e-13)


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 2), ()])
def test_numerical_gradient(shape):
    x = random("numerical", shape).uniform(-2, 2, shape)
    variable = tensor(x)
    (torch.sin(variable) * torch.exp(variable)).sum().backward()
    gradient = right("foundations", "numerical_gradient")(lambda x: float(np.sum(np.sin(x) * np.exp(x))), x)
    close(gradient, variable.grad, 1e-7)  # h = 1e-4: h^2 / 6 times the third derivative, below 2e-8 here


@pytest.mark.parametrize(("with_eps", "with_momentum", "eps", "momentum"),
                         [({}, {}, 1e-7, 0.9), (dict(eps=0.1), dict(momentum=0.8), 0.1, 0.8)])
@pytest.mark.parametrize("shape", SHAPES)
def test_batchnorm(shape, with_eps, with_momentum, eps, momentum):
    N, D = shape
    r = random("batchnorm", shape, eps)
    x = tensor(r.uniform(0.5, 3, D) * r.standard_normal(shape) + r.uniform(-3, 3, D))
    gamma, beta, dout = tensor(r.uniform(0.5, 2, D)), tensor(r.standard_normal(D)), r.standard_normal(shape)
    mean, var = torch.tensor(r.standard_normal(D)), torch.tensor(r.uniform(0.5, 2, D))
    before = mean.numpy().copy(), var.numpy().copy()
    numbers = [a.detach().numpy() for a in (x, gamma, beta)]

    expected = F.batch_norm(x, mean, var, gamma, beta, training=True, momentum=1 - momentum, eps=eps)
    expected.backward(torch.tensor(dout))                                 # mean and var are the new ones now
    out, cache = right("batchnorm", "batchnorm_forward")(*numbers, **with_eps)
    close(out, expected, 1e-11)
    gradients = right("batchnorm", "batchnorm_backward")(dout, cache)
    for got, variable in zip(gradients, (x, gamma, beta), strict=True):
        close(got, variable.grad, 1e-10)
    # Our momentum is the weight of the old; PyTorch's variance is the unbiased one, N / (N - 1) of the biased.
    update = right("batchnorm", "update_running")
    close(update(before[0], numbers[0].mean(axis=0), **with_momentum), mean, 1e-13)
    close(update(before[1], numbers[0].var(axis=0) * N / (N - 1), **with_momentum), var, 1e-13)
    close(right("batchnorm", "batchnorm_inference")(*numbers, *before, **with_eps),
          F.batch_norm(x, *map(torch.tensor, before), gamma, beta, training=False, eps=eps), 1e-13)


@pytest.mark.parametrize("limit", [1e-3, 1.7, 30, 1e3])
def test_clipping(limit):
    r = random("clip", limit)
    grads = {"W": 3 * r.standard_normal((4, 3)), "b": r.standard_normal(3)}

    def clipped_by(clip):
        tensors = {key: torch.zeros(g.shape) for key, g in grads.items()}
        for key, g in grads.items():
            tensors[key].grad = torch.tensor(g)
        total = clip(tensors.values(), limit)
        return {key: p.grad.numpy() for key, p in tensors.items()}, total

    by_value, _ = clipped_by(torch.nn.utils.clip_grad_value_)
    by_norm, total = clipped_by(torch.nn.utils.clip_grad_norm_)
    exact = float(1 + 1e-6 / total) if total > limit else 1.0  # PyTorch adds 1e-6 to the norm it divides by
    for key in grads:
        close(right("gradient_flow", "clip_by_value")(grads, limit)[key], by_value[key], 1e-15)
        close(right("gradient_flow", "clip_by_norm")(grads, limit)[key], exact * by_norm[key], 1e-12)


def distance(x, y):
    """The largest difference of the distributions of two samples (Kolmogorov, Smirnov)."""
    both = np.sort(np.concatenate([x, y]))
    return np.max(np.abs(np.searchsorted(np.sort(x), both, "right") / len(x)
                         - np.searchsorted(np.sort(y), both, "right") / len(y)))


@pytest.mark.parametrize(("exercise", "nonlinearity"), [("he", "relu"), ("xavier", "linear")])
@pytest.mark.parametrize(("n_in", "n_out"), [(300, 400), (800, 150), (150, 800)])
def test_initialisers(exercise, nonlinearity, n_in, n_out):
    """Compared: shape, mean, standard deviation and distribution of n_in * n_out weights; the draws differ.

    Our Xavier, 1 / n_in, is PyTorch's kaiming_normal_ without a gain.
    """
    ours = right("gradient_flow", exercise)(n_in, n_out, np.random.default_rng(1))
    theirs = torch.nn.init.kaiming_normal_(torch.empty(n_out, n_in), nonlinearity=nonlinearity,
                                           generator=torch.Generator().manual_seed(1)).numpy()
    assert ours.shape == theirs.T.shape
    n = ours.size
    assert abs(ours.mean() - theirs.mean()) < 6 * theirs.std() * np.sqrt(2 / n)        # 6 standard deviations
    assert abs(ours.std() / theirs.std() - 1) < 6 * np.sqrt(1 / n)                     # the same, 1.7 %
    assert distance(ours.ravel(), theirs.ravel()) < 3.3 * np.sqrt(2 / n)               # chance below 1e-9


SCHEDULES = [
    ("exponential_decay", (0.93,), lambda o: optim.lr_scheduler.ExponentialLR(o, gamma=0.93)),
    ("staircase_decay", (0.3, 7), lambda o: optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.3)),
    ("inverse_time_decay", (0.4,), lambda o: optim.lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + 0.4 * epoch))),
]


@pytest.mark.parametrize(("exercise", "settings", "scheduler"), SCHEDULES)
def test_schedules(exercise, settings, scheduler):
    optimizer = optim.SGD([torch.zeros(1)], lr=0.6)
    theirs = scheduler(optimizer)
    for epoch in range(60):
        assert right("learning_rate", exercise)(0.6, *settings, epoch) == pytest.approx(
            theirs.get_last_lr()[0], rel=1e-12, abs=0)
        optimizer.step()
        theirs.step()


@pytest.mark.parametrize("beta", [0.3, 0.9, 0.98])
def test_moving_averages(beta):
    """PyTorch averages weights in this way; its Adam with beta2 = 0 moves by lr * m_hat / |g|."""
    values = random("ewma", beta).uniform(1, 3, 40)
    average, v, x = optim.swa_utils.get_ema_avg_fn(beta), torch.zeros(()), torch.zeros(())
    adam = optim.Adam([x], lr=1.0, betas=(beta, 0.0), eps=0.0)
    plain, corrected = [], []
    for value in values:
        plain.append(v := average(v, torch.tensor(value), 0))
        before, x.grad = x.clone(), torch.tensor(value)
        adam.step()
        corrected.append((before - x) * value)
    close(right("learning_rate", "ewma")(values, beta), torch.stack(plain), 1e-13)
    close(right("learning_rate", "ewma_bias_corrected")(values, beta), torch.stack(corrected), 1e-12)


def test_weight_decay():
    """Against autograd on the penalised loss, and one step of SGD against PyTorch's, with weight_decay for W alone."""
    r = random("decay")
    params = {"W1": r.standard_normal((4, 3)), "b1": r.standard_normal(3), "gamma1": r.standard_normal(3),
              "W2": r.standard_normal((3, 2)), "W3": r.standard_normal((2, 2))}
    grads = {key: r.standard_normal(p.shape) for key, p in params.items()}
    tensors = {key: tensor(p) for key, p in params.items()}
    weights = [p for key, p in tensors.items() if key.startswith("W")]
    others = [p for key, p in tensors.items() if not key.startswith("W")]
    penalty = 0.3 / 2 * sum(torch.linalg.vector_norm(W) ** 2 for W in weights)
    close(right("regularization", "l2_penalty")(params, 0.3), penalty, 1e-13)
    (penalty + sum((torch.tensor(g) * tensors[key]).sum() for key, g in grads.items())).backward()
    decayed = right("regularization", "add_weight_decay")(grads, params, 0.3)
    for key, p in tensors.items():
        close(decayed[key], p.grad, 1e-13)
        p.grad = torch.tensor(grads[key])
    optim.SGD([{"params": weights, "weight_decay": 0.3}, {"params": others}], lr=0.2).step()
    right("optimizers", "sgd")(lr=0.2).update(params, decayed)
    for key, p in tensors.items():
        close(params[key], p, 1e-13)


@pytest.mark.parametrize("ratio", [0.1, 0.3, 0.8])
def test_dropout(ratio):
    """Given the mask that our layer drew: values and gradients; the values that survive, against F.dropout as well."""
    r = random("dropout", ratio)
    x, dout = tensor(r.uniform(1, 2, (40, 30))), r.standard_normal((40, 30))
    theirs = (F.dropout(x, ratio, training=True) / x).detach().numpy()
    for exercise, scale, at_test_time in (("Dropout", 1.0, 1 - ratio), ("InvertedDropout", 1 / (1 - ratio), 1.0)):
        layer = right("regularization", exercise.lower())(ratio, r)
        out = layer.forward(x.detach().numpy(), train=True)
        mask = torch.tensor((out != 0).astype(float))
        assert abs(mask.mean() - (1 - ratio)) < 6 * np.sqrt(ratio * (1 - ratio) / x.numel())  # standard deviations
        expected = x * mask * scale
        x.grad = None
        expected.backward(torch.tensor(dout))
        close(out, expected, 1e-13)
        close(layer.backward(dout), x.grad, 1e-13)
        close(layer.forward(x.detach().numpy(), train=False), at_test_time * x, 1e-13)
    kept = out[out != 0] / x.detach().numpy()[out != 0]
    close(kept, np.full(kept.shape, theirs.max()), 1e-13)
