"""The language switcher's links to the same page in the other books, and the same for search engines.

A page that another language has not yet leads to the front page of its book, and tells search engines of no twin.
"""

from book_languages import BOOK, LANGUAGES, current
from sphinx.util.osutil import relative_uri


def has(code, pagename):
    """Whether the book `code` has the page; those without a source (search, index) are in every book."""
    name = f"{pagename}.md"
    return (BOOK / code / name).is_file() or not (BOOK / LANGUAGES[0]["code"] / name).is_file()


def links(app, pagename, templatename, context, doctree):
    here = current(app)
    page, front = app.builder.get_target_uri(pagename), app.builder.get_target_uri("index")
    there = [row["code"] for row in LANGUAGES if has(row["code"], pagename)]
    target = {code: relative_uri(f"{here['code']}/{page}", f"{code}/{page if code in there else front}")
              for code in (row["code"] for row in LANGUAGES)}
    target[here["code"]] = page.rpartition("/")[2]
    context["languages"] = [{**row, "url": target[row["code"]], "here": row is here} for row in LANGUAGES]
    alternates = [*((code, target[code]) for code in there), ("x-default", target[LANGUAGES[0]["code"]])]
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n    <link rel="alternate" hreflang="{code}" href="{url}" />' for code, url in alternates
    )


def setup(app):
    app.connect("html-page-context", links)
    app.add_js_file("switcher.js", loading_method="defer")
    return {"parallel_read_safe": True}
