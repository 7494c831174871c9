"""Begins another language: `make language LANG=ja`, or `python scripts/language.py ja`.

Makes everything that a language has, with the English words in it, and says what is to be translated.  What is there
already stays, so that it may be run again.  docs/translation.md says how to go on; until the last text is translated
and accepted, `make check` fails and names those that are not.
"""

import csv
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parent.parent
#: What _config.yml says of a language; the words are English until somebody translates them.
ROW = """\
  - code: {code}
    sphinx: {sphinx}
    name: {name}
    short: {short}
    title: Techniques for Training Neural Networks
    choose: Read in English
    switch: Language
    config: {{}}
"""


def begin(code):
    """Make the language `code`, a tag such as ja or pt-BR.  Raises ValueError where that is none."""
    try:
        name = Locale.parse(code, sep="-").display_name
    except (ValueError, UnknownLocaleError):
        raise ValueError(f"{code!r} is no language tag: write for example ja or pt-BR") from None
    configure(code, name)
    (ROOT / "book" / code).mkdir(exist_ok=True)
    for page in (ROOT / "book" / "en").glob("*.*"):
        _copy(page, ROOT / "book" / code / page.name)
    _copy(ROOT / "README.md", ROOT / f"README.{code}.md")
    for path in sorted((ROOT / "solutions").glob("*.md")):
        path.write_text(with_prose(path.read_text(encoding="utf-8"), code), encoding="utf-8")
    terms(code.replace("-", "_"))
    messages(code)


def configure(code, name):
    """Put the language behind the others in _config.yml."""
    path = ROOT / "_config.yml"
    text = path.read_text(encoding="utf-8")
    if f"- code: {code}\n" not in text:
        row = ROW.format(code=code, sphinx=code.replace("-", "_"), name=name, short=code[:2].upper())
        path.write_text(text.replace("\nexecute:\n", f"{row}\nexecute:\n", 1), encoding="utf-8")


def with_prose(text, code):
    """The source of an assignment with each English text once more, behind its translations, as that of `code`."""
    if f'"lang": "{code}"' in text:
        return text
    out, copies = [], []
    for part in [*re.split(r'(?m)^(?=\+\+\+ \{"lang"|```\{code-cell\})', text), ""]:
        if not part.startswith("+++"):
            out, copies = out + copies, []
        elif part.startswith('+++ {"lang": "en"'):
            copies.append(part.replace('"lang": "en"', f'"lang": "{code}"', 1))
        out.append(part)
    return "".join(out)


def terms(column):
    """Columns in terms.csv for the words of the language, and for others that are right as well."""
    with (ROOT / "terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if column not in rows[0]:
        names = [*rows[0], f"{column}_also"]
        names.insert(names.index("match"), column)
        with (ROOT / "terms.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def messages(code):
    """Empty catalogues: the sentences of the program, and what is said of the mistakes."""
    (ROOT / "autograder" / "messages" / code.replace("-", "_") / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    import messages as catalogues  # here: it looks which languages there are

    for domain, (_languages, ids) in catalogues.domains().items():
        if not catalogues.path(domain, code).exists():
            empty, english = Catalog(), catalogues.read(domain, "en")
            for id in ids:              # the id of a mistake says too little: its English stands above it
                empty.add(id, "", auto_comments=[english.get(id).string] if english.get(id) else [])
            catalogues.write(domain, code, empty)
    catalogues.compile_all()


def todo(code):
    """What is to be translated, {kind: how many}."""
    import terms as words
    import texts

    return Counter(text.kind for text in texts.texts() if text.language == code) + Counter(terms=len(words.terms()))


def _copy(path, to):
    if not to.exists():
        shutil.copyfile(path, to)


def main():
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit("Which language? For example: make language LANG=ja")
    code = sys.argv[1]
    try:
        begin(code)
    except ValueError as error:
        sys.exit(str(error))
    for kind, count in todo(code).items():
        print(f"{count:5} {kind}")
    print(f"""to be translated into {code}:

book/{code}/*.md                  the sections; the words of _toc.yml
_config.yml                     the words of the row {code}
solutions/*.md                  the cells marked "lang": "{code}"
autograder/messages/{code.replace("-", "_")}/    the catalogues
README.{code}.md
terms.csv                       the column {code.replace("-", "_")}, before all else

docs/translation.md says how; make check names what is left.""")


if __name__ == "__main__":
    main()
