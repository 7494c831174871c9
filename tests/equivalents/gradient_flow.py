"""Right answers to the assignment gradient_flow, each written in another way; all earn every point."""


def initialisers(exercise, variance):
    """Ways of drawing that `xavier` and `he` share; variance: the text of the right variance."""
    head = f"def {exercise}(n_in, n_out, rng):\n"
    bodies = {
        "scaled-standard-normal": f"    return rng.standard_normal((n_in, n_out)) * np.sqrt({variance})\n",
        "divided-by-root": f"    return rng.normal(size=(n_in, n_out)) / np.sqrt(1 / ({variance}))\n",
        "drawn-transposed": f"    W = rng.normal(0, ({variance}) ** 0.5, (n_out, n_in))\n    return W.T\n",
        "flat-then-shaped": (f"    std = np.sqrt({variance})\n"
                             "    return rng.normal(scale=std, size=n_in * n_out).reshape(n_in, n_out)\n"),
        "row-by-row": ("    W = np.empty((n_in, n_out))\n"
                       "    for i in range(n_in):\n"
                       f"        W[i] = rng.standard_normal(n_out) * ({variance}) ** 0.5\n"
                       "    return W\n"),
        "column-by-column": (f"    std = np.sqrt({variance})\n"
                             "    return np.stack([rng.normal(0, std, n_in) for _ in range(n_out)], axis=1)\n"),
        "in-place": (f"    W = rng.standard_normal((n_in, n_out))\n    W *= np.sqrt({variance})\n"
                     "    return W\n"),
        "box-muller": ("    radius = np.sqrt(-2 * np.log(1 - rng.random((n_in, n_out))))\n"
                       "    z = radius * np.cos(2 * np.pi * rng.random((n_in, n_out)))\n"
                       f"    return np.sqrt({variance}) * z\n"),
        "covariance": (f"    variances = np.diag(np.full(2, {variance}))\n"
                       "    pairs = rng.multivariate_normal(np.zeros(2), variances, size=n_in * n_out)\n"
                       "    return pairs[:, 0].reshape((n_in, n_out))\n"),
        "generator-of-a-generator": ("    child = np.random.default_rng(int(rng.integers(2 ** 32)))\n"
                                     f"    return child.normal(0.0, np.sqrt({variance}), size=(n_in, n_out))\n"),
    }
    return {f"{exercise}/{name}": head + body for name, body in bodies.items()}


EQUIVALENTS = {
    **initialisers("xavier", "1 / n_in"),
    **initialisers("he", "2 / n_in"),

    "clip_by_value/minimum-maximum": """
def clip_by_value(grads, limit):
    return {key: np.maximum(-limit, np.minimum(limit, g)) for key, g in grads.items()}
""",
    "clip_by_value/where": """
def clip_by_value(grads, limit):
    clipped = {}
    for key in grads:
        g = grads[key]
        g = np.where(g > limit, limit, g)
        clipped[key] = np.where(g < -limit, -limit, g)
    return clipped
""",
    "clip_by_value/copy-then-in-place": """
def clip_by_value(grads, limit):
    clipped = {key: g.copy() for key, g in grads.items()}
    for g in clipped.values():
        g[g > limit] = limit
        g[g < -limit] = -limit
    return clipped
""",
    "clip_by_value/entry-by-entry": """
def clip_by_value(grads, limit):
    clipped = {}
    for key, g in grads.items():
        clipped[key] = np.zeros_like(g)
        for i in np.ndindex(g.shape):
            clipped[key][i] = max(-limit, min(limit, float(g[i])))
    return clipped
""",
    "clip_by_value/sign-times-size": """
def clip_by_value(grads, limit):
    return {key: np.sign(g) * np.minimum(np.abs(g), limit) for key, g in grads.items()}
""",
    "clip_by_value/deepcopy-and-out": """
import copy

def clip_by_value(grads, limit):
    clipped = copy.deepcopy(grads)
    for key in clipped:
        np.clip(clipped[key], -limit, limit, out=clipped[key])
    return clipped
""",
    "clip_by_value/untouched-where-small": """
def clip_by_value(grads, limit):
    return {key: g if np.max(np.abs(g)) <= limit else g.clip(-limit, limit) for key, g in grads.items()}
""",

    "clip_by_norm/concatenated": """
def clip_by_norm(grads, max_norm):
    total = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
    if total <= max_norm:
        return dict(grads)
    return {key: g * max_norm / total for key, g in grads.items()}
""",
    "clip_by_norm/larger-of-the-two": """
def clip_by_norm(grads, max_norm):
    total = np.sqrt(sum(np.sum(np.square(g)) for g in grads.values()))
    return {key: g / max(total, max_norm) * max_norm for key, g in grads.items()}
""",
    "clip_by_norm/minimum-with-infinity": """
def clip_by_norm(grads, max_norm):
    total = np.sqrt(sum((g * g).sum() for g in grads.values()))
    return {key: g * min(1.0, max_norm / total) for key, g in grads.items()}
""",
    "clip_by_norm/like-pytorch": """
def clip_by_norm(grads, max_norm):
    norms = [np.linalg.norm(g) for g in grads.values()]
    coefficient = max_norm / (np.linalg.norm(norms) + 1e-6)
    return {key: g * min(coefficient, 1.0) for key, g in grads.items()}
""",
    "clip_by_norm/loops": """
import math

def clip_by_norm(grads, max_norm):
    squares = 0.0
    for g in grads.values():
        for i in np.ndindex(g.shape):
            squares += float(g[i]) ** 2
    total = math.sqrt(squares)
    clipped = {}
    for key, g in grads.items():
        clipped[key] = g.copy()
        if total > max_norm:
            clipped[key] *= max_norm / total
    return clipped
""",
    "clip_by_norm/einsum": """
def clip_by_norm(grads, max_norm):
    total = sum(np.einsum("i,i->", g.reshape(-1), g.reshape(-1)) for g in grads.values()) ** 0.5
    factor = 1.0 if total == 0 else min(1.0, max_norm / total)
    return {key: np.multiply(g, factor) for key, g in grads.items()}
""",
    "clip_by_norm/compares-squares": """
def clip_by_norm(grads, max_norm):
    squares = sum(np.vdot(g, g) for g in grads.values())
    if squares > max_norm ** 2:
        return {key: max_norm * g / np.sqrt(squares) for key, g in grads.items()}
    return {key: g.copy() for key, g in grads.items()}
""",
    "clip_by_norm/stabilised": """
def clip_by_norm(grads, max_norm):
    largest = max(np.abs(g).max() for g in grads.values()) or 1.0
    total = largest * np.sqrt(sum(np.sum((g / largest) ** 2) for g in grads.values()))
    return {key: g * np.minimum(1.0, max_norm / (total + 1e-12)) for key, g in grads.items()}
""",
}
