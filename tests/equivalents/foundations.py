"""Right answers to the foundations, each written in another way: all of them earn every point."""

EQUIVALENTS = {
    "numerical_gradient/copies": """
def numerical_gradient(f, x, h=1e-4):
    gradient = np.empty(x.shape)
    for i in np.ndindex(*x.shape):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        gradient[i] = (f(above) - f(below)) / (2 * h)
    return gradient
""",
    "numerical_gradient/counts-its-way-back": """
def numerical_gradient(f, x, h=1e-4):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        below = f(x)
        x[i] += h
        gradient[i] = (above - below) / (2 * h)
    return gradient
""",
    "numerical_gradient/below-first": """
def numerical_gradient(f, x, h=1e-4):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] -= h
        below = f(x)
        x[i] += 2 * h
        above = f(x)
        x[i] -= h
        gradient[i] = 0.5 * (above - below) / h
    return gradient
""",
    "numerical_gradient/nditer": """
def numerical_gradient(f, x, h=1e-4):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = float(tmp_val) + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        it.iternext()
    return grad
""",
    "numerical_gradient/flat-view": """
def numerical_gradient(f, x, h=1e-4):
    flat, slopes = x.reshape(-1), []
    for k in range(flat.size):
        old = flat[k]
        values = []
        for step in (h, -h):
            flat[k] = old + step
            values.append(f(x))
        flat[k] = old
        slopes.append((values[0] - values[1]) / h / 2)
    return np.array(slopes).reshape(x.shape)
""",
    "numerical_gradient/unit-vectors": """
def numerical_gradient(f, x, h=1e-4):
    directions = np.eye(x.size).reshape(-1, *x.shape)
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in directions]).reshape(x.shape)
""",
    "numerical_gradient/mean-of-both-sides": """
def numerical_gradient(f, x, h=1e-4):
    here = f(x)
    gradient = np.zeros(x.shape)
    for i, old in np.ndenumerate(x.copy()):
        x[i] = old + h
        right = (f(x) - here) / h
        x[i] = old - h
        left = (here - f(x)) / h
        x[i] = old
        gradient[i] = (left + right) / 2
    return gradient
""",

    "relative_error/loop": """
def relative_error(a, b):
    worst = 0.0
    for x, y in zip(a.ravel(), b.ravel()):
        worst = max(worst, abs(x - y) / max(abs(x) + abs(y), 1e-8))
    return worst
""",
    "relative_error/cs231n": """
def relative_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))
""",
    "relative_error/where": """
def relative_error(a, b):
    size = np.abs(a) + np.abs(b)
    size = np.where(size < 1e-8, 1e-8, size)
    return float((np.abs(b - a) / size).max())
""",
    "relative_error/clip": """
def relative_error(a, b):
    size = np.clip(np.absolute(a) + np.absolute(b), 1e-8, None)
    return np.linalg.norm(((a - b) / size).ravel(), ord=np.inf)
""",
    "relative_error/comprehension": """
def relative_error(a, b):
    return max(abs(a[i] - b[i]) / max(abs(a[i]) + abs(b[i]), 1e-8) for i in np.ndindex(a.shape))
""",
    "relative_error/in-place-on-copies": """
def relative_error(a, b):
    size = np.abs(a)
    np.add(size, np.abs(b), out=size)
    size[size < 1e-8] = 1e-8
    error = np.subtract(a, b)
    np.abs(error, out=error)
    error /= size
    return np.amax(error)
""",
    "relative_error/root-of-squares": """
def relative_error(a, b):
    ratio = (a - b) / np.fmax(1e-8, np.sqrt(a * a) + np.sqrt(b * b))
    return np.sqrt(np.max(ratio ** 2))
""",

    "softmax/rows": """
def softmax(z):
    p = np.empty_like(z)
    for i, row in enumerate(z):
        e = np.exp(row - row.max())
        p[i] = e / e.sum()
    return p
""",
    "softmax/transposed": """
def softmax(z):
    z = z.T
    z = z - np.max(z, axis=0)
    y = np.exp(z) / np.sum(np.exp(z), axis=0)
    return y.T
""",
    "softmax/new-axis": """
def softmax(z):
    e = np.exp(z - np.amax(z, axis=-1)[:, None])
    return e / np.sum(e, axis=-1)[:, np.newaxis]
""",
    "softmax/log-sum-exp": """
def softmax(z):
    m = z.max(axis=1, keepdims=True)
    log_sum = m + np.log(np.sum(np.exp(z - m), axis=1, keepdims=True))
    return np.exp(z - log_sum)
""",
    "softmax/differences": """
def softmax(z):
    return 1 / np.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)
""",
    "softmax/einsum": """
def softmax(z):
    e = np.exp(z - z.max(1).reshape(-1, 1))
    return np.einsum("nc,n->nc", e, 1 / np.einsum("nc->n", e))
""",
    "softmax/in-place-on-a-copy": """
def softmax(z):
    p = z.copy()
    p -= p.max(axis=1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis=1, keepdims=True)
    return p
""",
    "softmax/lists": """
def softmax(z):
    out = []
    for row in z:
        top = max(row)
        e = [np.exp(s - top) for s in row]
        out.append([s / sum(e) for s in e])
    return np.array(out)
""",

    "cross_entropy/sum-over-n": """
def cross_entropy(p, t):
    return -np.sum(t * np.log(p)) / p.shape[0]
""",
    "cross_entropy/labels": """
def cross_entropy(p, t):
    labels = t.argmax(axis=1)
    return -np.log(p[np.arange(len(p)), labels]).mean()
""",
    "cross_entropy/floor": """
def cross_entropy(p, t):
    batch_size = p.shape[0]
    return -np.sum(t * np.log(p + 1e-7)) / batch_size
""",
    "cross_entropy/tiny-floor": """
def cross_entropy(p, t):
    return -(t * np.log(p + 1e-12)).sum(axis=1).mean()
""",
    "cross_entropy/clip": """
def cross_entropy(p, t):
    return -np.mean(np.sum(t * np.log(np.clip(p, 1e-7, 1 - 1e-7)), axis=1))
""",
    "cross_entropy/loop": """
def cross_entropy(p, t):
    total = 0.0
    for row, label in zip(p, t):
        total -= np.log(row[np.argmax(label)])
    return total / len(p)
""",
    "cross_entropy/mask": """
def cross_entropy(p, t):
    return np.mean(-np.log(p[t == 1]))
""",
    "cross_entropy/einsum": """
def cross_entropy(p, t):
    return -np.einsum("nc,nc->", t, np.log(p)) / len(t)
""",

    "softmax_cross_entropy_gradient/own-softmax": """
def softmax_cross_entropy_gradient(z, t):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - t) / z.shape[0]
""",
    "softmax_cross_entropy_gradient/labels": """
def softmax_cross_entropy_gradient(z, t):
    N = z.shape[0]
    dz = softmax(z).copy()
    dz[np.arange(N), np.argmax(t, axis=1)] -= 1
    dz /= N
    return dz
""",
    "softmax_cross_entropy_gradient/loop": """
def softmax_cross_entropy_gradient(z, t):
    p, gradient = softmax(z), np.zeros_like(z)
    N, C = z.shape
    for n in range(N):
        for k in range(C):
            gradient[n, k] = (p[n, k] - t[n, k]) / N
    return gradient
""",
    "softmax_cross_entropy_gradient/identity-rows": """
def softmax_cross_entropy_gradient(z, t):
    N, C = z.shape
    delta = np.eye(C)[t.argmax(axis=1)]
    return -(delta - softmax(z)) / N
""",
    "softmax_cross_entropy_gradient/mean-of-row-gradients": """
def softmax_cross_entropy_gradient(z, t):
    return np.stack([softmax(z[n:n + 1])[0] - t[n] for n in range(len(z))]) / len(z)
""",
    "softmax_cross_entropy_gradient/two-terms": """
def softmax_cross_entropy_gradient(z, t):
    return softmax(z) / len(z) - t / len(z)
""",
    "softmax_cross_entropy_gradient/in-place-on-a-copy": """
def softmax_cross_entropy_gradient(z, t):
    out = np.array(z)
    out -= out.max(axis=1, keepdims=True)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)
    np.subtract(out, t, out=out)
    return np.multiply(out, 1 / len(out), out=out)
""",
    "softmax_cross_entropy_gradient/log-sum-exp": """
def softmax_cross_entropy_gradient(z, t):
    top = z.max(axis=1)
    log_sum = np.log(np.exp((z.T - top).T).sum(axis=1))
    return (np.exp(z - (top + log_sum).reshape(-1, 1)) - t) / float(t.shape[0])
""",
}
