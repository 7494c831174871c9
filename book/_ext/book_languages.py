"""The `languages:` table of _config.yml, for the extensions beside this file and for build.py."""

from pathlib import Path

import yaml

BOOK = Path(__file__).resolve().parent.parent
LANGUAGES = yaml.safe_load((BOOK.parent / "_config.yml").read_text(encoding="utf-8"))["languages"]


def current(app):
    """The row of the language that is being built."""
    return next(row for row in LANGUAGES if row["sphinx"] == app.config.language)
