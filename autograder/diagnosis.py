"""Names a mistake: the known variant that does, number for number, what the student's code did."""

from dataclasses import dataclass

import numpy as np

from autograder.messages import _, mistake_text

#: Two ways of writing the same wrong formula differ by rounding, some 1e-13 after a few steps that
#: divide and take roots; different mistakes differ by more than 1e-3 somewhere on the probe
#: (`autograder release` refuses a catalogue whose entries come closer than SEPARATION).
TOLERANCE = 1e-7
SEPARATION = 1e-4

MISTAKE, CONVENTION, INHERITED = "mistake", "convention", "inherited"


@dataclass(frozen=True)
class Variant:
    """A catalogued implementation: its id, its signature and its kind.

    A mistake is wrong, a convention another valid definition.  An inherited variant is a right answer that
    calls an earlier function of the student's in which the mistake `id` was made.
    """

    id: str
    signature: np.ndarray
    kind: str = MISTAKE


def distance(a, b):
    """The largest difference of two signatures, relative above 1; infinite where only one is finite."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        return np.inf
    with np.errstate(all="ignore"):
        difference = np.abs(a - b) / np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
    alike = (a == b) | (np.isnan(a) & np.isnan(b))
    return float(np.max(np.where(alike, 0.0, np.where(np.isnan(difference), np.inf, difference)), initial=0.0))


def same(a, b):
    """Whether two signatures are those of one function."""
    return distance(a, b) <= TOLERANCE


def only_raises(signature, probe, *uses):
    """Whether the signature holds nothing but an exception for each call of `probe`.

    Any slip that raises the same exception looks like that, so it must be nobody's name.
    """
    def raising(kind):
        def function(*args, **kwargs):
            raise kind
        return probe.observe(function, *uses)
    one, other = raising(KeyError), raising(IndexError)
    exceptions = np.isfinite(one) & (one != other)
    return bool(np.all(signature[exceptions] != 0) and np.array_equal(np.isnan(signature), np.isnan(one)))


def name(signature, variants):
    """The variant with this signature, or None: a name is never guessed."""
    nearest = min(variants, key=lambda v: distance(signature, v.signature), default=None)
    return nearest if nearest is not None and same(signature, nearest.signature) else None


@dataclass(frozen=True)
class Pair:
    """Two catalogued mistakes made at once: their ids, and the digest of the signature that they have together."""

    ids: tuple
    digest: np.ndarray


def digest(signature):
    """Four numbers that stand for a signature, so that thousands of pairs of mistakes fit in a small file.

    Random projections of its entries on a logarithmic scale: two signatures that differ somewhere by more than
    SEPARATION have, but for one chance in 10^8, digests further apart than `same_digest` allows.
    """
    entries = np.arcsinh(np.nan_to_num(np.asarray(signature, dtype=np.float64), nan=-3.7, posinf=1e40, neginf=-1e40))
    return np.random.RandomState(len(entries)).standard_normal((4, len(entries))) @ entries


def same_digest(a, b):
    """Whether two digests are those of one function, up to rounding."""
    return bool(np.max(np.abs(a - b)) <= 1e-5)


def distinct(pairs, others):
    """The pairs that can be told from each other and from the digests `others`."""
    known = [pair.digest for pair in pairs] + list(others)
    if not pairs:
        return []
    apart = np.max(np.abs(np.array(known)[None] - np.array([pair.digest for pair in pairs])[:, None]), axis=2) > 1e-4
    return [pair for i, pair in enumerate(pairs) if apart[i].sum() == len(known) - 1]


def name_pair(signature, pairs):
    """The Pair with this signature, or None."""
    wanted = digest(signature)
    return next((pair for pair in pairs if same_digest(pair.digest, wanted)), None)


def explain_pair(pair):
    """What to tell a student who made both mistakes, in the language in force."""
    both = "\n\n".join(map(explain_id, pair.ids))
    return _("Two known mistakes come together here. What follows is said of each of them alone.") + "\n\n" + both


def explain_id(id):
    """What to tell a student who made the mistake `id`, in the language in force."""
    return explain(Variant(id, np.empty(0)))


def explain(variant):
    """What to tell a student whose code is `variant`, in the language in force."""
    head = {MISTAKE: _("This is a known mistake: {what}"),
            CONVENTION: _("Accepted, another convention: {what}"),
            INHERITED: _("Accepted here: it is the mistake of an earlier function over again: {what}")}
    return "\n".join([
        head[variant.kind].format(what=mistake_text(variant.id, "what")),
        mistake_text(variant.id, "why"),
        _("Ask yourself: {question}").format(question=mistake_text(variant.id, "ask")),
        f"({variant.id})"])
