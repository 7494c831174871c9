"""Puts our message catalogues, book/_locale/<language>/<catalogue>.po, in front of Sphinx's and the themes'.

Sphinx would look at ours last, and so never where a theme speaks Simplified Chinese to Taiwan.
"""

import gettext
import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.locale import translators

LOCALE = Path(__file__).resolve().parent.parent / "_locale"


def mend(app, config):
    for path in sorted((LOCALE / config.language).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as po:
            write_mo(compiled, read_po(po, locale=config.language))
        compiled.seek(0)
        ours = gettext.GNUTranslations(compiled)
        ours.add_fallback(translators["general", path.stem])
        translators["general", path.stem] = ours
        if path.stem == "sphinx":
            app.translator = ours  # the one that templates use


def setup(app):
    app.connect("config-inited", mend)
    return {"parallel_read_safe": True}
