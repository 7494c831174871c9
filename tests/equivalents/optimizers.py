"""Right optimizers that differ from the reference in every way students choose; each must earn every point.

EQUIVALENTS maps "exercise/how-it-differs" to the source of a whole solution cell.
"""

EQUIVALENTS = {
    "sgd/new-array": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key, g in grads.items():
            params[key] = params[key] - self.lr * g
""",
    "sgd/out-argument": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key, p in params.items():
            np.subtract(p, np.multiply(self.lr, grads[key]), out=p)
""",
    "sgd/slice-assignment": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in sorted(grads):
            params[key][...] = params[key] + grads[key] * -self.lr
""",
    "sgd/dict-update": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        params.update({key: p - grads[key] * self.lr for key, p in params.items()})
""",
    "sgd/entry-by-entry": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params.keys():
            for i in np.ndindex(params[key].shape):
                params[key][i] = params[key][i] - self.lr * grads[key][i]
""",
    "sgd/nditer": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params:
            with np.nditer([params[key], grads[key]], op_flags=[["readwrite"], ["readonly"]]) as pairs:
                for p, g in pairs:
                    p[...] = p - self.lr * g
""",
    "sgd/all-arrays-joined": """
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        keys = list(params)
        joined = np.concatenate([params[k].ravel() for k in keys])
        joined -= self.lr * np.concatenate([grads[k].ravel() for k in keys])
        ends = np.cumsum([params[k].size for k in keys])
        for k, part in zip(keys, np.split(joined, ends[:-1])):
            params[k] = part.reshape(params[k].shape)
""",
    "sgd/dataclass": """
from dataclasses import dataclass

@dataclass
class SGD:
    lr: float = 0.01

    def update(self, params, grads):
        for p, g in ((params[key], grads[key]) for key in params):
            p += -self.lr * g
""",

    "momentum/state-at-first-update": """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, None

    def update(self, params, grads):
        if self.v is None:
            self.v = {}
            for key, val in params.items():
                self.v[key] = np.zeros_like(val)
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]
""",
    "momentum/setdefault-in-place": """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key, p in params.items():
            v = self.v.setdefault(key, np.zeros(p.shape))
            v *= self.momentum
            v -= self.lr * grads[key]
            p += v
""",
    "momentum/velocity-uphill": """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.speed = {}

    def update(self, params, grads):
        for key, g in grads.items():
            self.speed[key] = self.momentum * self.speed.get(key, 0) + self.lr * g
            params[key] = params[key] - self.speed[key]
""",
    "momentum/previous-parameters": """
class Momentum:
    # Polyak's heavy ball: the velocity is the distance of the last step.
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.before = {}

    def update(self, params, grads):
        for key in params:
            now = params[key].copy()
            params[key] += self.momentum * (now - self.before.get(key, now)) - self.lr * grads[key]
            self.before[key] = now
""",
    "momentum/all-gradients-kept": """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.pushes = {}

    def update(self, params, grads):
        for key in params:
            pushes = self.pushes.setdefault(key, [])
            pushes.append(-self.lr * grads[key])
            params[key] += sum(self.momentum ** age * push for age, push in enumerate(reversed(pushes)))
""",
    "momentum/entry-by-entry": """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key in params:
            for i in np.ndindex(params[key].shape):
                v = self.momentum * self.v.get((key, i), 0.0) - self.lr * grads[key][i]
                self.v[key, i] = v
                params[key][i] += v
""",
    "momentum/all-arrays-joined": """
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = 0.0

    def update(self, params, grads):
        keys = sorted(params)
        g = np.concatenate([grads[k].ravel() for k in keys])
        self.v = self.momentum * self.v - self.lr * g
        start = 0
        for k in keys:
            p = params[k]
            p += self.v[start:start + p.size].reshape(p.shape)
            start += p.size
""",
    "momentum/defaultdict-and-slots": """
from collections import defaultdict

class Momentum:
    __slots__ = ("lr", "momentum", "v")

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = defaultdict(float)

    def update(self, params, grads):
        for key in params:
            self.v[key] *= self.momentum
            self.v[key] = self.v[key] - self.lr * grads[key]
            np.add(params[key], self.v[key], out=params[key])
""",

    "nesterov/state-at-first-update": """
class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(p) for key, p in params.items()}
        for key in params:
            push = self.lr * grads[key]
            self.v[key] = self.momentum * self.v[key] - push
            params[key] = params[key] + self.momentum * self.v[key] - push
""",
    "nesterov/cs231n": """
class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key in params:
            v_prev = self.v.get(key, 0.0)
            self.v[key] = self.momentum * v_prev - self.lr * grads[key]
            params[key] += -self.momentum * v_prev + (1 + self.momentum) * self.v[key]
""",
    "nesterov/old-velocity": """
class Nesterov:
    # Deep Learning from Scratch since 2021: the parameters first, from the velocity so far.
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key in params:
            v = self.v.setdefault(key, np.zeros_like(params[key]))
            params[key] += self.momentum * self.momentum * v
            params[key] -= (1 + self.momentum) * self.lr * grads[key]
            v *= self.momentum
            v -= self.lr * grads[key]
""",
    "nesterov/point-behind": """
class Nesterov:
    # The stored parameters are the look-ahead; the ball itself is behind them.
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.balls = {}

    def update(self, params, grads):
        for key in params:
            ball, v = self.balls.get(key, (params[key].copy(), np.zeros_like(params[key])))
            v = self.momentum * v - self.lr * grads[key]
            ball = ball + v
            self.balls[key] = ball, v
            params[key][...] = ball + self.momentum * v
""",
    "nesterov/velocity-uphill-out": """
class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key, p in params.items():
            if key not in self.v:
                self.v[key] = np.zeros_like(p)
            v, step = self.v[key], np.multiply(grads[key], self.lr)
            np.multiply(v, self.momentum, out=v)
            np.add(v, step, out=v)
            np.subtract(p, self.momentum * v, out=p)
            np.subtract(p, step, out=p)
""",
    "nesterov/entry-by-entry": """
class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = {}

    def update(self, params, grads):
        for key, p in params.items():
            old = self.v.get(key, [0.0] * p.size)
            new = [self.momentum * v - self.lr * g for v, g in zip(old, grads[key].flat)]
            p.flat = [w + self.momentum * v - self.lr * g for w, v, g in zip(p.flat, new, grads[key].flat)]
            self.v[key] = new
""",
    "nesterov/all-arrays-joined": """
class Nesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = 0.0

    def update(self, params, grads):
        keys = sorted(params)
        g = np.hstack([grads[k].ravel() for k in keys])
        self.v = self.momentum * self.v - self.lr * g
        step = self.momentum * self.v - self.lr * g
        for k, part in zip(keys, np.split(step, np.cumsum([params[k].size for k in keys])[:-1])):
            params[k] += part.reshape(params[k].shape)
""",
    "nesterov/momentum-and-its-change": """
from dataclasses import dataclass, field

@dataclass
class Nesterov:
    lr: float = 0.01
    momentum: float = 0.9
    v: dict = field(default_factory=dict)

    def update(self, params, grads):
        for key in params:
            old = self.v.get(key, np.zeros_like(params[key]))
            new = self.v[key] = self.momentum * old - self.lr * grads[key]
            params[key] += new + self.momentum * (new - old)
""",

    "adagrad/state-at-first-update": """
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {}
            for key, val in params.items():
                self.h[key] = np.zeros_like(val)
        for key in params.keys():
            self.h[key] += grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)
""",
    "adagrad/root-kept": """
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.root = {}

    def update(self, params, grads):
        for key, g in grads.items():
            self.root[key] = np.hypot(self.root.get(key, 0.0), g)
            params[key] = params[key] - self.lr * (g / (self.root[key] + self.eps))
""",
    "adagrad/all-gradients-kept": """
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.seen = {}

    def update(self, params, grads):
        for key in params:
            self.seen.setdefault(key, []).append(grads[key].copy())
            size = np.linalg.norm(self.seen[key], axis=0)
            params[key] -= self.lr * grads[key] / (size + self.eps)
""",
    "adagrad/step-size-first": """
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        for key, p in params.items():
            h = self.h.setdefault(key, np.zeros(p.shape))
            h += np.square(grads[key])
            eta = self.lr * (h ** 0.5 + self.eps) ** -1
            p -= eta * grads[key]
""",
    "adagrad/out-argument": """
class AdaGrad:
    __slots__ = ("lr", "eps", "h")

    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        for key, p in params.items():
            if key not in self.h:
                self.h[key] = np.zeros_like(p)
            np.add(self.h[key], np.multiply(grads[key], grads[key]), out=self.h[key])
            below = np.sqrt(self.h[key])
            np.add(below, self.eps, out=below)
            np.subtract(p, np.divide(self.lr * grads[key], below), out=p)
""",
    "adagrad/entry-by-entry": """
import math

class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        for key in params:
            for i, g in np.ndenumerate(grads[key]):
                h = self.h[key, i] = self.h.get((key, i), 0.0) + float(g) ** 2
                params[key][i] -= self.lr * g / (math.sqrt(h) + self.eps)
""",
    "adagrad/all-arrays-joined": """
class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-7):
        self.lr = lr
        self.eps = eps
        self.h = 0.0

    def update(self, params, grads):
        keys = sorted(params)
        g = np.concatenate([grads[k].ravel() for k in keys])
        self.h = self.h + g ** 2
        step = self.lr * g / (np.sqrt(self.h) + self.eps)
        for k in keys:
            params[k] -= step[:params[k].size].reshape(params[k].shape)
            step = step[params[k].size:]
""",
    "adagrad/dataclass": """
from dataclasses import dataclass, field

@dataclass
class AdaGrad:
    lr: float = 0.01
    eps: float = 1e-7
    h: dict = field(default_factory=dict)

    def update(self, params, grads):
        self.h = {key: self.h.get(key, 0) + grads[key] ** 2 for key in params}
        params.update({key: p - self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)
                       for key, p in params.items()})
""",

    "rmsprop/state-at-first-update": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.h[key] *= self.decay_rate
            self.h[key] += (1 - self.decay_rate) * grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)
""",
    "rmsprop/moved-towards-the-square": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        for key, p in params.items():
            h = self.h.setdefault(key, np.zeros_like(p))
            h += (1 - self.decay_rate) * (grads[key] ** 2 - h)
            p -= self.lr / (h ** 0.5 + self.eps) * grads[key]
""",
    "rmsprop/root-kept": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.root = {}

    def update(self, params, grads):
        for key, g in grads.items():
            old = np.sqrt(self.decay_rate) * self.root.get(key, 0.0)
            self.root[key] = np.hypot(old, np.sqrt(1 - self.decay_rate) * g)
            params[key] = params[key] - self.lr * g / (self.root[key] + self.eps)
""",
    "rmsprop/all-gradients-kept": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.squares = {}

    def update(self, params, grads):
        for key in params:
            squares = self.squares.setdefault(key, [])
            squares.append(grads[key] ** 2)
            weights = (1 - self.decay_rate) * self.decay_rate ** np.arange(len(squares))[::-1]
            h = np.tensordot(weights, np.array(squares), axes=1)
            params[key] -= self.lr * grads[key] / (np.sqrt(h) + self.eps)
""",
    "rmsprop/weighted-at-use": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.total = {}

    def update(self, params, grads):
        for key in params:
            self.total[key] = self.decay_rate * self.total.get(key, 0) + np.square(grads[key])
            h = (1 - self.decay_rate) * self.total[key]
            params[key][...] = params[key] - self.lr * grads[key] / (np.sqrt(h) + self.eps)
""",
    "rmsprop/out-argument": """
class RMSProp:
    __slots__ = ("lr", "decay_rate", "eps", "h")

    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        for key, p in params.items():
            if key not in self.h:
                self.h[key] = np.zeros_like(p)
            h, square = self.h[key], np.square(grads[key])
            np.multiply(h, self.decay_rate, out=h)
            np.add(h, np.multiply(square, 1 - self.decay_rate, out=square), out=h)
            np.subtract(p, self.lr * np.divide(grads[key], np.sqrt(h) + self.eps), out=p)
""",
    "rmsprop/entry-by-entry": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.h = {}

    def update(self, params, grads):
        for key in params:
            h = self.h.setdefault(key, np.zeros_like(params[key]))
            for i in np.ndindex(h.shape):
                g = grads[key][i]
                h[i] = self.decay_rate * h[i] + (1 - self.decay_rate) * g * g
                params[key][i] -= self.lr * g / (h[i] ** 0.5 + self.eps)
""",
    "rmsprop/all-arrays-joined": """
class RMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):
        self.lr = lr
        self.decay_rate = decay_rate
        self.eps = eps
        self.h = None

    def update(self, params, grads):
        keys = sorted(params)
        g = np.concatenate([grads[k].ravel() for k in keys])
        h = np.zeros_like(g) if self.h is None else self.h
        self.h = self.decay_rate * h + (1 - self.decay_rate) * g ** 2
        step = self.lr * g / (np.sqrt(self.h) + self.eps)
        for k, part in zip(keys, np.split(step, np.cumsum([params[k].size for k in keys])[:-1])):
            params[k] -= part.reshape(params[k].shape)
""",

    "adam/state-at-first-update": """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, None, None

    def update(self, params, grads):
        if self.m is None:
            self.m, self.v = {}, {}
            for key, val in params.items():
                self.m[key] = np.zeros_like(val)
                self.v[key] = np.zeros_like(val)
        self.t += 1
        for key in params.keys():
            self.m[key] += (1 - self.beta1) * (grads[key] - self.m[key])
            self.v[key] += (1 - self.beta2) * (grads[key] ** 2 - self.v[key])
            m_hat = self.m[key] / (1 - self.beta1 ** self.t)
            v_hat = self.v[key] / (1 - self.beta2 ** self.t)
            params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
""",
    "adam/step-size-with-scaled-eps": """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t = self.t + 1
        root = np.sqrt(1 - self.beta2 ** self.t)
        lr_t = self.lr * root / (1 - self.beta1 ** self.t)
        for key in params:
            m = self.m.setdefault(key, np.zeros_like(params[key]))
            v = self.v.setdefault(key, np.zeros_like(params[key]))
            m[...] = self.beta1 * m + (1 - self.beta1) * grads[key]
            v[...] = self.beta2 * v + (1 - self.beta2) * np.square(grads[key])
            params[key] -= lr_t * m / (np.sqrt(v) + self.eps * root)
""",
    "adam/running-products": """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.power1 = self.power2 = 1.0
        self.m, self.v = {}, {}

    def update(self, params, grads):
        self.power1 *= self.beta1
        self.power2 *= self.beta2
        for key, g in grads.items():
            self.m[key] = self.beta1 * self.m.get(key, 0) + (1 - self.beta1) * g
            self.v[key] = self.beta2 * self.v.get(key, 0) + (1 - self.beta2) * g * g
            below = np.sqrt(self.v[key]) / np.sqrt(1 - self.power2) + self.eps
            params[key] = params[key] - self.lr / (1 - self.power1) * self.m[key] / below
""",
    "adam/one-tuple-per-key": """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.state = {}

    def update(self, params, grads):
        for key in params:
            m, v, t = self.state.get(key, (0.0, 0.0, 1))     # each key counts its own updates
            m = self.beta1 * m + (1 - self.beta1) * grads[key]
            v = self.beta2 * v + (1 - self.beta2) * grads[key] ** 2
            self.state[key] = m, v, t + 1
            params[key] -= self.lr * (m / (1 - self.beta1 ** t)) / ((v / (1 - self.beta2 ** t)) ** 0.5 + self.eps)
""",
    "adam/sums-over-their-weights": """
class Adam:
    # A sum of the gradients divided by the sum of their weights needs no other correction.
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.weight1 = self.weight2 = 0.0
        self.sum1, self.sum2 = {}, {}

    def update(self, params, grads):
        self.weight1 = self.beta1 * self.weight1 + 1
        self.weight2 = self.beta2 * self.weight2 + 1
        for key in params:
            self.sum1[key] = self.beta1 * self.sum1.get(key, 0) + grads[key]
            self.sum2[key] = self.beta2 * self.sum2.get(key, 0) + grads[key] ** 2
            root = np.sqrt(self.sum2[key] / self.weight2)
            params[key][:] = params[key] - self.lr * self.sum1[key] / self.weight1 / (root + self.eps)
""",
    "adam/out-argument": """
class Adam:
    __slots__ = ("lr", "beta1", "beta2", "eps", "t", "m", "v")

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key, p in params.items():
            if key not in self.m:
                self.m[key], self.v[key] = np.zeros_like(p), np.zeros_like(p)
            m, v, g = self.m[key], self.v[key], grads[key]
            np.add(np.multiply(m, self.beta1), np.multiply(g, 1 - self.beta1), out=m)
            np.add(np.multiply(v, self.beta2), np.multiply(g * g, 1 - self.beta2), out=v)
            below = np.sqrt(np.divide(v, 1 - self.beta2 ** self.t))
            np.add(below, self.eps, out=below)
            step = np.divide(np.divide(m, 1 - self.beta1 ** self.t), below)
            np.subtract(p, np.multiply(step, self.lr, out=step), out=p)
""",
    "adam/entry-by-entry": """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key in params:
            for i in np.ndindex(params[key].shape):
                g, where = grads[key][i], (key, i)
                self.m[where] = self.beta1 * self.m.get(where, 0.0) + (1 - self.beta1) * g
                self.v[where] = self.beta2 * self.v.get(where, 0.0) + (1 - self.beta2) * g ** 2
                m_hat = self.m[where] / (1 - self.beta1 ** self.t)
                v_hat = self.v[where] / (1 - self.beta2 ** self.t)
                params[key][i] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
""",
    "adam/all-arrays-joined": """
from dataclasses import dataclass

@dataclass
class Adam:
    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    t: int = 0
    m: object = 0.0
    v: object = 0.0

    def update(self, params, grads):
        keys = sorted(params)
        g = np.concatenate([grads[k].ravel() for k in keys])
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g ** 2
        m_hat, v_hat = self.m / (1 - self.beta1 ** self.t), self.v / (1 - self.beta2 ** self.t)
        step = self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        for k, part in zip(keys, np.split(step, np.cumsum([params[k].size for k in keys])[:-1])):
            params[k] -= part.reshape(params[k].shape)
""",

    "nadam/state-at-first-update": """
class Nadam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, None, None

    def update(self, params, grads):
        if self.m is None:
            self.m = {key: np.zeros_like(val) for key, val in params.items()}
            self.v = {key: np.zeros_like(val) for key, val in params.items()}
        self.t += 1
        for key in params.keys():
            self.m[key] += (1 - self.beta1) * (grads[key] - self.m[key])
            self.v[key] += (1 - self.beta2) * (grads[key] ** 2 - self.v[key])
            look_ahead = self.beta1 * self.m[key] / (1 - self.beta1 ** (self.t + 1))
            fresh = (1 - self.beta1) * grads[key] / (1 - self.beta1 ** self.t)
            v_hat = self.v[key] / (1 - self.beta2 ** self.t)
            params[key] -= self.lr * (look_ahead + fresh) / (np.sqrt(v_hat) + self.eps)
""",
    "nadam/two-weights": """
class Nadam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        of_m = self.lr * self.beta1 / (1 - self.beta1 ** (self.t + 1))
        of_g = self.lr * (1 - self.beta1) / (1 - self.beta1 ** self.t)
        for key, g in grads.items():
            m = self.m.setdefault(key, np.zeros_like(g))
            v = self.v.setdefault(key, np.zeros_like(g))
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g * g
            below = np.sqrt(v / (1 - self.beta2 ** self.t)) + self.eps
            params[key] = params[key] - (of_m * m + of_g * g) / below
""",
    "nadam/running-products": """
class Nadam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.product, self.power2 = 1.0, 1.0
        self.m, self.v = {}, {}

    def update(self, params, grads):
        self.product *= self.beta1
        self.power2 *= self.beta2
        ahead = self.product * self.beta1
        for key in params:
            g = grads[key]
            self.m[key] = self.beta1 * self.m.get(key, 0.0) + (1 - self.beta1) * g
            self.v[key] = self.beta2 * self.v.get(key, 0.0) + (1 - self.beta2) * g ** 2
            denominator = np.sqrt(self.v[key] / (1 - self.power2)) + self.eps
            params[key] -= self.lr * (1 - self.beta1) / (1 - self.product) * g / denominator
            params[key] -= self.lr * self.beta1 / (1 - ahead) * self.m[key] / denominator
""",
    "nadam/one-tuple-per-key": """
class Nadam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.state = {}

    def update(self, params, grads):
        for key in params:
            b1, b2, g = self.beta1, self.beta2, grads[key]
            t, m, v = self.state.get(key, (1, 0.0, 0.0))
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g ** 2
            self.state[key] = t + 1, m, v
            m_hat = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1 ** t)
            params[key][...] = params[key] - self.lr * m_hat / ((v / (1 - b2 ** t)) ** 0.5 + self.eps)
""",
    "nadam/sums-over-their-weights": """
class Nadam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.sum1, self.sum2 = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        now, ahead = np.cumsum(self.beta1 ** np.arange(self.t + 1))[-2:]   # 1 + b + b^2 + ...
        weight2 = np.sum(self.beta2 ** np.arange(self.t))
        for key in params:
            self.sum1[key] = self.beta1 * self.sum1.get(key, 0) + grads[key]
            self.sum2[key] = self.beta2 * self.sum2.get(key, 0) + grads[key] ** 2
            m_hat = self.beta1 * self.sum1[key] / ahead + grads[key] / now
            params[key] -= self.lr * m_hat / (np.sqrt(self.sum2[key] / weight2) + self.eps)
""",
    "nadam/out-argument": """
class Nadam:
    __slots__ = ("lr", "beta1", "beta2", "eps", "t", "m", "v")

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key, p in params.items():
            if key not in self.m:
                self.m[key], self.v[key] = np.zeros_like(p), np.zeros_like(p)
            m, v, g = self.m[key], self.v[key], grads[key]
            np.add(self.beta1 * m, (1 - self.beta1) * g, out=m)
            np.add(self.beta2 * v, (1 - self.beta2) * np.square(g), out=v)
            step = np.multiply(m, self.beta1 / (1 - self.beta1 ** (self.t + 1)))
            np.add(step, g * ((1 - self.beta1) / (1 - self.beta1 ** self.t)), out=step)
            np.divide(step, np.sqrt(v / (1 - self.beta2 ** self.t)) + self.eps, out=step)
            np.subtract(p, self.lr * step, out=p)
""",
    "nadam/entry-by-entry": """
class Nadam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def update(self, params, grads):
        self.t += 1
        for key in params:
            for i in np.ndindex(params[key].shape):
                g, where = grads[key][i], (key, *i)
                m = self.m[where] = self.beta1 * self.m.get(where, 0.0) + (1 - self.beta1) * g
                v = self.v[where] = self.beta2 * self.v.get(where, 0.0) + (1 - self.beta2) * g ** 2
                m_hat = self.beta1 * m / (1 - self.beta1 ** (self.t + 1))
                m_hat += (1 - self.beta1) * g / (1 - self.beta1 ** self.t)
                params[key][i] -= self.lr * m_hat / (np.sqrt(v / (1 - self.beta2 ** self.t)) + self.eps)
""",
    "nadam/all-arrays-joined": """
from dataclasses import dataclass

@dataclass
class Nadam:
    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    t: int = 0
    m: object = 0.0
    v: object = 0.0

    def update(self, params, grads):
        keys = sorted(params)
        g = np.concatenate([grads[k].ravel() for k in keys])
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g ** 2
        m_hat = self.beta1 * self.m / (1 - self.beta1 ** (self.t + 1))
        m_hat += (1 - self.beta1) * g / (1 - self.beta1 ** self.t)
        step = self.lr * m_hat / (np.sqrt(self.v / (1 - self.beta2 ** self.t)) + self.eps)
        for k in keys:
            params[k] = params[k] - step[:params[k].size].reshape(params[k].shape)
            step = step[params[k].size:]
""",
}
