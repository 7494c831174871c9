"""The books as a reader sees them: switching language, formulas, figures, search; from this host alone."""

import importlib.util
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


def test_search_does_not_find_what_is_not_there(address, open_page):
    page = open_page(f"{address}zh-TW/search.html?q=貓咪")
    page.locator(".search-summary", has_text="找不到").wait_for()


@pytest.mark.parametrize("code", BOOKS)
def test_a_phone_gets_a_page_that_fits_and_a_menu(address, open_page, code):
    page = open_page(f"{address}{code}/sgd.html", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".primary-toggle").click()
    page.locator("dialog[open] a", has_text=BOOKS[code]).click()
    page.wait_for_url(f"**/{code}/sgd.html*")
