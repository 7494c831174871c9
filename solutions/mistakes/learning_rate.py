"""Wrong answers about the learning rate that students really write, each as an edit of the reference solution.

See solutions/mistakes/optimizers.py for the form.
"""

# ewma
START = "v, averages = 0.0, []"
EACH = "for x in values:"
OLD, NEW = "beta * v", "(1 - beta) * x"
AVERAGE = f"v = {OLD} + {NEW}"
KEEP = "averages.append(v)"
LOOP = "    for x in values:\n        v = beta * v + (1 - beta) * x\n        averages.append(v)\n"
ALL = "return np.array(averages)"

# ewma_bias_corrected
COUNT = "t = np.arange(1, len(values) + 1)"
CORRECTED = "return ewma(values, beta) / (1 - beta ** t)"
WEIGHTS = "(1 - beta ** t)"


def step_by_step(average, kept, v="0.0"):
    """The edits that make ewma_bias_corrected a loop of its own: how v is averaged, and what is kept of it."""
    return [(COUNT, f"v, averages = {v}, []\n    for t, x in enumerate(values, 1):\n        {average}"),
            (CORRECTED, f"    averages.append({kept})\n    return np.array(averages)")]


# exponential_decay
POWER = "return lr0 * decay_rate ** epoch"

# staircase_decay
STAIRS = "return lr0 * drop ** (epoch // every)"
DROPS = "(epoch // every)"

# inverse_time_decay
INVERSE = "return lr0 / (1 + decay_rate * epoch)"
GROWTH = "(1 + decay_rate * epoch)"


def kept_in(name, line, change):
    """The edit that keeps the rate as an attribute of the function: set at epoch 0, changed at every other call."""
    return [(line, f"if epoch == 0 or not hasattr({name}, 'lr'):\n        {name}.lr = lr0\n"
                   f"    {change}\n    return {name}.lr")]


MISTAKES = {
    "ewma/swapped-weights": [(OLD, "(1 - beta) * v"), (NEW, "beta * x")],
    "ewma/new-value-in-full": [(NEW, "x")],
    "ewma/old-average-in-full": [(OLD, "v")],
    "ewma/subtracted": [(AVERAGE, AVERAGE.replace("+", "-"))],
    "ewma/squared": [(NEW, "(1 - beta) * x ** 2")],
    "ewma/starts-at-first-value": [(START, "v, averages = values[0], []")],
    "ewma/already-corrected": [(KEEP, "averages.append(v / (1 - beta ** (len(averages) + 1)))")],
    "ewma/weights-with-power": [
        (OLD, "beta ** (len(averages) + 1) * v"), (NEW, "(1 - beta ** (len(averages) + 1)) * x")],
    "ewma/only-last-average": [(ALL, "return v")],
    "ewma/only-first-average": [(KEEP, KEEP + "\n        return np.array(averages)"), ("\n    " + ALL, "")],
    "ewma/start-included": [(START, "v, averages = 0.0, [0.0]")],
    "ewma/one-step-late": [(LOOP, "    for x in values:\n        averages.append(v)\n"
                                  "        v = beta * v + (1 - beta) * x\n")],
    "ewma/first-value-left-out": [(START, "v, averages = 0.0, [0.0]"), (EACH, "for x in values[1:]:")],
    "ewma/first-value-missing": [(EACH, "for x in values[1:]:")],
    "ewma/before-the-first-comes-the-last": [
        (START, "averages = np.array(values)"), (EACH, "for t in range(len(values)):"),
        (AVERAGE, "averages[t] = beta * averages[t - 1] + (1 - beta) * averages[t]"), ("\n        " + KEEP, "")],
    "ewma/previous-value-instead-of-average": [(KEEP, KEEP + "\n        v = x")],
    "ewma/average-not-carried-on": [(AVERAGE, "v = beta * 0.0 + (1 - beta) * x")],
    "ewma/mean-of-a-window": [
        (START, "window, averages = int(1 / (1 - beta)), []"), (EACH, "for t in range(1, len(values) + 1):"),
        (AVERAGE, "v = np.mean(values[max(0, t - window):t])")],
    "ewma/mean-so-far": [
        (START, "averages = []"), (EACH, "for t in range(1, len(values) + 1):"), (AVERAGE, "v = np.mean(values[:t])")],
    "ewma/backwards": [(EACH, "for x in values[::-1]:")],
    "ewma/fixed-beta": [(OLD, "0.9 * v"), (NEW, "(1 - 0.9) * x")],
    "ewma/power-underflows": [
        (START, "t = np.arange(1, len(values) + 1)"),
        (LOOP + "    " + ALL, "    return (1 - beta) * beta ** t * np.cumsum(np.asarray(values) / beta ** t)")],
    "ewma/changes-values": [
        (START, "v, t = 0.0, 0"), (KEEP, "values[t] = v\n        t += 1"), (ALL, "return values")],

    "ewma_bias_corrected/not-corrected": [(CORRECTED, "return ewma(values, beta)")],
    "ewma_bias_corrected/no-power": [(WEIGHTS, "(1 - beta)")],
    "ewma_bias_corrected/times-instead-of-power": [(WEIGHTS, "(1 - beta * t)")],
    "ewma_bias_corrected/power-of-difference": [(WEIGHTS, "(1 - beta) ** t")],
    "ewma_bias_corrected/base-and-exponent-swapped": [(WEIGHTS, "(1 - t ** beta)")],
    "ewma_bias_corrected/counts-from-zero": [(COUNT, "t = np.arange(len(values))")],
    "ewma_bias_corrected/counts-from-two": [(COUNT, "t = np.arange(2, len(values) + 2)")],
    "ewma_bias_corrected/counts-backwards": [(COUNT, "t = np.arange(len(values), 0, -1)")],
    "ewma_bias_corrected/one-power-for-all": [(COUNT, "t = len(values)")],
    "ewma_bias_corrected/multiplied": [(CORRECTED, CORRECTED.replace("/", "*"))],
    "ewma_bias_corrected/divided-by-power": [(WEIGHTS, "beta ** t")],
    "ewma_bias_corrected/plus-instead-of-minus": [(WEIGHTS, "(1 + beta ** t)")],
    "ewma_bias_corrected/wrong-sign": [(WEIGHTS, "(beta ** t - 1)")],
    "ewma_bias_corrected/precedence": [(WEIGHTS, "1 - beta ** t")],
    "ewma_bias_corrected/corrected-twice": [(WEIGHTS, "(1 - beta ** t) ** 2")],
    "ewma_bias_corrected/root-of-correction": [(WEIGHTS, "np.sqrt(1 - beta ** t)")],
    "ewma_bias_corrected/values-corrected": [(CORRECTED, "return ewma(values / (1 - beta ** t), beta)")],
    "ewma_bias_corrected/only-last-average": [(CORRECTED, "return (ewma(values, beta) / (1 - beta ** t))[-1]")],
    "ewma_bias_corrected/changes-values": [
        (CORRECTED, "values[:] = ewma(values, beta) / (1 - beta ** t)\n    return values")],
    "ewma_bias_corrected/fixed-beta": [(CORRECTED, "return ewma(values, 0.9) / (1 - 0.9 ** t)")],
    "ewma_bias_corrected/power-underflows": [
        (CORRECTED, "return np.cumsum(np.asarray(values) / beta ** t) / np.cumsum(1 / beta ** t)")],
    "ewma_bias_corrected/corrected-average-carried-on":
        step_by_step("v = (beta * v + (1 - beta) * x) / (1 - beta ** t)", "v"),
    "ewma_bias_corrected/starts-at-first-value": step_by_step("v = beta * v + (1 - beta) * x", "v", "values[0]"),
    "ewma_bias_corrected/starts-at-first-value-and-corrected":
        step_by_step("v = beta * v + (1 - beta) * x", "v / (1 - beta ** t)", "values[0]"),
    "ewma_bias_corrected/new-value-in-full": step_by_step("v = beta * v + x", "v / (1 - beta ** t)"),
    "ewma_bias_corrected/swapped-weights": step_by_step("v = (1 - beta) * v + beta * x", "v / (1 - beta ** t)"),

    "exponential_decay/natural-exponential": [(POWER, "return lr0 * np.exp(-decay_rate * epoch)")],
    "exponential_decay/growing-exponential": [(POWER, "return lr0 * np.exp(decay_rate * epoch)")],
    "exponential_decay/one-minus-rate": [("decay_rate ** epoch", "(1 - decay_rate) ** epoch")],
    "exponential_decay/divided-by-power": [("* decay_rate **", "/ decay_rate **")],
    "exponential_decay/without-lr0": [("return lr0 * ", "return ")],
    "exponential_decay/times-instead-of-power": [("** epoch", "* epoch")],
    "exponential_decay/base-and-exponent-swapped": [("decay_rate ** epoch", "epoch ** decay_rate")],
    "exponential_decay/lr0-inside-power": [("lr0 * decay_rate ** epoch", "(lr0 * decay_rate) ** epoch")],
    "exponential_decay/one-epoch-early": [("** epoch", "** (epoch + 1)")],
    "exponential_decay/counted-from-one": [("** epoch", "** (epoch - 1)")],
    "exponential_decay/one-factor-short": [("** epoch", "** max(epoch - 1, 0)")],
    "exponential_decay/epoch-ignored": [(" ** epoch", "")],
    "exponential_decay/compounded": [("** epoch", "** (epoch * (epoch + 1) / 2)")],
    "exponential_decay/straight-line": [(POWER, "return lr0 - decay_rate * epoch")],
    "exponential_decay/power-subtracted": [(POWER, "return lr0 - decay_rate ** epoch")],
    "exponential_decay/inverse-time": [(POWER, "return lr0 / (1 + decay_rate * epoch)")],
    "exponential_decay/remembers-earlier-calls":
        kept_in("exponential_decay", POWER, "exponential_decay.lr *= decay_rate if epoch else 1"),

    "staircase_decay/slope-instead-of-stairs": [(DROPS, "(epoch / every)")],
    "staircase_decay/one-epoch-early": [(DROPS, "((epoch + 1) // every)")],
    "staircase_decay/one-epoch-late": [(DROPS, "(max(epoch - 1, 0) // every)")],
    "staircase_decay/counted-from-one": [(DROPS, "((epoch - 1) // every)")],
    "staircase_decay/first-drop-at-once": [(DROPS, "(epoch // every + 1)")],
    "staircase_decay/rounded-up": [(DROPS, "np.ceil(epoch / every)")],
    "staircase_decay/rounded-off": [(DROPS, "round(epoch / every)")],
    "staircase_decay/drops-every-epoch": [(DROPS, "epoch")],
    "staircase_decay/drops-only-once": [(STAIRS, "return lr0 * drop if epoch >= every else lr0")],
    "staircase_decay/drops-only-on-multiples": [(STAIRS, "return lr0 * drop if epoch % every == 0 else lr0")],
    "staircase_decay/drops-only-on-later-multiples": [
        (STAIRS, "return lr0 * drop if epoch > 0 and epoch % every == 0 else lr0")],
    "staircase_decay/remainder-instead-of-quotient": [(DROPS, "(epoch % every)")],
    "staircase_decay/quotient-upside-down": [(DROPS, "(every // epoch)")],
    "staircase_decay/times-instead-of-power": [("drop **", "drop *")],
    "staircase_decay/one-minus-drop": [("drop **", "(1 - drop) **")],
    "staircase_decay/divided-by-power": [("lr0 * drop", "lr0 / drop")],
    "staircase_decay/subtracted": [(STAIRS, "return lr0 - drop * (epoch // every)")],
    "staircase_decay/without-lr0": [("return lr0 * ", "return ")],
    "staircase_decay/lr0-inside-power": [("lr0 * drop **", "(lr0 * drop) **")],
    "staircase_decay/precedence": [(STAIRS, "return lr0 * drop ** epoch // every")],
    "staircase_decay/remembers-earlier-calls": kept_in(
        "staircase_decay", STAIRS, "staircase_decay.lr *= drop if epoch and epoch % every == 0 else 1"),

    "inverse_time_decay/precedence": [(GROWTH, "1 + decay_rate * epoch")],
    "inverse_time_decay/bracket-closed-too-early": [(GROWTH, "(1 + decay_rate) * epoch")],
    "inverse_time_decay/no-one": [(GROWTH, "(decay_rate * epoch)")],
    "inverse_time_decay/power-instead-of-product": [(GROWTH, "(1 + decay_rate) ** epoch")],
    "inverse_time_decay/power-of-rate": [(GROWTH, "(1 + decay_rate ** epoch)")],
    "inverse_time_decay/square-root": [(GROWTH, "np.sqrt(1 + decay_rate * epoch)")],
    "inverse_time_decay/squared": [(GROWTH, "(1 + decay_rate * epoch) ** 2")],
    "inverse_time_decay/exponential": [(INVERSE, "return lr0 * decay_rate ** epoch")],
    "inverse_time_decay/natural-exponential": [(INVERSE, "return lr0 * np.exp(-decay_rate * epoch)")],
    "inverse_time_decay/minus-instead-of-plus": [("1 + decay_rate", "1 - decay_rate")],
    "inverse_time_decay/straight-line": [(INVERSE, "return lr0 * (1 - decay_rate * epoch)")],
    "inverse_time_decay/multiplied": [("lr0 / (", "lr0 * (")],
    "inverse_time_decay/without-lr0": [("lr0 / (", "1 / (")],
    "inverse_time_decay/lr0-twice": [(GROWTH, "(1 + lr0 * decay_rate * epoch)")],
    "inverse_time_decay/one-epoch-early": [("decay_rate * epoch", "decay_rate * (epoch + 1)")],
    "inverse_time_decay/counted-from-one": [("decay_rate * epoch", "decay_rate * (epoch - 1)")],
    "inverse_time_decay/epoch-ignored": [("decay_rate * epoch", "decay_rate")],
    "inverse_time_decay/added-instead-of-multiplied": [("decay_rate * epoch", "decay_rate + epoch")],
    "inverse_time_decay/divided-by-rate": [("decay_rate * epoch", "epoch / decay_rate")],
    "inverse_time_decay/whole-numbers-only": [("lr0 / (", "lr0 // (")],
    "inverse_time_decay/compounded": [(INVERSE, "for e in range(1, epoch + 1):\n        lr0 /= 1 + decay_rate * e\n"
                                                "    return lr0")],
    "inverse_time_decay/remembers-earlier-calls":
        kept_in("inverse_time_decay", INVERSE, "inverse_time_decay.lr /= 1 + decay_rate * epoch"),
}

CONVENTIONS = {}
