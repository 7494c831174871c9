"""The computational graph of batch normalization: what flows forward, and what flows back."""

from itertools import pairwise

from matplotlib import rc_context

from .figures import BLUE, GREY, ORANGE, STYLE, new_figure

#: number of the node: (x, y, what it computes)
NODES = {
    1: (3, 0, "mean"),
    2: (0, 2, "–"),
    3: (3, 3.6, "mean of\nsquares"),
    4: (3, 6.2, r"$\sqrt{v + \varepsilon}$"),
    5: (0, 8.2, "÷"),
    6: (0, 10.8, "×"),
    7: (0, 13.4, "+"),
}
#: ways through the graph, each a list of corners; an arrow stands at its end
WAYS = [
    [(0, -1.8), (0, 2)],
    [(0, 0), (3, 0)],
    [(3, 0), (3, 2), (0, 2)],
    [(0, 2), (0, 8.2)],
    [(0, 3.6), (3, 3.6)],
    [(3, 3.6), (3, 6.2)],
    [(3, 6.2), (3, 8.2), (0, 8.2)],
    [(0, 8.2), (0, 10.8)],
    [(3, 10.8), (0, 10.8)],
    [(0, 10.8), (0, 13.4)],
    [(3, 13.4), (0, 13.4)],
    [(0, 13.4), (0, 15.6)],
]
#: (x, y, value, its shape, gradient): what is written on the ways
LETTERS = [
    (0, -1.2, "x", "(N, D)", r"\partial L / \partial x"),
    (1.6, 2, r"\mu", "(D,)", r"\partial L / \partial \mu"),
    (0, 5.1, "c", "(N, D)", r"\partial L / \partial c"),
    (3, 4.95, "v", "(D,)", r"\partial L / \partial v"),
    (1.6, 8.2, "s", "(D,)", r"\partial L / \partial s"),
    (0, 9.4, r"\hat x", "(N, D)", r"\partial L / \partial \hat x"),
    (1.6, 10.8, r"\gamma", "(D,)", r"\partial L / \partial \gamma"),
    (0, 12, r"\gamma \hat x", "(N, D)", "g"),
    (1.6, 13.4, r"\beta", "(D,)", r"\partial L / \partial \beta"),
    (0, 14.6, "y", "(N, D)", r"g = \partial L / \partial y"),
]
EDGE = 0.45  # from the middle of a node to its upper and lower edge


def batch_normalization():
    """Seven nodes from x (top) to y (bottom); values and shapes in blue, gradients in orange."""
    with rc_context(STYLE):
        fig, ax = new_figure(height=6.4)
        ax.set(xlim=(-2.3, 4.4), ylim=(15.7, -1.9))
        ax.axis("off")
        for way in WAYS:
            for start, end in pairwise(way):
                ax.plot(*zip(start, end, strict=True), color=BLUE, linewidth=1.4)
            (x0, _), (x1, y1) = way[-2:]
            inside = any((x1, y1) == node[:2] for node in NODES.values())
            if x0 == x1:
                tip = x1, y1 - EDGE * inside
                tail = x1, tip[1] - 0.1
            else:
                tip = x1 + (0.3 if x1 < x0 else -0.72), y1
                tail = tip[0] + (0.1 if x1 < x0 else -0.1), y1
            ax.annotate("", tip, tail, arrowprops={"arrowstyle": "-|>", "color": BLUE})
        for number, (x, y, label) in NODES.items():
            box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": GREY}
            ax.text(x, y, label, ha="center", va="center", fontsize=10, bbox=box)
            beside = x + (1 if x else -0.5)
            ax.text(beside, y, number, ha="center", va="center", color=GREY, weight="bold")
        for x, y, value, shape, gradient in LETTERS:
            along = x == 1.6  # a horizontal way: above and below it rather than left and right
            forward, back = (("center", "bottom"), ("center", "top")) if along else (
                ("left", "center"), ("right", "center"))
            for sign, text, color, (ha, va) in ((1, f"${value}$  {shape}", BLUE, forward),
                                                (-1, f"${gradient}$", ORANGE, back)):
                dx, dy = (0, -0.15 * sign) if along else (0.15 * sign, 0)
                ax.text(x + dx, y + dy, text, color=color, ha=ha, va=va)
    return fig
