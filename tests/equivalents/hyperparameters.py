"""Right answers to the assignment hyperparameters that are written differently: each must score all points."""

EQUIVALENTS = {
    "split_validation/shuffled-indices": '''
def split_validation(x, t, ratio, rng):
    indices = np.arange(len(x))
    rng.shuffle(indices)
    n_train = len(x) - int(len(x) * ratio)
    train, val = indices[:n_train], indices[n_train:]
    return x[train], t[train], x[val], t[val]
''',
    "split_validation/argsort-of-random": '''
def split_validation(x, t, ratio, rng):
    order = np.argsort(rng.random(x.shape[0]))
    x, t = x[order], t[order]
    n = int(x.shape[0] * ratio)
    return x[n:], t[n:], x[:n], t[:n]
''',
    "split_validation/choice-and-mask": '''
def split_validation(x, t, ratio, rng):
    held_back = np.zeros(len(x), dtype=bool)
    held_back[rng.choice(len(x), size=int(len(x) * ratio), replace=False)] = True
    return x[~held_back], t[~held_back], x[held_back], t[held_back]
''',
    "split_validation/choice-and-difference": '''
def split_validation(x, t, ratio, rng):
    val = rng.choice(np.arange(len(x)), int(len(x) * ratio), replace=False)
    train = np.setdiff1d(np.arange(len(x)), val)
    return np.take(x, train, axis=0), np.take(t, train, axis=0), x[val], t[val]
''',
    "split_validation/list-of-pairs": '''
def split_validation(x, t, ratio, rng):
    pairs = [(x[i], t[i]) for i in rng.permutation(len(x))]
    n = int(len(pairs) * ratio)
    x_val, t_val = zip(*pairs[:n])
    x_train, t_train = zip(*pairs[n:])
    return np.array(x_train), np.array(t_train), np.array(x_val), np.array(t_val)
''',
    "split_validation/copies-shuffled-alike": '''
def split_validation(x, t, ratio, rng):
    both = list(zip(x.copy(), t.copy()))
    rng.shuffle(both)
    n = len(x) - int(np.floor(len(x) * ratio))
    return [np.stack(part) for part in (
        [a for a, _ in both[:n]], [b for _, b in both[:n]], [a for a, _ in both[n:]], [b for _, b in both[n:]])]
''',
    "split_validation/one-table": '''
def split_validation(x, t, ratio, rng):
    rows = rng.permutation(np.column_stack([x, t]))
    n, D = int(len(rows) * ratio), x.shape[1]
    labels = rows[:, D:].reshape(t.shape)
    return rows[n:, :D], labels[n:], rows[:n, :D], labels[:n]
''',
    "sample_log_uniform/base-ten": '''
def sample_log_uniform(low, high, size, rng):
    exponents = rng.uniform(np.log10(low), np.log10(high), size=size)
    return 10 ** exponents
''',
    "sample_log_uniform/power-of-ratio": '''
def sample_log_uniform(low, high, size, rng):
    return low * (high / low) ** rng.random(size)
''',
    "sample_log_uniform/loop": '''
def sample_log_uniform(low, high, size, rng):
    drawn = np.zeros(size)
    for i in range(size):
        drawn[i] = np.power(2, rng.uniform(np.log2(low), np.log2(high)))
    return drawn
''',
    "sample_log_uniform/stretched-exponent": '''
def sample_log_uniform(low, high, size, rng):
    a, b = np.log10(low), np.log10(high)
    return np.array([10 ** (a + (b - a) * u) for u in rng.random(size)])
''',
    "sample_log_uniform/from-above": '''
def sample_log_uniform(low, high, size, rng):
    return high * np.exp(-rng.uniform(0, np.log(high / low), size))
''',
    "sample_log_uniform/weighted-geometric-mean": '''
def sample_log_uniform(low, high, size, rng):
    u = rng.random((size,))
    return low ** u * high ** (1 - u)
''',
    "sample_log_uniform/truncated-exponential": '''
def sample_log_uniform(low, high, size, rng):
    width = np.log(high / low)
    return low * np.exp(np.mod(rng.integers(0, 2**53, size=size) / 2**53 * width, width))
''',
    "sample_momentum/base-ten": '''
def sample_momentum(low, high, size, rng):
    return 1 - 10 ** rng.uniform(np.log10(1 - high), np.log10(1 - low), size)
''',
    "sample_momentum/exp-log": '''
def sample_momentum(low, high, size, rng):
    smallest, largest = np.log(1 - high), np.log(1 - low)
    return 1 - np.exp(rng.uniform(smallest, largest, size=size))
''',
    "sample_momentum/power-of-ratio": '''
def sample_momentum(low, high, size, rng):
    return 1 - (1 - low) * ((1 - high) / (1 - low)) ** rng.random(size)
''',
    "sample_momentum/own-function-by-name": '''
def sample_momentum(low, high, size, rng):
    distance = sample_log_uniform(low=1 - high, high=1 - low, size=size, rng=rng)
    return np.ones(size) - distance
''',
    "sample_momentum/loop": '''
def sample_momentum(low, high, size, rng):
    betas = []
    for _ in range(size):
        betas.append(1 - np.exp(rng.uniform(np.log1p(-high), np.log1p(-low))))
    return np.array(betas)
''',
    "sample_momentum/number-of-steps": '''
def sample_momentum(low, high, size, rng):
    steps = np.exp(rng.uniform(np.log(1 / (1 - low)), np.log(1 / (1 - high)), size))
    return 1 - 1 / steps
''',
    "sample_momentum/expm1": '''
def sample_momentum(low, high, size, rng):
    u = rng.random(size)
    return -np.expm1(u * np.log1p(-low) + (1 - u) * np.log1p(-high))
''',
    "narrow/sorted-descending": '''
def narrow(values, scores, keep):
    order = np.argsort(-scores)[:keep]
    return float(np.min(values[order])), float(np.max(values[order]))
''',
    "narrow/python-sort": '''
def narrow(values, scores, keep):
    ranked = sorted(zip(scores, values), reverse=True)
    kept = [value for _, value in ranked[:keep]]
    return min(kept), max(kept)
''',
    "narrow/threshold": '''
def narrow(values, scores, keep):
    threshold = np.sort(scores)[len(scores) - keep]
    kept = values[scores >= threshold]
    return kept.min(), kept.max()
''',
    "narrow/partition": '''
def narrow(values, scores, keep):
    best = np.argpartition(scores, len(scores) - keep)[len(scores) - keep:]
    return np.amin(values[best]), np.amax(values[best])
''',
    "narrow/best-taken-out-one-by-one": '''
def narrow(values, scores, keep):
    left, low, high = scores.copy(), np.inf, -np.inf
    for _ in range(keep):
        i = np.argmax(left)
        low, high = min(low, values[i]), max(high, values[i])
        left[i] = -np.inf
    return low, high
''',
    "narrow/ranks": '''
def narrow(values, scores, keep):
    rank = np.argsort(np.argsort(-scores))
    kept = np.sort(values[rank < keep])
    return kept[0], kept[-1]
''',
    "narrow/masked": '''
def narrow(values, scores, keep):
    better = np.sum(scores[None, :] > scores[:, None], axis=1)
    return (np.min(np.where(better < keep, values, np.inf)), np.max(np.where(better < keep, values, -np.inf)))
''',
}

EQUIVALENTS["narrow/ends-of-a-sorted-array"] = """
def narrow(values, scores, keep):
    best = np.sort(np.asarray(values)[np.argsort(scores)[-keep:]])
    return best[[0, -1]]
"""
