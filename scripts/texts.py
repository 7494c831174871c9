"""Every text of the course beside its translation, and whether it still renders the present English.

    python scripts/texts.py                        checks; exit status 1 and a list
    python scripts/texts.py --accept zh-TW TEXT    TEXT is up to date: accepted.json records its English

TEXT is a name from that list, or how several begin: `optimizers` is all prose of that assignment.  The sections of the
book carry their record themselves (book/parity.py); the sentences of the program are looked up by their English.  For
the rest, the prose of the assignments, what is said of a mistake, and README, accepted.json holds a hash of the English
words that each translation renders.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import messages
from babel.messages.pofile import read_po

from autograder.checks import ASSIGNMENTS
from autograder.solutions import Assignment

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = Path(__file__).with_name("accepted.json")
sys.path.insert(0, str(ROOT / "book"))
import parity  # noqa: E402  (lies beside the book)

TRANSLATIONS = parity.TRANSLATIONS
HEADING = re.compile(r"(?m)^#+ ")
#: What has its record in accepted.json.
RECORDED = ("exercise texts", "texts of mistakes", "README sections")
WORDS = re.compile(r"\\text\{[^{}]*\}")      # in a formula


class Text(NamedTuple):
    """kind: what it is a part of, as `texts` says it; where: its name in accepted.json and exceptions.csv."""

    kind: str
    language: str
    where: str
    english: str
    translation: str

    @property
    def digest(self):
        return hashlib.sha256(self.english.strip().encode()).hexdigest()[:8]


def texts():
    """All of them, language after language; a translation that is missing is empty."""
    for language in TRANSLATIONS:
        yield from pages(language)
        for name in ASSIGNMENTS:
            yield from exercise(language, Assignment(name, ROOT / "solutions"))
            yield from mistakes(language, name)
        yield from _catalogue("messages", language, messages.read("autograder", language))
        for path in sorted((ROOT / "book" / "_locale" / language.replace("-", "_")).glob("*.po")):
            with path.open("rb") as file:
                yield from _catalogue("words of the site", language, read_po(file))
        yield from readme(language)


def pages(language):
    """The book's sections."""
    for english in sorted((parity.BOOK / parity.ENGLISH).glob("*.md")):
        if (translation := parity.BOOK / language / english.name).exists():
            for en, tr in zip(parity.read(english), parity.read(translation), strict=False):
                yield Text("sections", language, f"{english.stem}#{en.name}", "\n".join(en.words), "\n".join(tr.words))


def exercise(language, assignment):
    """The prose cells of an assignment, named by the code cell that they stand before."""
    waiting, met = {}, Counter()
    for kind, meta, source in [*assignment.cells, ("code", {"nbgrader": {"grade_id": "end"}}, "")]:
        if kind == "markdown":
            waiting.setdefault(meta["lang"], []).append(source)
            continue
        here = f"{assignment.name} before {meta['nbgrader']['grade_id']}"
        translations = waiting.get(language, [])
        for number, english in enumerate(waiting.get("en", [])):
            met[here] += 1
            where = here if met[here] == 1 else f"{here} {met[here]}"
            yield Text("exercise texts", language, where, english,
                       translations[number] if number < len(translations) else "")
        waiting = {}


def mistakes(language, name):
    """What is said of each catalogued mistake of an assignment, its three parts together."""
    english, theirs = messages.read(name, "en"), messages.read(name, language)
    for id in dict.fromkeys(id.rpartition(":")[0] for id in messages.mistakes(name)):
        en, tr = ([catalogue.get(f"{id}:{part}") for part in messages.PARTS] for catalogue in (english, theirs))
        whole = all(entry and entry.string for entry in tr)
        yield Text("texts of mistakes", language, id, "\n\n".join(entry.string for entry in en if entry),
                   "\n\n".join(entry.string for entry in tr) if whole else "")


def _catalogue(kind, language, catalogue):
    for message in catalogue:
        if message.id and isinstance(message.id, str) and isinstance(message.string, str):
            yield Text(kind, language, message.id[:60], message.id, message.string)


def readme(language):
    """README.md, heading by heading; what a console shows may be in the reader's language."""
    english, theirs = (_sections(ROOT / name) for name in ("README.md", f"README.{language}.md"))
    for number, text in enumerate(english):
        where = "README, " + text.strip().splitlines()[0].strip("# ")
        yield Text("README sections", language, where, text, theirs[number] if number < len(theirs) else "")


def _sections(path):
    """The parts of a README, without what a console shows and the links to the other languages."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    text = re.sub(r"(?ms)^```.*?^```$|^[^\n]*\]\(README[^\n]*$", "", text)
    return [part for part in re.split(r"(?m)^(?=#+ )", text) if part.strip()]


def inline(text):
    """What must be the same: {formula, link or heading: how often}."""
    same = [WORDS.sub("", match[0]) for match in parity.INLINE.finditer(text) if match.lastgroup in ("math", "link")]
    return Counter([re.sub(r"\s+", "", one) for one in same] + HEADING.findall(text))


def problems(all_texts):
    """What is missing, stale, or has other formulas or headings than the English; a line each."""
    accepted = read()
    for text in all_texts:
        where = f"{text.language} {text.where}"
        if not text.english.strip():
            continue
        if not text.translation.strip():
            yield f"{where}: not translated"
        elif text.kind in RECORDED:
            recorded = accepted.get(text.language, {}).get(text.where)
            if recorded != text.digest:
                yield f"{where}: " + ("the English text has changed since it was translated" if recorded
                                      else "not translated, or not accepted")
            english, theirs = inline(text.english), inline(text.translation)
            yield from (f"{where}: {found!r} is missing" for found in english - theirs)
            yield from (f"{where}: {found!r} is not in the English text" for found in theirs - english)


def read():
    """{language: {where: hash}} as it was recorded."""
    return json.loads(ACCEPTED.read_text(encoding="utf-8")) if ACCEPTED.exists() else {}


def accept(language, beginning, all_texts):
    """Record the English of those texts of `language` whose name begins so; returns how many."""
    accepted = read()
    present = {text.where: text.digest for text in all_texts if text.language == language
               and text.kind in RECORDED}
    new = {where: digest for where, digest in present.items() if where.startswith(beginning)}
    kept = {where: digest for where, digest in accepted.get(language, {}).items() if where in present}
    accepted[language] = dict(sorted((kept | new).items()))
    ACCEPTED.write_text(json.dumps(accepted, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(new)


def main():
    parser = argparse.ArgumentParser(description="Check that exercises, messages and README are translated.")
    parser.add_argument("--accept", nargs=2, metavar=("LANGUAGE", "TEXT"), help="record that TEXT… is up to date")
    options = parser.parse_args()
    if options.accept:
        print(accept(*options.accept, texts()), "texts accepted.")
    found = list(problems(texts()))
    print("\n".join(found) or "Exercises, messages and README are translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
