"""The measures and cases of the assignment hyperparameters.

Three of its functions draw random numbers.  Their measures do not depend on how a right answer draws: flags, exact
counts, and shares of many draws sorted into a few levels.  Sizes and bounds vary with the seed, here or (those of
sample_momentum) in its hidden test, so that no answer can rely on those of the visible tests.
"""

from itertools import pairwise

import numpy as np

from autograder.cases import Case, CasesProbe, Measure, MeasuresProbe, near
from autograder.probes import observed

#: An answer may call the student's own earlier functions.
USES = {"sample_momentum": ["sample_log_uniform"]}

SPLITS, DRAWS = 100, 20_000

#: Between the levels of a share.  Those of the known mistakes lie at least 6 standard deviations away from each.
LEVELS = [0.407, 0.467, 0.54, 0.62, 0.716, 0.926, 0.98]


def split_validation(seed):
    """Numbered examples, with labels and with one-hot rows, and a size that is not whole."""
    r = np.random.RandomState(seed)
    few, many = 8 * r.randint(3, 6), 4 * r.randint(12, 16)   # times the ratio: whole numbers, without rounding

    def generator(split, rng):
        x, t = examples(60, 2)
        return drawn_from(rng, lambda g: np.concatenate([split(x.copy(), t.copy(), 0.25, g)[0] for _ in range(5)]))

    return MeasuresProbe([
        Measure("labels", 15, lambda split, rng: split_facts(split, rng, examples(few, 3), 0.375)),
        Measure("one-hot", 15, lambda split, rng: split_facts(split, rng, examples(many, 5, one_hot=True), 0.25)),
        Measure("generator", 3, generator),
        Measure("fraction", 1, fraction),
    ], seed)


def examples(N, D, one_hot=False):
    """x: (N, D), row i begins with the number i D; t: the label i mod 10 of each, (N,), or one-hot rows, (N, 10)."""
    labels = np.arange(N) % 10
    return np.arange(float(N * D)).reshape(N, D), np.eye(10)[labels] if one_hot else labels.astype(np.float64)


def split_facts(split, rng, data, ratio):
    """15 numbers: ten flags that hold in all of 100 splits, the four sizes (NaN: they vary), who is chosen.

    Who is chosen: 0 where each example is in the validation part of some splits and not of others (missed by chance
    with a probability below 64 * 0.75 ** 100 = 2e-11), else 2 where the order is kept and 1 where it is not; 3 where
    most examples are held back together with the next one, as by a shift instead of a shuffle.
    """
    (x, t), facts, sizes, times, together, in_order = data, [], [], 0, 0, True
    N, D = x.shape
    before = np.arange(N) - 1
    for _ in range(SPLITS):
        given = x.copy(), t.copy()
        parts = split(*given, ratio, rng)
        unchanged = [np.array_equal(observed(split, now), before) for now, before in zip(given, data, strict=True)]
        parts = [np.asarray(part, dtype=np.float64) for part in parts]
        x_train, t_train, x_val, t_val = parts
        sizes.append([len(part) for part in parts])
        alike = all(part.shape[1:] == whole.shape[1:] for part, whole in zip(parts, (x, t, x, t), strict=True))
        if not alike:
            facts.append([*unchanged, *[False] * 8])
            continue
        train, val = ((part[:, 0] / D).astype(int) % N for part in (x_train, x_val))
        held_back = np.zeros(N, dtype=bool)
        held_back[val] = True
        times, together = times + held_back, together + np.sum(held_back & held_back[before]) / max(len(val), 1)
        in_order = in_order and bool(np.all(np.diff(train) > 0))
        facts.append([*unchanged, True, np.array_equal(t[train], t_train), np.array_equal(t[val], t_val),
                      any(np.array_equal(part, t_train) for part in (t[:len(train)], t[-len(train):])),
                      len(set(train)) == len(train), len(set(val)) == len(val),
                      set(train).isdisjoint(val), set(val) <= set(train)])
    # A random half or less holds 0.5 of the next ones at most; a shift all but one of at least 9.
    chosen = 1 + in_order if not np.all((times > 0) & (times < SPLITS)) else 3 if together > 0.7 * SPLITS else 0
    same = [row[0] if len(set(row)) == 1 else np.nan for row in zip(*sizes, strict=True)]
    return [*np.all(facts, axis=0), *same, chosen]


def fraction(split, rng):
    """23 * 0.3 = 6.9 validation examples: 0 where these are 6 in each of 20 splits, 1 where 7, 2 for all else."""
    sizes = {len(split(*examples(23, 2), 0.3, rng)[2]) for _ in range(20)}
    return {(6,): 0, (7,): 1}.get(tuple(sizes), 2)


def drawn_from(rng, draw):
    """Three flags: the same seed gives the same, another seed something else, a second call something else."""
    seed = int(rng.integers(2**32))
    one, again, other = (np.random.default_rng(s) for s in (seed, seed, seed + 1))
    first = draw(one)
    return [np.array_equal(first, draw(again)), not np.array_equal(first, draw(other)),
            not np.array_equal(first, draw(one))]


def sample_log_uniform(seed):
    """Two ranges of three decades, one of them across 1, where the logarithm changes its sign."""
    r = np.random.RandomState(seed)
    a, b = -r.randint(4, 7), -r.randint(1, 3)
    return MeasuresProbe(sample_measures((10.0**a, 10.0 ** (a + 3)), (10.0**b, 10.0 ** (b + 3)), lambda x: x), seed)


def sample_momentum(seed):
    """Two ranges in which 1 - momentum spans three decades."""
    return MeasuresProbe(sample_measures((0.9, 0.9999), (0.2, 0.9992), lambda beta: 1 - beta), seed)


def sample_measures(narrow_range, wide_range, scale):
    """The measures of a function (low, high, size, rng) whose results are log-uniform after `scale`."""

    def spread(low, high):
        return lambda sample, rng: sample_facts(sample(low, high, DRAWS, rng), low, high, scale)

    low, high = narrow_range
    return [Measure("narrow range", 18, spread(*narrow_range)), Measure("wide range", 18, spread(*wide_range)),
            Measure("one", 2, lambda sample, rng: form(sample(low, high, 1, rng), 1)),
            Measure("generator", 3, lambda sample, rng: drawn_from(rng, lambda g: sample(low, high, 5, g)))]


def form(sample, size):
    """Two flags: the shape is (size,), the numbers are float64."""
    sample = np.asarray(sample)
    return [sample.shape == (size,), sample.dtype == np.float64]


def sample_facts(sample, low, high, scale):
    """18 numbers: the form, whether sorted, how many values differ (100: at least so many), and where they lie.

    That is: whether any lies below low, above high, or where there is no logarithm; whether each quarter of the range
    of the logarithm has a quarter of the draws (0.03 is 9.8 standard deviations of 0.0031); the levels of these
    shares and of the share below the middle of [low, high]; and the shares themselves, within 0.03 (6.8 standard
    deviations of the difference of two estimates).
    """
    values = np.ravel(np.asarray(sample, dtype=np.float64))
    start, end = np.sort(np.log([scale(low), scale(high)]))
    position = (np.log(scale(values)) - start) / (end - start)
    shares = np.array([np.mean((left < position) & (position <= right))
                       for left, right in pairwise([-1e-9, 0.25, 0.5, 0.75, 1 + 1e-9])])
    slack = 1e-9 * high
    where = [np.any(values < low - slack), np.any(values > high + slack), np.any(np.isnan(position)),
             np.all(np.abs(shares - 0.25) < 0.03),
             *np.digitize([*shares, np.mean(values < (low + high) / 2)], LEVELS)]
    different = min(len(set(values.tolist())), 100)                                # where a single value fell is chance
    estimates = near([*shares, np.mean(values < (low + high) / 2)], 0.03)
    return [*form(sample, DRAWS), np.all(np.diff(values) > 0), different,
            *np.array(where) * (different > 1), *estimates * (different > 99)]


def narrow(seed):
    """Searches of which every trial that stays or goes by mistake moves an end of the range."""
    r = np.random.RandomState(seed)
    N = r.randint(10, 14)
    return CasesProbe([trials(r, "six trials", 6, 3), trials(r, "negative scores", 9, 4, -3.0, exponents=True),
                       trials(r, "only the best", 7, 1), trials(r, "all of them", 5, 5),
                       trials(r, "other size", N, r.randint(3, N - 4))])


def trials(r, name, N, keep, lowest=0.1, exponents=False):
    """N trials, of which the best `keep` have the middle values; the next best has the largest or smallest of all.

    Of those kept, the best lies inside the range and the last one at its end.  Scores: from `lowest` on, 0.8 wide;
    values: exponents in [-6, -1] or numbers in [0.1, 4], at least a tenth of their mean distance apart.
    """
    ladder = (np.arange(N) + r.uniform(0.05, 0.95, size=N)) / N           # rising values and rising scores in [0, 1]
    values = -6 + 5 * ladder if exponents else 0.1 + 3.9 * ladder
    scores = lowest + 0.8 * (np.arange(N) + r.uniform(0.05, 0.95, size=N)) / N
    start = (N - keep) // 2
    ends, inside = [start, start + keep - 1][:keep], list(range(start + 1, start + keep - 1))
    rest = [i for i in range(N) if not start <= i < start + keep]
    by_score = [*r.permutation(inside), *r.permutation(ends), *rest[::r.choice([-1, 1])]]
    place = r.permutation(N)
    return Case(name, {"values": values[by_score][place], "scores": scores[::-1][place], "keep": keep},
                {"low": (), "high": ()})


EXERCISES = {
    "split_validation": split_validation,
    "sample_log_uniform": sample_log_uniform,
    "sample_momentum": sample_momentum,
    "narrow": narrow,
}
