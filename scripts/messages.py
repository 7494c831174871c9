"""The message catalogues: complete, up to date, compiled.

    python scripts/messages.py             # check; exit status 1 names what is missing
    python scripts/messages.py --update    # take new sentences from the code into the .po files
    python scripts/messages.py --compile   # write the .mo files

Sentences are extracted from calls of `_("…")` in autograder/ and nnlab/.  Each assignment has a catalogue of
its own with the texts of its mistakes, keyed by id.
"""

import string
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from autograder.checks import ASSIGNMENTS
from autograder.messages import LANGUAGES
from autograder.solutions import Assignment

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "autograder" / "messages"
PARTS = ("what", "why", "ask")
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def path(domain, language, kind="po", folder=FOLDER):
    """The catalogue of `domain` in `language`."""
    return folder / LANGUAGES[language] / "LC_MESSAGES" / f"{domain}.{kind}"


def domains():
    """{domain: (languages, the ids it must have)}; the sentences in the code are English already."""
    found = {"autograder": (TRANSLATED, sentences())}
    return found | {name: (list(LANGUAGES), mistakes(name)) for name in ASSIGNMENTS}


def sentences():
    """The sentences of the packages, in the order of the files."""
    kinds, keywords = [("**.py", "python"), ("**.html", "jinja2")], {"_": None, "N_": None}
    found = [message for package in ("autograder", "nnlab")
             for *_, message, _, _ in extract_from_dir(str(ROOT / package), kinds, keywords=keywords)]
    return list(dict.fromkeys(found))


def mistakes(name):
    """The ids of the texts of every catalogued mistake and convention of an assignment."""
    catalogue = Assignment(name, ROOT / "solutions").catalogue
    return [f"{id}:{part}" for kind in ("MISTAKES", "CONVENTIONS") for id in catalogue[kind] for part in PARTS]


def read(domain, language, folder=FOLDER):
    """The catalogue as Babel has it; empty where there is no file yet."""
    file = path(domain, language, folder=folder)
    if not file.exists():
        return Catalog(locale=LANGUAGES[language])
    with open(file, "rb") as stream:
        return read_po(stream, locale=LANGUAGES[language])


def fields(text):
    """The names of the {fields} in `text`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def problems(folder=FOLDER):
    """What is wrong with the catalogues in `folder`, a line each."""
    for domain, (languages, ids) in domains().items():
        for language in languages:
            catalogue = read(domain, language, folder)
            where = path(domain, language, folder=folder).relative_to(folder)
            for id in ids:
                message = catalogue.get(id)
                if message is None or not message.string or message.fuzzy:
                    yield f"{where}: not translated: {id!r}"
                elif domain == "autograder" and fields(id) != fields(message.string):
                    yield f"{where}: other fields than the English: {id!r}"
            for message in catalogue:
                if message.id and message.id not in ids:
                    yield f"{where}: no longer used: {message.id!r}"
            made = path(domain, language, "mo", folder)
            if not made.exists() or made.read_bytes() != compiled(catalogue):
                yield f"{where}: not compiled; run make sync"


def compiled(catalogue):
    """The .mo file of `catalogue`, bytes; the same at any time of day."""
    stream = BytesIO()
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(stream, catalogue)
    return stream.getvalue()


def update():
    """Bring the sentences of the code into the .po files; translations are kept, dropped ones go."""
    ids = sentences()
    for language in TRANSLATED:
        old, new = read("autograder", language), Catalog(locale=LANGUAGES[language], charset="utf-8")
        for id in ids:
            known = old.get(id)
            new.add(id, known.string if known else "", flags=["python-brace-format"] if fields(id) else [])
        write("autograder", language, new)


def write(domain, language, catalogue):
    """Write a .po file, a message a line."""
    with open(path(domain, language), "wb") as stream:
        write_po(stream, catalogue, omit_header=True, width=0)
    header = (f'msgid ""\nmsgstr ""\n"Language: {LANGUAGES[language]}\\n"\n'
              '"Content-Type: text/plain; charset=UTF-8\\n"\n\n')
    text = path(domain, language).read_text(encoding="utf-8")
    path(domain, language).write_text(header + text, encoding="utf-8")


def compile_all():
    """Write the .mo files."""
    for domain, (languages, _) in domains().items():
        for language in languages:
            path(domain, language, "mo").write_bytes(compiled(read(domain, language)))


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    elif "--compile" in sys.argv:
        compile_all()
    else:
        found = list(problems())
        print("\n".join(found) or "The message catalogues are complete.")
        sys.exit(bool(found))
