"""The books as a reader sees them: switching language, formulas, figures, search; from this host alone."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOKS = {"en": "Stochastic gradient descent", "zh-TW": "隨機梯度下降法", "zh-CN": "随机梯度下降"}


@pytest.fixture(scope="session")
def site():
    spec = importlib.util.spec_from_file_location("book_build", ROOT / "book" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    return build.build().parent


@pytest.fixture(scope="session")
def address(site, serve):
    return serve(site)


@pytest.fixture
def open_page(chromium):
    """open_page(url, **context): at the end the page must have asked no other host and logged no error."""
    contexts, complaints = [], []

    def start(url, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        own = url.split("/course/")[0]

        def watch(request):
            if not request.url.startswith((own, "data:", "blob:", "file:")):
                complaints.append(f"asked {request.url}")

        page.on("request", watch)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        page.wait_for_load_state("networkidle")
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []


def formulas(page):
    page.wait_for_selector("mjx-container")
    return page.locator("mjx-container").count()


@pytest.mark.parametrize("code", BOOKS)
def test_a_chapter_shows_its_formulas_and_figures(address, open_page, code):
    page = open_page(f"{address}{code}/sgd.html")
    assert page.locator("article h1").inner_text().startswith(BOOKS[code])
    assert formulas(page) > 60
    assert page.locator("mjx-merror").count() == 0
    assert page.evaluate("document.fonts.size && [...document.fonts].some((f) => /MJX/.test(f.family))")
    images = page.locator("figure img")
    assert images.count() == 7
    for image in images.all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 500
        assert image.get_attribute("alt")


def test_the_switcher_lands_on_the_same_page_and_section(address, open_page):
    page = open_page(f"{address}en/sgd.html#sgd-floor")
    for code in ("zh-TW", "zh-CN", "en"):
        page.locator(".language-switcher summary").click()
        page.locator(f".language-switcher a[hreflang={code}]").click()
        page.wait_for_url(f"**/{code}/sgd.html#sgd-floor")
        assert page.locator("article h1").inner_text().startswith(BOOKS[code])
        assert page.locator("html").get_attribute("lang") == code
        page.wait_for_function("scrollY > 1000")
        assert page.locator("#sgd-floor h2").is_visible()
    page.goto(address)  # the choice is remembered
    page.wait_for_url("**/en/index.html")


@pytest.mark.parametrize("code", BOOKS)
def test_the_switcher_works_without_javascript(address, open_page, code):
    page = open_page(f"{address}en/sgd.html", java_script_enabled=False)
    page.locator(".language-switcher summary").click()
    page.locator(f".language-switcher a[hreflang={code}]").click()
    page.wait_for_url(f"**/{code}/sgd.html")


@pytest.mark.parametrize(
    ("languages", "code"),
    [
        (["en-GB"], "en"),
        (["zh-TW"], "zh-TW"),
        (["zh-HK", "en"], "zh-TW"),
        (["zh-Hant-MO"], "zh-TW"),
        (["zh-CN"], "zh-CN"),
        (["zh"], "zh-CN"),
        (["zh-Hans-SG"], "zh-CN"),
        (["fr", "zh-TW"], "zh-TW"),
        (["fr"], "en"),
    ],
)
def test_the_front_page_follows_the_browser(address, chromium, languages, code):
    context = chromium.new_context()
    context.add_init_script(f"Object.defineProperty(navigator, 'languages', {{get: () => {languages}}})")
    page = context.new_page()
    page.goto(address)
    page.wait_for_url(f"**/{code}/index.html")
    context.close()


def test_the_front_page_without_javascript_and_from_a_file(site, address, open_page):
    for url in (address, (site / "index.html").as_uri()):
        page = open_page(url, java_script_enabled=False)
        assert page.locator("a").count() == 3
        page.get_by_text("閱讀繁體中文版").click()
        page.wait_for_url("**/zh-TW/index.html")
    page = open_page((site / "zh-CN" / "sgd.html").as_uri())
    assert formulas(page) > 60
    page = open_page((site / "index.html").as_uri(), locale="zh-CN")
    page.wait_for_url("**/zh-CN/index.html")


@pytest.mark.parametrize(
    ("code", "query"),
    [("en", "unbiased"), ("zh-TW", "均方根誤差"), ("zh-TW", "谷"), ("zh-CN", "无放回"), ("zh-CN", "SGD")],
)
def test_search_finds_the_chapter(address, open_page, code, query):
    page = open_page(f"{address}{code}/search.html?q={query}")
    page.locator(f"#search-results a:has-text('{BOOKS[code]}')").first.wait_for()


#: Words that stand inside sentences, and a chapter in which they do.
INSIDE = {
    "zh-TW": """動量 momentum 臨界阻尼 momentum 指數移動平均 momentum 偏差修正 adaptive 鞍點 decay 學習率衰減 decay
        梯度裁剪 initialization 梯度爆炸 initialization 批次標準化 batchnorm 變異數 batchnorm 推論 batchnorm
        過度擬合 regularization 權重衰減 regularization 丟棄法 regularization 隨機搜尋 hyperparameters
        驗證資料 hyperparameters 交叉熵 softmax 最佳化器 sgd 小批次 sgd 等高線 sgd 雜訊 sgd""",
    "zh-CN": """动量 momentum 临界阻尼 momentum 指数移动平均 momentum 偏差修正 adaptive 鞍点 decay 学习率衰减 decay
        梯度裁剪 initialization 梯度爆炸 initialization 批量规范化 batchnorm 方差 batchnorm 推断 batchnorm
        过拟合 regularization 权重衰减 regularization 暂退法 regularization 随机搜索 hyperparameters
        验证数据 hyperparameters 交叉熵 softmax 优化器 sgd 小批量 sgd 等高线 sgd 噪声 sgd"""}


@pytest.mark.parametrize("code", INSIDE)
def test_search_finds_the_terms_of_the_course_inside_sentences(address, open_page, code):
    words = INSIDE[code].split()
    page = open_page(f"{address}{code}/search.html")
    for term, chapter in zip(words[::2], words[1::2], strict=True):
        text = (ROOT / "book" / code / f"{chapter}.md").read_text(encoding="utf-8")
        assert re.search(f"[\u3400-\u9fff][^。\n]*{term}|{term}[^。\n]*[\u3400-\u9fff]", text), term
        page.goto(f"{address}{code}/search.html?q={term}")
        page.locator(f"#search-results a[href*='{chapter}.html']").first.wait_for()
        page.wait_for_load_state("networkidle")     # the excerpts of the other results are on their way


def test_search_does_not_find_what_is_not_there(address, open_page):
    page = open_page(f"{address}zh-TW/search.html?q=貓咪")
    page.locator(".search-summary", has_text="找不到").wait_for()


@pytest.mark.parametrize("code", BOOKS)
def test_every_page_of_the_book_opens_and_fits_a_phone(address, open_page, code):
    """In the reader's language, without an error, nothing asked of another host, nothing wider than the screen."""
    page = open_page(f"{address}{code}/index.html", viewport={"width": 390, "height": 800})
    for name in sorted(path.stem for path in (ROOT / "book" / code).glob("*.md")):
        page.goto(f"{address}{code}/{name}.html")
        assert page.locator("html").get_attribute("lang") == code
        assert page.locator("article h1").count() == 1 and page.locator(".math-error, .system-message").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


@pytest.mark.parametrize("code", BOOKS)
def test_a_phone_gets_a_page_that_fits_and_a_menu(address, open_page, code):
    page = open_page(f"{address}{code}/sgd.html", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".primary-toggle").click()
    page.locator("dialog[open] a", has_text=BOOKS[code]).click()
    page.wait_for_url(f"**/{code}/sgd.html*")
