"""The three books: built from one execution, in step, and without anything that is not meant to be public."""

import html
import importlib.util
import re
import shutil
import sys
from html.parser import HTMLParser
from itertools import chain, pairwise

import pytest
from repository import ROOT
from secret_lines import found, telling

from autograder.checks import ASSIGNMENTS
from autograder.solutions import Assignment

CODES = ["en", "zh-TW", "zh-CN"]


def tool(name):
    """book/<name>.py, which is a command and not part of a package."""
    spec = importlib.util.spec_from_file_location(f"book_{name}", ROOT / "book" / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build, parity = tool("build"), tool("parity")
PAGES = sorted(path.stem for path in (ROOT / "book" / "en").glob("*.md"))


@pytest.fixture(scope="session")
def site():
    """The published folder, built unless it is up to date."""
    return build.build().parent


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tags = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


# --- what is published ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_each_page_names_its_language_and_its_translations(site, code, name):
    page = Page(site / code / f"{name}.html")
    assert page.all("html")[0]["lang"] == code
    alternates = {
        link["hreflang"]: link["href"] for link in page.all("link") if link.get("rel") == "alternate"
    }
    assert set(alternates) == {*CODES, "x-default"}
    for lang, href in alternates.items():
        target = "en" if lang == "x-default" else lang
        assert (site / code / href).resolve() == (site / target / f"{name}.html").resolve()
    switcher = [link for link in page.all("a") if "hreflang" in link]
    assert [link["hreflang"] for link in switcher] == CODES
    assert [link["href"] for link in switcher] == [alternates[lang] for lang in CODES]


def test_no_page_asks_another_host(site):
    for path in site.rglob("*.html"):
        page = Page(path)
        sources = [attrs.get("src") for tag in ("script", "img", "iframe") for attrs in page.all(tag)]
        sources += [link.get("href") for link in page.all("link")]
        assert [url for url in sources if url and re.match(r"(https?:)?//", url)] == [], path


def test_every_figure_has_alternative_text_in_the_language_of_the_page(site):
    for code in CODES:
        images = {name: [image for image in Page(site / code / f"{name}.html").all("img") if "_images" in image["src"]]
                  for name in PAGES}
        assert len(images["sgd"]) == 7 and sum(map(len, images.values())) > 70
        for image in chain(*images.values()):
            assert (site / code / image["src"]).exists()
            assert len(image["alt"]) > 20
            assert bool(re.search("[\u3400-\u9fff]", image["alt"])) == (code != "en")


def test_the_chapter_shows_the_numbers_it_speaks_of(site):
    for code in CODES:
        page = Page(site / code / "sgd.html").text
        for number in (
            "-0.350393, 0.084782",
            "0.01333",
            "1.341",
            "0.1129",
            "1.195",
            "4.004",
            "1218",
            "64.1 degrees",
        ):
            assert number in page, number


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_answer_and_no_source_is_published(site, name):
    files = [path for path in site.rglob("*") if path.suffix in {".html", ".js", ".txt", ".json", ".ipynb"}]
    published = "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
    published = html.unescape(re.sub(r"<[^>]+>", "", published))
    # A short line may also stand in a minified script: those of some length tell enough.
    assert not found({line for line in telling(Assignment(name, ROOT / "solutions")) if len(line) > 20}, published)
    assert not [path for path in site.rglob("*") if path.name in {"_sources", "jupyter_execute"}]
    assert not list(site.rglob("*.md"))


def test_the_front_page_is_three_plain_links(site):
    page = Page(site / "index.html")
    assert [link["href"] for link in page.all("a")] == [f"{code}/index.html" for code in CODES]
    for title in ("Techniques for Training Neural Networks", "神經網路的訓練技巧", "神经网络的训练技巧"):
        assert title in page.text


def test_themes_speak_the_language_of_the_page(site):
    words = {
        "zh-TW": ("語言", "搜尋", "本頁內容", "跳到主要內容"),
        "zh-CN": ("语言", "搜索", "本页内容", "跳到正文"),
    }
    for code, wanted in words.items():
        page = Page(site / code / "sgd.html").text
        assert all(word in page for word in wanted)
    assert not re.search("[页书语这说]", Page(site / "zh-TW" / "sgd.html").text.replace("简体中文", ""))


def test_chinese_search_finds_any_word_inside_a_sentence(site):
    index = (site / "zh-TW" / "searchindex.js").read_text(encoding="utf-8")
    language = (site / "zh-TW" / "_static" / "language_data.js").read_text(encoding="utf-8")
    assert "splitQuery" in language
    for word in ("學習率", "小批次", "之字形", "等高線", "不偏"):
        for pair in pairwise(word):
            assert f'"{"".join(pair)}"' in index.encode().decode("unicode_escape")


# --- how it is built --------------------------------------------------------------------------------------

PAGE = """---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{name: python3, display_name: Python 3}}
---

(top)=
# {title}

一行
兩行 $x$，好

```{{code-cell}} ipython3
{code}
```
"""


def small_book(folder, code):
    for lang in CODES:
        (folder / lang).mkdir(parents=True)
        (folder / lang / "_toc.yml").write_text("format: jb-book\nroot: index\n")
        (folder / lang / "index.md").write_text(PAGE.format(title=f"Book {lang}", code=code))
    for shared in ("_static", "_templates"):
        shutil.copytree(ROOT / "book" / shared, folder / shared)
    shutil.copy(ROOT / "book" / "references.bib", folder)
    return folder


def test_code_runs_once_for_three_languages(tmp_path):
    counter = tmp_path / "counter"
    book = small_book(tmp_path / "book", f"open({str(counter)!r}, 'a').write('x')\nprint(6 * 7)")
    said = []
    page = build.build(progress=said.append, book=book, output=tmp_path / "_build")
    assert counter.read_text() == "x"
    assert [line.split(":")[0] for line in said] == CODES
    for code in CODES:
        text = Page(page.parent / code / "index.html").text
        assert "42" in text
        assert ("一行兩行" in text) == ('class="together"' in text) == (code != "en")
    assert build.build(progress=said.append, book=book, output=tmp_path / "_build") == page
    assert len(said) == 3, "what is up to date is not built again"


def test_a_failing_cell_fails_the_build_each_time(tmp_path):
    book = small_book(tmp_path / "book", "raise ValueError('the dog ate it')")
    for _ in range(2):
        with pytest.raises(build.BookError, match="the dog ate it"):
            build.build(["en"], progress=print, book=book, output=tmp_path / "_build")
    assert not (tmp_path / "_build" / "html" / "en").exists()


# --- parity -----------------------------------------------------------------------------------------------


def test_the_translations_are_in_step():
    assert parity.check() == []


@pytest.fixture
def copy(tmp_path):
    """A copy of the book that a test may spoil."""
    for code in CODES:
        shutil.copytree(ROOT / "book" / code, tmp_path / code)
    return tmp_path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("SGD(lr=0.95)", "SGD(lr=0.9)", "section sgd-zigzag"),  # code
        (":tags: [remove-output]", ":tags: [hide-input]", "section sgd-valley"),  # metadata of a cell
        ("\\frac{x^2}{20}", "\\frac{x^2}{10}", "section sgd-valley"),  # a display formula
        ("$\\eta = 0.95$", "$\\eta = 0.9$", "$\\eta = 0.95$ is missing"),  # an inline formula
        ("(sgd-zigzag)=\n", "", "instead of"),  # a label
        ("## 走三十步", "### 走三十步", "section sgd-zigzag"),  # a level
        (":::{dropdown} 解答", ":::{tip} 解答", "section sgd-questions"),  # a directive
        (":name: fig-zigzag", ":name: fig-zag", "section sgd-zigzag"),  # an option
        ("{ref}`sgd-minibatch`", "{ref}`sgd-shuffle`", "{ref}`sgd-minibatch` is missing"),  # a role
        ("{cite:t}`bottou2018`", "{cite:t}`polyak1964`", "is missing"),  # a citation
        ("呈之字形。", "呈之字形。[^1]", "[^1] is not in the English text"),  # a footnote
        ("**小批次**（mini-batch）$", "**小批次（mini-batch）**的 $", "will not be emphasised"),
    ],
)
def test_each_kind_of_deviation_is_named(copy, old, new, complaint):
    edit(copy / "zh-TW" / "sgd.md", old, new)
    problems = parity.check(copy)
    assert problems and all(problem.startswith("zh-TW/sgd.md") for problem in problems)
    assert complaint in "\n".join(problems)


def test_an_english_edit_is_named_until_the_translation_is_brought_up_to_date(copy):
    edit(copy / "en" / "sgd.md", "Picture an explorer", "Imagine an explorer")
    problems = parity.check(copy)
    assert [re.sub(r":\d+", "", problem).split(":")[0] for problem in problems] == [
        "zh-TW/sgd.md section sgd-explorer",
        "zh-CN/sgd.md section sgd-explorer",
    ]
    parity.accept(copy / "zh-TW" / "sgd.md", copy)
    assert [problem.split("/")[0] for problem in parity.check(copy)] == ["zh-CN"]


def test_sync_copies_the_code_and_accepts_nothing(copy):
    edit(copy / "en" / "sgd.md", "SGD(lr=0.95)", "SGD(lr=0.9)")
    edit(copy / "en" / "sgd.md", "The path zigzags.", "The path goes to and fro.")
    parity.sync(copy)
    problems = parity.check(copy)
    assert len(problems) == 2 and all(
        "has changed since it was translated" in problem for problem in problems
    )
    assert "SGD(lr=0.9)" in (copy / "zh-CN" / "sgd.md").read_text(encoding="utf-8")


def test_missing_pages_and_another_table_of_contents_are_named(copy):
    (copy / "zh-TW" / "sgd.md").unlink()
    (copy / "zh-CN" / "extra.md").write_text("# Extra\n")
    edit(copy / "zh-CN" / "_toc.yml", "file: sgd", "file: extra")
    assert parity.check(copy) == [
        "zh-TW/sgd.md is missing",
        "zh-CN/extra.md has no English page",
        "zh-CN/_toc.yml differs from en/_toc.yml",
    ]
