"""A NumPy generator crosses as its bit generator's state, and its advanced state comes back.

What comes back steers what the checker draws next, so only a state that drawing could have led to is taken.
"""

import numpy as np

from .wire import WireError

WORD = 2**32
MASK = 2**128 - 1
MULTIPLIERS = {"PCG64": 0x2360ED051FC65DA44385DF649FCCF645, "PCG64DXSM": 0xDA942042E4DD58B5}
FARTHEST = 2**40  # draws that one call may take
KINDS = (np.random.Generator, np.random.RandomState)


def get_state(generator) -> dict:
    """The state of a Generator or RandomState, as plain data."""
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.bit_generator.state


def set_state(generator, state: dict) -> None:
    """Puts a Generator or RandomState into a state."""
    if isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    else:
        generator.bit_generator.state = state


def same(a, b) -> bool:
    """Whether two states are equal."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


def check_state(new, old: dict) -> None:
    """Raises WireError unless `new` is a state that a generator in state `old` can reach."""
    _same_form(new, old)
    name = old["bit_generator"]
    if name in MULTIPLIERS:
        _check_advance(new["state"], old["state"], MULTIPLIERS[name])
    elif name == "MT19937":
        if not 0 <= new["state"]["pos"] <= 624:
            raise WireError("not a generator's position")
    elif name == "Philox":
        if not np.array_equal(new["state"]["key"], old["state"]["key"]) or not 0 <= new["buffer_pos"] <= 4:
            raise WireError("not a state of the same generator")
    elif name != "SFC64":
        raise WireError("an unknown bit generator")
    if new.get("has_uint32", 0) not in (0, 1) or not 0 <= new.get("uinteger", 0) < WORD:
        raise WireError("not a generator's buffer")
    if new.get("has_gauss", 0) not in (0, 1) or not np.isfinite(new.get("gauss", 0.0)):
        raise WireError("not a generator's buffer")


def _same_form(new, old):
    """The same keys, types, shapes and dtypes, and the same names."""
    if type(new) is not type(old):
        raise WireError("not a generator's state")
    if isinstance(old, dict):
        if new.keys() != old.keys():
            raise WireError("not a generator's state")
        for key in old:
            _same_form(new[key], old[key])
    elif isinstance(old, np.ndarray):
        if new.dtype != old.dtype or new.shape != old.shape:
            raise WireError("not a generator's state")
    elif isinstance(old, str) and new != old:
        raise WireError("not the same bit generator")


def _check_advance(new, old, multiplier):
    """Walks from old to new on the linear congruential sequence, doubling the step (Brown 1994)."""
    here, goal, step, plus = old["state"], new["state"], 1, old["inc"]
    if new["inc"] != plus:
        raise WireError("not the same stream")
    while here != goal:
        if (here ^ goal) & step:
            here = (here * multiplier + plus) & MASK
        plus = (multiplier + 1) * plus & MASK
        multiplier = multiplier * multiplier & MASK
        step *= 2
        if step > FARTHEST:
            raise WireError("not a state that drawing leads to")
