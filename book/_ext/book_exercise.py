"""The role {exercise}`optimizers`: a link to the exercise in the language of the page, a zip file of the
notebook and its numbers, published with the book.  Before the exercises are released it shows the name only."""

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from book_languages import BOOK, current
from docutils import nodes
from sphinx.util.docutils import SphinxRole


def released(app, assignment):
    return BOOK.parent / "exercises" / current(app)["code"] / assignment / f"{assignment}.ipynb"


class Exercise(SphinxRole):
    def run(self):
        name = f"{self.text}.zip"
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
    shutil.rmtree(Path(app.outdir, "exercises"), ignore_errors=True)  # what an earlier build left there
    for folder in released(app, "*").parent.parent.glob("*"):
        Path(app.outdir, "exercises").mkdir(exist_ok=True)
        with ZipFile(Path(app.outdir, "exercises", f"{folder.name}.zip"), "w") as archive:
            for file in sorted(folder.glob("*.*")):     # ZipInfo: the same bytes at any time
                archive.writestr(ZipInfo(f"{folder.name}/{file.name}"), file.read_bytes(), ZIP_DEFLATED)


def setup(app):
    app.add_role("exercise", Exercise())
    app.connect("build-finished", copy)
    return {"parallel_read_safe": True}
