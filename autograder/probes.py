"""The inputs on which an implementation shows what it does.

A probe runs an implementation and writes all that it did into one flat vector, its signature: two
implementations are the same function, as far as the probe sees, exactly when their signatures agree.
Probes are drawn from a seed with `RandomState`, whose stream NumPy has frozen, so that a seed means
the same numbers in every version.
"""

import zlib
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from autograder.messages import _
from autograder.stopped import Stopped


@dataclass
class Step:
    """One update: its gradients, the learning rate to set first (None: leave it), what should come of it."""

    run: str
    number: int
    gradients: dict
    lr: float | None = None
    expected: dict = field(default_factory=dict)

    @property
    def when(self):
        """What a message says of this step, in the language in force."""
        return _("after step {number} of the run “{run}”", number=self.number, run=self.run)

    def schedule(self, optimizer):
        """Do as a learning-rate schedule does before this step: set `lr`, or leave it."""
        if self.lr is not None:
            optimizer.lr = self.lr

    def grads(self):
        """Fresh copies of the gradients, {key: float64 array}."""
        return {key: g.copy() for key, g in self.gradients.items()}


@dataclass
class Run:
    """A start and the steps from it, for an optimizer made with `settings`."""

    name: str
    settings: dict
    parameters: dict
    steps: list

    def start(self):
        """Fresh copies of the parameters before the first step, {key: float64 array}."""
        return {key: p.copy() for key, p in self.parameters.items()}


class OptimizerProbe:
    """What an optimizer does on gradients that tell the known mistakes apart.

    One step hides most mistakes, and so do equal hyperparameters, ordinary gradients and a constant
    learning rate; hence several steps, two settings, and gradients that vanish, shrink, alternate and jump.

    plain, rough: settings for the class, {name: number}; `rough` has the large eps where there is one.
    seed: of the random numbers, an int in [0, 2**32).
    """

    def __init__(self, plain, rough, seed):
        r = np.random.RandomState(seed)
        shapes = {"W": (3, 2), "b": (2,)}  # the same in every run: shared state then shows as numbers

        def draw(keys):
            return {key: r.standard_normal(shapes[key]) for key in keys}

        def run(name, settings, steps, keys="Wb"):
            return Run(name, settings, draw(keys), [Step(name, t, draw(keys)) for t in range(1, steps + 1)])

        self.runs = {
            "plain": run("plain", plain, 8),
            "left": run("left", plain, 4),
            "right": run("right", rough, 4, "bW"),          # the keys in another order
            "rough": run("rough", rough, 8),
            "schedule": run("schedule", plain, 8),
            "defaults": run("defaults", {}, 3),
        }
        self.resumed = {"t": 3}                      # an attribute that the stub of Adam and Nadam has
        for t, step in enumerate(self.runs["rough"].steps, 1):
            W = step.gradients["W"]
            W[0, 0] = 0.0 if t <= 3 else W[0, 0]     # 0/0 without eps
            W[1, 0] = 1e-4 * (-1) ** t               # tiny and alternating: where eps is placed
            W[2, 1] = 300.0 if t == 4 else W[2, 1]   # a spike: what is remembered of it
            W[2, 0] = 0.0 if t in (5, 6) else W[2, 0]    # zero after other numbers: averages still fade
            step.gradients["b"] *= t != 6            # ... and a whole array of zeros
        for step in self.runs["defaults"].steps:
            step.gradients["W"][0, 0] = 1e-7         # as small as the default eps
        for t, step in enumerate(self.runs["schedule"].steps, 1):
            step.lr = plain["lr"] / (3 if t >= 5 else 1)

    def observe(self, optimizer_class, *_uses):
        """The signature of `optimizer_class`, a 1-D float64 array.

        For each run the parameters after each step (NaN from the first exception on) and a number for
        the kind of exception (0: none), then whether the gradients were changed.  Where nothing is finite,
        so that many mistakes look alike, follows a run of an optimizer that has done some steps already;
        zeros elsewhere.  A class whose objects share state has no signature of its own: the same run
        differs when repeated, and the vector is all NaN but for its last entry, 1.
        """
        follow = [self._follow(optimizer_class, run) for run in self.runs.values()]
        again = self._follow(optimizer_class, self.runs["plain"])
        blind = not np.isfinite(follow[0][:-2]).any()
        resumed = (self._follow(optimizer_class, self.runs["plain"], self.resumed) if blind
                   else np.zeros_like(again))
        signature = np.concatenate([*follow, resumed, [0.0]])
        if not np.array_equal(follow[0], again, equal_nan=True):
            signature[:], signature[-1] = np.nan, 1.0
        return signature

    def expect(self, signature):
        """Write the reference's `signature` into the steps as what is expected of them."""
        values = iter(signature)
        for run in self.runs.values():
            for step in run.steps:
                step.expected = {key: np.array([next(values) for _ in range(p.size)]).reshape(p.shape)
                                 for key, p in run.parameters.items()}
            next(values), next(values)               # the exception, the gradients

    @staticmethod
    def _follow(optimizer_class, run, attributes=MappingProxyType({})):
        """What one run adds to the signature, of an optimizer with some `attributes` set before."""
        size = sum(p.size for p in run.parameters.values())
        trace = np.full((len(run.steps), size), np.nan)
        fault, changed = 0.0, 0.0
        try:
            subject, params = optimizer_class(**run.settings), run.start()
            for name, value in attributes.items():
                setattr(subject, name, value)
            for t, step in enumerate(run.steps):
                step.schedule(subject)
                grads = step.grads()
                with np.errstate(all="ignore"):
                    subject.update(params, grads)
                changed = max(changed, float(not same_values(observed(subject, grads), step.gradients)))
                trace[t] = np.concatenate([
                    np.asarray(params[key], dtype=np.float64).reshape(p.shape).ravel()
                    for key, p in run.parameters.items()])
        except Stopped:
            raise
        except Exception as error:  # whatever the student's code raises is part of what it does
            fault = fault_number(error)
        return np.concatenate([trace.ravel(), [fault, changed]])


def fault_number(error):
    """A number that stands for the kind of an exception, the student's own or a stand-in's."""
    return float(zlib.crc32(getattr(error, "type_name", type(error).__name__).encode()) | 1)


def observed(owner, value):
    """`value` as the call to `owner` left it.

    In one process that is `value` itself.  Where `owner` is a stand-in for an object in the student's
    process, arguments are not written back, and that process knows what became of them.
    """
    process = getattr(owner, "_student", None)
    return process.observed(value) if hasattr(process, "observed") else value


def same_values(got, expected):
    """Whether two arguments are equal: dicts of arrays in keys, shapes and every value; arrays; anything else."""
    if isinstance(expected, dict):
        return isinstance(got, dict) and got.keys() == expected.keys() and all(
            same_values(got[key], expected[key]) for key in expected)
    if isinstance(expected, np.ndarray):
        if not isinstance(got, np.ndarray) or got.shape != expected.shape:
            return False
        floats = expected.dtype.kind == "f"
        return got.tobytes() == expected.tobytes() or np.array_equal(got, expected, equal_nan=floats)
    return True                                  # numbers cannot be changed; functions and generators may be used
