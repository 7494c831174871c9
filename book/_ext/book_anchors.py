"""A labelled heading is known by its label, `(sgd-noise)=`, before its title's words: its address is then the
same in every language, and the switcher lands on the section it came from."""

from docutils import nodes
from sphinx.transforms import SphinxTransform


class LabelFirst(SphinxTransform):
    default_priority = 700  # labels have reached their sections, tables of contents are not yet made

    def apply(self):
        names = self.document.nametypes.items()  # name -> whether it was given explicitly
        labels = {self.document.nameids.get(name) for name, explicit in names if explicit}
        for section in self.document.findall(nodes.section):
            section["ids"].sort(key=lambda id: id not in labels)


def setup(app):
    app.add_transform(LabelFirst)
    return {"parallel_read_safe": True}
