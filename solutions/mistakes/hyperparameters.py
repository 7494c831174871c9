"""Known wrong answers to the assignment hyperparameters, as edits of the reference.

MISTAKES: {id: [(old, new), …]}; each `old` occurs exactly once in the solution cell of the exercise.
CONVENTIONS: the same for valid answers that differ from ours.
"""

SIZE = "n_val = int(len(x) * ratio)"
ORDER = "order = rng.permutation(len(x))"
PARTS = "val, train = order[:n_val], order[n_val:]"
RESULT = "return x[train], t[train], x[val], t[val]"
LOG = "np.exp(rng.uniform(np.log(low), np.log(high), size))"
MOMENTUM = "1 - sample_log_uniform(1 - high, 1 - low, size, rng)"
BEST = "best = np.argsort(scores)[-keep:]"
KEPT = "kept = values[best]"
ENDS = "return kept.min(), kept.max()"

MISTAKES = {
    "split_validation/no-shuffle": [(ORDER, "order = np.arange(len(x))")],
    "split_validation/shifted": [(ORDER, "order = np.roll(np.arange(len(x)), rng.integers(len(x)))")],
    "split_validation/split-before-shuffle": [
        (PARTS, "val, train = np.arange(n_val), n_val + rng.permutation(len(x) - n_val)")],
    "split_validation/only-x-shuffled": [(RESULT, "return x[train], t[n_val:], x[val], t[:n_val]")],
    "split_validation/different-orders": [
        (RESULT, "other = rng.permutation(len(t))\n"
                 "    return x[train], t[other[n_val:]], x[val], t[other[:n_val]]")],
    "split_validation/shuffled-in-place-apart": [
        (ORDER, "rng.shuffle(x); rng.shuffle(t); order = np.arange(len(x))")],
    "split_validation/changes-arguments": [
        (ORDER, "order = rng.permutation(len(x)); x[:] = x[order]; t[:] = t[order]; order = np.arange(len(x))")],
    "split_validation/parts-swapped": [(PARTS, "train, val = order[:n_val], order[n_val:]")],
    "split_validation/x-parts-first": [(RESULT, "return x[train], x[val], t[train], t[val]")],
    "split_validation/with-replacement": [(ORDER, "order = rng.integers(len(x), size=len(x))")],
    "split_validation/validation-with-replacement": [
        (PARTS, "val = rng.choice(len(x), n_val)\n    train = np.setdiff1d(np.arange(len(x)), val)")],
    "split_validation/validation-left-in-training": [(PARTS, "val, train = order[:n_val], order")],
    "split_validation/overlapping-parts": [(PARTS, "val, train = order[:n_val], order[:-n_val]")],
    "split_validation/one-example-lost": [(PARTS, "val, train = order[:n_val], order[n_val + 1:]")],
    "split_validation/size-left-to-chance": [
        (PARTS, "chosen = rng.random(len(x)) < ratio\n    val, train = order[chosen[order]], order[~chosen[order]]")],
    "split_validation/fixed-ratio": [(SIZE, "n_val = int(len(x) * 0.2)")],
    "split_validation/own-generator": [(ORDER, "order = np.random.permutation(len(x))")],
    "split_validation/seeded-inside": [(ORDER, "order = np.random.default_rng(0).permutation(len(x))")],

    "sample_log_uniform/uniform": [(LOG, "rng.uniform(low, high, size)")],
    "sample_log_uniform/logarithm-returned": [(LOG, "rng.uniform(np.log(low), np.log(high), size)")],
    "sample_log_uniform/bounds-not-logarithms": [(LOG, "np.exp(rng.uniform(low, high, size))")],
    "sample_log_uniform/exp-of-log10": [(LOG, "np.exp(rng.uniform(np.log10(low), np.log10(high), size))")],
    "sample_log_uniform/ten-to-natural-logarithm": [(LOG, "10 ** rng.uniform(np.log(low), np.log(high), size)")],
    "sample_log_uniform/whole-exponents": [
        (LOG, "10.0 ** rng.integers(int(np.log10(low)), int(np.log10(high)) + 1, size)")],
    "sample_log_uniform/one-value-repeated": [(LOG, "np.full(size, np.exp(rng.uniform(np.log(low), np.log(high))))")],
    "sample_log_uniform/size-forgotten": [(LOG, "np.exp(rng.uniform(np.log(low), np.log(high)))")],
    "sample_log_uniform/evenly-spaced": [(LOG, "np.geomspace(low, high, size)")],
    "sample_log_uniform/fixed-range": [(LOG, "10 ** rng.uniform(-4, -1, size)")],
    "sample_log_uniform/own-generator": [(LOG, "np.exp(np.random.uniform(np.log(low), np.log(high), size))")],
    "sample_log_uniform/seeded-inside": [
        (LOG, "np.exp(np.random.default_rng(0).uniform(np.log(low), np.log(high), size))")],

    "sample_momentum/uniform": [(MOMENTUM, "rng.uniform(low, high, size)")],
    "sample_momentum/log-scale-of-beta": [(MOMENTUM, "sample_log_uniform(low, high, size, rng)")],
    "sample_momentum/one-minus-momentum-returned": [(MOMENTUM, MOMENTUM.removeprefix("1 - "))],
    "sample_momentum/bounds-of-beta": [(MOMENTUM, "1 - sample_log_uniform(low, high, size, rng)")],
    "sample_momentum/logarithm-returned": [(MOMENTUM, "1 - rng.uniform(np.log(1 - high), np.log(1 - low), size)")],
    "sample_momentum/exp-of-log10": [
        (MOMENTUM, "1 - np.exp(rng.uniform(np.log10(1 - high), np.log10(1 - low), size))")],
    "sample_momentum/ten-to-natural-logarithm": [
        (MOMENTUM, "1 - 10 ** rng.uniform(np.log(1 - high), np.log(1 - low), size)")],
    "sample_momentum/uniform-number-of-steps": [
        (MOMENTUM, "1 - 1 / rng.uniform(1 / (1 - low), 1 / (1 - high), size)")],
    "sample_momentum/one-value-repeated": [
        (MOMENTUM, "np.full(size, 1 - np.exp(rng.uniform(np.log(1 - high), np.log(1 - low))))")],
    "sample_momentum/size-forgotten": [(MOMENTUM, "1 - np.exp(rng.uniform(np.log(1 - high), np.log(1 - low)))")],
    "sample_momentum/fixed-range": [(MOMENTUM, "1 - 10 ** rng.uniform(-3, -1, size)")],
    "sample_momentum/own-generator": [
        (MOMENTUM, "1 - np.exp(np.random.uniform(np.log(1 - high), np.log(1 - low), size))")],
    "sample_momentum/seeded-inside": [
        (MOMENTUM, "1 - sample_log_uniform(1 - high, 1 - low, size, np.random.default_rng(0))")],

    "narrow/lowest-scores": [(BEST, "best = np.argsort(scores)[:keep]")],
    "narrow/first-trials": [(BEST, "best = np.arange(keep)")],
    "narrow/only-scores-sorted": [(BEST, "best = np.arange(len(scores))[-keep:]")],
    "narrow/values-sorted": [(BEST, "best = np.argsort(values)[-keep:]")],
    "narrow/one-too-many": [(BEST, "best = np.argsort(scores)[-keep - 1:]")],
    "narrow/one-too-few": [(BEST, "best = np.argsort(scores)[-keep:][1:]")],
    "narrow/argsort-taken-for-ranks": [(BEST, "best = np.argsort(scores) >= len(scores) - keep")],
    "narrow/indices-returned": [(KEPT, "kept = best")],
    "narrow/scores-returned": [(KEPT, "kept = scores[best]")],
    "narrow/high-before-low": [(ENDS, "return kept.max(), kept.min()")],
    "narrow/ends-of-ranking": [(ENDS, "return kept[0], kept[-1]")],
    "narrow/all-trials": [(KEPT, "kept = values")],
    "narrow/only-the-best": [(BEST, "best = np.argsort(scores)[-1:]")],
    "narrow/values-returned": [(ENDS, "return kept")],
    "narrow/changes-arguments": [
        (BEST, "order = np.argsort(scores); values[:] = values[order]; scores[:] = scores[order]\n"
               "    best = np.arange(len(scores))[-keep:]")],
}

CONVENTIONS = {
    "split_validation/size-rounded": [(SIZE, "n_val = int(np.ceil(len(x) * ratio - 1e-9))")],
}
