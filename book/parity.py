"""Keeps the translations in step with the English book.

    python book/parity.py                   checks; exit status 1 and a list where something differs
    python book/parity.py --sync            first copies the English code into the translations
    python book/parity.py --accept FILE     FILE is up to date: records the English text that it renders

Compared, section by section: headings and labels, directives with their options, code and display formulas
byte for byte and in order; inline formulas, code, roles, links and footnotes in any order, for Chinese puts them
elsewhere in a sentence.  Free are the words: titles, prose, captions, alternative texts.

Under each heading a translation records a hash of the English words it renders, `% en: 1a2b3c4d`.  An English
edit changes the hash, and the check names the section until someone has looked at it.
"""

import argparse
import hashlib
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

BOOK = Path(__file__).resolve().parent
ENGLISH, *TRANSLATIONS = [
    row["code"]
    for row in yaml.safe_load((BOOK.parent / "_config.yml").read_text(encoding="utf-8"))["languages"]
]

LABEL = re.compile(r"\(([\w-]+)\)=$")
HEADING = re.compile(r"(#+) ")
RECORD = re.compile(r"% en: (\w+)$")
FENCE = re.compile(r"(`{3,}|:{3,})(?:\{([\w:-]+)\})?\s*(.*)$")
OPTION = re.compile(r":([\w-]+):\s*(.*)$")
INLINE = re.compile(
    r"\{(?P<role>[\w:-]+)\}`(?P<target>[^`]+)`|(?P<code>`[^`]+`)"
    r"|(?<!\\)(?P<math>\$\$.+?\$\$|\$[^$]+\$)|\]\((?P<link>[^)\s]+)\)|(?P<footnote>\[\^[\w-]+\]:?)",
    re.DOTALL,
)
CODE = {None, "code-cell", "code-block", "code"}  # None: an ordinary ```python block
WORDS = {"dropdown", "admonition", "card", "tab-item", "index", "list-table"}  # directives whose argument is words
EMPHASIS = re.compile(r"(.?)(\*+)([^*]+)\2(.?)")
CHINESE, OPENING, CLOSING = re.compile("[\u3400-\u9fff]"), "「『（“‘", "，。：；！？、」』）”’"


@dataclass
class Section:
    """What a translation must keep (blocks in order, inline in any order) and what it translates (words)."""

    name: str
    line: int
    blocks: list = field(default_factory=list)
    words: list = field(default_factory=list)
    code: list = field(default_factory=list)  # (first line, line after the last) of each code block
    record: str = ""

    @property
    def inline(self):
        found = Counter()
        for match in INLINE.finditer("\n".join(self.words)):
            kind = match.lastgroup
            if kind == "target":  # the target of {ref}`words <target>`
                target = re.sub(r".*<(.+)>$", r"\1", match["target"], flags=re.DOTALL)
                found[f"{{{match['role']}}}`{target}`"] += 1
            elif kind:
                found[match[kind]] += 1
        return found

    @property
    def digest(self):
        return hashlib.sha256("\n".join(self.words).strip().encode()).hexdigest()[:8]


def read(path):
    """The sections of a page; what stands before the first heading is the section "top"."""
    sections = [Section("top", 1)]
    fences, verbatim, block, label, front = [], None, [], None, False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        section = sections[-1]
        if front or (number == 1 and line == "---"):  # the metadata of the notebook
            front = number == 1 or line != "---"
            section.blocks.append(("metadata", line))
        elif fences and line.strip() == fences[-1]:
            if verbatim:
                section.blocks.append((verbatim, "\n".join([*block, line])))
            if verbatim == "code":
                section.code.append((number - len(block), number + 1))
            fences.pop()
            verbatim = None
        elif verbatim:
            block.append(line)
        elif match := FENCE.match(line):
            fence, name, argument = match.groups()
            fences.append(fence)
            verbatim, block = "code" if name in CODE else "formula" if name == "math" else None, [line]
            if not verbatim:
                section.blocks.append(("directive", name, "" if name in WORDS else argument))
                section.words += [argument] if name in WORDS else []
        elif fences and (match := OPTION.match(line)):
            if match[1] == "alt":
                section.words.append(match[2])
            section.blocks.append(("option", match[1], "" if match[1] == "alt" else match[2]))
        elif match := LABEL.match(line):
            label = match[1]
            section.blocks.append(("label", label))
        elif match := HEADING.match(line):
            name = label or f"(heading {len(sections)}, without a label)"
            sections.append(Section(name, number, [("heading", len(match[1]))], [line]))
            label = None
        elif match := RECORD.match(line):
            section.record = match[1]
        else:
            section.words.append(line)
            label = None if line.strip() else label
    return sections


def compare(english, translation):
    """Says, line by line, what differs between an English page and its translation."""
    ours, theirs = read(english), read(translation)
    page = f"{translation.parent.name}/{translation.name}"
    if [s.name for s in ours] != [s.name for s in theirs]:
        yield f"{page}: sections {[s.name for s in theirs]} instead of {[s.name for s in ours]}"
        return
    for en, tr in zip(ours, theirs, strict=True):
        where = f"{page}:{tr.line} section {en.name}"
        if len(en.blocks) != len(tr.blocks):
            counts = f"{len(tr.blocks)} instead of {len(en.blocks)}"
            yield f"{where}: {counts} headings, directives, options, formulas and blocks of code"
        for wanted, got in zip(en.blocks, tr.blocks, strict=False):
            if wanted != got:
                yield f"{where}: {' '.join(map(str, got))!r} instead of {' '.join(map(str, wanted))!r}"
                break
        more = tr.inline - en.inline
        for text in (en.inline - tr.inline).elements():
            yield f"{where}: {text} is missing"
        for text in more.elements():
            if not text.startswith("`"):  # code may be named once more, or an axis be added
                yield f"{where}: {text} is not in the English text"
        if "".join(en.words).strip() and en.digest != tr.record:
            yield f"{where}: " + (f"the English text has changed since it was translated (now {en.digest})"
                                  if tr.record else "not translated, or not accepted")
        for before, stars, inside, after in EMPHASIS.findall("\n".join(tr.words)):
            opens = inside[0] in OPENING and CHINESE.match(before)
            closes = inside[-1] in CLOSING and CHINESE.match(after)
            if opens or closes:  # Markdown wants the punctuation outside
                yield f"{where}: {stars}{inside}{stars} will not be emphasised"


def toc(path):
    """The table of contents without its words."""

    def strip(node):
        if isinstance(node, dict):
            return {key: strip(value) for key, value in node.items() if key not in ("caption", "title")}
        if isinstance(node, list):
            return [strip(item) for item in node]
        return node

    return strip(yaml.safe_load(path.read_text(encoding="utf-8")))


def check(book=BOOK):
    """All differences between the English book and the translations, a line each."""
    pages = sorted(path.name for path in (book / ENGLISH).glob("*.md"))
    problems = []
    for lang in TRANSLATIONS:
        theirs = sorted(path.name for path in (book / lang).glob("*.md"))
        problems += [f"{lang}/{name} is missing" for name in pages if name not in theirs]
        problems += [f"{lang}/{name} has no English page" for name in theirs if name not in pages]
        if toc(book / ENGLISH / "_toc.yml") != toc(book / lang / "_toc.yml"):
            problems.append(f"{lang}/_toc.yml differs from {ENGLISH}/_toc.yml")
        for name in set(pages) & set(theirs):
            problems += compare(book / ENGLISH / name, book / lang / name)
    return problems


def sync(book=BOOK):
    """Copies the English code blocks into the translations, the first for the first, section by section."""
    for english in sorted((book / ENGLISH).glob("*.md")):
        source = english.read_text(encoding="utf-8").splitlines()
        for translation in (book / lang / english.name for lang in TRANSLATIONS):
            if not translation.exists():
                continue
            lines = translation.read_text(encoding="utf-8").splitlines()
            spans = []
            for en, tr in zip(read(english), read(translation), strict=False):
                if len(en.code) == len(tr.code):
                    spans += zip(en.code, tr.code, strict=True)
            for (first, end), (old_first, old_end) in reversed(spans):
                lines[old_first - 1 : old_end - 1] = source[first - 1 : end - 1]
            write(translation, lines)


def accept(translation, book=BOOK):
    """Records under each heading the hash of the English section that the translation now renders."""
    digests = [section.digest for section in read(book / ENGLISH / translation.name)]
    lines = translation.read_text(encoding="utf-8").splitlines()
    sections = list(zip(digests, read(translation), strict=False))[1:]
    for digest, section in reversed(sections):
        old = section.line < len(lines) and RECORD.match(lines[section.line])
        lines[section.line : section.line + bool(old)] = [f"% en: {digest}"]
    write(translation, lines)


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description="Check that the translations are in step with the English book."
    )
    parser.add_argument(
        "--sync", action="store_true", help="first copy the English code into the translations"
    )
    parser.add_argument("--accept", type=Path, action="append", default=[], metavar="FILE",
                        help="record that this translation renders the present English text")  # fmt: skip
    options = parser.parse_args()
    if options.sync:
        sync()
    for translation in options.accept:
        accept(translation)
    problems = check()
    print("\n".join(problems) or "The three books are in step.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
