"""Pictures of the flow of signals and gradients: histograms, single units, and numbers by layer."""

import numpy as np
from matplotlib import rc_context
from matplotlib.ticker import MaxNLocator

from . import flow
from .figures import BLUE, GREEN, GREY, ORANGE, PURPLE, STYLE, new_figure

LOOKS = ((ORANGE, "-", "o"), (BLUE, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "d"))
EDGES = {  # the range that each function really has; ReLU's is drawn by powers of ten
    "sigmoid": np.linspace(0, 1, 41),
    "tanh": np.linspace(-1, 1, 41),
    "ReLU": np.geomspace(1e-7, 1e5, 49),
}
TICKS = {"sigmoid": (0, 1), "tanh": (-1, 0, 1), "ReLU": (1e-5, 1)}


def shares(outputs, edges):
    """Which share of the outputs falls between each two edges: (len(edges) - 1,)."""
    return np.histogram(outputs, edges)[0] / outputs.size


def panels(rows, columns, height, **options):
    """A figure with a grid of axes (rows, columns)."""
    fig, ax = new_figure(height=height)
    ax.remove()
    return fig, fig.subplots(rows, columns, squeeze=False, **options)


def histograms(flows, activation):
    """The outputs of each layer (a column) under each initialization (a row): {name: Flow}."""
    edges = EDGES[activation]
    with rc_context(STYLE):
        fig, axes = panels(len(flows), 5, 0.9 * len(flows) + 0.7, sharex=True)
        for (name, f), line in zip(flows.items(), axes, strict=True):
            line[0].set_ylabel(name, rotation=0, ha="right", va="center")
            for ax, outputs in zip(line, f.outputs, strict=True):
                ax.stairs(shares(outputs, edges), edges, fill=True, color=BLUE)
                ax.set(yticks=(), xscale="log" if activation == "ReLU" else "linear")
                ax.set(xlim=edges[[0, -1]], xticks=TICKS[activation], ylim=(0, None))
                ax.tick_params(labelsize=9)
                ax.minorticks_off()
        for i, ax in enumerate(axes[0], 1):
            ax.set_title(f"layer {i}", fontsize=10)
        fig.supxlabel("output", fontsize=11)
    return fig


def units(f, layers=(1, 3, 5)):
    """Each unit's 5th to 95th percentile over the examples (blue) and its mean (a dot), sorted."""
    with rc_context(STYLE):
        fig, axes = panels(1, len(layers), 2.8, sharey=True)
        for ax, layer in zip(axes[0], layers, strict=True):
            outputs = f.outputs[layer - 1]  # (N, units)
            outputs = outputs[:, outputs.mean(axis=0).argsort()]
            low, high = np.percentile(outputs, (5, 95), axis=0)
            n = np.arange(outputs.shape[1])
            ax.vlines(n, low, high, color=BLUE, linewidth=1)
            ax.plot(n, outputs.mean(axis=0), ".", color=ORANGE, markersize=3)
            ax.set(title=f"layer {layer}", ylim=(0, 1), xlabel="unit")
        axes[0, 0].set(ylabel="output")
    return fig


def draw_lines(ax, curves, title):
    """By layer, on a logarithmic scale: {name: (layers,)}."""
    for (name, values), (color, dash, marker) in zip(curves.items(), LOOKS, strict=False):
        n = np.arange(1, len(values) + 1)
        every = max(1, len(values) // 8)
        ax.plot(
            n, values, dash, color=color, marker=marker, markersize=4, markevery=every, label=name
        )
    ax.set(yscale="log", xlabel="layer", title=title)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.title.set_fontsize(11)


def gradients(tables, ylim=None):
    """dz by layer, as multiples of the last: one panel for each {title: {name: (layers,)}}."""
    with rc_context(STYLE):
        fig, axes = panels(1, len(tables), 3.2, sharey=True)
        for ax, (title, curves) in zip(axes[0], tables.items(), strict=True):
            with np.errstate(all="ignore"):  # dz may be nan
                relative = {name: dz / dz[-1] for name, dz in curves.items()}
            draw_lines(ax, relative, title)
        axes[0, 0].set(ylabel="rms of dz / last layer", ylim=ylim)
        fig.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=9
        )
    return fig


def explore(g, layers=5):
    """Weights of standard deviation g/√n: the last outputs, their width and dz by layer."""
    with rc_context(STYLE):
        fig, axes = panels(3, 3, 6.2, sharex=False)
        for column, activation in zip(axes.T, flow.ACTIVATIONS, strict=True):
            f = flow.flow(flow.scaled(g / 10), activation, layers=layers)
            edges = EDGES[activation]
            column[0].stairs(shares(f.outputs[-1], edges), edges, fill=True, color=GREY)
            column[0].set(title=f"{activation}, last layer", yticks=(), xlim=edges[[0, -1]])
            column[0].set(
                xscale="log" if activation == "ReLU" else "linear", xticks=TICKS[activation]
            )
            column[0].minorticks_off()
            draw_lines(column[1], {"pooled": f.pooled, "per unit": f.per_unit}, "std of outputs")
            draw_lines(column[2], {"dz": f.gradient / f.gradient[-1]}, "gradient dz")
            for ax in column[1:]:  # two powers of ten at least: what is level looks level
                low, high = ax.get_ylim()
                ax.set_ylim(min(low, 0.1), max(high, 10))
                ax.minorticks_off()
            for ax in column:
                ax.title.set_fontsize(9)
                ax.tick_params(labelsize=8)
        fig.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return fig
