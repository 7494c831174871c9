"""Wrong batch normalizations that students really write, each as an edit of the reference solution.

See solutions/mistakes/optimizers.py for the form.  A function that changes one of its arguments has one id,
whichever argument it is: the message of the test names it.
"""

# Pieces of the reference cells that many edits share.
MEAN = "mean = np.mean(x, axis=0)"
VAR = "var = np.mean((x - mean) ** 2, axis=0)"
STD = "std = np.sqrt(var + eps)"
X_HAT = "x_hat = (x - mean) / std"
OUT = "out = gamma * x_hat + beta"
PAIR = "    return out, cache"

DBETA = "dbeta = np.sum(dout, axis=0)"
DGAMMA = "dgamma = np.sum(dout * x_hat, axis=0)"
DX_HAT = "dx_hat = dout * gamma"
BY_MEAN = "by_mean = np.mean(dx_hat, axis=0)"
BY_STD = "by_std = x_hat * np.mean(dx_hat * x_hat, axis=0)"
DX = "dx = (dx_hat - by_mean - by_std) / std"
GRADIENTS = "return dx, dgamma, dbeta"

NEW = "return momentum * running + (1 - momentum) * batch_value"

RUNNING_STD = "std = np.sqrt(running_var + eps)"
RUNNING_X_HAT = "x_hat = (x - running_mean) / std"
INFERRED = "return gamma * x_hat + beta"

MISTAKES = {
    "batchnorm_forward/rows-normalized": [
        (MEAN, "mean = np.mean(x, axis=1, keepdims=True)"),
        (VAR, "var = np.mean((x - mean) ** 2, axis=1, keepdims=True)")],
    "batchnorm_forward/axis-one": [
        (MEAN, "mean = np.mean(x, axis=1)"), (VAR, "var = np.mean((x - mean) ** 2, axis=1)")],
    "batchnorm_forward/one-mean-for-all-columns": [
        (MEAN, "mean = np.mean(x)"), (VAR, "var = np.mean((x - mean) ** 2)")],
    "batchnorm_forward/unbiased-variance": [(VAR, "var = np.sum((x - mean) ** 2, axis=0) / (len(x) - 1)")],
    "batchnorm_forward/divided-by-variance": [(X_HAT, "x_hat = (x - mean) / (var + eps)")],
    "batchnorm_forward/eps-outside-root": [(STD, "std = np.sqrt(var) + eps")],
    "batchnorm_forward/no-eps": [(STD, "std = np.sqrt(var)")],
    "batchnorm_forward/fixed-eps": [(STD, "std = np.sqrt(var + 1e-7)")],
    "batchnorm_forward/eps-ten-times-too-large": [(STD, "std = np.sqrt(var + 10e-7)")],
    "batchnorm_forward/root-taken-twice": [(STD, "std = np.sqrt(np.sqrt(var) + eps)")],
    "batchnorm_forward/mean-not-subtracted": [(X_HAT, "x_hat = x / std")],
    "batchnorm_forward/only-centred": [(X_HAT, "x_hat = x - mean")],
    "batchnorm_forward/multiplied-by-std": [(X_HAT, "x_hat = (x - mean) * std")],
    "batchnorm_forward/mean-is-a-sum": [(MEAN, "mean = np.sum(x, axis=0)")],
    "batchnorm_forward/variance-is-a-sum": [(VAR, "var = np.sum((x - mean) ** 2, axis=0)")],
    "batchnorm_forward/variance-not-centred": [(VAR, "var = np.mean(x ** 2, axis=0)")],
    "batchnorm_forward/variance-upside-down": [(VAR, "var = mean ** 2 - np.mean(x ** 2, axis=0)")],
    "batchnorm_forward/not-squared": [(VAR, "var = np.mean(x - mean, axis=0)")],
    "batchnorm_forward/absolute-deviation": [(VAR, "var = np.mean(np.abs(x - mean), axis=0)")],
    "batchnorm_forward/no-gamma-no-beta": [(OUT, "out = x_hat")],
    "batchnorm_forward/no-gamma": [(OUT, "out = x_hat + beta")],
    "batchnorm_forward/no-beta": [(OUT, "out = gamma * x_hat")],
    "batchnorm_forward/gamma-and-beta-swapped": [(OUT, "out = beta * x_hat + gamma")],
    "batchnorm_forward/gamma-times-beta": [(OUT, "out = gamma * (x_hat + beta)")],
    "batchnorm_forward/beta-subtracted": [(OUT, "out = gamma * x_hat - beta")],
    "batchnorm_forward/argument-changed": [
        (VAR, "x -= mean\n    var = np.mean(x ** 2, axis=0)"), (X_HAT, "x_hat = x / std")],
    "batchnorm_forward/cache-not-returned": [(PAIR, "    return out")],
    "batchnorm_forward/cache-first": [(PAIR, "    return cache, out")],
    "batchnorm_forward/cache-unpacked": [(PAIR, "    return out, *cache")],

    "batchnorm_backward/by-std-halved": [(BY_STD, "by_std = x_hat * np.mean(dx_hat * x_hat, axis=0) / 2")],
    "batchnorm_backward/by-std-doubled": [(BY_STD, "by_std = 2 * x_hat * np.mean(dx_hat * x_hat, axis=0)")],
    "batchnorm_backward/by-mean-added": [(DX, "dx = (dx_hat + by_mean - by_std) / std")],
    "batchnorm_backward/by-std-added": [(DX, "dx = (dx_hat - by_mean + by_std) / std")],
    "batchnorm_backward/by-mean-is-a-sum": [(BY_MEAN, "by_mean = np.sum(dx_hat, axis=0)")],
    "batchnorm_backward/by-std-is-a-sum": [(BY_STD, "by_std = x_hat * np.sum(dx_hat * x_hat, axis=0)")],
    "batchnorm_backward/batch-size-missing": [
        (BY_MEAN, "by_mean = np.sum(dx_hat, axis=0)"), (BY_STD, "by_std = x_hat * np.sum(dx_hat * x_hat, axis=0)")],
    "batchnorm_backward/number-of-features": [
        (BY_MEAN, "by_mean = np.sum(dx_hat, axis=0) / dout.shape[1]"),
        (BY_STD, "by_std = x_hat * np.sum(dx_hat * x_hat, axis=0) / dout.shape[1]")],
    "batchnorm_backward/one-less-than-batch-size": [
        (BY_STD, "by_std = x_hat * np.sum(dx_hat * x_hat, axis=0) / (len(dout) - 1)")],
    "batchnorm_backward/means-over-rows": [
        (BY_MEAN, "by_mean = np.mean(dx_hat, axis=1, keepdims=True)"),
        (BY_STD, "by_std = x_hat * np.mean(dx_hat * x_hat, axis=1, keepdims=True)")],
    "batchnorm_backward/one-mean-for-all-columns": [
        (BY_MEAN, "by_mean = np.mean(dx_hat)"), (BY_STD, "by_std = x_hat * np.mean(dx_hat * x_hat)")],
    "batchnorm_backward/divided-by-variance": [(DX, "dx = (dx_hat - by_mean - by_std) / std ** 2")],
    "batchnorm_backward/std-missing": [(DX, "dx = dx_hat - by_mean - by_std")],
    "batchnorm_backward/multiplied-by-std": [(DX, "dx = (dx_hat - by_mean - by_std) * std")],
    "batchnorm_backward/centred-x-once": [(BY_STD, "by_std = x_hat * std * np.mean(dx_hat * x_hat, axis=0)")],
    "batchnorm_backward/by-std-times-variance": [
        (BY_STD, "by_std = x_hat * std * np.mean(dx_hat * x_hat * std, axis=0)")],
    "batchnorm_backward/power-of-the-wrong-root": [
        (BY_STD, "by_std = x_hat * np.mean(dx_hat * x_hat, axis=0) * std ** 1.5")],
    "batchnorm_backward/by-std-the-same-for-all-rows": [(BY_STD, "by_std = np.mean(dx_hat * x_hat, axis=0)")],
    "batchnorm_backward/direct-path-missing": [(DX, "dx = (-by_mean - by_std) / std")],
    "batchnorm_backward/first-path-overwritten": [(DX, "dx = -by_std / std")],
    "batchnorm_backward/by-mean-missing": [(DX, "dx = (dx_hat - by_std) / std")],
    "batchnorm_backward/by-std-missing": [(DX, "dx = (dx_hat - by_mean) / std")],
    "batchnorm_backward/as-in-inference": [(DX, "dx = dx_hat / std")],
    "batchnorm_backward/gamma-missing": [(DX_HAT, "dx_hat = dout")],
    "batchnorm_backward/gamma-twice": [(DX, "dx = gamma * (dx_hat - by_mean - by_std) / std")],
    "batchnorm_backward/gamma-missing-in-the-means": [
        (BY_MEAN, "by_mean = np.mean(dout, axis=0)"), (BY_STD, "by_std = x_hat * np.mean(dout * x_hat, axis=0)")],
    "batchnorm_backward/dgamma-with-gamma": [(DGAMMA, "dgamma = np.sum(dout * gamma * x_hat, axis=0)")],
    "batchnorm_backward/dgamma-from-centred-x": [(DGAMMA, "dgamma = np.sum(dout * x_hat * std, axis=0)")],
    "batchnorm_backward/dgamma-without-x-hat": [(DGAMMA, "dgamma = np.sum(dout, axis=0)")],
    "batchnorm_backward/dgamma-and-dbeta-swapped": [(GRADIENTS, "return dx, dbeta, dgamma")],
    "batchnorm_backward/dx-last": [(GRADIENTS, "return dgamma, dbeta, dx")],
    "batchnorm_backward/not-summed": [(DBETA, "dbeta = dout"), (DGAMMA, "dgamma = dout * x_hat")],
    "batchnorm_backward/dgamma-not-summed": [(DGAMMA, "dgamma = dout * x_hat")],
    "batchnorm_backward/dbeta-not-summed": [(DBETA, "dbeta = dout")],
    "batchnorm_backward/sums-with-keepdims": [
        (DBETA, "dbeta = np.sum(dout, axis=0, keepdims=True)"),
        (DGAMMA, "dgamma = np.sum(dout * x_hat, axis=0, keepdims=True)")],
    "batchnorm_backward/summed-over-axis-one": [
        (DBETA, "dbeta = np.sum(dout, axis=1)"), (DGAMMA, "dgamma = np.sum(dout * x_hat, axis=1)")],
    "batchnorm_backward/summed-over-everything": [
        (DBETA, "dbeta = np.sum(dout)"), (DGAMMA, "dgamma = np.sum(dout * x_hat)")],
    "batchnorm_backward/averaged-over-the-batch": [
        (DBETA, "dbeta = np.mean(dout, axis=0)"), (DGAMMA, "dgamma = np.mean(dout * x_hat, axis=0)")],
    "batchnorm_backward/dout-changed": [(DX_HAT, "dout *= gamma; dx_hat = dout")],

    "update_running/swapped-weights": [(NEW, "return (1 - momentum) * running + momentum * batch_value")],
    "update_running/argument-changed": [
        (NEW, "running *= momentum; running += (1 - momentum) * batch_value; return running")],
    "update_running/fixed-momentum": [(NEW, "return 0.9 * running + 0.1 * batch_value")],
    "update_running/default-of-keras": [("momentum=0.9", "momentum=0.99")],
    "update_running/one-minus-momentum-missing": [(NEW, "return momentum * running + batch_value")],
    "update_running/old-value-not-weakened": [(NEW, "return running + (1 - momentum) * batch_value")],
    "update_running/plain-sum": [(NEW, "return running + batch_value")],
    "update_running/plain-average": [(NEW, "return (running + batch_value) / 2")],
    "update_running/momentum-on-both": [(NEW, "return momentum * (running + batch_value)")],
    "update_running/batch-value-subtracted": [(NEW, "return momentum * running - (1 - momentum) * batch_value")],
    "update_running/old-value-returned": [(NEW, "return running")],
    "update_running/batch-value-returned": [(NEW, "return batch_value")],
    "update_running/bias-corrected": [(NEW, NEW.replace("return ", "return (") + ") / (1 - momentum)")],
    "update_running/one-number-for-all-features": [(NEW, NEW.replace("batch_value", "np.mean(batch_value, axis=0)"))],
    "update_running/number-of-features-as-batch-size": [
        (NEW, NEW + " * len(batch_value) / (len(batch_value) - 1)")],
    "update_running/not-returned": [(NEW, NEW.replace("return", "running ="))],

    "batchnorm_inference/batch-statistics": [
        (RUNNING_STD, "std = np.sqrt(np.var(x, axis=0) + eps)"),
        (RUNNING_X_HAT, "x_hat = (x - np.mean(x, axis=0)) / std")],
    "batchnorm_inference/batch-mean": [(RUNNING_X_HAT, "x_hat = (x - np.mean(x, axis=0)) / std")],
    "batchnorm_inference/batch-variance": [(RUNNING_STD, "std = np.sqrt(np.var(x, axis=0) + eps)")],
    "batchnorm_inference/statistics-swapped": [
        (RUNNING_STD, "std = np.sqrt(running_mean + eps)"), (RUNNING_X_HAT, "x_hat = (x - running_var) / std")],
    "batchnorm_inference/statistics-updated": [
        (RUNNING_STD, "running_mean *= 0.9; running_mean += 0.1 * np.mean(x, axis=0)\n"
                      "    running_var *= 0.9; running_var += 0.1 * np.var(x, axis=0)\n    " + RUNNING_STD)],
    "batchnorm_inference/unbiased-variance": [
        (RUNNING_STD, "std = np.sqrt(running_var * len(x) / (len(x) - 1) + eps)")],
    "batchnorm_inference/no-eps": [(RUNNING_STD, "std = np.sqrt(running_var)")],
    "batchnorm_inference/eps-outside-root": [(RUNNING_STD, "std = np.sqrt(running_var) + eps")],
    "batchnorm_inference/fixed-eps": [(RUNNING_STD, "std = np.sqrt(running_var + 1e-7)")],
    "batchnorm_inference/eps-ten-times-too-large": [(RUNNING_STD, "std = np.sqrt(running_var + 10e-7)")],
    "batchnorm_inference/divided-by-variance": [(RUNNING_STD, "std = running_var + eps")],
    "batchnorm_inference/variance-squared": [(RUNNING_STD, "std = np.sqrt(running_var ** 2 + eps)")],
    "batchnorm_inference/multiplied-by-std": [(RUNNING_X_HAT, "x_hat = (x - running_mean) * std")],
    "batchnorm_inference/mean-not-subtracted": [(RUNNING_X_HAT, "x_hat = x / std")],
    "batchnorm_inference/mean-added": [(RUNNING_X_HAT, "x_hat = (x + running_mean) / std")],
    "batchnorm_inference/x-unchanged": [(INFERRED, "return x")],
    "batchnorm_inference/no-normalization": [(INFERRED, "return gamma * x + beta")],
    "batchnorm_inference/no-gamma-no-beta": [(INFERRED, "return x_hat")],
    "batchnorm_inference/no-gamma": [(INFERRED, "return x_hat + beta")],
    "batchnorm_inference/no-beta": [(INFERRED, "return gamma * x_hat")],
    "batchnorm_inference/gamma-and-beta-swapped": [(INFERRED, "return beta * x_hat + gamma")],
    "batchnorm_inference/gamma-times-beta": [(INFERRED, "return gamma * (x_hat + beta)")],
    "batchnorm_inference/argument-changed": [
        (RUNNING_X_HAT, "x -= running_mean; x /= std; x_hat = x")],
    "batchnorm_inference/not-returned": [(INFERRED, "out = gamma * x_hat + beta")],
}

CONVENTIONS = {
    # Right on paper and in most batches; the note says where float64 is not enough for it.
    "batchnorm_forward/variance-cancels": [(VAR, "var = np.mean(x ** 2, axis=0) - mean ** 2")],
}
