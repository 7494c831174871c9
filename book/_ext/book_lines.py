"""Lines of a Chinese paragraph: joined, since a browser shows a line end between Chinese signs as a space;
and never beginning with the comma or colon that follows a formula."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

CHINESE = re.compile("[\u2018-\u201d\u2026\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
CLOSING = "，。：；！？、）」』”"


class ChineseLines(SphinxPostTransform):
    default_priority = 900

    def run(self, **kwargs):
        if not self.config.language.startswith("zh"):
            return
        for parent in list(self.document.findall(nodes.TextElement)):
            for i in reversed(range(1, len(parent) if not isinstance(parent, nodes.FixedTextElement) else 0)):
                before, here = parent[i - 1], parent[i]
                if here == "\n" and i + 1 < len(parent):  # MyST makes a line end a text of its own
                    if CHINESE.match(before.astext()[-1:]) and CHINESE.match(parent[i + 1].astext()[:1]):
                        del parent[i]
                elif isinstance(before, nodes.math) and isinstance(here, nodes.Text) and here[0] in CLOSING:
                    mark = nodes.Text(here[0])
                    together = nodes.inline("", "", before.deepcopy(), mark, classes=["together"])
                    parent[i - 1 : i + 1] = [together, nodes.Text(here[1:])]


def setup(app):
    app.add_post_transform(ChineseLines)
    return {"parallel_read_safe": True}
