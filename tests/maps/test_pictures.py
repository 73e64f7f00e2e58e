"""The maps look as they did when somebody last looked at them.

Where a picture changed on purpose: look at it, then renew what is kept beside this test with

    CXMINING_PICTURES=renew python -m pytest tests/maps/test_pictures.py
"""

import os
from functools import cache
from pathlib import Path

import pytest
from every_map import scene
from looks import BREAKS, as_bars, broken, difference, small
from PIL import Image

CHROMIUM = Path("/usr/bin/chromium")
KEPT = Path(__file__).parent / "pictures"
PICTURES = {
    "journey-map": ("journey map", "light"),
    "blueprint": ("blueprint", "light"),
    "stakeholder-map": ("stakeholder map", "light"),
    "persona-cards": ("persona cards", "light"),
    "cx-map": ("cx map", "light"),
    "cx-map-dark": ("cx map", "dark"),
    "emotional-journey": ("emotional journey", "light"),
    "pareto": ("pareto", "light"),
    "moments-of-truth": ("moments of truth", "light"),
    "priority": ("priority", "light"),
    "roadmap": ("roadmap", "light"),
    "importance-performance": ("importance and performance", "light"),
}
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")]


@pytest.fixture(scope="module")
def shot():
    """Take a picture of a drawing as bars, in light or dark, brought down to what is compared."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        started = p.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
        )
        page = started.new_page(viewport={"width": 1400, "height": 900}, device_scale_factor=1)

        def take(drawn, scheme="light"):
            page.emulate_media(color_scheme=scheme)
            page.set_content(f"<body style='margin:0'>{as_bars(drawn).to_svg()}</body>")
            return small(page.locator("svg").screenshot())

        yield cache(take)
        started.close()


@pytest.mark.parametrize("name", PICTURES)
def test_it_looks_as_it_did(shot, name):
    drawn, scheme = PICTURES[name]
    now = shot(scene(drawn, 6), scheme)
    file = KEPT / f"{name}.png"
    if os.environ.get("CXMINING_PICTURES") == "renew":
        KEPT.mkdir(exist_ok=True)
        now.save(file, "PNG", optimize=True)
    found = difference(Image.open(file).convert("RGB"), now)
    assert found.fine, (
        f"{name}: {found}; look at it, and renew the kept one when it is meant so (see the top of this file)"
    )


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("name", [n for n in PICTURES if not n.endswith("-dark")])
def test_a_map_that_is_drawn_wrongly_is_found(shot, name, how):
    drawn = scene(PICTURES[name][0], 6)
    found = difference(shot(drawn), shot(broken(drawn, how)))
    assert not found.fine, found


def test_no_letter_is_compared_so_that_another_font_is_no_other_picture():
    for name, _ in PICTURES.values():
        assert "<text" not in as_bars(scene(name, 6)).to_svg()


def test_the_dark_page_is_another_picture(shot):
    assert not difference(shot(scene("cx map", 6)), shot(scene("cx map", 6), "dark")).fine


def test_the_pictures_are_few_and_small():
    files = sorted(KEPT.glob("*.png"))
    assert {f.stem for f in files} == set(PICTURES)
    assert len(files) <= 12
    assert max(f.stat().st_size for f in files) < 60_000
