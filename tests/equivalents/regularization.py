"""Right answers written in other ways; each must earn every point."""

EQUIVALENTS = {
    "l2_penalty/loop": '''
def l2_penalty(params, weight_decay):
    penalty = 0.0
    for key in params:
        if key[0] == "W":
            penalty += 0.5 * weight_decay * np.sum(params[key] * params[key])
    return penalty
''',
    "l2_penalty/norms": '''
def l2_penalty(params, weight_decay):
    weights = [params[key] for key in params if "W" in key]
    return weight_decay / 2 * np.sum([np.linalg.norm(W) ** 2 for W in weights])
''',
    "l2_penalty/one-long-vector": '''
def l2_penalty(params, weight_decay):
    w = np.concatenate([p.ravel() for key, p in params.items() if key.startswith("W")])
    return 0.5 * weight_decay * (w @ w)
''',
    "l2_penalty/einsum": '''
def l2_penalty(params, weight_decay):
    total = 0
    for key in sorted(params):
        if key.startswith("W"):
            total = total + np.einsum("ij,ij->", params[key], params[key])
    return float(total * weight_decay * 0.5)
''',
    "l2_penalty/numbered-layers": '''
def l2_penalty(params, weight_decay):
    penalty, layer = 0.0, 1
    while f"W{layer}" in params:
        penalty += np.square(params[f"W{layer}"]).sum()
        layer += 1
    return penalty * weight_decay / 2
''',
    "l2_penalty/matrices": '''
def l2_penalty(params, weight_decay):
    return 0.5 * weight_decay * sum(np.trace(p.T @ p) for p in params.values() if p.ndim == 2)
''',

    "add_weight_decay/comprehension": '''
def add_weight_decay(grads, params, weight_decay):
    return {key: g + weight_decay * params[key] if key.startswith("W") else g for key, g in grads.items()}
''',
    "add_weight_decay/deep-copies": '''
def add_weight_decay(grads, params, weight_decay):
    new = {key: g.copy() for key, g in grads.items()}
    for key, g in new.items():
        if key.startswith("W"):
            g += weight_decay * params[key]
    return new
''',
    "add_weight_decay/two-dicts": '''
def add_weight_decay(grads, params, weight_decay):
    decay = {key: grads[key] + params[key] * weight_decay for key in grads if "W" in key}
    return {**grads, **decay}
''',
    "add_weight_decay/factor": '''
def add_weight_decay(grads, params, weight_decay):
    new = {}
    for key in grads:
        strength = weight_decay if key[0] == "W" else 0.0
        new[key] = strength * params[key] + grads[key]
    return new
''',
    "add_weight_decay/out": '''
def add_weight_decay(grads, params, weight_decay):
    new = {}
    for key in sorted(grads):
        if key.startswith("W"):
            new[key] = np.multiply(params[key], weight_decay)
            np.add(new[key], grads[key], out=new[key])
        else:
            new[key] = np.array(grads[key])
    return new
''',

    "dropout/at-least-the-ratio": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if train:
            self.kept = self.rng.random(x.shape) >= self.dropout_ratio
            return np.where(self.kept, x, 0.0)
        return (1.0 - self.dropout_ratio) * x

    def backward(self, dout):
        return np.where(self.kept, dout, 0.0)
''',
    "dropout/below-the-share-kept": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.p, self.rng = 1 - dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return x * self.p
        self.mask = (self.rng.uniform(size=x.shape) < self.p).astype(float)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
''',
    "dropout/binomial": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng, self.mask = dropout_ratio, rng, None

    def forward(self, x, train=True):
        if train:
            self.mask = self.rng.binomial(1, 1 - self.dropout_ratio, size=x.shape)
            return x * self.mask
        else:
            return x * (1 - self.dropout_ratio)

    def backward(self, dout):
        return dout * self.mask
''',
    "dropout/choice": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return x - self.dropout_ratio * x
        shares = [self.dropout_ratio, 1 - self.dropout_ratio]
        self.mask = self.rng.choice([0.0, 1.0], size=x.shape, p=shares)
        return np.multiply(x, self.mask)

    def backward(self, dout):
        return np.multiply(dout, self.mask)
''',
    "dropout/assigns-zeros": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        out = x.copy()
        if train:
            self.dropped = self.rng.random(x.shape) <= self.dropout_ratio
            out[self.dropped] = 0
        else:
            out *= 1 - self.dropout_ratio
        return out

    def backward(self, dout):
        dx = np.array(dout)
        dx[self.dropped] = 0
        return dx
''',
    "dropout/unit-by-unit": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return (1 - self.dropout_ratio) * x
        self.mask = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            if self.rng.random() > self.dropout_ratio:
                self.mask[index] = 1
        return self.mask * x

    def backward(self, dout):
        return self.mask * dout
''',
    "dropout/drawn-flat": '''
class Dropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return x * (1 - self.dropout_ratio)
        drawn = self.rng.uniform(0, 1, x.size).reshape(x.T.shape).T
        self.mask = drawn > self.dropout_ratio
        return x * self.mask

    def backward(self, dout):
        dx = np.zeros_like(dout)
        dx[self.mask] = dout[self.mask]
        return dx
''',

    "inverteddropout/guarded": '''
class InvertedDropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return x
        if self.dropout_ratio == 1:
            self.mask = np.zeros_like(x)
        else:
            self.mask = (self.rng.random(x.shape) >= self.dropout_ratio) / (1 - self.dropout_ratio)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
''',
    "inverteddropout/where": '''
class InvertedDropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng
        self.scale = 0.0 if dropout_ratio >= 1 else 1 / (1 - dropout_ratio)

    def forward(self, x, train=True):
        if train:
            self.kept = self.rng.uniform(size=x.shape) < 1 - self.dropout_ratio
            return np.where(self.kept, x * self.scale, 0.0)
        return x.copy()

    def backward(self, dout):
        return np.where(self.kept, dout * self.scale, 0.0)
''',
    "inverteddropout/binomial": '''
class InvertedDropout:
    def __init__(self, dropout_ratio, rng):
        self.keep, self.rng = 1 - dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return x * 1.0
        kept = self.rng.binomial(1, self.keep, x.shape)
        self.mask = np.divide(kept, self.keep, out=np.zeros(x.shape), where=kept == 1)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
''',
    "inverteddropout/assigns-survivors": '''
class InvertedDropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return x
        self.survives = self.rng.random(x.shape) > self.dropout_ratio
        return self.through(x)

    def through(self, a):
        out = np.zeros_like(a)
        out[self.survives] = a[self.survives] / (1 - self.dropout_ratio)
        return out

    def backward(self, dout):
        return self.through(dout)
''',
    "inverteddropout/nan-to-num": '''
class InvertedDropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng, self.mask = dropout_ratio, rng, None

    def forward(self, x, train=True):
        if not train:
            return x
        self.mask = np.nan_to_num((self.rng.random(x.shape) > self.dropout_ratio) / np.float64(1 - self.dropout_ratio))
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
''',
    "inverteddropout/choice-unit-by-unit": '''
class InvertedDropout:
    def __init__(self, dropout_ratio, rng):
        self.dropout_ratio, self.rng = dropout_ratio, rng

    def forward(self, x, train=True):
        if not train:
            return np.array(x)
        if self.dropout_ratio == 0:
            self.mask = np.ones(x.shape)
            return x
        values = [0.0, 1 / max(1 - self.dropout_ratio, 1e-12)]
        self.mask = self.rng.choice(values, x.shape, p=[self.dropout_ratio, 1 - self.dropout_ratio])
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
''',
}
