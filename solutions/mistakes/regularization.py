"""Wrong regularizers that students really write, each as an edit of the reference solution.

See solutions/mistakes/optimizers.py for the form.
"""

# Small pieces, so that two mistakes can be made at once.
HALF = "return 0.5 * "
STRENGTH = "weight_decay * sum("
SQUARES = "np.sum(W ** 2)"
PICKED = ' if key.startswith("W")'
END = 'key.startswith("W"))'

START = "    decayed = dict(grads)\n"
ONLY_W = 'if key.startswith("W"):'
ADDED = "decayed[key] = grads[key] + weight_decay * params[key]"
GRADIENT = "grads[key] + "
DECAY = "weight_decay * params[key]"
RETURN = "    return decayed"

AT_TEST = "            return x * (1 - self.dropout_ratio)\n"
DRAW = "self.rng.random(x.shape)"
ABOVE = "> self.dropout_ratio"
MASK = "self.mask = self.rng.random(x.shape) > self.dropout_ratio"
DROPPED = "return x * self.mask"
BACK = "return dout * self.mask"

IDENTITY = "            return x\n"
KEEP = "        keep = 1 - self.dropout_ratio\n"
SURVIVES = "survives = self.rng.random(x.shape) > self.dropout_ratio"
STORED = "self.mask = survives"
SCALED = "survives / (keep or 1)"
NO_TRAIN = "        if not train:\n"

# Faults in the drawing of the mask, which both layers share: what stands for rng.random(x.shape).
DRAWS = {
    "normal-numbers": "self.rng.standard_normal(x.shape)",
    "one-fate-for-each-sample": "self.rng.random((len(x), *[1] * (x.ndim - 1)))",
    "one-fate-for-the-whole-batch": "self.rng.random(x.shape[1:])",
    "one-number-for-all-units": "self.rng.random()",
    "global-generator": "np.random.rand(*x.shape)",
    "seeded-inside": "np.random.default_rng(0).random(x.shape)",
    "two-axes-only": "self.rng.random((x.shape[0], x.shape[1]))",
}


def both(exercise, shared):
    """The entries of `shared`, {what is wrong: edits}, as mistakes of one of the two layers."""
    return {f"{exercise}/{what}": edits for what, edits in shared.items()}


MISTAKES = {
    "l2_penalty/no-half": [(HALF, "return ")],
    "l2_penalty/no-weight-decay": [(STRENGTH, "sum(")],
    "l2_penalty/weight-decay-squared": [(STRENGTH, "weight_decay ** 2 * sum(")],
    "l2_penalty/norm-not-squared": [(SQUARES, "np.linalg.norm(W)")],
    "l2_penalty/root-of-the-total": [(STRENGTH, "weight_decay * np.sqrt(sum("), (END, END + ")")],
    "l2_penalty/absolute-values": [(SQUARES, "np.sum(np.abs(W))")],
    "l2_penalty/l1-penalty": [(HALF, "return "), (SQUARES, "np.sum(np.abs(W))")],
    "l2_penalty/square-of-the-sum": [(SQUARES, "np.sum(W) ** 2")],
    "l2_penalty/not-squared": [(SQUARES, "np.sum(W)")],
    "l2_penalty/largest-singular-value": [(SQUARES, "np.linalg.norm(np.atleast_2d(W), 2) ** 2")],
    "l2_penalty/mean-of-squares": [(SQUARES, "np.mean(W ** 2)")],
    "l2_penalty/biases-too": [(PICKED, "")],
    "l2_penalty/gamma-too": [(PICKED, ' if not key.startswith("b")')],
    "l2_penalty/last-in-the-loop-only": [(STRENGTH, "weight_decay * sum(["), (END, END[:-1] + "][-1:])")],
    "l2_penalty/first-in-the-loop-only": [(STRENGTH, "weight_decay * sum(["), (END, END[:-1] + "][:1])")],
    "l2_penalty/two-layers-only": [(PICKED, " if params['W1'] is W or params['W2'] is W")],
    "l2_penalty/changes-weights": [(SQUARES, "np.sum(np.square(W, out=W))")],
    "l2_penalty/no-return": [(HALF, "penalty = 0.5 * ")],

    "add_weight_decay/minus": [(GRADIENT, "grads[key] - ")],
    "add_weight_decay/half": [(DECAY, "0.5 * weight_decay * params[key]")],
    "add_weight_decay/twice": [(DECAY, "2 * weight_decay * params[key]")],
    "add_weight_decay/no-weight-decay": [(DECAY, "params[key]")],
    "add_weight_decay/sign-only": [(DECAY, "weight_decay * np.sign(params[key])")],
    "add_weight_decay/weight-squared": [(DECAY, "weight_decay * params[key] ** 2")],
    "add_weight_decay/divided-by-norm": [(DECAY, "weight_decay * params[key] / np.linalg.norm(params[key])")],
    "add_weight_decay/adds-the-penalty": [(DECAY, "0.5 * weight_decay * np.sum(params[key] ** 2)")],
    "add_weight_decay/mean": [(DECAY, "weight_decay * params[key] / params[key].size")],
    "add_weight_decay/replaces-gradient": [(GRADIENT, "")],
    "add_weight_decay/gradient-instead-of-weight": [(DECAY, "weight_decay * grads[key]")],
    "add_weight_decay/swapped": [(ADDED, "decayed[key] = params[key] + weight_decay * grads[key]")],
    "add_weight_decay/shrinks-weights": [(ADDED, "params[key] *= 1 - weight_decay")],
    "add_weight_decay/biases-too": [(ONLY_W, "if True:")],
    "add_weight_decay/gamma-too": [(ONLY_W, 'if not key.startswith("b"):')],
    "add_weight_decay/weights-only": [(START, "    decayed = {}\n")],
    "add_weight_decay/first-in-the-loop-only": [(ADDED, ADDED + "; break")],
    "add_weight_decay/last-in-the-loop-only": [(ADDED, "decayed = dict(grads)\n            " + ADDED)],
    "add_weight_decay/changes-gradients": [("decayed[key] = grads[key] + ", "decayed[key] += ")],
    "add_weight_decay/no-return": [(RETURN, "    return")],

    **both("dropout", {what: [(DRAW, draw)] for what, draw in DRAWS.items()}),
    "dropout/reversed-mask": [(ABOVE, "< self.dropout_ratio")],
    "dropout/ratio-ignored": [(ABOVE, "> 0.5")],
    "dropout/mask-drawn-once": [(MASK, f"if self.mask is None:\n            {MASK}")],
    "dropout/mask-shared-between-objects": [
        (MASK, MASK.replace("self.mask", "Dropout.shared")), (DROPPED, "return x * Dropout.shared"),
        (BACK, "return dout * Dropout.shared")],
    "dropout/mask-from-output": [
        (DROPPED, "out = x * self.mask\n        self.mask = out != 0\n        return out")],
    "dropout/returns-mask": [(DROPPED, "return self.mask")],
    "dropout/changes-input": [(DROPPED, "x *= self.mask\n        return x")],
    "dropout/random-at-test-time": [(NO_TRAIN + AT_TEST, "")],
    "dropout/random-and-shrunk-at-test-time": [
        (NO_TRAIN + AT_TEST, ""),
        (DROPPED, "return x * self.mask if train else x * self.mask * (1 - self.dropout_ratio)")],
    "dropout/train-and-test-swapped": [(NO_TRAIN, "        if train:\n")],
    "dropout/test-time-dropped-share": [(AT_TEST, AT_TEST.replace("(1 - self.dropout_ratio)", "self.dropout_ratio"))],
    "dropout/test-time-divided": [(AT_TEST, AT_TEST.replace("*", "/"))],
    "dropout/test-time-unscaled": [(AT_TEST, "            return x\n")],
    "dropout/shrunk-in-training-too": [(DROPPED, "return x * self.mask * (1 - self.dropout_ratio)")],
    "dropout/shrunk-in-training-only": [
        (AT_TEST, "            return x\n"), (DROPPED, "return x * self.mask * (1 - self.dropout_ratio)")],
    "dropout/scaled-in-both": [(MASK, f"self.mask = ({DRAW} > self.dropout_ratio) / (1 - self.dropout_ratio)")],
    "dropout/inverted": [
        (AT_TEST, "            return x\n"),
        (MASK, f"self.mask = ({DRAW} > self.dropout_ratio) / (1 - self.dropout_ratio)")],
    "dropout/backward-without-mask": [(BACK, "return dout")],
    "dropout/backward-reversed-mask": [(BACK, "return dout * ~self.mask")],
    "dropout/backward-new-mask": [
        (BACK, "return dout * (self.rng.random(dout.shape) > self.dropout_ratio)")],
    "dropout/backward-shrunk": [(BACK, BACK + " * (1 - self.dropout_ratio)")],
    "dropout/backward-without-dout": [(BACK, "return 1.0 * self.mask")],
    "dropout/changes-dout": [(BACK, "dout *= self.mask\n        return dout")],
    "dropout/forward-no-return": [(DROPPED, "x * self.mask")],
    "dropout/backward-no-return": [(BACK, "dout * self.mask")],

    **both("inverteddropout", {what: [(DRAW, draw)] for what, draw in DRAWS.items()}),
    "inverteddropout/reversed-mask": [(ABOVE, "< self.dropout_ratio")],
    "inverteddropout/ratio-as-share-kept": [
        (ABOVE, "< self.dropout_ratio"), (KEEP, "        keep = self.dropout_ratio\n")],
    "inverteddropout/ratio-ignored": [(ABOVE, "> 0.5")],
    "inverteddropout/mask-drawn-once": [(STORED, f"if self.mask is None:\n            {STORED}")],
    "inverteddropout/mask-shared-between-objects": [
        (STORED, "InvertedDropout.shared = survives"), (DROPPED, "return x * InvertedDropout.shared"),
        (BACK, "return dout * InvertedDropout.shared")],
    "inverteddropout/mask-from-output": [
        (DROPPED, "out = x * self.mask\n        self.mask = (out != 0) / (keep or 1)\n        return out")],
    "inverteddropout/returns-mask": [(DROPPED, "return self.mask")],
    "inverteddropout/changes-input": [(DROPPED, "x *= self.mask\n        return x")],
    "inverteddropout/random-at-test-time": [(NO_TRAIN + IDENTITY, "")],
    "inverteddropout/train-and-test-swapped": [(NO_TRAIN, "        if train:\n")],
    "inverteddropout/plain-dropout": [
        (IDENTITY, AT_TEST), (SCALED, "survives")],
    "inverteddropout/test-time-shrunk-too": [(IDENTITY, AT_TEST)],
    "inverteddropout/divided-at-test-time": [
        (IDENTITY, AT_TEST.replace("*", "/")), (SCALED, "survives")],
    "inverteddropout/divided-at-test-time-too": [(IDENTITY, AT_TEST.replace("*", "/"))],
    "inverteddropout/not-enlarged": [(SCALED, "survives")],
    "inverteddropout/multiplied": [(SCALED, "survives * keep")],
    "inverteddropout/divided-by-ratio": [(SCALED, "survives / self.dropout_ratio")],
    "inverteddropout/divided-by-root": [(SCALED, "survives / np.sqrt(keep or 1)")],
    "inverteddropout/divided-by-own-share": [(SCALED, "survives / max(np.mean(survives), 1e-9)")],
    "inverteddropout/nan-at-ratio-one": [(SCALED, "survives / keep")],
    "inverteddropout/error-at-ratio-one": [(SCALED, "survives * (1 / keep)")],
    "inverteddropout/backward-without-mask": [(BACK, "return dout")],
    "inverteddropout/backward-not-enlarged": [(BACK, "return dout * (self.mask != 0)")],
    "inverteddropout/backward-enlarged-twice": [(BACK, "return dout * self.mask / ((1 - self.dropout_ratio) or 1)")],
    "inverteddropout/backward-enlarged-without-mask": [(BACK, "return dout / ((1 - self.dropout_ratio) or 1)")],
    "inverteddropout/backward-new-mask": [
        (BACK, "keep = 1 - self.dropout_ratio\n"
               "        return dout * (self.rng.random(dout.shape) > self.dropout_ratio) / (keep or 1)")],
    "inverteddropout/backward-without-dout": [(BACK, "return self.mask")],
    "inverteddropout/changes-dout": [(BACK, "dout *= self.mask\n        return dout")],
    "inverteddropout/forward-no-return": [(DROPPED, "x * self.mask")],
    "inverteddropout/backward-no-return": [(BACK, "dout * self.mask")],
}

# A fixed number of units, chosen at random: no unit is independent of the others, but each falls equally often.
EXACT = "self.rng.permuted(np.arange(x.size)).reshape(x.shape) >= round(self.dropout_ratio * x.size)"

CONVENTIONS = {
    "dropout/exact-share": [(MASK, f"self.mask = {EXACT}")],
    "inverteddropout/exact-share": [(SURVIVES, f"survives = {EXACT}")],
}
