"""A long, narrow valley, f(x, y) = x²/20 + y², and pictures of a walk through it.

The valley is twenty times steeper across (y) than along (x); its only minimum is f(0, 0) = 0.
"""

import numpy as np
from matplotlib import rc_context

from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, STYLE, new_figure

START = (-7.0, 2.0)
LEVELS = (0.1, 0.5, 1, 2, 4, 7, 11, 16)
COLORS = (ORANGE, BLUE, GREEN, PURPLE, SKY)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))


def f(x, y):
    """Height of the valley; x and y of any one shape."""
    return x**2 / 20 + y**2


def gradient(x, y):
    """(∂f/∂x, ∂f/∂y), each of the shape of x and y."""
    return x / 10, 2 * y


def descend(optimizer, start=START, steps=30, gradient=gradient):
    """Lets an optimizer walk from `start`.  Returns its path, shape (steps + 1, 2), the start included."""
    params = {"x": np.array(float(start[0])), "y": np.array(float(start[1]))}
    path = [start]
    for _ in range(steps):
        grads = dict(zip("xy", gradient(params["x"], params["y"]), strict=True))
        optimizer.update(params, grads)
        path.append((float(params["x"]), float(params["y"])))
    return np.array(path)


def grid(x=10.0, y=4.0, points=121):
    """x and y coordinates, each of shape (points, points)."""
    return np.meshgrid(np.linspace(-x, x, points), np.linspace(-y, y, points))


def surface():
    """The valley in perspective."""
    fig, ax = new_figure(height=3.6, projection="3d")
    x, y = grid(y=10.0, points=41)
    ax.plot_surface(x, y, f(x, y), cmap="viridis", linewidth=0, antialiased=True)
    ax.set(xlabel="x", ylabel="y", zlabel="f")
    ax.view_init(elev=32, azim=-62)
    ax.set_box_aspect(None, zoom=0.88)
    return fig


def contours(ax, x=10.0, y=4.0):
    """Draws lines of equal height and the minimum on the axes."""
    lines = ax.contour(*grid(x, y), f(*grid(x, y)), levels=LEVELS, colors=GREY, linewidths=0.8)
    ax.clabel(lines, levels=LEVELS[1:-1:2], fontsize=9, fmt="%g")  # not 16: it lies at the edge
    ax.plot(0, 0, "+", color="black", markersize=11, markeredgewidth=2)
    ax.set(xlabel="x", ylabel="y", xlim=(-x, x), ylim=(-y, y), xticks=range(-8, 9, 4))
    ax.grid(False)


def contour_map(**paths):
    """Seen from above: lines of equal height, and the paths, each of shape (steps + 1, 2), by their names."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        contours(ax)
        for (name, path), color, dash in zip(paths.items(), COLORS, DASHES, strict=False):
            ax.plot(
                *path.T, linestyle=dash, color=color, marker="o", markersize=3.5, linewidth=1.3, label=name
            )
        if paths:
            ax.plot(*START, "s", color="black", markersize=6)
            ax.legend(loc="lower right")
    return fig


def field():
    """Arrows along the negative gradient, their length in proportion to it; lines of equal height behind."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        contours(ax)
        x, y = np.meshgrid(np.linspace(-9, 9, 13), np.linspace(-3.6, 3.6, 9))
        gx, gy = gradient(x, y)
        # angles in data units: an arrow points to where a step would go on this map
        ax.quiver(x, y, -gx, -gy, color=BLUE, angles="xy", scale_units="xy", scale=6, width=0.006)
    return fig


def two_directions(x, y):
    """At the point (x, y): where the negative gradient points, and where the minimum is.  Equal scales."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=2.9)
        contours(ax, x=8.5, y=3.4)
        step = -np.array(gradient(x, y))
        home = -np.array([x, y])
        arrow = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.011}
        ax.quiver(x, y, *(3.4 * step / np.hypot(*step)), color=ORANGE, label=r"$-\nabla f$", **arrow)
        ax.quiver(x, y, *home, color=BLUE, label="to the minimum", **arrow)
        ax.plot(x, y, "s", color="black", markersize=6)
        ax.set_aspect("equal")
        ax.legend(loc="lower right")
    return fig


def heights(**paths):
    """f after each step, on a logarithmic scale, for paths of shape (steps + 1, 2) by their names."""
    with rc_context(STYLE):
        fig, ax = new_figure()
        for (name, path), color, dash in zip(paths.items(), COLORS, DASHES, strict=False):
            ax.plot(f(*path.T), linestyle=dash, color=color, label=name)
        ax.set(xlabel="step", ylabel="f", yscale="log")
        fig.legend(title=r"$\eta$", ncols=3, loc="outside upper center")
    return fig
