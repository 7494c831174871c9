"""Self-contained HTML pages: one template each, one style, no script, no request to anywhere."""

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.grading.aside import replace
from autograder.grading.harmless import harmless
from autograder.messages import _, language

TEMPLATES = Path(__file__).parent / "templates"

#: Beyond this, code is shown without colours: a lexer's time on hostile text has no bound of its own.
HIGHLIGHTED_CHARS = 20_000

_lexer = PythonLexer(stripnl=False, ensurenl=False)
_formatter = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=1024)   # the tests are the same in a whole class's pages
def code(source):
    """Python source as HTML with Pygments' classes, or just escaped where it is very long."""
    source = harmless(source)
    if len(source) > HIGHLIGHTED_CHARS:
        return Markup.escape(source)
    return Markup(highlight(source, _lexer, _formatter).rstrip("\n"))


def number(x):
    """Points as people write them: 2, 0.5, 13.25; a dash where there are none yet."""
    return "–" if x is None else f"{round(x, 2):.10g}"


def percent(share):
    """0.5 as "50 %"; a hundred only where it is all."""
    return f"{min(round(100 * share), 99) if share < 1 else 100} %"


@lru_cache
def _environment():
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True, auto_reload=False)
    # Nothing but our own style sheet, named by its hash: not even an inline style gets through.
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(css.encode()).digest()).decode()
    environment.globals.update(
        _=_, css=Markup(css), number=number, percent=percent, code=code,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
    environment.filters["harmless"] = harmless
    return environment


def write(template, path, **context):
    """Fill `template` in the language in force and put it at `path` in one step; returns `path`."""
    html = _environment().get_template(template).render(language=language(), **context)
    return replace(path, html.encode("utf-8", errors="replace"))
