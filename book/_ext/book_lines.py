"""Joins the lines of a Chinese paragraph: a browser shows a line end between Chinese signs as a space."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

CHINESE = "[\u2018-\u201d\u2026\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
LINE_END = re.compile(f"(?<={CHINESE})\n(?={CHINESE})")


class JoinLines(SphinxPostTransform):
    default_priority = 900

    def run(self, **kwargs):
        if not self.config.language.startswith("zh"):
            return
        for text in list(self.document.findall(nodes.Text)):
            if "\n" in text and not isinstance(
                text.parent, (nodes.literal_block, nodes.raw, nodes.math_block)
            ):
                text.parent.replace(text, nodes.Text(LINE_END.sub("", text)))


def setup(app):
    app.add_post_transform(JoinLines)
    return {"parallel_read_safe": True}
