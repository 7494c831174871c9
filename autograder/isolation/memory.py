"""What the checker remembers about the arguments that it passed: what the student's code left in them."""

import sys
from collections import OrderedDict

import numpy as np

from . import generators
from .wire import WireError

KEPT_ARGUMENTS = 1024
KEPT_GENERATORS = 64


class Memory:
    """Changed arguments and passed generators, both by identity, the oldest given up first."""

    def __init__(self):
        # id: (object, what was left in it). Holding the object keeps its id from being reused.
        self._left = OrderedDict()
        self._generators = OrderedDict()  # id: (generator, key, state that both sides know)
        self._next_key, self.forgotten, self._passed = 0, [], []

    # Arguments.

    def observed(self, obj):
        """A fresh copy of what the student's code left in obj; obj itself if that is what it was."""
        return _copy(self._left[id(obj)][1]) if id(obj) in self._left else obj

    def remember(self, nodes, changed: dict, allowed) -> None:
        """Notes what a call left in its arguments, and writes back what it may change."""
        for obj in nodes:
            self._left.pop(id(obj), None)
        for index, new in changed.items():
            obj = nodes[index]
            self._left[id(obj)] = obj, new
            if any(obj is argument for argument in allowed):
                _write(obj, _copy(new))
        while len(self._left) > KEPT_ARGUMENTS:
            self._left.popitem(last=False)

    # Generators.

    def generator_key(self, generator) -> int:
        """The number by which both sides know a generator; it will be sent with its state."""
        _, key, _ = self._generators.pop(id(generator), (None, self._next_key, None))
        self._next_key = max(self._next_key, key + 1)
        self._generators[id(generator)] = generator, key, generators.get_state(generator)
        self._passed.append(id(generator))
        while len(self._generators) > KEPT_GENERATORS and next(iter(self._generators)) not in self._passed:
            self.forgotten.append(self._generators.popitem(last=False)[1][1])
        return key

    def generators_to_send(self) -> list:
        """[key, state] of those that are passed now, and of those that drew here since they were passed."""
        passed, self._passed, out = set(self._passed), [], []
        for i in [i for i, entry in self._generators.items() if i not in passed and _nobodys(entry)]:
            self.forgotten.append(self._generators.pop(i)[1])
        for i, (generator, key, known) in self._generators.items():
            state = generators.get_state(generator)
            if i in passed or not generators.same(state, known):
                self._generators[i] = generator, key, state
                out.append([key, state])
        return out

    def advance_generators(self, states: list) -> None:
        """Puts the generators into the states that the student's code left them in."""
        known = {key: (i, generator, old) for i, (generator, key, old) in self._generators.items()}
        for key, new in states:
            if key not in known:
                raise WireError("no such generator")
            i, generator, old = known[key]
            generators.check_state(new, old)
            generators.set_state(generator, new)
            self._generators[i] = generator, key, new


def _nobodys(entry):
    """Whether the generator of an entry is held by nothing else here, so that nobody can draw from it any more.

    NumPy's generators take no weak references.  The entry holds one, and asking makes one.
    """
    return sys.getrefcount(entry[0]) <= 2


def _write(obj, new):
    """Into a dict or list whatever is new, into an array only what has its shape and dtype."""
    if isinstance(obj, dict) and isinstance(new, dict):
        obj.clear()
        obj.update(new)
    elif isinstance(obj, list) and isinstance(new, list):
        obj[:] = new
    elif _like(obj, new) and obj.flags.writeable:
        obj[...] = new


def _like(obj, new):
    both = isinstance(obj, np.ndarray) and isinstance(new, np.ndarray)
    return both and (obj.shape, obj.dtype) == (new.shape, new.dtype)


def _copy(x):
    """A copy of plain data; stand-ins stay themselves."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, dict):
        return {k: _copy(v) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return type(x)(_copy(v) for v in x)
    return x
