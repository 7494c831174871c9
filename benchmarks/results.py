"""The tables on the terminal and in results.md, and the picture of the curve."""

from itertools import pairwise

from rich.table import Table

from benchmarks.figures import Spread, is_heavy

GRADING = ("Contender", "CPU s a submission", "CPU s to start", "CPU s a feedback page")
GOALS = ("Assignment", "Measured", "Goal", "Median (least to most)", "")
CURVE = ("Submissions", "CPU s in all", "CPU s a submission without the start", "CPU s a submission more",
         "Largest memory, MB")


def grading_rows(grading, starts, pages):
    """A row a contender, of one load."""
    return [(name, Spread.of(grading[name]).text(),
             Spread.of(starts[name]).text(1) if any(starts[name]) else "in each",
             Spread.of(pages[name]).text() if name in pages else "")
            for name in grading]


def goal_rows(goals):
    """A row a goal."""
    return [(goal.load, goal.what, goal.bound_text(), goal.measured.text(3 if goal.bound < 1 else 1),
             "met" if goal.met else "not met") for goal in goals]


def curve_rows(curve, start):
    """A row a size; the third figure takes the `start` off, the fourth compares with the size before."""
    cpu = {size: Spread.of(cost.cpu for cost in costs).median for size, costs in curve.items()}
    more = ["", *(f"{(cpu[b] - cpu[a]) / (b - a):.3f}" for a, b in pairwise(curve))]
    return [(str(size), Spread.of(cost.cpu for cost in costs).text(1),
             Spread.of((cost.cpu - start) / size for cost in costs).text(), step,
             Spread.of(cost.memory / 1e6 for cost in costs).text(0))
            for (size, costs), step in zip(curve.items(), more, strict=True)]


def sections(measured, goals):
    """[(title, columns, rows)] of everything that was measured."""
    tables = [(f"{load}: {'heavy' if is_heavy(grading) else 'cheap'} tests", GRADING,
               grading_rows(grading, measured.starts[load], measured.pages[load]))
              for load, grading in measured.grading.items()]
    tables.append(("Goals", GOALS, goal_rows(goals)))
    if measured.curve:
        tables.append((f"From small to large classes: {measured.curve_load}", CURVE,
                       curve_rows(measured.curve, measured.start)))
    return tables


def show(console, tables):
    """Print them."""
    for title, columns, rows in tables:
        table = Table(*columns, title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(path, tables, command, machine, warnings, picture):
    """Write results.md."""
    text = ["# What grading costs", "", f"`{command}` wrote this file; [bench.py](bench.py) says what is measured and "
            "how. Medians of the repetitions, least and most in parentheses.", ""]
    text += [f"- {what}: {said}" for what, said in machine.items()]
    text += [f"- **{warning}**" for warning in warnings]
    for title, columns, rows in tables:
        text += ["", f"## {title}", "", markdown(columns), markdown(["---"] * len(columns)), *map(markdown, rows)]
    if picture:
        text += ["", f"![CPU seconds and memory against the size of the class]({picture})"]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def markdown(cells):
    """A row of a table."""
    return "| " + " | ".join(cells) + " |"


def draw(path, curve, start, load):
    """The picture: CPU seconds of a submission, and the largest memory, against the size of the class."""
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    drawn = (("CPU seconds per submission, start taken off", lambda cost, size: (cost.cpu - start) / size),
             ("Largest memory of all processes, MB", lambda cost, size: cost.memory / 1e6))
    for panel, (title, value) in zip(panels, drawn, strict=True):
        spreads = [Spread.of(value(cost, size) for cost in costs) for size, costs in curve.items()]
        middle = [spread.median for spread in spreads]
        bars = [[s.median - s.low for s in spreads], [s.high - s.median for s in spreads]]
        panel.errorbar(list(curve), middle, yerr=bars, marker="o", capsize=3)
        panel.set(title=title, xlabel=f"submissions of {load}", xscale="log",
                  ylim=(0, 1.3 * max(spread.high for spread in spreads)),
                  xticks=list(curve), xticklabels=[f"{size:,}" for size in curve])
        panel.minorticks_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
