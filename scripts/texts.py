"""Every text of the course beside its translation: the book, the exercises, messages, the site's words, README."""

import re
import sys
from pathlib import Path
from typing import NamedTuple

from babel.messages.pofile import read_po

import messages
from autograder.checks import ASSIGNMENTS
from autograder.solutions import Assignment

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book"))
import parity  # noqa: E402  (lies beside the book)

TRANSLATIONS = parity.TRANSLATIONS


class Text(NamedTuple):
    """kind: "sections", "cells", "messages" or "paragraphs"; where: as exceptions.csv names it."""

    kind: str
    language: str
    where: str
    english: str
    translation: str


def texts():
    """All of them, language after language."""
    for language in TRANSLATIONS:
        for source in (pages, exercises, sentences, mistakes, site, readme):
            yield from source(language)


def pages(language):
    """The book's sections."""
    for english in sorted((parity.BOOK / parity.ENGLISH).glob("*.md")):
        translation = parity.BOOK / language / english.name
        if translation.exists():
            for en, tr in zip(parity.read(english), parity.read(translation), strict=False):
                yield Text("sections", language, f"{english.stem}#{en.name}", "\n".join(en.words), "\n".join(tr.words))


def exercises(language):
    """The prose cells of the assignments; a number counts them, for most have no name."""
    for name in ASSIGNMENTS:
        prose = [(meta["lang"], source) for kind, meta, source in Assignment(name, ROOT / "solutions").cells
                 if kind == "markdown"]
        english, theirs = ([source for lang, source in prose if lang == wanted] for wanted in ("en", language))
        for number, (en, tr) in enumerate(zip(english, theirs, strict=True)):
            yield Text("cells", language, f"solutions/{name}.md cell {number}", en, tr)


def sentences(language):
    """What the program says."""
    yield from _catalogue(language, messages.read("autograder", language))


def mistakes(language):
    """What is said of each catalogued mistake."""
    for name in ASSIGNMENTS:
        english, theirs = messages.read(name, "en"), messages.read(name, language)
        for id in messages.mistakes(name):
            yield Text("messages", language, id, english.get(id).string, theirs.get(id).string)


def site(language):
    """What the themes say."""
    for path in sorted((ROOT / "book" / "_locale" / messages.LANGUAGES[language]).glob("*.po")):
        with path.open("rb") as file:
            yield from _catalogue(language, read_po(file))


def _catalogue(language, catalogue):
    for message in catalogue:
        if message.id and isinstance(message.id, str) and isinstance(message.string, str):
            yield Text("messages", language, message.id[:60], message.id, message.string)


def readme(language):
    """README.md, heading by heading."""
    english, theirs = (re.split(r"(?m)^(?=#+ )", (ROOT / name).read_text(encoding="utf-8"))
                       for name in ("README.md", f"README.{language}.md"))
    for number, (en, tr) in enumerate(zip(english, theirs, strict=True)):
        yield Text("paragraphs", language, f"README {number}", *(re.sub(r"(?ms)^```.*?^```$", "", one) for one in (en, tr)))
