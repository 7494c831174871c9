"""Wrong initialisers and clippers that students really write, each as an edit of the reference solution.

The form is that of solutions/mistakes/optimizers.py.  `xavier` and `he` share most of their mistakes.
"""

# The lines of the reference cells.
XAVIER = "return rng.normal(0.0, np.sqrt(1 / n_in), size=(n_in, n_out))"
HE = "return rng.normal(0.0, np.sqrt(2 / n_in), size=(n_in, n_out))"
BY_VALUE = "return {key: np.clip(g, -limit, limit) for key, g in grads.items()}"
TOTAL = "total = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))"
SCALE = "scale = max_norm / total if total > max_norm else 1.0"
BY_NORM = "return {key: scale * g for key, g in grads.items()}"


def normal(std, size="(n_in, n_out)"):
    """A reference cell's line with another standard deviation or size."""
    return f"return rng.normal(0.0, {std}, size={size})"


def truncated(std):
    """Normal numbers of standard deviation `std` before those beyond two of them are drawn again."""
    return (f"std = {std}\n"
            "    W = rng.normal(0.0, std, size=(n_in, n_out))\n"
            "    while np.any(np.abs(W) > 2 * std):\n"
            "        W = np.where(np.abs(W) > 2 * std, rng.normal(0.0, std, size=W.shape), W)\n"
            "    return W")


def initialiser(exercise, old, std, limit):
    """The mistakes that both initialisers share; std: the right standard deviation, limit: of a uniform draw."""
    new = {
        "number-of-outputs": normal(std.replace("n_in", "n_out")),
        "fixed-standard-deviation": normal("0.01"),
        "not-scaled": "return rng.normal(size=(n_in, n_out))",
        "scaled-the-wrong-way": normal(f"1 / {std}"),
        "standard-deviation-as-mean": f"return rng.normal({std}, size=(n_in, n_out))",
        "uniform": f"limit = {limit}\n    return rng.uniform(-limit, limit, size=(n_in, n_out))",
        "uniform-too-narrow": f"limit = {std}\n    return rng.uniform(-limit, limit, size=(n_in, n_out))",
        "not-centred": f"return {std} * rng.random((n_in, n_out))",
        "transposed": normal(std, "(n_out, n_in)"),
        "own-generator": f"return np.random.normal(0.0, {std}, size=(n_in, n_out))",
        "same-at-every-call": f"rng = np.random.default_rng(0)\n    {old}",
        "one-number": f"return rng.normal(0.0, {std}) * np.ones((n_in, n_out))",
        "one-row-repeated": f"return np.tile(rng.normal(0.0, {std}, size=n_out), (n_in, 1))",
        "one-column-repeated": f"return np.tile(rng.normal(0.0, {std}, size=(n_in, 1)), (1, n_out))",
        "zeros": normal(std.replace("/", "//")),
        "clipped-tails": (f"W = rng.normal(0.0, {std}, size=(n_in, n_out))\n"
                          f"    return np.clip(W, -2 * {std}, 2 * {std})"),
        "truncated-tails": truncated(std),
        "float32": old + ".astype(np.float32)",
        "no-return": old.replace("return", "W ="),
    }
    return {f"{exercise}/{name}": [(old, source)] for name, source in new.items()}


MISTAKES = {
    **initialiser("xavier", XAVIER, "np.sqrt(1 / n_in)", "np.sqrt(3 / n_in)"),
    "xavier/variance-as-standard-deviation": [(XAVIER, normal("1 / n_in"))],
    "xavier/he": [(XAVIER, HE)],
    "xavier/glorot": [(XAVIER, normal("np.sqrt(2 / (n_in + n_out))"))],
    "xavier/sum-of-widths": [(XAVIER, normal("np.sqrt(1 / (n_in + n_out))"))],
    "xavier/product-of-widths": [(XAVIER, normal("1 / np.sqrt(n_in * n_out)"))],

    **initialiser("he", HE, "np.sqrt(2 / n_in)", "np.sqrt(6 / n_in)"),
    "he/variance-as-standard-deviation": [(HE, normal("2 / n_in"))],
    "he/xavier": [(HE, XAVIER)],
    "he/two-outside-root": [(HE, normal("2 / np.sqrt(n_in)"))],
    "he/root-of-two-only": [(HE, normal("np.sqrt(2) / n_in"))],
    "he/two-below": [(HE, normal("np.sqrt(1 / (2 * n_in))"))],
    "he/glorot": [(HE, normal("np.sqrt(2 / (n_in + n_out))"))],
    "he/mean-of-widths": [(HE, normal("np.sqrt(4 / (n_in + n_out))"))],

    "clip_by_value/upper-only": [(BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "np.minimum(g, limit)"))],
    "clip_by_value/lower-only": [(BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "np.maximum(g, -limit)"))],
    "clip_by_value/negative-to-zero": [(BY_VALUE, BY_VALUE.replace("-limit", "0"))],
    "clip_by_value/bounds-swapped": [(BY_VALUE, BY_VALUE.replace("-limit, limit", "limit, -limit"))],
    "clip_by_value/sign-lost": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "np.minimum(np.abs(g), limit)"))],
    "clip_by_value/large-to-plus-limit": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "np.where(np.abs(g) > limit, limit, g)"))],
    "clip_by_value/large-to-zero": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "np.where(np.abs(g) > limit, 0.0, g)"))],
    "clip_by_value/always-at-limit": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "limit * np.sign(g)"))],
    "clip_by_value/small-ones-raised": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)",
                                    "np.where(np.abs(g) < limit, limit * np.sign(g), g)"))],
    "clip_by_value/fixed-limit": [(BY_VALUE, BY_VALUE.replace("-limit, limit", "-1.0, 1.0"))],
    "clip_by_value/squashed": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "limit * np.tanh(g / limit)"))],
    "clip_by_value/scaled-by-largest": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)",
                                    "g * (limit / max(limit, np.max(np.abs(g))))"))],
    "clip_by_value/norm-of-each-array": [
        (BY_VALUE, BY_VALUE.replace("np.clip(g, -limit, limit)", "g * (limit / max(limit, np.linalg.norm(g)))"))],
    "clip_by_value/global-norm": [
        (BY_VALUE, "total = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))\n"
                   "    return {key: g * (limit / max(limit, total)) for key, g in grads.items()}")],
    "clip_by_value/changes-gradients": [(BY_VALUE, BY_VALUE.replace("-limit, limit", "-limit, limit, out=g"))],
    "clip_by_value/changes-gradients-no-return": [
        (BY_VALUE, "for g in grads.values():\n        np.clip(g, -limit, limit, out=g)")],
    "clip_by_value/no-return": [(BY_VALUE, BY_VALUE.replace("return", "clipped ="))],
    "clip_by_value/result-thrown-away": [
        (BY_VALUE, "for g in grads.values():\n        g = np.clip(g, -limit, limit)\n    return grads")],
    "clip_by_value/first-array-only": [
        (BY_VALUE, "for key, g in grads.items():\n        return {key: np.clip(g, -limit, limit)}")],
    "clip_by_value/list": [(BY_VALUE, "return [np.clip(g, -limit, limit) for g in grads.values()]")],

    "clip_by_norm/each-array-by-itself": [
        (BY_NORM, "return {key: g * (max_norm / max(max_norm, np.linalg.norm(g))) for key, g in grads.items()}")],
    "clip_by_norm/by-value": [
        (BY_NORM, "return {key: np.clip(g, -max_norm, max_norm) for key, g in grads.items()}")],
    "clip_by_norm/always-rescaled": [(SCALE, "scale = max_norm / total if total > 0 else 1.0")],
    "clip_by_norm/always-rescaled-zero-divided": [(SCALE, "scale = max_norm / total")],
    "clip_by_norm/zero-gives-nan": [
        (SCALE, "scale = min(max_norm, total) / total")],
    "clip_by_norm/zero-raises": [(SCALE, "scale = min(1.0, max_norm / float(total))")],
    "clip_by_norm/sum-of-norms": [(TOTAL, "total = sum(np.sqrt(np.sum(g ** 2)) for g in grads.values())")],
    "clip_by_norm/sum-of-sizes": [(TOTAL, "total = sum(np.sum(np.abs(g)) for g in grads.values())")],
    "clip_by_norm/no-root": [(TOTAL, "total = sum(np.sum(g ** 2) for g in grads.values())")],
    "clip_by_norm/compares-squared-norm": [
        (SCALE, "scale = max_norm / total if total ** 2 > max_norm else 1.0")],
    "clip_by_norm/sum-before-square": [(TOTAL, "total = np.sqrt(sum(np.sum(g) ** 2 for g in grads.values()))")],
    "clip_by_norm/mean-of-squares": [(TOTAL, "total = np.sqrt(sum(np.mean(g ** 2) for g in grads.values()))")],
    "clip_by_norm/largest-entry": [(TOTAL, "total = max(np.max(np.abs(g)) for g in grads.values())")],
    "clip_by_norm/largest-norm": [(TOTAL, "total = max(np.linalg.norm(g) for g in grads.values())")],
    "clip_by_norm/matrix-norm": [
        (TOTAL, "total = np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in grads.values()))")],
    "clip_by_norm/last-array-only": [
        (TOTAL, "for g in grads.values():\n        total = np.sqrt(np.sum(g ** 2))")],
    "clip_by_norm/weights-only": [
        (TOTAL, "total = np.sqrt(sum(np.sum(g ** 2) for key, g in grads.items() if key.startswith('W')))")],
    "clip_by_norm/norm-so-far": [
        (TOTAL, "squares, clipped = 0.0, {}"),
        (SCALE, "for key, g in grads.items():"),
        (BY_NORM, "    squares += np.sum(g ** 2)\n"
                  "        clipped[key] = g * (max_norm / max(max_norm, np.sqrt(squares)))\n"
                  "    return clipped")],
    "clip_by_norm/factor-inverted": [(SCALE, "scale = total / max_norm if total > max_norm else 1.0")],
    "clip_by_norm/comparison-reversed": [
        (SCALE, "scale = max_norm / total if 0 < total < max_norm else 1.0")],
    "clip_by_norm/norm-one": [(SCALE, "scale = 1.0 / total if total > max_norm else 1.0")],
    "clip_by_norm/changes-gradients": [
        (BY_NORM, "for g in grads.values():\n        g *= scale\n    return grads")],
    "clip_by_norm/changes-gradients-no-return": [(BY_NORM, "for g in grads.values():\n        g *= scale")],
    "clip_by_norm/no-return": [(BY_NORM, BY_NORM.replace("return", "clipped ="))],
    "clip_by_norm/first-array-only": [(BY_NORM, "for key, g in grads.items():\n        return {key: scale * g}")],
    "clip_by_norm/list": [(BY_NORM, "return [scale * g for g in grads.values()]")],
    "clip_by_norm/result-thrown-away": [
        (BY_NORM, "for g in grads.values():\n        g = scale * g\n    return grads")],
}

# Keras draws its "normal" initialisers so: the cut is made up for, mean and variance are right.
CORRECTED = "np.sqrt({} / n_in) / 0.87962566103423978"
CONVENTIONS = {
    "xavier/truncated-like-keras": [(XAVIER, truncated(CORRECTED.format(1)))],
    "he/truncated-like-keras": [(HE, truncated(CORRECTED.format(2)))],
}
