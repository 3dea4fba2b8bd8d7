"""The pages in a real browser: light and dark, on a phone and on a wide screen, with and without script."""

import itertools
import shutil

import pytest
from tests.evaluation import contents

from sketch2color.report import compare
from sketch2color.report.report import render

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make setup")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The addresses of a report, and of a comparison of two."""
    folder = tmp_path_factory.mktemp("pages")
    texts = [render(contents.make(folder / name, tint)) for name, tint in (("one", 0), ("two", 40))]
    changed = texts[1].replace('"paper_noise": 0.25', '"paper_noise": 0.125')
    assert changed != texts[1]
    (folder / "report.html").write_text(texts[0])
    runs = [compare.read("exp-one", texts[0]), compare.read("a/long/folder-name-" * 4, changed)]
    (folder / "compare.html").write_text(compare.render(runs))
    return {name: (folder / f"{name}.html").as_uri() for name in ("report", "compare")}


@pytest.fixture
def visit(browser, pages):
    """Call it with a page's name to open it; by the end nothing else may have been requested or logged."""
    contexts, events = [], []

    def visit(name, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: events.append(message.text))
        page.on("pageerror", lambda error: events.append(str(error)))
        page.on("request", lambda request: events.append(request.url))
        page.goto(pages[name])
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [line for line in events if line not in pages.values() and not line.startswith("data:")] == []


def cases(page):
    return page.eval_on_selector_all(".gallery .case", "all => all.map(each => each.id.slice(7))")


def rows(page):
    return page.eval_on_selector_all(".scores tbody tr", "all => all.map(each => each.dataset.sketch)")


@pytest.mark.parametrize("name", ["report", "compare"])
@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_all_its_images_decode(visit, name, width, scheme):
    page = visit(name, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.eval_on_selector(".wide", "e => e.scrollWidth <= e.clientWidth")
    decoded = "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    assert set(page.evaluate(decoded)) == {64}
    colours = "(e => [e.backgroundColor, e.color].map(c => c.match(/\\d+/g).map(Number)))"
    paper, ink = page.evaluate(f"{colours}(getComputedStyle(document.body))")
    assert (sum(paper) > sum(ink)) == (scheme == "light")


@pytest.mark.parametrize(("width", "columns"), [(400, 2), (1600, 5)])
def test_the_data_flow_is_in_the_order_of_their_making(visit, width, columns):
    page = visit("report", viewport={"width": width, "height": 900})
    boxes = page.eval_on_selector_all(
        ".data-flow li",
        "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])",
    )
    assert len({left for left, *_ in boxes}) == columns  # on a phone style transfer is set in
    for first, second in itertools.combinations(boxes, 2):
        assert first[2] <= second[0] or first[3] <= second[1]


def test_sorting_orders_gallery_and_table_by_any_score(visit):
    page = visit("report")
    page.select_option("[name=column]", "style_transfer")
    assert cases(page) == ["bb22", "cc33", "aa11"]  # first the one without an image
    assert rows(page) == cases(page)
    assert page.text_content(".gallery .case h3 b") == "1"
    page.check("[name=best]")
    assert cases(page) == ["aa11", "cc33", "bb22"]
    page.select_option("[name=column]", "cyclegan")
    assert cases(page) == ["aa11", "bb22", "cc33"]
    page.uncheck("[name=best]")
    page.select_option("[name=metric]", "psnr")  # cc33 has no pair; the least is the worst
    assert cases(page) == ["aa11", "bb22", "cc33"]
    page.select_option("[name=metric]", "colorfulness")  # the farthest from what real drawings have: 33
    assert cases(page) == ["bb22", "cc33", "aa11"]
    page.select_option("[name=metric]", "paper_noise")
    page.select_option("[name=column]", "cyclegan|style_transfer")  # where CycleGAN loses most
    assert cases(page) == ["bb22", "aa11", "cc33"]


def test_the_comparison_is_sorted_as_its_form_says(visit):
    page = visit("compare")
    first = cases(page)
    page.dispatch_event("form.sort", "change")
    assert cases(page) == first


def shown(page):
    return page.get_attribute(".viewer img", "alt")


def await_focus(page, image):
    """The browser says only after the closing that it has closed."""
    page.wait_for_function(f"document.activeElement.alt === '{image}'", timeout=5000)


def test_a_image_opens_by_click_and_closes_by_escape(visit):
    page = visit("report", viewport={"width": 1600, "height": 900})
    page.click("#sketch-aa11 .image:nth-child(3) img")
    assert shown(page) == "CycleGAN of sketch aa11"
    assert page.evaluate("document.querySelector('.viewer img').getBoundingClientRect().width") > 512
    assert "paper 0.25" in page.text_content(".viewer p")
    page.keyboard.press("Escape")
    assert not page.is_visible(".viewer")
    await_focus(page, "CycleGAN of sketch aa11")


def test_keys_go_to_the_images_beside_and_to_other_sketches(visit):
    page = visit("report")
    page.focus("#sketch-cc33 .image:nth-child(1) img")
    page.keyboard.press("Enter")
    assert shown(page) == "Sketch of sketch cc33"
    page.keyboard.press("ArrowRight")
    assert shown(page) == "Style transfer of sketch cc33"
    page.keyboard.press("ArrowDown")  # bb22 has none
    assert shown(page) == "Style transfer of sketch aa11"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")  # round to the last: cc33 has no pair
    assert shown(page) == "CycleGAN of sketch cc33"
    page.keyboard.press("Escape")
    await_focus(page, "CycleGAN of sketch cc33")


def test_buttons_do_on_a_phone_what_keys_do(visit):
    page = visit("report", viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    page.tap("#sketch-aa11 .image:nth-child(1) img")
    page.tap("[data-across='1']")
    assert shown(page) == "Style transfer of sketch aa11"
    page.tap("[data-down='-1']")
    assert shown(page) == "Style transfer of sketch cc33"
    box = page.locator(".viewer").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 400
    page.tap("[data-close]")
    assert not page.is_visible(".viewer")


def test_without_script_everything_is_there_worst_first_and_no_control_that_does_nothing(visit):
    page = visit("report", java_script_enabled=False)
    assert page.locator(".gallery .case").count() == 3
    assert page.locator(".gallery .case h3").first.inner_text().endswith("cc33")
    assert not page.is_visible(".sort")
    assert not page.is_visible(".viewer")
