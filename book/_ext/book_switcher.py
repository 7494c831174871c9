"""The language switcher's links to the same page in the other books, and the same for search engines."""

from book_languages import LANGUAGES, current
from sphinx.util.osutil import relative_uri


def links(app, pagename, templatename, context, doctree):
    here = current(app)
    page = app.builder.get_target_uri(pagename)
    target = {
        row["code"]: relative_uri(f"{here['code']}/{page}", f"{row['code']}/{page}") for row in LANGUAGES
    }
    target[here["code"]] = page.rpartition("/")[2]
    context["languages"] = [{**row, "url": target[row["code"]], "here": row is here} for row in LANGUAGES]
    alternates = [*target.items(), ("x-default", target[LANGUAGES[0]["code"]])]
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n    <link rel="alternate" hreflang="{code}" href="{url}" />' for code, url in alternates
    )


def setup(app):
    app.connect("html-page-context", links)
    app.add_js_file("switcher.js", loading_method="defer")
    return {"parallel_read_safe": True}
