"""The lines that only an instructor may see, and the search for them in what is handed out."""

import re

#: Lines of answers and mistakes that stand everywhere and tell nothing.
HARMLESS = {"forkeyinparams:", "rng=np.random.default_rng(0)"}


def secrets(assignment):
    """The lines that nobody but an instructor may see: solutions, hidden tests, mistakes."""
    for source in assignment.code.values():
        for region in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", source, re.DOTALL):
            yield from region.splitlines()
    for edits in [*assignment.catalogue["MISTAKES"].values(), *assignment.catalogue["CONVENTIONS"].values()]:
        for _, new in edits:
            yield from new.splitlines()


def telling(assignment):
    """Those of the secret lines that tell something, without blanks; the visible ones are no secret."""
    visible = ""
    for source in assignment.code.values():
        shown = re.sub(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1", "", source, flags=re.DOTALL)
        visible += "".join(shown.split())
    lines = {"".join(line.split()) for line in secrets(assignment)} - HARMLESS
    return {line for line in lines if len(line) > 12 and line not in visible}


def found(lines, text):
    text = "".join(text.split())
    return [line for line in lines if line in text]
