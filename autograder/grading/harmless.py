"""Text by strangers, fit to be shown: nothing in it moves a cursor, turns a line round or hides.

Escaping for HTML is not done here but by the template, and for Rich by `rich.text.Text`.
"""

import re

#: ECMA-48: CSI with its parameters, OSC and other strings up to their end, two-character escapes.
ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]")


def _table():
    """{code point: what to show instead}: C0 and C1 controls, bidirectional controls, the invisible."""
    table = {c: chr(0x2400 + c) for c in range(32) if chr(c) not in "\t\n"}
    table[0x7F] = "\u2421"
    hidden = [*range(0x80, 0xA0), 0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F),
              *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
    table |= {c: f"⟨U+{c:04X}⟩" for c in hidden}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")     # half a character: no file can hold it
    return table


_TABLE = _table()


def harmless(text):
    """`text` without terminal escapes, with other controls made visible; tabs and line ends stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isprintable():
        return text
    return ESCAPE.sub("", text).translate(_TABLE)


def one_line(text, chars=200):
    """A name or a reason for a table: one line, no longer than `chars`."""
    text = " ".join(harmless(text[:10 * chars]).split())
    return text if len(text) <= chars else text[:chars - 1] + "…"


def bounded(text, chars, lines):
    """(beginning, number of characters left out, end) of `text`, together at most `chars` and `lines`.

    Where nothing is left out, all of it is the beginning.  The end is kept because an error says there
    what went wrong.
    """
    rows = text[:chars].split("\n", lines)
    if len(text) <= chars and len(rows) <= lines:
        return text, 0, ""
    head = "\n".join(text[:chars // 2].split("\n", lines // 2)[:lines // 2])
    tail = "\n".join(text[-(chars // 2):].rsplit("\n", lines // 2)[-(lines // 2):])
    left_out = len(text) - len(head) - len(tail)
    return (head, left_out, tail) if left_out > 0 else (text, 0, "")
