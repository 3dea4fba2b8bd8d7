"""The built page in a browser: what a designer does, and what comes out of it."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from psd_tools import PSDImage
from tests.studio.designer import CONTRAST, LOADING, OUTSIDE, Designer, read_ora

from sketch2color import cli, imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import BUNDLED, Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.request import Request, parse_palette

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "studio" / "public" / "samples"
SIZE = WIDTH, HEIGHT = 320, 240
RED = (220, 20, 60)


@pytest.fixture(scope="module")
def sketch(tmp_path_factory):
    """A case with a round window in it, in ink on white."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.rectangle(image, (40, 50), (280, 190), (20, 20, 20), 3)
    cv2.circle(image, (160, 120), 45, (20, 20, 20), 3)
    path = tmp_path_factory.mktemp("sketch") / "case.png"
    Image.fromarray(image).save(path)
    return path


@pytest.fixture
def designer(page, tmp_path):
    return Designer(page, tmp_path)


def test_a_dropped_sketch_is_coloured_and_saved_with_its_layers(designer, sketch):
    designer.drop(sketch, '<img src=x onerror="document.title=1">.png')
    designer.wait()
    image = designer.image()
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image.min(2).min() < 60  # lines
    assert (image.max(2).astype(int) - image.min(2)).max() > 30  # colour
    document = PSDImage.open(designer.save("psd"))
    assert np.array_equal(np.asarray(document.topil()), image)
    shown = np.asarray(document.composite(force=True).convert("RGB")).astype(int)
    assert np.abs(shown - image).max() <= 1  # psd-tools rounds after each layer
    blends = {layer.name: layer.blend_mode.name for layer in document}
    assert list(blends) == ["paper", "color", "shade", "light", "sketch"]
    assert list(blends.values()) == ["NORMAL", "NORMAL", "MULTIPLY", "SCREEN", "MULTIPLY"]
    stack, merged = read_ora(designer.save("ora"))
    assert np.array_equal(np.asarray(merged), image)
    assert re.findall(r'<layer name="([^"]*)"', stack) == list(blends)[::-1]
    assert designer.page.title() == "sketch2color studio"


def close(image, expected):
    """Whether all but one of a thousand pixels are within two levels."""
    return (np.abs(image.astype(int) - expected).max(2) <= 2).mean() >= 0.999


def test_palette_strokes_undo_and_redo(designer, sketch, tmp_path):
    designer.open(sketch)
    plain = designer.image()
    designer.choose_color("blue")
    blue = designer.image()
    assert not np.array_equal(plain, blue)
    analysis = Analysis.of(imaging.read(sketch), Colorizer.load())
    expected = composite(analysis.layers(Request(parse_palette("blue"))))
    assert close(blue, expected)  # as `colorize --palette blue`
    designer.choose_color("crimson", "Tool colour")
    designer.press("l", "]")
    designer.drag(SIZE, (10, 30), (310, 30))  # above the case, on paper
    striped = designer.image()
    (stroke,) = designer.work()["strokes"]
    assert (stroke["tool"], stroke["color"], len(stroke["points"])) == ("brush", "#dc143c", 2)
    (left, y, width), (right, _, _) = stroke["points"]
    rows = np.abs(np.arange(HEIGHT) + 0.5 - y) <= width / 2
    middle = slice(int(left) + 1, int(right) - 1)
    assert (striped[rows, middle] == RED).all()
    assert np.array_equal(striped[~rows], blue[~rows])
    designer.press("f")
    designer.drag(SIZE, (150, 120), (170, 120))
    filled = designer.image()
    window = filled[100:140, 140:180].reshape(-1, 3)
    assert (np.abs(window.astype(int) - RED).max(1) < 60).mean() > 0.9
    status = designer.page.locator("#status")
    steps = {"fill stroke": striped, "line stroke": blue, "main colour": plain}
    for step, expected in steps.items():
        designer.press("Control+z")
        expect(status).to_have_text(f"Undone: {step}.")
        assert np.array_equal(designer.image(), expected)
    expect(designer.page.locator("#undo")).to_be_enabled()  # before it, the sketch was opened
    designer.press("Control+Shift+z", "Control+y", "Control+Shift+z")
    expect(status).to_have_text("Redone: fill stroke.")
    assert np.array_equal(designer.image(), filled)
    replayed = tmp_path / "replayed.png"
    command = ["colorize", str(sketch), str(replayed), "--model", str(BUNDLED)]
    assert cli.main([*command, "--request", str(designer.save("work"))]) == 0
    assert close(imaging.read(replayed), filled)


def test_a_click_fills_a_part_anew_and_drawn_colours_share_it(designer, sketch):
    designer.open(sketch)
    middle = np.s_[110:130, 150:170]
    designer.choose_color("teal")
    designer.press("f")
    for color in ("crimson", "navy"):
        designer.choose_color(color, "Tool colour")
        designer.page.mouse.click(*designer.place(160, 120, *SIZE))
        designer.wait()
    assert [stroke["color"] for stroke in designer.work()["strokes"]] == ["#000080"]
    navy = designer.image()[middle].reshape(-1, 3).astype(int)
    assert (np.abs(navy - (0, 0, 128)).max(1) < 60).mean() > 0.9
    in_use = designer.page.get_by_role("group", name="In use").get_by_role("button")
    assert [each.get_attribute("title") for each in in_use.all()] == ["teal", "navy"]
    designer.page.get_by_role("button", name="Accent 1: none").click()
    designer.page.keyboard.type("burgundy")  # and no shortcuts
    designer.page.keyboard.press("Enter")
    designer.wait()
    assert designer.work()["palette"] == ["#008080", "#610023"]
    designer.press("Control+z")
    designer.page.get_by_role("button", name="Tool colour: ").click()
    in_use.first.click()
    designer.drag(SIZE, (130, 120), (140, 120))
    assert [stroke["color"] for stroke in designer.work()["strokes"]] == ["#000080", "#008080"]
    designer.press("Control+z", "Control+z")
    assert [stroke["color"] for stroke in designer.work()["strokes"]] == ["#dc143c"]
    designer.page.mouse.click(*designer.place(10, 10, *SIZE))
    expect(designer.page.locator("#status")).to_contain_text("The paper is filled")


def test_a_large_sketch_is_first_shown_as_a_draft(designer, tmp_path):
    image = np.full((1300, 1700, 3), 255, np.uint8)
    cv2.circle(image, (850, 650), 400, (20, 20, 20), 9)
    Image.fromarray(image).save(tmp_path / "large.png")
    designer.open(tmp_path / "large.png")
    for color in ("gold", "teal", "blue"):  # the next is chosen before the image of the last is there
        designer.type_color(color)
    designer.wait()
    analysis = Analysis.of(image, Colorizer.load())
    assert close(designer.image(), composite(analysis.layers(Request(parse_palette("blue")))))


def test_colours_from_the_image_and_from_another(designer, sketch, tmp_path):
    designer.open(sketch)
    photo = np.full((60, 80, 3), 255, np.uint8)
    photo[10:50, 10:50], photo[10:50, 50:70] = (31, 79, 176), (255, 128, 0)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    designer.page.set_input_files("#palette-file", tmp_path / "photo.png")
    expect(designer.page.locator("#palette-wells .well")).to_have_count(3)  # and one to add
    designer.choose_color("crimson", "Tool colour")
    designer.press("b")
    designer.drag(SIZE, (10, 30), (310, 30))
    designer.page.get_by_role("button", name="Accent 2: ").click()
    designer.press("i")
    designer.page.mouse.click(*designer.place(160, 30, *SIZE))
    designer.wait()
    assert designer.work()["palette"] == ["#1f4fb0", "#ff8000", "#dc143c"]


def test_variants_and_layers(designer):
    designer.open(SAMPLES / "vacuum.webp")
    for well, color in [("Main colour", "royalblue"), ("Accent 1", "gold"), ("Accent 2", "dimgrey")]:
        designer.choose_color(color, well)
    first = designer.image()
    variants = designer.page.locator("#variants button")
    expect(variants).to_have_count(6)
    variants.nth(3).click()
    designer.wait()
    assert not np.array_equal(designer.image(), first)
    assert designer.work()["variant"] == 3
    designer.press("Control+z")
    lines = designer.page.get_by_role("button", name="sketch layer")
    lines.click()
    designer.wait()
    without = designer.image()
    assert without.mean() > first.mean() + 1
    hidden = [layer.name for layer in PSDImage.open(designer.save("psd")) if not layer.visible]
    assert hidden == ["sketch"]
    lines.click()
    designer.wait()
    assert np.array_equal(designer.image(), first)
    designer.page.get_by_role("button", name="Change gold").click()
    designer.page.keyboard.type("teal")
    designer.page.keyboard.press("Enter")
    designer.wait()
    assert designer.work()["palette"] == ["#4169e1", "#008080", "#696969"]
    designer.press("Control+z")
    flat = designer.page.get_by_role("button", name="Flat colours")
    flat.click()
    designer.wait()
    colors = {tuple(color) for color in np.unique(designer.image().reshape(-1, 3), axis=0)}
    assert colors == {(255, 255, 255), (65, 105, 225), (255, 215, 0), (105, 105, 105)}
    assert designer.save("png").name == "vacuum-flat.png"
    flat.click()
    designer.wait()
    assert np.array_equal(designer.image(), first)
    designer.drop(SAMPLES / "watch.webp")
    status = designer.page.locator("#status")
    expect(status).to_have_text("watch opened with the palette of before.", timeout=LOADING)


def test_work_is_kept_and_opened_again(designer, sketch, new_page):
    designer.open(sketch)
    designer.choose_color("#1f4fb0")
    designer.press("b")
    designer.drag(SIZE, (60, 70), (200, 170))
    image, work = designer.image(), designer.save("work")
    designer.page.wait_for_timeout(600)  # it is kept when it has been calm for a moment
    designer.page.reload()
    expect(designer.page.locator("#status")).to_have_text("case as it was left.", timeout=LOADING)
    assert np.array_equal(designer.image(), image)
    elsewhere = Designer(new_page(), designer.folder)
    elsewhere.page.goto("/")
    elsewhere.open(work)
    assert np.array_equal(elsewhere.image(), image)
    elsewhere.drop(work, "other.json")
    expect(elsewhere.page.locator("#name")).to_have_text("other")


def test_pen_and_touch(new_page, sketch, tmp_path):
    page = new_page(has_touch=True)
    page.goto("/")
    designer = Designer(page, tmp_path)
    designer.open(sketch)
    designer.press("b")
    devtools = page.context.new_cdp_session(page)

    def pen(kind, x, force):
        x, y = designer.place(x, 120, *SIZE)
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        devtools.send("Input.dispatchMouseEvent", event | {"pointerType": "pen", "force": force})

    for kind, x, force in [("mousePressed", 60, 0.2), ("mouseMoved", 90, 1.0), ("mouseReleased", 90, 0.0)]:
        pen(kind, x, force)
    designer.wait()
    (stroke,) = designer.work()["strokes"]
    light, hard = stroke["points"][0][2], stroke["points"][-1][2]
    assert light < 0.5 * hard

    def touch(kind, *fingers):
        points = [{"x": x, "y": y} for x, y in (designer.place(*finger, *SIZE) for finger in fingers)]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (100, 150))
    touch("touchMove", (140, 150))
    touch("touchEnd")
    designer.wait()
    assert len(designer.work()["strokes"]) == 2
    before = page.locator("#zoom").text_content()
    touch("touchStart", (150, 120))
    touch("touchStart", (150, 120), (170, 120))
    touch("touchMove", (130, 120), (190, 120))
    touch("touchEnd")
    assert int(page.locator("#zoom").text_content()[:-2]) > 2 * int(before[:-2])
    assert len(designer.work()["strokes"]) == 2  # two fingers draw nothing


def test_keyboard_alone(page, tmp_path):
    designer = Designer(page, tmp_path)

    def tab_to(selector):
        for _ in range(80):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {selector}")

    page.locator("[data-sample=vacuum]").wait_for()
    tab_to("[data-sample=vacuum]")
    page.keyboard.press("Enter")
    designer.wait()
    page.keyboard.press("m")
    page.keyboard.type("teal")
    page.keyboard.press("Enter")
    designer.wait()
    assert designer.work()["palette"] == ["#008080"]
    tab_to("#view")
    for key in ("l", "ArrowRight", "Enter", *["ArrowUp"] * 3, "Shift+ArrowUp", "Enter"):
        page.keyboard.press(key)
    designer.wait()
    (stroke,) = designer.work()["strokes"]
    (x0, y0, _), (x1, y1, _) = stroke["points"]
    assert y0 == 256.5 and x0 > 256.5 and x1 == x0  # one step right of the middle
    assert y0 - y1 == 3 * (x0 - 256.5) + 1  # three steps up, and a pixel
    page.keyboard.press("c")
    tab_to("#split")
    page.keyboard.press("Home")
    expect(page.locator("#split")).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("?")
    expect(page.locator("#help-page")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help-page")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_is_legible_from_phone_to_4k(new_page, sketch, tmp_path, scheme):
    page = new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    held = []
    page.route("**/generator.onnx", lambda route: held.append(route))
    page.goto("/")
    assert page.evaluate(CONTRAST) == []
    designer = Designer(page, tmp_path)
    page.set_input_files("#file", sketch)
    expect(page.locator("#busy")).to_have_text(re.compile("Looking at the sketch …|Loading the model …"))
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(CONTRAST) == []
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    designer.wait()
    expect(page.locator("#busy")).to_be_hidden()
    page.get_by_text("Ready palettes").click()
    page.locator("#palettes button").first.click()
    designer.choose_color("teal", "Accent 4")
    designer.choose_color("gold", "Accent 5")
    for width, height in [(400, 800), (1600, 1000), (3840, 2160)]:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(CONTRAST) == []
    page.keyboard.press("?")
    assert page.evaluate(CONTRAST) == []


def test_what_cannot_be_opened_is_said(designer, sketch, tmp_path):
    def refuse(content, name, message):
        path = tmp_path / name
        path.write_bytes(content)
        designer.page.set_input_files("#file", path)
        expect(designer.page.locator("#notice")).to_contain_text(message)

    refuse(b"<svg onload='document.title=1'/>", "a.svg", "vector image")
    refuse(sketch.read_bytes()[:300], "half.png", "damaged")
    refuse(b'{"format": 1, "width": 9, "height": 9}', "work.json", "no sketch in it")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "large.png")
    refuse((tmp_path / "large.png").read_bytes(), "large.png", "20,000 × 20,000 pixels")
    designer.page.click("#notice button")
    designer.page.fill("#color-text", "off-blue")
    designer.page.press("#color-text", "Enter")
    message = "“off-blue” is no colour here: try blue, or #rrggbb."
    expect(designer.page.locator("#status")).to_have_text(message)
    expect(designer.page.locator("#color-text")).to_have_value("off-blue")
    designer.paste(sketch)
    designer.wait()
    designer.press("e")
    designer.drag(SIZE, (150, 120), (170, 120))
    message = "No stroke to erase: a white fill keeps a part paper."
    expect(designer.page.locator("#status")).to_have_text(message)
    assert designer.work()["strokes"] == []
    assert designer.page.title() == "sketch2color studio"
