"""The calls on which a function shows what it does.

A `CasesProbe` suits a function that always answers the same: its signature is what it returned.  A
`MeasuresProbe` suits one that draws random numbers: its signature is made of properties that every right
way of drawing has, and that a wrong one lacks.
"""

import copy
import secrets
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.diagnosis import TOLERANCE
from autograder.messages import _
from autograder.probes import fault_number, observed, same_values
from autograder.stopped import Stopped


class Case:
    """One call: its arguments, and the shapes of what should come back.

    name: what a test calls it; inputs: {argument: value} in the order of the call; outputs: {name: shape},
    where a dict {key: shape} stands for a dict of arrays; hidden: arguments that the tests use but that are
    not passed, {name: value}.  `case.x` is the input or hidden value x, a fresh copy at every access;
    `case.expected["out"]` is what the right implementation returns.
    """

    def __init__(self, name, inputs, outputs, **hidden):
        self.name, self.inputs, self.outputs = name, inputs, outputs
        self._values = {**inputs, **hidden}
        self.expected = {}

    def __getattr__(self, name):
        values = self.__dict__.get("_values", {})
        if name not in values:
            raise AttributeError(name)
        return copy.deepcopy(values[name])

    @property
    def when(self):
        """What a message says of this case, in the language in force."""
        return _("in the case “{name}”", name=self.name)

    def arguments(self):
        """Fresh copies of the inputs, in order."""
        return [copy.deepcopy(value) for value in self.inputs.values()]


def plain_call(case, implementation, arguments, *_uses):
    """The call that most exercises need: the inputs in order."""
    return implementation(*arguments)


class CasesProbe:
    """What a function returns on cases that tell the known mistakes apart.

    cases: the Cases; call(case, implementation, arguments, *uses): makes the call, `arguments` being fresh
    copies of the inputs and `uses` the student's earlier functions that the test handed over.
    """

    def __init__(self, cases, call=plain_call):
        self.cases = {case.name: case for case in cases}
        self._call = call
        #: Whether the call hands the results of an earlier function to this one, which then need not call it itself.
        self.hands_over = call is not plain_call

    def observe(self, implementation, *uses):
        """The signature of `implementation`, a 1-D float64 array.

        For each case: a number for the kind of exception or the wrong arity (0: none), whether an argument
        was changed, and for each output a number for its type, shape and dtype (0: as expected) and its
        entries, repeated or cut to the expected size.
        """
        return np.concatenate([self._follow(case, implementation, uses) for case in self.cases.values()])

    def expect(self, signature):
        """Write the reference's `signature` into the cases as what is expected."""
        values = iter(signature)
        for case in self.cases.values():
            next(values), next(values)                       # the exception, the arguments
            for name, shape in case.outputs.items():
                next(values)                                 # the type
                case.expected[name] = _take(values, shape)

    def values(self, signature, name):
        """The entries of `signature` that are results of the case `name`."""
        values = iter(signature)
        for case in self.cases.values():
            next(values), next(values)
            found = []
            for shape in case.outputs.values():
                next(values)
                found += [next(values) for _ in range(_size(shape))]
            if case.name == name:
                return np.array(found)
        raise KeyError(name)

    def _follow(self, case, implementation, uses):
        fault, changed, parts = 0.0, 0.0, [None] * len(case.outputs)
        arguments = case.arguments()
        try:
            with np.errstate(all="ignore"):
                value = self._call(case, implementation, arguments, *uses)
            several = isinstance(value, (tuple, list)) or np.shape(value) == (len(parts),) != (1,)
            parts = list(value) if len(parts) > 1 and several else [value]
            if len(parts) != len(case.outputs):
                fault = _number("arity", len(parts))
                parts = [*parts, *[None] * len(case.outputs)][:len(case.outputs)]
            changed = float(not all(same_values(observed(implementation, now), before)
                                    for now, before in zip(arguments, case.inputs.values(), strict=True)))
        except Stopped:
            raise
        except Exception as error:  # whatever the student's code raises is part of what it does
            fault = fault_number(error)
        described = [_describe(part, shape) for part, shape in zip(parts, case.outputs.values(), strict=True)]
        return np.concatenate([[fault, changed], *described])


def _take(values, shape):
    """The next entries of the iterator `values` as an array of `shape`, or a dict of arrays."""
    if isinstance(shape, dict):
        return {key: _take(values, inner) for key, inner in shape.items()}
    return np.array([next(values) for _ in range(int(np.prod(shape)))]).reshape(shape)


def _size(shape):
    """How many entries an output has."""
    return sum(map(_size, shape.values())) if isinstance(shape, dict) else int(np.prod(shape))


def _number(*facts):
    """A number that stands for some facts; 0 is kept for the expected ones."""
    return float(zlib.crc32(repr(facts).encode()) | 1)


def _describe(value, shape):
    """[0 or what is odd about the value, its entries …]; NaN for entries that are not there."""
    nothing = np.full(_size(shape), np.nan)
    if isinstance(shape, dict):
        if not isinstance(value, dict) or value.keys() != shape.keys():
            keys = sorted(map(str, value)) if isinstance(value, dict) else type(value).__name__
            return np.concatenate([[_number("keys", keys)], nothing])
        parts = [_describe(value[key], inner) for key, inner in shape.items()]
        odd = next((part[0] for part in parts if part[0]), 0.0)
        return np.concatenate([[odd], *(part[1:] for part in parts)])
    try:
        array = np.asarray(value)
    except ValueError:                                       # rows of different lengths
        return np.concatenate([[_number("ragged")], nothing])
    if array.dtype.kind not in "biuf" or not array.size:
        return np.concatenate([[_number("type", array.dtype.kind, array.shape, value is None)], nothing])
    odd = 0.0
    if array.shape != shape:
        odd = _number("shape", array.shape)
    elif array.ndim and array.dtype != np.float64:
        odd = _number("dtype", array.dtype.name)
    return np.concatenate([[odd], np.resize(array.ravel()[:nothing.size].astype(np.float64), nothing.size)])


@dataclass(frozen=True)
class Measure:
    """A property of a function that draws random numbers.

    function(implementation, rng): `size` numbers, which must not depend on how the numbers were drawn:
    ratios that are exact, flags, or estimates put through `snap`; NaN where there is nothing to measure.
    """

    name: str
    size: int
    function: Any


class MeasuresProbe:
    """The properties of a function that draws random numbers.

    measures: the Measures, each with a generator of its own; seed: an int in [0, 2**32).
    """

    def __init__(self, measures, seed):
        self.measures, self._seed = measures, seed

    def rng(self, number=0):
        """A fresh numpy Generator; the same for the same number."""
        return np.random.default_rng([self._seed, number])

    def observe(self, implementation, *_uses):
        """The signature: for each measure the kind of exception (0: none) and its numbers."""
        out = []
        for number, measure in enumerate(self.measures):
            fault, numbers = 0.0, np.full(measure.size, np.nan)
            try:
                with np.errstate(all="ignore"):
                    numbers[:] = measure.function(implementation, self.rng(100 + number))
                if np.isinf(numbers).any():                  # what nobody foresaw is like nothing else
                    fault = float(secrets.randbelow(2**40) + 2**33)
            except Stopped:
                raise
            except Exception as error:  # as above
                fault = fault_number(error)
            out.append([fault, *numbers])
        return np.concatenate(out)

    def expect(self, signature):
        """Nothing: a test of a random function compares with what is true of every draw."""


def near(values, tolerance):
    """Estimates for a signature in which numbers up to `tolerance` apart count as the same.

    They tell no mistakes apart, but keep another distribution from being taken for a known one whose `snap`s and
    flags it happens to share.
    """
    return np.asarray(values, dtype=np.float64) * (TOLERANCE / tolerance)


def snap(value, candidates, tolerance):
    """The candidate nearest to `value` if it lies within the relative tolerance, else infinity: unknown.

    Candidates must lie more than twice the tolerance apart.  A signature with something unknown in it is like no
    other, so that two answers are not taken for the same because neither is known.
    """
    candidates = np.asarray(candidates, dtype=np.float64)
    nearest = candidates[np.argmin(np.abs(candidates - value))]
    return float(nearest) if abs(value - nearest) <= tolerance * max(abs(nearest), 1e-12) else np.inf
