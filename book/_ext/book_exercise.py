"""The role {exercise}`optimizers`: a link to the exercise's notebook in the language of the page, which is
published with the book.  Before the exercises are released it shows the name of the notebook only."""

import shutil
from pathlib import Path

from book_languages import BOOK, current
from docutils import nodes
from sphinx.util.docutils import SphinxRole


def released(app, assignment):
    return BOOK.parent / "exercises" / current(app)["code"] / assignment / f"{assignment}.ipynb"


class Exercise(SphinxRole):
    def run(self):
        name = f"{self.text}.ipynb"
        label = nodes.literal(name, name)
        self.env.note_dependency(
            str(released(self.env.app, self.text))
        )  # read the page again once it is there
        if not released(self.env.app, self.text).is_file():
            return [label], []
        depth = "../" * self.env.docname.count("/")
        link = nodes.reference("", "", label, refuri=f"{depth}exercises/{name}", internal=True)
        return [link], []


def copy(app, exception):
    if exception or app.builder.format != "html":
        return
    for notebook in released(app, "*").parent.parent.glob("*/*.ipynb"):
        Path(app.outdir, "exercises").mkdir(exist_ok=True)
        shutil.copy2(notebook, Path(app.outdir, "exercises", notebook.name))


def setup(app):
    app.add_role("exercise", Exercise())
    app.connect("build-finished", copy)
    return {"parallel_read_safe": True}
