"""Right answers about the learning rate, each written in another way: all of them earn every point."""

EQUIVALENTS = {
    "ewma/writes-into-zeros": """
def ewma(values, beta):
    v = np.zeros(len(values))
    for t in range(len(values)):
        v[t] = beta * v[t - 1] + (1 - beta) * values[t]      # at t = 0, v[-1] is still zero
    return v
""",
    "ewma/one-more-place-for-the-start": """
def ewma(values, beta):
    v = np.zeros(len(values) + 1)
    for t, x in enumerate(values, 1):
        v[t] = beta * v[t - 1] + (1 - beta) * x
    return v[1:]
""",
    "ewma/moves-towards-the-value": """
def ewma(values, beta):
    averages = []
    v = 0
    for x in np.asarray(values):
        v += (1 - beta) * (x - v)
        averages.append(v)
    return np.asarray(averages)
""",
    "ewma/a-sum-for-each-step": """
def ewma(values, beta):
    values = np.asarray(values, dtype=float)
    T = len(values)
    return np.array([(1 - beta) * np.sum(beta ** np.arange(t, -1, -1) * values[:t + 1]) for t in range(T)])
""",
    "ewma/matrix-of-weights": """
def ewma(values, beta):
    t = np.arange(len(values))
    age = t[:, None] - t[None, :]
    weights = np.where(age >= 0, (1 - beta) * beta ** np.maximum(age, 0), 0.0)
    return weights @ values
""",
    "ewma/convolution": """
def ewma(values, beta):
    T = len(values)
    return np.convolve(values, (1 - beta) * beta ** np.arange(T))[:T]
""",
    "ewma/accumulate": """
def ewma(values, beta):
    from itertools import accumulate
    averages = accumulate(values, lambda v, x: beta * v + (1 - beta) * x, initial=0.0)
    return np.array(list(averages)[1:])
""",
    "ewma/in-place-on-a-copy": """
def ewma(values, beta):
    v = np.array(values, dtype=np.float64)
    v *= 1 - beta
    for t in range(1, v.size):
        v[t] += beta * v[t - 1]
    return v
""",
    "ewma/returns-a-list": """
def ewma(values, beta):
    averages = [(1 - beta) * values[0]]
    for x in values[1:]:
        averages.append(beta * averages[-1] + (1 - beta) * x)
    return averages
""",

    "ewma_bias_corrected/step-by-step": """
def ewma_bias_corrected(values, beta):
    v, corrected = 0.0, []
    for t, x in enumerate(values, 1):
        v = beta * v + (1 - beta) * x
        corrected.append(v / (1 - beta ** t))
    return np.array(corrected)
""",
    "ewma_bias_corrected/corrects-what-ewma-gives": """
def ewma_bias_corrected(values, beta):
    v = np.array(ewma(values, beta))
    for i in range(len(v)):
        v[i] /= 1 - beta ** (i + 1)
    return v
""",
    "ewma_bias_corrected/running-power": """
def ewma_bias_corrected(values, beta):
    corrected = np.empty(len(values))
    v, power = 0.0, 1.0
    for i, x in enumerate(values):
        power *= beta
        v = beta * v + (1 - beta) * x
        corrected[i] = v / (1 - power)
    return corrected
""",
    "ewma_bias_corrected/average-of-ones": """
def ewma_bias_corrected(values, beta):
    return np.asarray(ewma(values, beta)) / np.asarray(ewma(np.ones(len(values)), beta))
""",
    "ewma_bias_corrected/weighted-mean": """
def ewma_bias_corrected(values, beta):
    values = np.asarray(values)
    return np.array([np.average(values[:t], weights=beta ** np.arange(t - 1, -1, -1.0))
                     for t in range(1, len(values) + 1)])
""",
    "ewma_bias_corrected/sums-of-values-and-weights": """
def ewma_bias_corrected(values, beta):
    total, weight, out = 0.0, 0.0, []
    for x in values:
        total = beta * total + x
        weight = beta * weight + 1
        out.append(total / weight)
    return np.array(out)
""",
    "ewma_bias_corrected/shrinking-share": """
def ewma_bias_corrected(values, beta):
    average, out = 0.0, np.zeros(len(values))
    for t in range(1, len(values) + 1):
        average = average + (1 - beta) / (1 - beta ** t) * (values[t - 1] - average)
        out[t - 1] = average
    return out
""",
    "ewma_bias_corrected/matrix-of-weights": """
def ewma_bias_corrected(values, beta):
    T = len(values)
    age = np.subtract.outer(np.arange(T), np.arange(T))
    weights = np.where(age < 0, 0.0, beta ** np.abs(age))
    return np.einsum("tk,k->t", weights / weights.sum(axis=1, keepdims=True), np.asarray(values))
""",

    "exponential_decay/loop": """
def exponential_decay(lr0, decay_rate, epoch):
    lr = lr0
    for _ in range(epoch):
        lr = lr * decay_rate
    return lr
""",
    "exponential_decay/recursion": """
def exponential_decay(lr0, decay_rate, epoch):
    if epoch == 0:
        return lr0
    return decay_rate * exponential_decay(lr0, decay_rate, epoch - 1)
""",
    "exponential_decay/logarithm": """
def exponential_decay(lr0, decay_rate, epoch):
    return lr0 * np.exp(epoch * np.log(decay_rate))
""",
    "exponential_decay/numpy-power": """
def exponential_decay(lr0, decay_rate, epoch):
    return np.multiply(lr0, np.power(decay_rate, epoch))
""",
    "exponential_decay/negative-power": """
def exponential_decay(lr0, decay_rate, epoch):
    return lr0 / (1 / decay_rate) ** epoch
""",
    "exponential_decay/product": """
def exponential_decay(lr0, decay_rate, epoch):
    return lr0 * np.prod(np.full(epoch, decay_rate))
""",
    "exponential_decay/zero-dimensional-array": """
def exponential_decay(lr0, decay_rate, epoch):
    lr = np.array(lr0, dtype=float)
    lr *= decay_rate ** epoch
    return lr
""",

    "staircase_decay/floor-of-a-quotient": """
def staircase_decay(lr0, drop, every, epoch):
    return lr0 * drop ** np.floor(epoch / every)
""",
    "staircase_decay/int-of-a-quotient": """
def staircase_decay(lr0, drop, every, epoch):
    drops = int(epoch / every)
    return lr0 * pow(drop, drops)
""",
    "staircase_decay/loop-over-epochs": """
def staircase_decay(lr0, drop, every, epoch):
    lr = lr0
    for e in range(1, epoch + 1):
        if e % every == 0:
            lr *= drop
    return lr
""",
    "staircase_decay/while": """
def staircase_decay(lr0, drop, every, epoch):
    while epoch >= every:
        lr0, epoch = lr0 * drop, epoch - every
    return lr0
""",
    "staircase_decay/divmod": """
def staircase_decay(lr0, drop, every, epoch):
    stairs, _ = divmod(epoch, every)
    return lr0 * np.exp(stairs * np.log(drop))
""",
    "staircase_decay/rest-taken-away": """
def staircase_decay(lr0, drop, every, epoch):
    return lr0 * drop ** ((epoch - epoch % every) / every)
""",
    "staircase_decay/recursion": """
def staircase_decay(lr0, drop, every, epoch):
    return lr0 if epoch < every else drop * staircase_decay(lr0, drop, every, epoch - every)
""",
    "staircase_decay/counts-the-multiples": """
def staircase_decay(lr0, drop, every, epoch):
    return lr0 * drop ** len(range(every, epoch + 1, every))
""",

    "inverse_time_decay/reciprocal": """
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 * (1.0 / (1.0 + decay_rate * epoch))
""",
    "inverse_time_decay/negative-power": """
def inverse_time_decay(lr0, decay_rate, epoch):
    return lr0 * (1 + epoch * decay_rate) ** -1
""",
    "inverse_time_decay/time-constant": """
def inverse_time_decay(lr0, decay_rate, epoch):
    tau = 1 / decay_rate
    return lr0 * tau / (tau + epoch)
""",
    "inverse_time_decay/loop": """
def inverse_time_decay(lr0, decay_rate, epoch):
    divisor = 1
    for _ in range(epoch):
        divisor += decay_rate
    return lr0 / divisor
""",
    "inverse_time_decay/numpy": """
def inverse_time_decay(lr0, decay_rate, epoch):
    return np.divide(lr0, np.add(1, np.multiply(decay_rate, epoch)))
""",
    "inverse_time_decay/even-growth-of-the-reciprocal": """
def inverse_time_decay(lr0, decay_rate, epoch):
    return 1 / (1 / lr0 + decay_rate / lr0 * epoch)
""",
    "inverse_time_decay/from-one-epoch-to-the-next": """
def inverse_time_decay(lr0, decay_rate, epoch):
    lr = lr0
    for e in range(epoch):
        lr *= (1 + decay_rate * e) / (1 + decay_rate * (e + 1))
    return lr
""",
}
