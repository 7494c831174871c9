"""Where a check learns what is expected: from numbers beside the notebook, or from the solutions.

Both kinds offer `language`, `probe(exercise)` (runs filled with what is expected), `reference(exercise)` (the
signature of the right answer on that probe), `variants(exercise)` (the known mistakes and conventions on it),
`pairs(exercise)` (two mistakes at once) and `uses(exercise)` (the earlier exercises that an answer may call).
"""

from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from autograder import checks
from autograder.diagnosis import (
    INHERITED,
    SEPARATION,
    Pair,
    Variant,
    digest,
    distance,
    distinct,
    only_raises,
    same_digest,
)
from autograder.messages import N_, in_every_language

FILE = "expected.npz"

#: The seed of the students' fixed probe; official grading draws a fresh one.
FIXED_SEED = 20


class NumbersMissing(Exception):
    """The file with the numbers is not there or not readable; the text is for the student."""

    def _render_traceback_(self):
        """What IPython shows: the text alone."""
        return str(self).splitlines()


class FileExpectations:
    """The students' copy: numbers on a fixed probe, released beside the notebook; no code."""

    def __init__(self, path=FILE):
        try:
            with np.load(path, allow_pickle=False) as file:
                self._numbers = dict(file)
            self.language = str(self._numbers["language"])
            self.assignment = str(self._numbers["assignment"])
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            raise NumbersMissing(in_every_language(N_(
                "The file {file} is missing or damaged. It belongs in the same folder as the notebook; "
                "download both again if you cannot find it."), file=FILE)) from None

    def probe(self, exercise):
        """The fixed probe, with the reference's results."""
        probe = checks.probe(self.assignment, exercise, FIXED_SEED)
        probe.expect(self.reference(exercise))
        return probe

    def reference(self, exercise):
        """The signature of the right implementation of `exercise` on the fixed probe."""
        return self._numbers[f"{exercise}/reference"]

    def variants(self, exercise):
        """The catalogued variants of `exercise` on the fixed probe."""
        columns = (self._numbers[f"{exercise}/{column}"] for column in ("ids", "signatures", "kinds"))
        return [Variant(str(id), signature, str(kind)) for id, signature, kind in zip(*columns, strict=True)]

    def pairs(self, exercise):
        """Two mistakes at once, as far as they can be told from everything else on the fixed probe."""
        columns = (self._numbers[f"{exercise}/{column}"] for column in ("pairs", "digests"))
        return [Pair(tuple(map(str, ids)), digest) for ids, digest in zip(*columns, strict=True)]

    def uses(self, exercise):
        """The earlier exercises that an answer to `exercise` may call."""
        return checks.uses(self.assignment, exercise)


class LiveExpectations:
    """Official grading: the reference and the mistakes run here and now, on a probe of their own.

    solutions: an `autograder.solutions.Assignment`; seed: of the probe, fresh for each run; naming: whether
    the mistakes run too, so that one can be named; inheriting: whether a right answer is known by what an earlier
    function's mistake makes of it, too.
    """

    def __init__(self, solutions, seed, language="en", naming=True, inheriting=True):
        self._solutions, self._seed, self.language, self._naming = solutions, seed, language, naming
        self._inheriting = inheriting
        self._references = {}
        self.probe = lru_cache(self._probe)
        self.variants = lru_cache(self._variants)
        self.pairs = lru_cache(self._pairs)

    def reference(self, exercise):
        """The signature of the right implementation of `exercise`."""
        self.probe(exercise)
        return self._references[exercise]

    def uses(self, exercise):
        """The earlier exercises that an answer to `exercise` may call."""
        return checks.uses(self._solutions.name, exercise)

    def only_raises(self, exercise, signature):
        """Whether the signature, of an answer to `exercise`, holds nothing but exceptions."""
        return only_raises(signature, self.probe(exercise), *self._earlier(exercise))

    def _probe(self, exercise):
        probe = checks.probe(self._solutions.name, exercise, self._seed)
        self._references[exercise] = probe.observe(self._solutions.reference(exercise), *self._earlier(exercise))
        probe.expect(self._references[exercise])
        return probe

    def _variants(self, exercise):
        if not self._naming:
            return []
        probe, earlier = self.probe(exercise), self._earlier(exercise)
        own = [Variant(id, probe.observe(implementation, *earlier), kind)
               for id, implementation, kind in self._solutions.variants(exercise)]
        if not self._inheriting:
            return own
        inherited = [Variant(id, probe.observe(implementation, *uses), INHERITED)
                     for id, implementation, uses in self._solutions.inherited(exercise)]
        return own + [v for v in inherited if distance(v.signature, self.reference(exercise)) >= SEPARATION]

    def _pairs(self, exercise):
        if not self._naming:
            return []
        probe = self.probe(exercise)
        made = [(ids, probe.observe(implementation, *uses), probe.observe(implementation, *uses))
                for ids, implementation, uses in self._solutions.pairs(exercise)]
        # What differs when repeated has no signature.
        pairs = [Pair(ids, digest(signature)) for ids, signature, again in made
                 if not self.only_raises(exercise, signature) and same_digest(digest(signature), digest(again))]
        singles = [self.reference(exercise), *(variant.signature for variant in self.variants(exercise))]
        return distinct(pairs, map(digest, singles))

    def _earlier(self, exercise):
        return [self._solutions.reference(used) for used in self.uses(exercise)]


def numbers(solutions):
    """The students' numbers of an assignment: {name: array}, all but the language."""
    live = LiveExpectations(solutions, FIXED_SEED)
    numbers = {"assignment": np.array(solutions.name)}
    for exercise in checks.exercises(solutions.name):
        variants = live.variants(exercise)
        numbers[f"{exercise}/reference"] = live.reference(exercise)
        numbers[f"{exercise}/ids"] = np.array([v.id for v in variants])
        numbers[f"{exercise}/signatures"] = np.array([v.signature for v in variants])
        numbers[f"{exercise}/kinds"] = np.array([v.kind for v in variants])
        pairs = live.pairs(exercise)
        numbers[f"{exercise}/pairs"] = np.array([pair.ids for pair in pairs], dtype=str).reshape(-1, 2)
        numbers[f"{exercise}/digests"] = np.array([pair.digest for pair in pairs]).reshape(-1, 4)
    return numbers


def write(path, numbers):
    """Write the students' numbers to `path`, unless the file there already says the same."""
    if Path(path).exists():
        with np.load(path, allow_pickle=False) as file:
            if not differences(dict(file), numbers):
                return
    np.savez_compressed(path, **numbers)


def differences(old, new):
    """The names under which two sets of students' numbers differ by more than processors do.

    The last digits of a root differ between processors, and with them, now and then, whether a pair of mistakes can
    just be told from another: one pair in 50 may be in one set only.
    """
    if old.keys() != new.keys():
        return sorted(old.keys() ^ new.keys())
    pairs = {name for name in new if name.endswith(("/pairs", "/digests"))}
    differ = [name for name in new.keys() - pairs if old[name].shape != new[name].shape or not (
        np.allclose(old[name], new[name], rtol=1e-6, atol=1e-4, equal_nan=True) if new[name].dtype.kind == "f"
        else np.array_equal(old[name], new[name]))]
    for exercise in {name.partition("/")[0] for name in pairs}:
        one, other = (dict(zip(map(tuple, n[f"{exercise}/pairs"]), n[f"{exercise}/digests"], strict=True))
                      for n in (old, new))
        both = one.keys() & other.keys()
        if len(both) < 0.98 * max(len(one), len(other)) or not all(
                np.allclose(one[ids], other[ids], rtol=1e-6, atol=1e-4) for ids in both):
            differ.append(f"{exercise}/pairs")
    return sorted(differ)


def find(folder="."):
    """The expectations beside a notebook in `folder`."""
    return FileExpectations(Path(folder) / FILE)
