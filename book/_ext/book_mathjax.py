"""Publishes MathJax with the book, so that formulas need no other host.

The wheel sphinx-mathjax-offline only carries the files; its own extension, which would copy all 12 MB, is not
used: one bundle, its fonts, and the small TeX extensions that the bundle loads by itself are enough.
"""

import shutil
from importlib.metadata import distribution
from pathlib import Path

WANTED = ["tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions"]


def copy(app, exception):
    if exception or app.builder.format != "html":
        return
    source = Path(distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline/static/mathjax"))
    for name in WANTED:
        target = Path(app.outdir, "_static", "mathjax", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source / name, target)


def setup(app):
    app.connect("build-finished", copy)
    return {"parallel_read_safe": True}
