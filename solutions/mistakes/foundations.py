"""Wrong foundations that students really write, each as an edit of the reference solution.

See solutions/mistakes/optimizers.py for the form.
"""

SLOPE = "gradient[i] = (above - below) / (2 * h)"
RESTORE = "        x[i] = old\n    return gradient"
RATIO = "np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)"
RELATIVE = f"return np.max({RATIO})"
E = "e = np.exp(z - z.max(axis=1, keepdims=True))"
P = "return e / e.sum(axis=1, keepdims=True)"
LOSS = "return -np.mean(np.log(np.sum(p * t, axis=1)))"
GRADIENT = "return (softmax(z) - t) / len(z)"

MISTAKES = {
    "numerical_gradient/divided-by-h": [(SLOPE, "gradient[i] = (above - below) / h")],
    "numerical_gradient/wrong-sign": [(SLOPE, "gradient[i] = (below - above) / (2 * h)")],
    "numerical_gradient/forward-difference": [("x[i] = old - h", "x[i] = old"), (SLOPE, "gradient[i] = (above - below) / h")],
    "numerical_gradient/backward-difference": [("x[i] = old + h", "x[i] = old"), (SLOPE, "gradient[i] = (above - below) / h")],
    "numerical_gradient/not-restored": [(RESTORE, "    return gradient")],
    "numerical_gradient/multiplied-by-h": [(SLOPE, "gradient[i] = (above - below) * 2 * h")],
    "numerical_gradient/precedence": [(SLOPE, "gradient[i] = (above - below) / 2 * h")],

    "softmax/not-stable": [(E, "e = np.exp(z)")],
    "softmax/over-the-batch": [
        (E, "e = np.exp(z - z.max(axis=0, keepdims=True))"), (P, "return e / e.sum(axis=0, keepdims=True)")],
    "softmax/over-everything": [(P, "return e / e.sum()")],
    "softmax/not-normalized": [(P, "return e")],
}

CONVENTIONS = {
}
