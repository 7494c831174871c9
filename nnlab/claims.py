"""What the chapter on mistakes in notes and books needs besides the experiments of the other chapters."""

from copy import deepcopy

import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREEN, ORANGE, STYLE, new_figure


class Forgetful:
    """An optimizer whose state is set back before every step, as by code that makes it anew."""

    def __init__(self, optimizer):
        self.fresh = optimizer

    def update(self, params, grads):
        deepcopy(self.fresh).update(params, grads)


def plot_corrections(beta, steps=60):
    """The moving average of the constant 10, as it is and divided by 1 - β and by 1 - β^t."""
    t = np.arange(1, steps + 1)
    average = 10 * (1 - beta**t)  # the closed form of the average of a constant
    with rc_context(STYLE):
        fig, ax = new_figure(height=3.0)
        ax.plot(t, average, "--", color=BLUE, label="as it is")
        ax.plot(t, average / (1 - beta), "-.", color=ORANGE, label=r"$/\,(1-\beta)$")
        ax.plot(t, average / (1 - beta**t), "-", color=GREEN, label=r"$/\,(1-\beta^t)$")
        ax.set(xlabel="t", ylabel="average", yscale="log", ylim=(0.05, 2000))
        fig.legend(loc="outside upper center", ncols=3)
    return fig
