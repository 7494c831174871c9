"""The chapter on frameworks: what it says PyTorch gives, PyTorch gives; defaults are those of PyTorch 2.13."""

import inspect
import re

import numpy as np
import pytest
from repository import ROOT

from nnlab import frameworks, landscape, workbook

PAGE = (ROOT / "book" / "en" / "frameworks.md").read_text(encoding="utf-8")
#: Entry of the list of errata -> label of the section that teaches it right.
ERRATA = {
    "1.9": "frameworks-eps", "1.14": "frameworks-eps", "1.32": "frameworks-batchnorm",
    "1.41": "frameworks-decay", "1.44": "frameworks-dropout", "2.10": "frameworks-defaults",
    "3.3": "frameworks-defaults", "3.23": "frameworks-old", "4.1": "frameworks-optimizers",
    "4.3": "frameworks-nesterov", "4.7": "frameworks-nadam", "4.12": "frameworks-batchnorm",
    "4.13": "frameworks-batchnorm", "4.14": "frameworks-clipping", "4.15": "frameworks-clipping",
}  # fmt: skip


@pytest.fixture
def torch():
    """PyTorch with float64 as its default; without PyTorch the test is skipped."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (pip install torch==2.13.0)")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


def torch_walk(torch, name, steps=3, **settings):
    """Where the optimizer that PyTorch calls `name` arrives in the valley: (2,)."""
    x, y = (torch.tensor(start, requires_grad=True) for start in landscape.START)
    optimizer = getattr(torch.optim, name)([x, y], **settings)
    for _ in range(steps):
        optimizer.zero_grad()
        landscape.f(x, y).backward()
        optimizer.step()
    return np.array([x.item(), y.item()])


@pytest.mark.parametrize(
    ("name", "own", "theirs", "settings"),
    [
        ("SGD", {}, "SGD", {}),
        ("Momentum", {}, "SGD", dict(momentum=0.9)),
        ("Nesterov", {}, "SGD", dict(momentum=0.9, nesterov=True)),
        ("AdaGrad", dict(eps=1e-10), "Adagrad", {}),
        ("RMSProp", dict(eps=1e-8), "RMSprop", {}),
        ("Adam", {}, "Adam", {}),
        ("Nadam", {}, "NAdam", dict(momentum_decay=1e9)),
    ],
)
def test_three_steps_in_the_valley(torch, name, own, theirs, settings):
    path = landscape.descend(workbook.load(name)(lr=0.1, **own), steps=3)
    np.testing.assert_allclose(path[-1], torch_walk(torch, theirs, lr=0.1, **settings), atol=1e-10)


@pytest.mark.parametrize("settings", [{}, dict(momentum_decay=1, eps=1e-7)])
def test_the_numbers_of_nadam_in_the_text(torch, settings):
    x, y = torch_walk(torch, "NAdam", lr=0.1, **settings)
    assert f"$({x:.8f}, {y:.8f})$" in PAGE


@pytest.mark.parametrize(("name", "nesterov"), [("Momentum", False), ("Nesterov", True)])
def test_the_rate_outside_the_velocity(torch, name, nesterov):
    rates = frameworks.dropped(steps=80, drop=40)
    own = frameworks.RateOutside(workbook.load(name)(lr=1.0), lr=0.1)
    W = torch.zeros(1, requires_grad=True)
    theirs, path = torch.optim.SGD([W], lr=0.1, momentum=0.9, nesterov=nesterov), [0.0]
    for lr in rates:
        theirs.param_groups[0]["lr"], W.grad = lr, torch.ones(1)
        theirs.step()
        path.append(W.item())
    np.testing.assert_allclose(frameworks.steps_taken(own, rates), -np.diff(path), atol=1e-12)
    inside = frameworks.steps_taken(workbook.load(name)(lr=0.1), rates)
    assert np.abs(inside + np.diff(path)).max() > 0.5


def test_adagrad_with_a_head_start(torch):
    settings = dict(lr=0.1, eps=0, initial_accumulator_value=0.1 + 1e-7)  # as in Keras: the eps under the root
    own = workbook.load("AdaGrad")(lr=0.1, eps=0)
    own.update({key: np.zeros(()) for key in "xy"}, {key: np.array((0.1 + 1e-7) ** 0.5) for key in "xy"})
    theirs = torch_walk(torch, "Adagrad", **settings)
    np.testing.assert_allclose(landscape.descend(own, steps=3)[-1], theirs, atol=1e-12)


@pytest.mark.parametrize(("theirs", "decoupled"), [("Adam", False), ("AdamW", True)])
def test_weight_decay_in_the_gradient_and_beside_it(torch, theirs, decoupled):
    rng, add = np.random.default_rng(0), workbook.load("add_weight_decay")
    params, own = {"W1": np.array([3.0, -2.0])}, workbook.load("Adam")(lr=0.02)
    W = torch.tensor([3.0, -2.0], requires_grad=True)
    theirs = getattr(torch.optim, theirs)([W], lr=0.02, weight_decay=0.1)
    for g in rng.normal(size=(100, 2)):
        if decoupled:
            params["W1"] *= 1 - 0.02 * 0.1
        own.update(params, {"W1": g} if decoupled else add({"W1": g}, params, 0.1))
        W.grad = torch.tensor(g)
        theirs.step()
    np.testing.assert_allclose(params["W1"], W.detach().numpy(), atol=1e-12)


def test_clipping_all_together(torch):
    grads = {"W": np.array([100.0, 1.0]), "b": np.array([3.0, 4.0])}
    own = workbook.load("clip_by_norm")(grads, 1.0)
    tensors = {key: torch.zeros(2, requires_grad=True) for key in grads}
    for key, tensor in tensors.items():
        tensor.grad = torch.tensor(grads[key])
    before = torch.nn.utils.clip_grad_norm_(tensors.values(), 1.0)
    assert before.item() == pytest.approx(np.sqrt(10_001 + 25))
    for key, tensor in tensors.items():
        np.testing.assert_allclose(tensor.grad.numpy(), own[key], rtol=1e-7)


def test_running_variance_and_the_meaning_of_momentum(torch):
    x = np.array([[1.0], [2.0], [4.0], [9.0]])
    layer, update = torch.nn.BatchNorm1d(1), workbook.load("update_running")
    out = layer(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(layer.running_var.numpy(), update(np.ones(1), x.var(axis=0, ddof=1)), atol=1e-12)
    own, _ = workbook.load("batchnorm_forward")(x, np.ones(1), np.zeros(1), eps=1e-5)
    np.testing.assert_allclose(out, own, atol=1e-12)


def test_dropout_takes_the_share_dropped_and_divides(torch):
    values = torch.nn.Dropout(0.15)(torch.ones(1000)).unique().numpy()
    own = workbook.load("InvertedDropout")(0.15, np.random.default_rng(0)).forward(np.ones(1000))
    np.testing.assert_allclose(values, np.unique(own), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "arguments", "theirs", "settings"),
    [
        ("exponential_decay", (0.95,), "ExponentialLR", dict(gamma=0.95)),
        ("staircase_decay", (0.5, 5), "StepLR", dict(step_size=5, gamma=0.5)),
        ("inverse_time_decay", (0.5,), "LambdaLR", dict(lr_lambda=lambda n: 1 / (1 + 0.5 * n))),
    ],
)
def test_schedules(torch, name, arguments, theirs, settings):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = getattr(torch.optim.lr_scheduler, theirs)(optimizer, **settings)
    for epoch in range(12):
        assert scheduler.get_last_lr()[0] == pytest.approx(workbook.load(name)(0.1, *arguments, epoch))
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize(
    ("row", "default"),
    [
        ("rate of SGD", ("SGD", "lr")),
        ("rate of AdaGrad", ("Adagrad", "lr")),
        ("rate of RMSProp", ("RMSprop", "lr")),
        ("rate of Adam", ("Adam", "lr")),
        ("rate of Nadam", ("NAdam", "lr")),
        ("AdaGrad: $\\varepsilon$", ("Adagrad", "eps")),
        ("AdaGrad: $h$ starts at", ("Adagrad", "initial_accumulator_value")),
        ("RMSProp: decay", ("RMSprop", "alpha")),
        ("RMSProp: $\\varepsilon$", ("RMSprop", "eps")),
        ("Adam: $\\varepsilon$", ("Adam", "eps")),
        ("AdamW: decay $\\lambda$", ("AdamW", "weight_decay")),
        ("BatchNorm: $\\varepsilon$", ("BatchNorm1d", "eps")),
    ],
)
def test_defaults_of_pytorch_in_the_table(torch, row, default):
    cells = re.search(rf"^\* - {re.escape(row)}\n((?:  - .*\n)+)", PAGE, re.MULTILINE)[1].splitlines()
    name, argument = default
    theirs = getattr(torch.optim, name, None) or getattr(torch.nn, name)
    assert float(cells[1].removeprefix("  - ")) == inspect.signature(theirs).parameters[argument].default


def test_the_sections_that_teach_errata_are_there():
    assert set(ERRATA.values()) <= set(re.findall(r"^\((frameworks-[a-z-]+)\)=\n#", PAGE, re.MULTILINE))
