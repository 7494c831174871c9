"""What the autograder says, in the language of the person who reads it.

Two gettext domains: `autograder` holds the sentences of this package, keyed by their
English text; `mistakes` holds the catalogued mistakes, keyed by mistake id and part,
for example `adam/no-bias-correction:what`.
"""

import gettext
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

#: Language tags as notebooks, books and folders use them, and gettext's names of them; English first.
LANGUAGES = {name.replace("_", "-"): name
             for name in sorted((folder.parent.name for folder in Path(__file__).parent.glob("*/LC_MESSAGES")),
                                key=lambda name: (name != "en", name))}

_current = None  # None: nobody has said yet; `check` then takes the notebook's language.


def set_language(language):
    """Say everything in `language` from now on, one of LANGUAGES.

    Raises ValueError for a language the course is not written in.
    """
    global _current
    if language is not None and language not in LANGUAGES:
        raise ValueError(f"no language {language!r}: choose one of {', '.join(LANGUAGES)}")
    _current = language


def current():
    """The language that was set, or None where nobody has said yet."""
    return _current


def language():
    """The language in force, English where none was set."""
    return _current or "en"


@contextmanager
def using(language):
    """Within the block, say everything in `language`."""
    before = _current
    set_language(language)
    try:
        yield
    finally:
        set_language(before)


@lru_cache
def _catalogue(domain, tag):
    return gettext.translation(domain, Path(__file__).parent, [LANGUAGES[tag]], fallback=True)


def _(message, /, **values):
    """`message` in the language in force, with `{name}` fields filled from `values`."""
    text = _catalogue("autograder", language()).gettext(message)
    return text.format(**values) if values else text


def in_every_language(message, /, **values):
    """`message` in the language that was set, or in all of them where nobody has said yet, a line each."""
    if _current is not None:
        return _(message, **values)
    said = []
    for tag in LANGUAGES:
        with using(tag):
            said.append(_(message, **values))
    return "\n".join(said)


def N_(message):
    """`message` itself, marked for translation: `_` is called on it later."""
    return message


def mistake_text(mistake, part):
    """One `part` of a catalogued mistake's description: "what", "why" or "ask".

    Falls back to English, then to the id itself, so that a missing translation never
    hides a diagnosis.
    """
    from autograder.checks import assignment_of  # here: the probes speak through this module themselves

    key = f"{mistake}:{part}"
    try:
        domain = assignment_of(mistake.partition("/")[0])
    except KeyError:
        return mistake
    for tag in (language(), "en"):
        text = _catalogue(domain, tag).gettext(key)
        if text != key:
            return text
    return mistake
