"""The cases of the learning rate: sequences to average, and epochs at which to ask for a rate.

How many values or epochs there are varies with the seed, so that no answer can rely on those of the visible tests.
"""

import numpy as np

from autograder.cases import Case, CasesProbe

#: An answer may call the student's own earlier function.
USES = {"ewma_bias_corrected": ["ewma"]}


#: Stands for all rates of a function that gives two answers to one question: what it says depends on the calls
#: before, those of the tests among them, so that no number of its own can be compared.
REMEMBERS = -987.0


def some_beta(r):
    """A beta from 0.67 to 0.90 that few formulas can mistake for another number.

    1 / (1 - beta) is a little more than a whole number: rounded down or rounded off, it is the same window.
    """
    return 1 - 1 / (r.randint(3, 10) + r.uniform(0.1, 0.4))


def averages(seed):
    """Noise, a constant, a beginning of zeros, another length, and 400 values for which beta^t becomes 0."""
    r = np.random.RandomState(seed)

    def case(name, values, beta):
        return Case(name, {"values": values, "beta": beta}, {"v": values.shape})

    late = r.uniform(1, 3, size=10)
    late[:4] = 0.0
    return CasesProbe([
        case("noisy", r.uniform(-1, 4, size=12), some_beta(r)),
        case("constant", np.full(40, r.uniform(1, 3)), some_beta(r)),
        case("zeros first", late, some_beta(r)),
        case("other size", r.uniform(-1, 4, size=r.randint(6, 30)), some_beta(r)),
        case("long", np.full(400, r.uniform(1, 3)), r.uniform(0.13, 0.14))])


def ask_at_each_epoch(_case, implementation, arguments, *_uses):
    """The rates at the epochs, the last argument, each from a call of its own; REMEMBERS if the same call told two."""
    *settings, epochs = arguments
    rates, told = [], {}
    for epoch in epochs:                                     # to the end: at epoch 0 some of them begin anew
        rates.append(implementation(*settings, epoch))
        told.setdefault(epoch, set()).add(repr(rates[-1]))   # the text, because nan is not equal to itself
    if any(len(answers) > 1 for answers in told.values()):
        return np.full(len(epochs), REMEMBERS)
    return np.array(rates)


def asked(name, settings, epochs):
    """The Case that asks for the rate at each of the epochs."""
    epochs = [int(epoch) for epoch in epochs]
    return Case(name, {**settings, "epochs": epochs}, {"rates": (len(epochs),)})


def mixed(r, first, *others):
    """The epochs in no order: `first` twice running and again at the end."""
    return [first, first, *r.permutation(others), first]


def smooth(settings):
    """The probe of a decay that changes at every epoch; settings(r) draws {lr0, decay_rate}."""
    def probe(seed):
        r = np.random.RandomState(seed)
        early, late = r.permutation(np.arange(1, 9)), r.permutation(np.arange(1, 16))
        return CasesProbe([
            asked("out of order", settings(r), mixed(r, early[0], 0, *early[1:4], 9)),
            asked("integer", {**settings(r), "lr0": 1}, mixed(r, early[4], 0, *early[5:])),
            asked("later epochs", settings(r), mixed(r, *late[:r.randint(5, 12)], 60, 200))], ask_at_each_epoch)
    return probe


def staircase_decay(seed):
    """Epochs on, just before and just after the edges of the steps.

    `every` is odd: no epoch lies halfway between two edges, where there are two ways to round.  drop stays away from
    0.5, where 1 - drop is drop.
    """
    r = np.random.RandomState(seed)

    def settings(every, lr0):
        return {"lr0": lr0, "drop": r.uniform(0.25, 0.4), "every": every}

    def edges(every):
        return [every - 1, every + 1, 2 * every - 2, 2 * every - 1, 2 * every, 2 * every + 1, 3 * every]

    first, second, third = (int(every) for every in r.permutation([3, 5, 7]))
    return CasesProbe([
        asked("edges", settings(first, r.uniform(1.1, 2.0)), mixed(r, first, 0, 1, *edges(first))),
        asked("integer", settings(second, 1), mixed(r, second, 0, *edges(second))),
        asked("later epochs", settings(third, r.uniform(1.1, 2.0)),
              mixed(r, third, *edges(third)[:r.randint(5, 8)], *r.permutation(np.arange(1, third))[:2])),
        asked("long steps", settings(49, r.uniform(1.1, 2.0)), mixed(r, 49, 48, 50, 97, 99, 147))],
        ask_at_each_epoch)


EXERCISES = {
    "ewma": averages,
    "ewma_bias_corrected": averages,
    "exponential_decay": smooth(lambda r: {"lr0": r.uniform(1.1, 2.0), "decay_rate": r.uniform(0.75, 0.92)}),
    "staircase_decay": staircase_decay,
    "inverse_time_decay": smooth(lambda r: {"lr0": r.uniform(1.1, 2.0), "decay_rate": r.uniform(0.15, 0.4)}),
}
