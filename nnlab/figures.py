"""How every figure of the course looks, and how it gets from a cell into the page."""

import base64
import io

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

# Okabe & Ito's palette: told apart by colour-blind readers.  Lines differ in dash and marker as well.
BLUE, ORANGE, GREEN, PURPLE, SKY, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#666666"

# Five inches wide: read at full width on a phone, type is still as large as the text around it.
STYLE = {
    "font.size": 11,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "figure.facecolor": "white",  # on purpose: a dark page shows the figure as a white card
    "savefig.facecolor": "white",
}


class Drawing(Figure):
    """A figure that shows itself as a PNG at the end of a cell, without pyplot or a backend."""

    def _repr_png_(self):
        return png(self), {"width": round(self.get_figwidth() * 100)}


def new_figure(width=5.0, height=3.4, **subplot):
    """A figure with one pair of axes in the style of the course: (figure, axes)."""
    with rc_context(STYLE):
        fig = Drawing(figsize=(width, height), layout="constrained")
        return fig, fig.add_subplot(**subplot)


def band(ax, x, runs, color, dash="-", label=None):
    """The mean of several runs (seeds, points) as a line, and from the lowest to the highest as a band."""
    runs = np.asarray(runs, dtype=float)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
    ax.plot(x, runs.mean(axis=0), linestyle=dash, color=color, label=label)


def smooth(runs, window):
    """Each run (seeds, steps) as the mean of its last `window` steps: (seeds, steps - window + 1)."""
    return np.array([np.convolve(run, np.full(window, 1 / window), mode="valid") for run in np.atleast_2d(runs)])


def png(fig):
    """The figure as the bytes of a PNG, fine enough for a high-resolution screen."""
    buffer = io.BytesIO()
    with rc_context(STYLE):
        fig.savefig(buffer, format="png", dpi=200)
    return buffer.getvalue()


def show(fig, name):
    """Shows the figure under the cell, and records it as `name` so that the book can set it with its own
    caption and alternative text: `{glue:figure} name`.  This is what `myst_nb.glue` does, without needing it.
    """
    from IPython.display import display

    image = base64.b64encode(png(fig)).decode("ascii")
    width = round(fig.get_figwidth() * 100)
    display(
        {"image/png": image, "text/plain": f"<figure {name}>"},
        metadata={"image/png": {"width": width}, "scrapbook": {"name": name, "mime_prefix": ""}},
        raw=True,
    )
