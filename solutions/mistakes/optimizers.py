"""Wrong optimizers that students really write, each as an edit of the reference solution.

MISTAKES maps a stable id, "exercise/what-is-wrong", to the (old, new) replacements that turn the
reference cell of solutions/optimizers.md into the mistake; `old` must occur in it exactly once.
CONVENTIONS are edits that give another accepted definition: never wrong, but named where their
numbers differ from ours.  `autograder release` refuses the assignment unless every mistake fails
and is told apart from all others.  What each is called, why it is wrong and the question that leads
to the mend stand in autograder/messages, keyed by id.

Two mistakes that are the same function share one id: with v <- a v - lr g, both "W <- W - v" and
"v <- a v + lr g, W <- W + v" are momentum/uphill.
"""

# Pieces of the reference cells that many edits share.
STEP_SGD = "params[key] -= self.lr * grads[key]"
V_OLD = "v = self.v.get(key, np.zeros_like(params[key]))"
V_NEW = "self.v[key] = self.momentum * v - self.lr * grads[key]"
STEP_MOMENTUM = "params[key] += self.v[key]"
STEP_NESTEROV = "params[key] += self.momentum * self.v[key] - self.lr * grads[key]"
H_OLD = "h = self.h.get(key, np.zeros_like(params[key]))"
M_OLD = "m = self.m.get(key, np.zeros_like(params[key]))"
H_ADAGRAD = "self.h[key] = h + grads[key] ** 2"
H_RMSPROP = "self.h[key] = self.decay_rate * h + (1 - self.decay_rate) * grads[key] ** 2"
STEP_ROOT = "params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + self.eps)"
M_ADAM = "self.m[key] = self.beta1 * m + (1 - self.beta1) * grads[key]"
V_ADAM = "self.v[key] = self.beta2 * v + (1 - self.beta2) * grads[key] ** 2"
M_HAT = "m_hat = self.m[key] / (1 - self.beta1 ** self.t)"
V_HAT = "v_hat = self.v[key] / (1 - self.beta2 ** self.t)"
STEP_ADAM = "params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"
M_NADAM = "self.m[key] = self.beta1 * m + (1 - self.beta1) * g"
V_NADAM = "self.v[key] = self.beta2 * v + (1 - self.beta2) * g ** 2"
LOOK_AHEAD = "m_hat = (self.beta1 * self.m[key] / (1 - self.beta1 ** (self.t + 1))"
FRESH = "+ (1 - self.beta1) * g / (1 - self.beta1 ** self.t))"
COUNT = "        self.t += 1\n        for key in params:\n"
LOOP = "        for key in params:\n"

# The caller's gradients are cleared after the step, as PyTorch users do with zero_grad.
CLEARED = "; grads[key] *= 0"


def made_only(name):
    """The first call makes the state `name` of an array, and does nothing else to it."""
    return (f"if key not in self.{name}: self.{name}[key] = np.zeros_like(params[key]); continue\n"
            f"            {name} = self.{name}[key]")


def shared_by_keys(name, old, new):
    """The edits that let all keys have one state `name`."""
    return [(old, old.replace("(key,", f"('{name}',")),
            (new, new.replace(" = ", f" = self.{name}['{name}'] = ", 1))]


def momentum_schedule(decay):
    """The edits that let beta1 grow from step to step as it does in PyTorch and Keras."""
    return [
        (COUNT, "        self.t += 1\n"
                f"        mu = self.beta1 * (1 - 0.5 * 0.96 ** ({decay} * self.t))\n"
                f"        mu_next = self.beta1 * (1 - 0.5 * 0.96 ** ({decay} * (self.t + 1)))\n"
                "        self.product = getattr(self, 'product', 1.0) * mu\n" + LOOP),
        (LOOK_AHEAD, "m_hat = (mu_next * self.m[key] / (1 - self.product * mu_next)"),
        (FRESH, "+ (1 - mu) * g / (1 - self.product))")]


# State that every object of the class shares, because it is made once, with the class.
SHARED_V = [("self.v = {}  ", "self.v = self.shared  "),
            ("    def __init__(self, lr=0.01, momentum=0.9):",
             "    shared = {}\n\n    def __init__(self, lr=0.01, momentum=0.9):")]
SHARED_M = [("self.m = {}  ", "self.m = self.shared  "),
            ("    def __init__(self, lr=0.001, beta1=0.9,",
             "    shared = {}\n\n    def __init__(self, lr=0.001, beta1=0.9,")]

MISTAKES = {
    "sgd/uphill": [(STEP_SGD, "params[key] += self.lr * grads[key]")],
    "sgd/no-learning-rate": [(STEP_SGD, "params[key] -= grads[key]")],
    "sgd/learning-rate-twice": [(STEP_SGD, "params[key] -= self.lr * self.lr * grads[key]")],
    "sgd/fixed-learning-rate": [(STEP_SGD, "params[key] -= 0.01 * grads[key]")],
    "sgd/sign-only": [(STEP_SGD, "params[key] -= self.lr * np.sign(grads[key])")],
    "sgd/normalized-gradient": [
        (STEP_SGD, "params[key] -= self.lr * grads[key] / np.linalg.norm(grads[key])")],
    "sgd/scales-parameter": [(STEP_SGD, "params[key] *= 1 - self.lr * grads[key]")],
    "sgd/replaces-parameter": [(STEP_SGD, "params[key] = -self.lr * grads[key]")],
    "sgd/result-thrown-away": [(STEP_SGD, "p = params[key]; p = p - self.lr * grads[key]")],
    "sgd/weights-only": [(STEP_SGD, "if not key.startswith('b'): " + STEP_SGD)],
    "sgd/first-key-only": [(STEP_SGD, STEP_SGD + "; return")],
    "sgd/changes-gradients": [(STEP_SGD, "grads[key] *= self.lr; params[key] -= grads[key]")],
    "sgd/averaged-over-rows": [(STEP_SGD, "params[key] -= self.lr * np.mean(grads[key], axis=0)")],

    "momentum/uphill": [(STEP_MOMENTUM, "params[key] -= self.v[key]")],
    "momentum/velocity-reset": [(V_OLD, "v = np.zeros_like(params[key])")],
    "momentum/averaged-gradient": [
        (V_NEW, "self.v[key] = self.momentum * v - (1 - self.momentum) * self.lr * grads[key]")],
    "momentum/swapped-weights": [
        (V_NEW, "self.v[key] = (1 - self.momentum) * v - self.momentum * self.lr * grads[key]")],
    "momentum/momentum-on-gradient": [(V_NEW, "self.v[key] = self.momentum * (v - self.lr * grads[key])")],
    "momentum/learning-rate-twice": [(STEP_MOMENTUM, "params[key] += self.lr * self.v[key]")],
    "momentum/no-learning-rate": [(V_NEW, "self.v[key] = self.momentum * v - grads[key]")],
    "momentum/gradient-twice": [(STEP_MOMENTUM, "params[key] += self.v[key] - self.lr * grads[key]")],
    "momentum/nesterov": [(STEP_MOMENTUM, STEP_NESTEROV)],
    "momentum/no-friction": [(V_NEW, "self.v[key] = v - self.lr * grads[key]")],
    "momentum/velocity-overwritten": [
        (V_NEW, "self.v[key] = -self.lr * grads[key]"),
        (STEP_MOMENTUM, "params[key] += self.momentum * self.v[key]")],
    "momentum/shrinks-parameter": [
        (STEP_MOMENTUM, "params[key] = self.momentum * params[key] - self.lr * grads[key]")],
    "momentum/starts-at-parameter": [(V_OLD, "v = self.v.get(key, params[key].copy())")],
    "momentum/old-velocity": [(STEP_MOMENTUM, "params[key] += v")],
    "momentum/one-velocity-for-all-keys": [
        (V_OLD, "v = self.v.get('v', np.zeros_like(params[key]))"),
        (V_NEW, "self.v[key] = self.v['v'] = self.momentum * v - self.lr * grads[key]")],
    "momentum/shared-between-objects": SHARED_V,
    "momentum/average-times-learning-rate": [
        (V_NEW, "self.v[key] = self.momentum * v + (1 - self.momentum) * grads[key]"),
        (STEP_MOMENTUM, "params[key] -= self.lr * self.v[key]")],
    "momentum/fixed-momentum": [(V_NEW, V_NEW.replace("self.momentum", "0.9"))],
    "momentum/first-step-lost": [(V_OLD, made_only("v"))],
    "momentum/result-thrown-away": [(STEP_MOMENTUM, "p = params[key]; p = p + self.v[key]")],
    "momentum/changes-gradients": [(STEP_MOMENTUM, STEP_MOMENTUM + CLEARED)],

    "nesterov/uphill": [(STEP_NESTEROV, "params[key] -= self.momentum * self.v[key] - self.lr * grads[key]")],
    "nesterov/plain-momentum": [(STEP_NESTEROV, STEP_MOMENTUM)],
    "nesterov/no-fresh-gradient": [(STEP_NESTEROV, "params[key] += self.momentum * self.v[key]")],
    "nesterov/velocity-without-momentum": [
        (STEP_NESTEROV, "params[key] += self.v[key] - self.lr * grads[key]")],
    "nesterov/look-ahead-twice": [
        (STEP_NESTEROV, "params[key] += self.momentum ** 2 * self.v[key]"
                        " - (1 + self.momentum) * self.lr * grads[key]")],
    "nesterov/momentum-not-squared": [
        (STEP_NESTEROV, "params[key] += self.momentum * v - (1 + self.momentum) * self.lr * grads[key]")],
    "nesterov/one-plus-momentum-missing": [
        (STEP_NESTEROV, "params[key] += self.momentum ** 2 * v - self.lr * grads[key]")],
    "nesterov/velocity-reset": [(V_OLD, "v = np.zeros_like(params[key])")],
    "nesterov/averaged-gradient": [
        (V_NEW, "self.v[key] = self.momentum * v - (1 - self.momentum) * self.lr * grads[key]")],
    "nesterov/starts-at-parameter": [(V_OLD, "v = self.v.get(key, params[key].copy())")],
    "nesterov/one-velocity-for-all-keys": [
        (V_OLD, "v = self.v.get('v', np.zeros_like(params[key]))"),
        (V_NEW, "self.v[key] = self.v['v'] = self.momentum * v - self.lr * grads[key]")],
    "nesterov/fresh-gradient-uphill": [
        (STEP_NESTEROV, "params[key] += self.momentum * self.v[key] + self.lr * grads[key]")],
    "nesterov/no-friction": [(V_NEW, "self.v[key] = v - self.lr * grads[key]")],
    "nesterov/no-learning-rate": [
        (V_NEW, V_NEW.replace("self.lr * ", "")), (STEP_NESTEROV, STEP_NESTEROV.replace("self.lr * ", ""))],
    "nesterov/shared-between-objects": SHARED_V,
    "nesterov/learning-rate-twice": [
        (STEP_NESTEROV, "params[key] += self.lr * (self.momentum * self.v[key] - grads[key])")],
    "nesterov/swapped-weights": [
        (V_NEW, "self.v[key] = (1 - self.momentum) * v - self.momentum * self.lr * grads[key]")],
    "nesterov/plain-momentum-of-pytorch": [
        (V_NEW, "self.v[key] = self.momentum * v + grads[key]"),
        (STEP_NESTEROV, "params[key] -= self.lr * self.v[key]")],
    "nesterov/fixed-momentum": [
        (V_NEW, V_NEW.replace("self.momentum", "0.9")),
        (STEP_NESTEROV, STEP_NESTEROV.replace("self.momentum", "0.9"))],
    "nesterov/first-step-lost": [(V_OLD, made_only("v"))],
    "nesterov/result-thrown-away": [(STEP_NESTEROV, STEP_NESTEROV.replace("params[key] +=", "p = params[key] +"))],
    "nesterov/changes-gradients": [(STEP_NESTEROV, STEP_NESTEROV + CLEARED)],

    "adagrad/uphill": [(STEP_ROOT, STEP_ROOT.replace("-=", "+="))],
    "adagrad/no-eps": [(STEP_ROOT, "params[key] -= self.lr * grads[key] / np.sqrt(self.h[key])")],
    "adagrad/eps-inside-root": [
        (STEP_ROOT, "params[key] -= self.lr * grads[key] / np.sqrt(self.h[key] + self.eps)")],
    "adagrad/no-root": [(STEP_ROOT, "params[key] -= self.lr * grads[key] / (self.h[key] + self.eps)")],
    "adagrad/forgets-sum": [(H_ADAGRAD, "self.h[key] = grads[key] ** 2")],
    "adagrad/sum-of-sizes": [(H_ADAGRAD, "self.h[key] = h + np.abs(grads[key])")],
    "adagrad/not-squared": [(H_ADAGRAD, "self.h[key] = h + grads[key]")],
    "adagrad/moving-average": [(H_ADAGRAD, "self.h[key] = 0.99 * h + (1 - 0.99) * grads[key] ** 2")],
    "adagrad/one-number-per-array": [(H_ADAGRAD, "self.h[key] = h + np.sum(grads[key] ** 2)")],
    "adagrad/learning-rate-in-sum": [(H_ADAGRAD, "self.h[key] = h + (self.lr * grads[key]) ** 2")],
    "adagrad/sum-before-update": [
        (STEP_ROOT, "params[key] -= self.lr * grads[key] / (np.sqrt(h) + self.eps)")],
    "adagrad/no-learning-rate": [(STEP_ROOT, STEP_ROOT.replace("self.lr * ", ""))],
    "adagrad/mean-of-squares": [
        (H_ADAGRAD, "self.t = getattr(self, 't', {}); self.t[key] = self.t.get(key, 0) + 1; " + H_ADAGRAD),
        (STEP_ROOT, STEP_ROOT.replace("self.h[key]", "self.h[key] / self.t[key]"))],
    "adagrad/shared-between-objects": [
        ("self.h = {}  ", "self.h = self.shared  "),
        ("    def __init__(self, lr=0.01, eps=1e-7):",
         "    shared = {}\n\n    def __init__(self, lr=0.01, eps=1e-7):")],
    "adagrad/one-sum-for-all-keys": shared_by_keys("h", H_OLD, H_ADAGRAD),
    "adagrad/learning-rate-overwritten": [
        (STEP_ROOT, "self.lr = self.lr / (np.sqrt(self.h[key]) + self.eps); params[key] -= self.lr * grads[key]")],
    "adagrad/fixed-eps": [(STEP_ROOT, STEP_ROOT.replace("self.eps", "1e-7"))],
    "adagrad/first-step-lost": [(H_OLD, made_only("h"))],
    "adagrad/result-thrown-away": [(STEP_ROOT, STEP_ROOT.replace("params[key] -=", "p = params[key] -"))],
    "adagrad/changes-gradients": [(STEP_ROOT, STEP_ROOT + CLEARED)],

    "rmsprop/uphill": [(STEP_ROOT, STEP_ROOT.replace("-=", "+="))],
    "rmsprop/no-eps": [(STEP_ROOT, "params[key] -= self.lr * grads[key] / np.sqrt(self.h[key])")],
    "rmsprop/eps-inside-root": [
        (STEP_ROOT, "params[key] -= self.lr * grads[key] / np.sqrt(self.h[key] + self.eps)")],
    "rmsprop/no-root": [(STEP_ROOT, "params[key] -= self.lr * grads[key] / (self.h[key] + self.eps)")],
    "rmsprop/adagrad": [(H_RMSPROP, H_ADAGRAD)],
    "rmsprop/one-minus-decay-missing": [(H_RMSPROP, "self.h[key] = self.decay_rate * h + grads[key] ** 2")],
    "rmsprop/swapped-weights": [
        (H_RMSPROP, "self.h[key] = (1 - self.decay_rate) * h + self.decay_rate * grads[key] ** 2")],
    "rmsprop/not-squared": [
        (H_RMSPROP, "self.h[key] = self.decay_rate * h + (1 - self.decay_rate) * grads[key]")],
    "rmsprop/forgets-average": [(H_OLD, "h = np.zeros_like(params[key])")],
    "rmsprop/starts-at-one": [(H_OLD, "h = self.h.get(key, np.ones_like(params[key]))")],
    "rmsprop/one-number-per-array": [
        (H_RMSPROP, "self.h[key] = self.decay_rate * h + (1 - self.decay_rate) * np.mean(grads[key] ** 2)")],
    "rmsprop/learning-rate-in-average": [
        (H_RMSPROP, "self.h[key] = self.decay_rate * h + self.lr * grads[key] ** 2")],
    "rmsprop/bias-corrected": [
        (LOOP, "        self.t = getattr(self, 't', 0) + 1\n" + LOOP),
        (STEP_ROOT, "params[key] -= self.lr * grads[key] / "
                    "(np.sqrt(self.h[key] / (1 - self.decay_rate ** self.t)) + self.eps)")],
    "rmsprop/no-learning-rate": [(STEP_ROOT, STEP_ROOT.replace("self.lr * ", ""))],
    "rmsprop/average-before-update": [
        (STEP_ROOT, "params[key] -= self.lr * grads[key] / (np.sqrt(h) + self.eps)")],
    "rmsprop/shared-between-objects": [
        ("self.h = {}  ", "self.h = self.shared  "),
        ("    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):",
         "    shared = {}\n\n    def __init__(self, lr=0.01, decay_rate=0.99, eps=1e-7):")],
    "rmsprop/one-average-for-all-keys": shared_by_keys("h", H_OLD, H_RMSPROP),
    "rmsprop/old-average-not-weakened": [(H_RMSPROP, "self.h[key] = h + (1 - self.decay_rate) * grads[key] ** 2")],
    "rmsprop/starts-at-first-square": [(H_OLD, "h = self.h.get(key, grads[key] ** 2)")],
    "rmsprop/fixed-decay": [(H_RMSPROP, "self.h[key] = 0.99 * h + (1 - 0.99) * grads[key] ** 2")],
    "rmsprop/fixed-eps": [(STEP_ROOT, STEP_ROOT.replace("self.eps", "1e-7"))],
    "rmsprop/first-step-lost": [(H_OLD, made_only("h"))],
    "rmsprop/result-thrown-away": [(STEP_ROOT, STEP_ROOT.replace("params[key] -=", "p = params[key] -"))],
    "rmsprop/changes-gradients": [(STEP_ROOT, STEP_ROOT + CLEARED)],

    "adam/uphill": [(STEP_ADAM, STEP_ADAM.replace("-=", "+="))],
    "adam/no-bias-correction": [(M_HAT, "m_hat = self.m[key]"), (V_HAT, "v_hat = self.v[key]")],
    "adam/bias-correction-without-power": [
        (M_HAT, "m_hat = self.m[key] / (1 - self.beta1)"), (V_HAT, "v_hat = self.v[key] / (1 - self.beta2)")],
    "adam/only-m-corrected": [(V_HAT, "v_hat = self.v[key]")],
    "adam/only-v-corrected": [(M_HAT, "m_hat = self.m[key]")],
    "adam/step-count-never-raised": [(COUNT, LOOP)],
    "adam/step-count-raised-too-late": [(COUNT, LOOP), (STEP_ADAM, STEP_ADAM + "\n        self.t += 1")],
    "adam/step-count-from-two": [("self.t = 0  ", "self.t = 1  ")],
    "adam/step-counted-per-key": [(COUNT, LOOP + "            self.t += 1\n")],
    "adam/swapped-betas": [
        (M_ADAM, "self.m[key] = self.beta2 * m + (1 - self.beta2) * grads[key]"),
        (V_ADAM, "self.v[key] = self.beta1 * v + (1 - self.beta1) * grads[key] ** 2"),
        (M_HAT, "m_hat = self.m[key] / (1 - self.beta2 ** self.t)"),
        (V_HAT, "v_hat = self.v[key] / (1 - self.beta1 ** self.t)")],
    "adam/beta1-for-both": [
        (V_ADAM, "self.v[key] = self.beta1 * v + (1 - self.beta1) * grads[key] ** 2"),
        (V_HAT, "v_hat = self.v[key] / (1 - self.beta1 ** self.t)")],
    "adam/power-of-difference": [
        (M_HAT, "m_hat = self.m[key] / (1 - self.beta1) ** self.t"),
        (V_HAT, "v_hat = self.v[key] / (1 - self.beta2) ** self.t")],
    "adam/times-instead-of-power": [
        (M_HAT, "m_hat = self.m[key] / (1 - self.beta1 * self.t)"),
        (V_HAT, "v_hat = self.v[key] / (1 - self.beta2 * self.t)")],
    "adam/corrected-averages-stored": [
        (M_HAT, "m_hat = self.m[key] = self.m[key] / (1 - self.beta1 ** self.t)"),
        (V_HAT, "v_hat = self.v[key] = self.v[key] / (1 - self.beta2 ** self.t)")],
    "adam/not-squared": [(V_ADAM, "self.v[key] = self.beta2 * v + (1 - self.beta2) * grads[key]")],
    "adam/square-of-average": [
        (V_ADAM, "self.v[key] = self.beta2 * v + (1 - self.beta2) * self.m[key] ** 2")],
    "adam/sums-instead-of-averages": [
        (M_ADAM, "self.m[key] = self.beta1 * m + grads[key]"),
        (V_ADAM, "self.v[key] = self.beta2 * v + grads[key] ** 2")],
    "adam/no-root": [(STEP_ADAM, "params[key] -= self.lr * m_hat / (v_hat + self.eps)")],
    "adam/no-eps": [(STEP_ADAM, "params[key] -= self.lr * m_hat / np.sqrt(v_hat)")],
    "adam/eps-inside-root": [(STEP_ADAM, "params[key] -= self.lr * m_hat / np.sqrt(v_hat + self.eps)")],
    "adam/eps-before-correction": [
        (STEP_ADAM, "params[key] -= self.lr * m_hat * np.sqrt(1 - self.beta2 ** self.t)"
                    " / (np.sqrt(self.v[key]) + self.eps)")],
    "adam/gradient-instead-of-average": [
        (STEP_ADAM, "params[key] -= self.lr * grads[key] / (np.sqrt(v_hat) + self.eps)")],
    "adam/forgets-averages": [
        (M_OLD, "m = np.zeros_like(params[key])"),
        (V_OLD, "v = np.zeros_like(params[key])")],
    "adam/largest-average-kept": [
        (V_HAT, "self.top = getattr(self, 'top', {})\n"
                "            v_hat = self.top[key] = np.maximum(self.top.get(key, 0), "
                "self.v[key] / (1 - self.beta2 ** self.t))")],
    "adam/learning-rate-overwritten": [
        (COUNT, "        self.t += 1\n"
                "        self.lr *= np.sqrt(1 - self.beta2 ** self.t) / (1 - self.beta1 ** self.t)\n" + LOOP),
        (M_HAT, "m_hat = self.m[key]"), (V_HAT, "v_hat = self.v[key]")],
    "adam/no-learning-rate": [(STEP_ADAM, STEP_ADAM.replace("self.lr * ", ""))],
    "adam/averages-before-update": [
        (M_HAT, "m_hat = m / (1 - self.beta1 ** self.t)"), (V_HAT, "v_hat = v / (1 - self.beta2 ** self.t)")],
    "adam/swapped-weights": [
        (M_ADAM, "self.m[key] = (1 - self.beta1) * m + self.beta1 * grads[key]"),
        (V_ADAM, "self.v[key] = (1 - self.beta2) * v + self.beta2 * grads[key] ** 2")],
    "adam/correction-multiplied": [(M_HAT, M_HAT.replace("/ (", "* (")), (V_HAT, V_HAT.replace("/ (", "* ("))],
    "adam/shared-between-objects": SHARED_M,
    "adam/one-average-for-all-keys": [
        *shared_by_keys("m", M_OLD, M_ADAM), *shared_by_keys("v", V_OLD, V_ADAM)],
    "adam/averages-without-decay": [
        (M_ADAM, "self.m[key] = m + (1 - self.beta1) * grads[key]"),
        (V_ADAM, "self.v[key] = v + (1 - self.beta2) * grads[key] ** 2")],
    "adam/correction-without-root": [
        (STEP_ADAM, "params[key] -= self.lr * (1 - self.beta2 ** self.t) / (1 - self.beta1 ** self.t)"
                    " * self.m[key] / (np.sqrt(self.v[key]) + self.eps)")],
    "adam/step-size-inverted": [
        (STEP_ADAM, "params[key] -= self.lr * (1 - self.beta1 ** self.t) / np.sqrt(1 - self.beta2 ** self.t)"
                    " * self.m[key] / (np.sqrt(self.v[key]) + self.eps)")],
    "adam/largest-uncorrected-average-kept": [
        (V_HAT, "self.top = getattr(self, 'top', {})\n"
                "            self.top[key] = np.maximum(self.top.get(key, 0), self.v[key])\n"
                "            v_hat = self.top[key] / (1 - self.beta2 ** self.t)")],
    "adam/fixed-betas": [
        (M_ADAM, M_ADAM.replace("self.beta1", "0.9")), (V_ADAM, V_ADAM.replace("self.beta2", "0.999")),
        (M_HAT, M_HAT.replace("self.beta1", "0.9")), (V_HAT, V_HAT.replace("self.beta2", "0.999"))],
    "adam/fixed-eps": [(STEP_ADAM, STEP_ADAM.replace("self.eps", "1e-8"))],
    "adam/first-step-lost": [(M_OLD, made_only("m"))],
    "adam/result-thrown-away": [(STEP_ADAM, STEP_ADAM.replace("params[key] -=", "p = params[key] -"))],
    "adam/changes-gradients": [(STEP_ADAM, STEP_ADAM + CLEARED)],

    "nadam/uphill": [(STEP_ADAM, STEP_ADAM.replace("-=", "+="))],
    "nadam/plain-adam": [(LOOK_AHEAD, "m_hat = (self.m[key] / (1 - self.beta1 ** self.t)"), (FRESH, ")")],
    "nadam/look-ahead-to-this-step": [
        (LOOK_AHEAD, "m_hat = (self.beta1 * self.m[key] / (1 - self.beta1 ** self.t)")],
    "nadam/fresh-gradient-of-next-step": [
        (FRESH, "+ (1 - self.beta1) * g / (1 - self.beta1 ** (self.t + 1)))")],
    "nadam/gradient-not-corrected": [(FRESH, "+ (1 - self.beta1) * g)")],
    "nadam/no-fresh-gradient": [(FRESH, ")")],
    "nadam/beta1-for-both-terms": [(FRESH, "+ self.beta1 * g / (1 - self.beta1 ** self.t))")],
    "nadam/beta1-missing": [(LOOK_AHEAD, "m_hat = (self.m[key] / (1 - self.beta1 ** (self.t + 1))")],
    "nadam/average-before-update": [(LOOK_AHEAD, "m_hat = (self.beta1 * m / (1 - self.beta1 ** (self.t + 1))")],
    "nadam/no-bias-correction": [
        (LOOK_AHEAD, "m_hat = (self.beta1 * self.m[key]"), (FRESH, "+ (1 - self.beta1) * g)"),
        (V_HAT, "v_hat = self.v[key]")],
    "nadam/only-m-corrected": [(V_HAT, "v_hat = self.v[key]")],
    "nadam/step-count-never-raised": [(COUNT, LOOP)],
    "nadam/step-count-raised-too-late": [(COUNT, LOOP), (STEP_ADAM, STEP_ADAM + "\n        self.t += 1")],
    "nadam/not-squared": [(V_NADAM, "self.v[key] = self.beta2 * v + (1 - self.beta2) * g")],
    "nadam/no-root": [(STEP_ADAM, "params[key] -= self.lr * m_hat / (v_hat + self.eps)")],
    "nadam/no-eps": [(STEP_ADAM, "params[key] -= self.lr * m_hat / np.sqrt(v_hat)")],
    "nadam/eps-inside-root": [(STEP_ADAM, "params[key] -= self.lr * m_hat / np.sqrt(v_hat + self.eps)")],
    "nadam/forgets-averages": [
        (M_OLD, "m = np.zeros_like(params[key])"),
        (V_OLD, "v = np.zeros_like(params[key])")],
    "nadam/no-learning-rate": [(STEP_ADAM, STEP_ADAM.replace("self.lr * ", ""))],
    "nadam/step-counted-per-key": [(COUNT, LOOP + "            self.t += 1\n")],
    "nadam/bias-correction-without-power": [
        ("(1 - self.beta1 ** (self.t + 1))", "(1 - self.beta1)"),
        ("g / (1 - self.beta1 ** self.t))", "g / (1 - self.beta1))"),
        (V_HAT, "v_hat = self.v[key] / (1 - self.beta2)")],
    "nadam/shared-between-objects": SHARED_M,
    "nadam/one-average-for-all-keys": [
        *shared_by_keys("m", M_OLD, M_NADAM), *shared_by_keys("v", V_OLD, V_NADAM)],
    "nadam/denominators-swapped": [
        (LOOK_AHEAD, "m_hat = (self.beta1 * self.m[key] / (1 - self.beta1 ** self.t)"),
        (FRESH, "+ (1 - self.beta1) * g / (1 - self.beta1 ** (self.t + 1)))")],
    "nadam/swapped-betas": [
        (M_NADAM, M_NADAM.replace("beta1", "beta2")), (V_NADAM, V_NADAM.replace("beta2", "beta1")),
        (LOOK_AHEAD, LOOK_AHEAD.replace("beta1", "beta2")), (FRESH, FRESH.replace("beta1", "beta2")),
        (V_HAT, V_HAT.replace("beta2", "beta1"))],
    "nadam/swapped-weights": [
        (M_NADAM, "self.m[key] = (1 - self.beta1) * m + self.beta1 * g"),
        (V_NADAM, "self.v[key] = (1 - self.beta2) * v + self.beta2 * g ** 2")],
    "nadam/step-count-from-two": [("self.t = 0  ", "self.t = 1  ")],
    "nadam/eps-before-correction": [
        (STEP_ADAM, "params[key] -= self.lr * m_hat * np.sqrt(1 - self.beta2 ** self.t)"
                    " / (np.sqrt(self.v[key]) + self.eps)")],
    "nadam/pytorch-schedule": momentum_schedule("0.004"),
    "nadam/keras-schedule": momentum_schedule("1"),
    "nadam/fixed-betas": [
        (M_NADAM, M_NADAM.replace("self.beta1", "0.9")), (V_NADAM, V_NADAM.replace("self.beta2", "0.999")),
        (LOOK_AHEAD, LOOK_AHEAD.replace("self.beta1", "0.9")), (FRESH, FRESH.replace("self.beta1", "0.9")),
        (V_HAT, V_HAT.replace("self.beta2", "0.999"))],
    "nadam/fixed-eps": [(STEP_ADAM, STEP_ADAM.replace("self.eps", "1e-8"))],
    "nadam/first-step-lost": [(M_OLD, made_only("m"))],
    "nadam/result-thrown-away": [(STEP_ADAM, STEP_ADAM.replace("params[key] -=", "p = params[key] -"))],
    "nadam/changes-gradients": [(STEP_ADAM, STEP_ADAM + CLEARED)],
}

CONVENTIONS = {
    "momentum/learning-rate-outside-velocity": [
        (V_NEW, "self.v[key] = self.momentum * v + grads[key]"),
        (STEP_MOMENTUM, "params[key] -= self.lr * self.v[key]")],
    "nesterov/learning-rate-outside-velocity": [
        (V_NEW, "self.v[key] = self.momentum * v + grads[key]"),
        (STEP_NESTEROV, "params[key] -= self.lr * (grads[key] + self.momentum * self.v[key])")],
}
