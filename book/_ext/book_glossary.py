"""The directive {terms}: the course's vocabulary in its languages, a table of terms.csv."""

import csv

from book_languages import BOOK, LANGUAGES
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

TERMS = BOOK.parent / "terms.csv"
COLUMNS = {"english": "English"} | {row["sphinx"]: row["name"] for row in LANGUAGES[1:]}


class Terms(SphinxDirective):
    def run(self):
        self.env.note_dependency(str(TERMS))
        with TERMS.open(encoding="utf-8", newline="") as file:
            terms = sorted(csv.DictReader(file), key=lambda row: row["english"].lower())
        group = nodes.tgroup(cols=len(COLUMNS))
        group += [nodes.colspec(colwidth=1) for _ in COLUMNS]
        group += nodes.thead("", self.row(COLUMNS.values()))
        group += nodes.tbody("", *(self.row(row[column] for column in COLUMNS) for row in terms))
        return [nodes.table("", group, classes=["terms"])]

    @staticmethod
    def row(texts):
        return nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in texts))


def setup(app):
    app.add_directive("terms", Terms)
    return {"parallel_read_safe": True}
