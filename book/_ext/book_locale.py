"""Puts our message catalogues, book/_locale/<language>/<catalogue>.po, in front of Sphinx's and the themes'.

Sphinx would look at ours last, and so never where a theme speaks Simplified Chinese to Taiwan.
"""

import gettext
import io
import json
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


COPY_BUTTON = {
    "copy": "複製",
    "copy_to_clipboard": "複製到剪貼簿",
    "copy_success": "已複製！",
    "copy_failure": "無法複製",
}


def mend_copy_button(app, exception):
    """sphinx-copybutton keeps its words in its script, and has none for Taiwan."""
    script = Path(app.outdir, "_static", "copybutton.js")
    if not exception and script.exists():
        text, start = script.read_text(encoding="utf-8"), "const messages = {\n"
        if "'zh-TW'" not in text:
            words = json.dumps(COPY_BUTTON, ensure_ascii=False)
            script.write_text(text.replace(start, f"{start}  'zh-TW': {words},\n", 1), encoding="utf-8")


def setup(app):
    app.connect("config-inited", mend)
    app.connect("build-finished", mend_copy_button)
    return {"parallel_read_safe": True}
