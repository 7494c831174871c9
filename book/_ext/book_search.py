"""Chinese full-text search: pages are indexed by each two neighbouring characters (bigrams), and a query is
taken apart in the same way, so that any word is found inside a sentence without a dictionary."""

import re

from sphinx.search import SearchLanguage

RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")


class SearchChinese(SearchLanguage):
    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = r"""
function splitQuery(query) {
  const runs = /[\u3400-\u9fff]+|[^\s!-,./:-@[-^`{-~\u2010-\u206f\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+/g;
  return (query.match(runs) || [])
    .flatMap((run) => /[\u3400-\u9fff]{2}/.test(run)
      ? Array.from({length: run.length - 1}, (_, i) => run.slice(i, i + 2))
      : [run]);
}
"""

    def split(self, input):
        words = []
        for run in RUN.findall(input):
            if "\u3400" <= run[0] <= "\u9fff":
                words += list(run) + [run[i : i + 2] for i in range(len(run) - 1)]
            else:
                words.append(run)
        return words


def mend_results(app, pagename, templatename, context, doctree):
    if pagename == "search":
        app.add_js_file("search.js", loading_method="defer")


def setup(app):
    app.add_search_language(SearchChinese)
    app.connect("html-page-context", mend_results)
    return {"parallel_read_safe": True}
