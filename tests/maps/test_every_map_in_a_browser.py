"""Every map as a browser lays it out: no text leaves its panel, none covers another, none is too small to read."""

from pathlib import Path

import pytest
from every_map import COUNTS, MAPS, scene

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")]

MEASURED = """() => {
  const svg = document.querySelector('svg'), whole = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].filter((e) => e.textContent.trim()).map((e) => {
    const b = e.getBBox(), r = e.getBoundingClientRect(), turn = /rotate\\(([-\\d.]+)/.exec(e.getAttribute('transform') || '');
    return {t: e.firstChild.textContent, size: parseFloat(getComputedStyle(e).fontSize), turn: turn ? +turn[1] : 0, x: +e.getAttribute('x'), y: +e.getAttribute('y'),
            l: r.left - whole.left, r: r.right - whole.left, a: r.top - whole.top, b: r.bottom - whole.top};
  });
  const small = texts.filter((t) => t.size < 11).map((t) => t.t);
  const outside = texts.filter((t) => t.l < -1 || t.a < -1 || t.r > whole.width + 1 || t.b > whole.height + 1).map((t) => t.t);
  // a box or disc of the height of a text or more, in which its middle lies, is its panel
  const boxes = [...[...svg.querySelectorAll('rect')].slice(1), ...svg.querySelectorAll('circle')].filter((e) => getComputedStyle(e).fill !== 'none').map((e) => e.getBBox());
  const burst = texts.filter((t) => !t.turn).filter((t) => {
    const x = (t.l + t.r) / 2, y = (t.a + t.b) / 2;
    const own = boxes.filter((b) => b.height >= 11 && b.x < x && x < b.x + b.width && b.y < y && y < b.y + b.height)
      .sort((p, q) => p.width * p.height - q.width * q.height)[0];
    return own && (t.l < own.x - 1.5 || t.r > own.x + own.width + 1.5 || t.b - 4 > own.y + own.height || t.a + 4 < own.y);
  }).map((t) => t.t);
  const over = [];
  texts.forEach((p, i) => texts.slice(i + 1).forEach((q) => {
    const slanted = (t) => t.turn % 90 !== 0;
    if (slanted(p) && slanted(q)) {  // side by side on parallel lines: how far the lines are apart
      const w = p.turn * Math.PI / 180, apart = Math.abs((q.x - p.x) * Math.sin(w) - (q.y - p.y) * Math.cos(w));
      if (apart < 0.8 * p.size) over.push([p.t, q.t]);
    } else if (!slanted(p) && !slanted(q) && p.l < q.r - 1.5 && q.l < p.r - 1.5 && p.a < q.b - 4.5 && q.a < p.b - 4.5) over.push([p.t, q.t]);
  }));
  return {small, outside, burst, over: over.slice(0, 6)};
}"""
FINE = {"small": [], "outside": [], "burst": [], "over": []}


@pytest.fixture(scope="module")
def page():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        started = p.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield started.new_page(viewport={"width": 1400, "height": 900})
        started.close()


def measured(page, svg):
    page.set_content(f"<body style='margin:0'>{svg}</body>")
    return page.evaluate(MEASURED)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", MAPS)
def test_every_text_stands_in_its_panel_and_beside_the_others(page, name, count):
    assert measured(page, scene(name, count).to_svg()) == FINE


@pytest.mark.parametrize("name", MAPS)
def test_the_dark_page_changes_colours_and_nothing_else(page, name):
    """The same places in the dark, and no ground stays as light as paper."""
    svg = scene(name, 6).to_svg()
    look = """() => [getComputedStyle(document.querySelector('svg > rect')).fill,
                     [...document.querySelectorAll('text')].map((e) => { const b = e.getBBox(); return [b.x, b.y, b.width]; })]"""
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.set_content(f"<body style='margin:0'>{svg}</body>")
        seen[scheme] = page.evaluate(look)
    page.emulate_media(color_scheme="light")
    assert seen["light"][1] == seen["dark"][1]
    assert seen["light"][0] == "rgb(255, 255, 255)" != seen["dark"][0]


def test_what_is_wrong_is_found(page):
    """The measure itself: a text that bursts its box, two that cover each other, one outside, one too small."""
    texts = "".join(
        f'<text x="{x}" y="{y}" font-size="{size}">{text}</text>'
        for x, y, size, text in ((8, 40, 12, "much longer than its box"), (200, 90, 14, "one"), (205, 90, 14, "two"), (380, 90, 14, "outside"), (300, 90, 9, "tiny"))
    )  # fmt: skip
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100"><rect width="400" height="100" fill="#fff"/><rect x="5" y="20" width="80" height="30" fill="#eee"/>{texts}</svg>'
    found = measured(page, svg)
    assert found == {
        "small": ["tiny"],
        "outside": ["outside"],
        "burst": ["much longer than its box"],
        "over": [["one", "two"]],
    }
