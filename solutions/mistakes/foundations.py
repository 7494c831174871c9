"""Wrong foundations that students really write, each as an edit of the reference solution.

See solutions/mistakes/optimizers.py for the form.
"""

# numerical_gradient
MADE = "gradient = np.zeros_like(x)"
ENTRIES = "for i in np.ndindex(x.shape):"
UP, DOWN = "x[i] = old + h", "x[i] = old - h"
SLOPE = "gradient[i] = (above - below) / (2 * h)"
RESTORE = "        x[i] = old\n    return gradient"

# relative_error
DIFFERENCE = "np.abs(a - b)"
SIZE = "np.maximum(np.abs(a) + np.abs(b), 1e-8)"
RELATIVE = f"return np.max({DIFFERENCE} / {SIZE})"

# softmax
E = "e = np.exp(z - z.max(axis=1, keepdims=True))"
P = "return e / e.sum(axis=1, keepdims=True)"

# cross_entropy
LOSS = "return -np.mean(np.log(np.sum(p * t, axis=1)))"

# softmax_cross_entropy_gradient
GRADIENT = "return (softmax(z) - t) / len(z)"

MISTAKES = {
    "numerical_gradient/divided-by-h": [(SLOPE, "gradient[i] = (above - below) / h")],
    "numerical_gradient/wrong-sign": [(SLOPE, "gradient[i] = (below - above) / (2 * h)")],
    "numerical_gradient/forward-difference": [
        (DOWN, "x[i] = old"), (SLOPE, "gradient[i] = (above - below) / h")],
    "numerical_gradient/backward-difference": [
        (UP, "x[i] = old"), (SLOPE, "gradient[i] = (above - below) / h")],
    "numerical_gradient/half-a-difference": [(DOWN, "x[i] = old")],
    "numerical_gradient/not-restored": [(RESTORE, "    return gradient")],
    "numerical_gradient/multiplied-by-h": [(SLOPE, "gradient[i] = (above - below) * 2 * h")],
    "numerical_gradient/precedence": [(SLOPE, "gradient[i] = (above - below) / 2 * h")],
    "numerical_gradient/fixed-step": [
        (UP, "x[i] = old + 1e-4"), (DOWN, "x[i] = old - 1e-4"),
        (SLOPE, "gradient[i] = (above - below) / (2 * 1e-4)")],
    "numerical_gradient/nothing-moves": [(UP, "up = old + h"), (DOWN, "down = old - h")],
    "numerical_gradient/all-entries-at-once": [(MADE, "return (f(x + h) - f(x - h)) / (2 * h)")],
    "numerical_gradient/total-in-every-entry": [
        (MADE, "return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))")],
    "numerical_gradient/rows-instead-of-entries": [(ENTRIES, "for i in range(len(x)):")],
    "numerical_gradient/one-index-for-all-axes": [(ENTRIES, "for i in range(x.size):")],
    "numerical_gradient/entry-instead-of-array": [
        (UP + "\n        above = f(x)", "above = f(old + h)"), (DOWN + "\n        below = f(x)", "below = f(old - h)")],
    "numerical_gradient/only-last-slope": [(SLOPE, "gradient = (above - below) / (2 * h)")],
    "numerical_gradient/only-first-slope": [(RESTORE, "        x[i] = old\n        return gradient")],
    "numerical_gradient/fourth-order": [(MADE, "return autograder.numerical_gradient(f, x, h)")],
    "numerical_gradient/fourth-order-fixed-step": [(MADE, "return autograder.numerical_gradient(f, x)")],

    "relative_error/absolute-error": [(RELATIVE, f"return np.max({DIFFERENCE})")],
    "relative_error/no-floor": [(SIZE, "(np.abs(a) + np.abs(b))")],
    "relative_error/floor-from-above": [(SIZE, SIZE.replace("maximum", "minimum"))],
    "relative_error/mean-instead-of-max": [(RELATIVE, RELATIVE.replace("np.max(", "np.mean("))],
    "relative_error/not-reduced": [(RELATIVE, RELATIVE.replace("np.max(", "("))],
    "relative_error/one-number-per-column": [(RELATIVE, RELATIVE[:-1] + ", axis=0)")],
    "relative_error/signed-difference": [(DIFFERENCE, "(a - b)")],
    "relative_error/abs-after-max": [(RELATIVE, f"return np.abs(np.max((a - b) / {SIZE}))")],
    "relative_error/divided-by-a": [(SIZE, "np.maximum(np.abs(a), 1e-8)")],
    "relative_error/divided-by-b": [(SIZE, "np.maximum(np.abs(b), 1e-8)")],
    "relative_error/sum-before-abs": [(SIZE, "np.maximum(np.abs(a + b), 1e-8)")],
    "relative_error/sizes-without-abs": [(SIZE, "np.maximum(a + b, 1e-8)")],
    "relative_error/maxima-divided": [
        (RELATIVE, f"return np.max({DIFFERENCE}) / np.max({SIZE})")],
    "relative_error/norms-divided": [
        (RELATIVE, "return np.linalg.norm(a - b) / np.maximum(np.linalg.norm(a) + np.linalg.norm(b), 1e-8)")],
    "relative_error/precedence": [
        (RELATIVE, f"return np.max({DIFFERENCE} / np.maximum(np.abs(a), 1e-8) + np.abs(b))")],

    "softmax/not-stable": [(E, "e = np.exp(z)")],
    "softmax/one-maximum-for-all": [(E, "e = np.exp(z - z.max())")],
    "softmax/minimum-subtracted": [(E, E.replace("max", "min"))],
    "softmax/mean-subtracted": [(E, E.replace("max", "mean"))],
    "softmax/maximum-only-above": [(P, "return e / np.exp(z).sum(axis=1, keepdims=True)")],
    "softmax/scores-clipped": [(E, "e = np.exp(np.clip(z, -500, 500))")],
    "softmax/over-the-batch": [(E, E.replace("axis=1", "axis=0")), (P, P.replace("axis=1", "axis=0"))],
    "softmax/sums-over-the-batch": [(P, P.replace("axis=1", "axis=0"))],
    "softmax/over-everything": [(E, "e = np.exp(z - z.max())"), (P, "return e / e.sum()")],
    "softmax/one-sum-for-all": [(P, "return e / e.sum()")],
    "softmax/not-normalized": [(P, "return e")],
    "softmax/no-keepdims": [(E, "e = np.exp(z - z.max(axis=1))"), (P, "return e / e.sum(axis=1)")],
    "softmax/maximum-without-keepdims": [(E, "e = np.exp(z - z.max(axis=1))")],
    "softmax/sum-without-keepdims": [(P, "return e / e.sum(axis=1)")],
    "softmax/exp-forgotten": [(E, "e = z - z.max(axis=1, keepdims=True)")],
    "softmax/wrong-sign": [(E, "e = np.exp(z.min(axis=1, keepdims=True) - z)")],
    "softmax/logarithm": [(P, "return np.log(e / e.sum(axis=1, keepdims=True))")],
    "softmax/sigmoid": [(P, "return 1 / (1 + np.exp(-z))")],
    "softmax/changes-argument": [(E, "z -= z.max(axis=1, keepdims=True); e = np.exp(z)")],

    "cross_entropy/sum-instead-of-mean": [(LOSS, LOSS.replace("mean", "sum"))],
    "cross_entropy/sum-instead-of-mean-with-floor": [(LOSS, "return -np.sum(t * np.log(p + 1e-7))")],
    "cross_entropy/wrong-sign": [(LOSS, LOSS.replace("-", ""))],
    "cross_entropy/wrong-sign-with-floor": [(LOSS, "return np.sum(t * np.log(p + 1e-7)) / len(p)")],
    "cross_entropy/mean-over-everything": [(LOSS, "return -np.mean(t * np.log(p))")],
    "cross_entropy/mean-over-everything-with-floor": [(LOSS, "return -np.mean(t * np.log(p + 1e-7))")],
    "cross_entropy/swapped": [(LOSS, "return -np.sum(p * np.log(t)) / len(p)")],
    "cross_entropy/swapped-with-floor": [(LOSS, "return -np.sum(p * np.log(t + 1e-7)) / len(p)")],
    "cross_entropy/divided-by-classes": [(LOSS, "return -np.sum(t * np.log(p)) / p.shape[1]")],
    "cross_entropy/one-loss-per-row": [(LOSS, "return -np.log(np.sum(p * t, axis=1))")],
    "cross_entropy/labels-ignored": [(LOSS, "return -np.sum(np.log(p)) / len(p)")],
    "cross_entropy/predicted-class": [(LOSS, "return -np.mean(np.log(p.max(axis=1)))")],
    "cross_entropy/every-row-with-every-label": [(LOSS, "return -np.mean(np.log(p[:, t.argmax(axis=1)]))")],
    "cross_entropy/over-the-batch": [(LOSS, LOSS.replace("axis=1", "axis=0"))],
    "cross_entropy/no-logarithm": [(LOSS, "return -np.mean(np.sum(p * t, axis=1))")],
    "cross_entropy/log-of-the-mean": [(LOSS, "return -np.log(np.mean(np.sum(p * t, axis=1)))")],
    "cross_entropy/log-to-base-2": [(LOSS, LOSS.replace("np.log", "np.log2"))],
    "cross_entropy/log-to-base-10": [(LOSS, LOSS.replace("np.log", "np.log10"))],
    "cross_entropy/binary": [(LOSS, "return -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) / len(p)")],
    "cross_entropy/squared-error": [(LOSS, "return 0.5 * np.sum((p - t) ** 2) / len(p)")],
    "cross_entropy/changes-probabilities": [(LOSS, "p += 1e-7; " + LOSS)],

    "softmax_cross_entropy_gradient/not-averaged": [(GRADIENT, "return softmax(z) - t")],
    "softmax_cross_entropy_gradient/wrong-sign": [(GRADIENT, "return (t - softmax(z)) / len(z)")],
    "softmax_cross_entropy_gradient/precedence": [(GRADIENT, "return softmax(z) - t / len(z)")],
    "softmax_cross_entropy_gradient/divided-by-everything": [(GRADIENT, "return (softmax(z) - t) / z.size")],
    "softmax_cross_entropy_gradient/divided-by-classes": [(GRADIENT, "return (softmax(z) - t) / z.shape[1]")],
    "softmax_cross_entropy_gradient/averaged-over-the-batch": [(GRADIENT, "return np.mean(softmax(z) - t, axis=0)")],
    "softmax_cross_entropy_gradient/labels-not-subtracted": [(GRADIENT, "return softmax(z) / len(z)")],
    "softmax_cross_entropy_gradient/scores-instead-of-probabilities": [(GRADIENT, "return (z - t) / len(z)")],
    "softmax_cross_entropy_gradient/softmax-twice": [(GRADIENT, "return (softmax(softmax(z)) - t) / len(z)")],
    "softmax_cross_entropy_gradient/right-class-only": [(GRADIENT, "return (softmax(z) - t) * t / len(z)")],
    "softmax_cross_entropy_gradient/gradient-of-probabilities": [(GRADIENT, "return -t / softmax(z) / len(z)")],
    "softmax_cross_entropy_gradient/slope-of-softmax-again": [
        (GRADIENT, "p = softmax(z)\n    return (p - t) * p * (1 - p) / len(z)")],
    "softmax_cross_entropy_gradient/factor-two": [(GRADIENT, "return 2 * (softmax(z) - t) / len(z)")],
    "softmax_cross_entropy_gradient/loss-instead-of-gradient": [(GRADIENT, "return cross_entropy(softmax(z), t)")],
    "softmax_cross_entropy_gradient/numerical": [
        (GRADIENT, "return autograder.numerical_gradient(lambda z: cross_entropy(softmax(z), t), z)")],
    "softmax_cross_entropy_gradient/not-stable": [
        (GRADIENT, "e = np.exp(z)\n    return (e / e.sum(axis=1, keepdims=True) - t) / len(z)")],
    "softmax_cross_entropy_gradient/over-the-batch": [
        (GRADIENT, "e = np.exp(z - z.max(axis=0, keepdims=True))\n"
                   "    return (e / e.sum(axis=0, keepdims=True) - t) / len(z)")],
    "softmax_cross_entropy_gradient/changes-arguments": [
        (GRADIENT, "z -= z.max(axis=1, keepdims=True)\n    e = np.exp(z)\n"
                   "    return (e / e.sum(axis=1, keepdims=True) - t) / len(z)")],
}

CONVENTIONS = {
    "numerical_gradient/half-step": [
        (UP, "x[i] = old + h / 2"), (DOWN, "x[i] = old - h / 2"), (SLOPE, "gradient[i] = (above - below) / h")],
    "relative_error/larger-of-the-two": [(SIZE, "np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8)")],
    "relative_error/floor-added": [(SIZE, "(np.abs(a) + np.abs(b) + 1e-8)")],
    "cross_entropy/floor-in-the-logarithm": [(LOSS, "return -np.sum(t * np.log(p + 1e-7)) / len(p)")],
}
