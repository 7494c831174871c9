"""Holds the translations to their words: `terms.csv` where the English uses a term, never the other side's words.

    python scripts/terms.py              checks; exit status 1 and a list
    python scripts/terms.py --counts     also says how many texts and terms were compared

terms.csv, a row a term: the English; the word of each language, and other right ones of it (`…_also`, with a bar
between them); `match`, a regular expression for the English where the plain words are not enough, `-` where they say
too little to be checked.  banned.csv: words that a language does not use, as regular expressions, and what it says
instead.  exceptions.csv: places where another word is better, with the reason.
"""

import argparse
import csv
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from texts import TRANSLATIONS, texts

ROOT = Path(__file__).resolve().parent.parent
#: What is no prose: code, formulas, the targets of roles and links, HTML, fields of messages.
NO_WORDS = re.compile(r"`[^`<]*<[^>]+>`|`[^`]*`|\$\$.+?\$\$|\$[^$]+\$|\]\([^)\s]+\)|<[^>]+>|\{[\w:.-]*\}", re.DOTALL)
#: A legacy encoding has the characters of its side only.
CODECS = {"zh-TW": "cp950", "zh-CN": "gb2312"}
HAN = re.compile("[\u3400-\u9fff]")
#: 列 and 行 mean the opposite on the two sides of the strait, so the axis is said, or the English word.
ROW = re.compile("(?<![排陣阵數数系序並并])列|(?<![進进執执運运平發发流步])行")
ROWS, AXIS = re.compile(r"\b(?:rows?|columns?)\b", re.IGNORECASE), re.compile(r"axis|row|column|欄|栏|表")


class Term(NamedTuple):
    english: str
    pattern: re.Pattern
    words: dict         # {language: all right words}


def rows(name):
    """The rows of a table, whose path is from the project's root."""
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def terms():
    """All terms that are checked, longer ones first: a batch size is no batch."""
    found = []
    for row in rows("terms.csv"):
        plain = "|".join(re.escape(re.sub(r" \(.*\)", "", part)).replace(r"\ ", "[ -]") + "s?"
                         for part in row["english"].split(" / "))
        words = {}
        for language in TRANSLATIONS:
            column = language.replace("-", "_")
            right = re.split("[／|]", f"{row.get(column, '')}|{row.get(f'{column}_also', '')}")
            words[language] = [re.sub("（.*）", "", word) for word in right if word]
        if row["match"] != "-":
            found.append(Term(row["english"], re.compile(rf"\b(?:{row['match'] or plain})\b", re.IGNORECASE), words))
    return sorted(found, key=lambda term: -len(term.english))


@cache
def banned(language):
    """[(pattern, what to say instead)] of a language."""
    return [(re.compile(row["word"]), row["instead"])
            for row in rows("scripts/banned.csv") if row["language"] == language]


def prose(text):
    """`text` without what is the same in every language; words in front of a <label> stay."""
    return NO_WORDS.sub(lambda found: found[0].partition("<")[0] if "<" in found[0] and found[0][0] == "`" else " ",
                        text)


def used(english):
    """The terms that an English text uses."""
    found, rest = [], prose(english)
    for term in terms():
        rest, count = term.pattern.subn(" ", rest)
        if count:
            found.append(term)
    return found


def problems(text):
    """What is wrong with the words of one texts.Text: (term or banned word, the sentence about it)."""
    words = prose(text.translation)
    for term in used(text.english):
        right = term.words[text.language]
        if not any(word.lower() in words.lower() for word in right):
            yield term.english, f"“{term.english}” is not called {' or '.join(right) or 'anything in terms.csv'}"
    if ROWS.search(prose(text.english)) and not AXIS.search(text.translation) and ROW.search(words):
        yield "row", "rows and columns are named without axis=0 or axis=1"
    for pattern, instead in banned(text.language):
        for found in dict.fromkeys(match[0] for match in pattern.finditer(words)):
            yield found, f"“{found}” is not said here but {instead}"
    other = "".join(dict.fromkeys(HAN.findall(words)))
    for character in other if text.language in CODECS else "":
        try:
            character.encode(CODECS[text.language])
        except UnicodeEncodeError:
            yield character, f"“{character}” is a character of the other script"


def check(all_texts):
    """All problems that no exception allows, a line each, and exceptions that nothing needs any more."""
    allowed = {(row["language"], row["where"], row["term"]) for row in rows("scripts/exceptions.csv")}
    needed, found = set(), []
    for text in all_texts:
        for term, sentence in problems(text):
            key = (text.language, text.where, term)
            needed.add(key)
            if key not in allowed:
                found.append(f"{text.language} {text.where}: {sentence}")
    return found + [f"exceptions.csv: {' '.join(key)} is not needed" for key in sorted(allowed - needed)]


def main():
    parser = argparse.ArgumentParser(description="Check the words of the translations.")
    parser.add_argument("--counts", action="store_true", help="also say how much was compared")
    options = parser.parse_args()
    every = list(texts())
    found = check(every)
    if options.counts:
        for (language, kind), count in sorted(Counter((text.language, text.kind) for text in every).items()):
            met = sum(len(used(text.english)) for text in every if (text.language, text.kind) == (language, kind))
            print(f"{language}: {count} {kind}, {met} terms in them")
    print("\n".join(found) or "The translations use their own words.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
