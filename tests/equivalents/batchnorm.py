"""Right answers written in other ways; each must earn every point.

An answer to batchnorm_backward with a cache of its own brings the forward pass that fills it.
"""

EQUIVALENTS = {
    "batchnorm_forward/var-with-ddof": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    x_hat = (x - x.mean(0)) / np.sqrt(x.var(axis=0, ddof=0) + eps)
    return gamma * x_hat + beta, (x_hat, gamma)
''',
    "batchnorm_forward/loop-over-columns": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    N, D = x.shape
    out, x_hat, std = np.zeros((N, D)), np.empty((N, D)), np.zeros(D)
    for d in range(D):
        mean = sum(x[:, d]) / N
        std[d] = (sum((x[n, d] - mean) ** 2 for n in range(N)) / N + eps) ** 0.5
        for n in range(N):
            x_hat[n, d] = (x[n, d] - mean) / std[d]
            out[n, d] = gamma[d] * x_hat[n, d] + beta[d]
    cache = x_hat, gamma, std
    return out, cache
''',
    "batchnorm_forward/nine-quantities": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps, sq, mu)
''',
    "batchnorm_forward/einsum": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    centred = x - np.einsum("nd->d", x) / len(x)
    var = np.einsum("nd,nd->d", centred, centred) / len(x)
    out = np.einsum("nd,d,d->nd", centred, gamma, (var + eps) ** -0.5) + beta
    return out, {"centred": centred, "var": var, "gamma": gamma, "eps": eps}
''',
    "batchnorm_forward/keepdims": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    mean = x.mean(axis=0, keepdims=True)
    std = np.sqrt(np.std(x, axis=0, keepdims=True) ** 2 + eps)
    x_hat = np.divide(np.subtract(x, mean), std)
    return [gamma[None, :] * x_hat + beta.reshape(1, -1), [x_hat, gamma, std]]
''',
    "batchnorm_forward/transposed": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    columns = [(column - column.mean()) / (column.var() + eps) ** 0.5 for column in x.T]
    out = np.array([g * column + b for column, g, b in zip(columns, gamma, beta)]).T
    return out, None
''',
    "batchnorm_forward/one-sample-after-another": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    mean, squares = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for n, row in enumerate(x, 1):
        before = row - mean
        mean = mean + before / n
        squares += before * (row - mean)
    std = np.sqrt(squares / len(x) + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)
''',
    "batchnorm_forward/in-place-on-a-copy": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    out = x.copy()
    out -= out.mean(axis=0)
    std = np.sqrt(np.square(out).mean(axis=0) + eps)
    out /= std
    cache = out.copy(), gamma.copy(), std
    np.multiply(out, gamma, out=out)
    np.add(out, beta, out=out)
    return out, cache
''',

    "batchnorm_backward/nine-quantities": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps, sq, mu)


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps, sq, mu = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar ** 2 * divar
    dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
    dsq = 1.0 / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dx1, axis=0)
    dx2 = 1.0 / N * np.ones((N, D)) * dmu
    return dx1 + dx2, dgamma, dbeta
''',
    "batchnorm_backward/paper-with-a-dict": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    mean, var = np.mean(x, axis=0), np.var(x, axis=0)
    out = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return out, {"x": x, "mean": mean, "var": var, "gamma": gamma, "eps": eps}


def batchnorm_backward(dout, cache):
    x, mean, var, m = cache["x"], cache["mean"], cache["var"] + cache["eps"], len(dout)
    d_hat = dout * cache["gamma"]
    dvar = (d_hat * (x - mean) * -0.5 * var ** -1.5).sum(axis=0)
    dmean = (d_hat * -1 / np.sqrt(var)).sum(axis=0) + dvar * (-2 * (x - mean)).sum(axis=0) / m
    dx = d_hat / np.sqrt(var) + dvar * 2 * (x - mean) / m + dmean / m
    return dx, (dout * (x - mean) / np.sqrt(var)).sum(axis=0), dout.sum(axis=0)
''',
    "batchnorm_backward/sums-in-one-line": '''
def batchnorm_backward(dout, cache):
    x_hat, gamma, std = cache
    N = dout.shape[0]
    dbeta, dgamma = dout.sum(0), (x_hat * dout).sum(0)
    return gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma), dgamma, dbeta
''',
    "batchnorm_backward/einsum": '''
def batchnorm_backward(dout, cache):
    x_hat, gamma, std = cache
    N = len(x_hat)
    dgamma, dbeta = np.einsum("nd,nd->d", dout, x_hat), np.einsum("nd->d", dout)
    centred = np.eye(N) - 1 / N - np.einsum("nd,md->dnm", x_hat, x_hat) / N
    dx = np.einsum("dnm,md,d,d->nd", centred, dout, gamma, 1 / std)
    return dx, dgamma, dbeta
''',
    "batchnorm_backward/loop-over-columns": '''
def batchnorm_backward(dout, cache):
    x_hat, gamma, std = cache
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        for n in range(N):
            dbeta[d] += dout[n, d]
            dgamma[d] += dout[n, d] * x_hat[n, d]
        for n in range(N):
            dx[n, d] = gamma[d] / std[d] * (dout[n, d] - dbeta[d] / N - x_hat[n, d] * dgamma[d] / N)
    return dx, dgamma, dbeta
''',
    "batchnorm_backward/projections": '''
def batchnorm_backward(dout, cache):
    x_hat, gamma, std = cache
    g = gamma * dout
    g = g - g.mean(axis=0, keepdims=True)
    g = g - x_hat * np.average(g * x_hat, axis=0)
    return g / std, np.diag(dout.T @ x_hat).copy(), np.ones(len(dout)) @ dout
''',
    "batchnorm_backward/cache-as-an-object": '''
class Kept:
    pass


def batchnorm_forward(x, gamma, beta, eps=1e-7):
    kept = Kept()
    kept.centred, kept.gamma = x - x.mean(axis=0), gamma
    kept.inverse = 1 / np.sqrt((kept.centred ** 2).mean(axis=0) + eps)
    return gamma * kept.centred * kept.inverse + beta, kept


def batchnorm_backward(dout, cache):
    N, v, h = len(dout), cache.inverse, cache.centred
    dh = dout * cache.gamma * v - h * v ** 3 * (dout * cache.gamma * h).sum(axis=0) / N
    return dh - dh.sum(axis=0) / N, (dout * h * v).sum(axis=0), dout.sum(axis=0)
''',
    "batchnorm_backward/cache-of-functions": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std

    def back(dout):
        g = dout * gamma
        dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
        return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)

    return gamma * x_hat + beta, back


def batchnorm_backward(dout, cache):
    return cache(dout)
''',
    "batchnorm_backward/forward-again": '''
def batchnorm_forward(x, gamma, beta, eps=1e-7):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta, [x.copy(), gamma, eps]


def batchnorm_backward(dout, cache):
    x, gamma, eps = cache
    std = np.sqrt(np.var(x, axis=0) + eps)
    x_hat = (x - np.mean(x, axis=0)) / std
    dx_hat = dout * gamma
    dx = dx_hat / std
    dvar = np.sum(dx_hat * x_hat, axis=0) * -0.5 / std ** 2
    dx += 2 * dvar * (x - np.mean(x, axis=0)) / len(x)
    dx -= np.mean(dx_hat / std, axis=0)
    return [dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)]
''',

    "update_running/step-towards-the-batch": '''
def update_running(running, batch_value, momentum=0.9):
    return running + (1 - momentum) * (batch_value - running)
''',
    "update_running/average": '''
def update_running(running, batch_value, momentum=0.9):
    return np.average([running, batch_value], axis=0, weights=[momentum, 1 - momentum])
''',
    "update_running/loop": '''
def update_running(running, batch_value, momentum=0.9):
    new = np.zeros(len(running))
    for d in range(len(running)):
        new[d] = momentum * running[d] + (1.0 - momentum) * batch_value[d]
    return new
''',
    "update_running/comprehension": '''
def update_running(running, batch_value, momentum=0.9):
    return np.array([momentum * old + (1 - momentum) * new for old, new in zip(running, batch_value)])
''',
    "update_running/in-place-on-a-copy": '''
def update_running(running, batch_value, momentum=0.9):
    running = running.copy()
    running *= momentum
    running += (1 - momentum) * batch_value
    return running
''',
    "update_running/out": '''
def update_running(running, batch_value, momentum=0.9):
    new = np.multiply(momentum, running)
    return np.add(new, np.multiply(1 - momentum, batch_value), out=new)
''',
    "update_running/matrix": '''
def update_running(running, batch_value, momentum=0.9):
    return np.array([momentum, 1 - momentum]) @ np.stack([running, batch_value])
''',

    "batchnorm_inference/one-line": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    return (x - running_mean) / (running_var + eps) ** 0.5 * gamma + beta
''',
    "batchnorm_inference/scale-and-offset": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    scale = gamma / np.sqrt(running_var + eps)
    return scale * x + (beta - scale * running_mean)
''',
    "batchnorm_inference/matrix": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    return (x - running_mean) @ np.diag(gamma / np.sqrt(running_var + eps)) + beta
''',
    "batchnorm_inference/loop-over-columns": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    out = np.empty(x.shape)
    for d in range(x.shape[1]):
        out[:, d] = gamma[d] * (x[:, d] - running_mean[d]) / np.sqrt(running_var[d] + eps) + beta[d]
    return out
''',
    "batchnorm_inference/loop-over-rows": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    std = np.sqrt(np.add(running_var, eps))
    return np.array([gamma * ((row - running_mean) / std) + beta for row in x])
''',
    "batchnorm_inference/einsum": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    return np.einsum("nd,d,d->nd", x - running_mean, gamma, 1 / np.sqrt(running_var + eps)) + beta
''',
    "batchnorm_inference/in-place-on-a-copy": '''
def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-7):
    out = x - running_mean.reshape(1, -1)
    out /= np.sqrt(running_var + eps)
    out *= gamma
    out += beta
    return out
''',
}
