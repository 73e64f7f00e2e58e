"""The map widget in a browser: circles coloured by experience, dashes where the channel changes, paths brought out."""

import json
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from cxmining.maps.journey import journey_map

CHROMIUM = Path("/usr/bin/chromium")
STATIC = Path(str(files("cxmining"))) / "workbench" / "static"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

TOUCHPOINTS = pd.DataFrame(
    {
        "touchpoint": ["order", "call", "pay"], "stage": ["purchase", "service", "service"], "channel": ["web", "phone", "web"],
        "reach": [1.0, 0.4, 0.6], "score_metric": ["csat"] * 3, "score_scale_low": [1.0] * 3, "score_scale_high": [5.0] * 3,
        "score_mean": [4.9, 1.2, None], "score_low": [4.8, 1.0, None], "score_high": [5.0, 1.5, None], "score_n": [90, 40, None],
    }
)  # fmt: skip
DFG = pd.DataFrame(
    {
        "source": ["order", "order", "call", "call", "pay"], "target": ["pay", "call", "pay", "call", "order"],
        "n": [60, 40, 35, 20, 15], "journeys": [60, 40, 35, 20, 15], "median_s": [3600.0] * 5,
        "switch_share": [0.0, 1.0, 0.9, 0.1, 0.0],
    }
)  # fmt: skip
PATHS = pd.DataFrame(
    {
        "path": ["happy", "promoters", "detractors"], "metric": "nps", "how": ["variant", "variant", "flow"],
        "steps": ["order → pay", "order → pay", ""], "customers": [60, 30, None], "of": [100, 40, 12],
        "share": [0.6, 0.75, None], "low": [0.5, 0.6, None], "high": [0.69, 0.86, None], "hidden": [False, False, True],
    }
)  # fmt: skip


def page_of(spec):
    """Return the widget on a page of its own, as an exported notebook has it."""
    style, script = ((STATIC / name).read_text(encoding="utf-8") for name in ("journeymap.css", "notebook.js"))
    state = json.dumps(spec).replace("<", "\\u003c")
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style><div class="cx-live-map">'
        f'<script type="application/json">{state}</script></div><script>window.Plotly = {{}};{script}</script>'
    )


@pytest.fixture(scope="module")
def page():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 1000, "height": 800})
        yield opened
        browser.close()


def strands(page):
    """The paths that are drawn; a level line has no height, so it is asked how it is displayed."""
    shown = "e => e.filter((s) => getComputedStyle(s).display !== 'none').map((s) => s.dataset.path)"
    return page.locator(".cx-strand").evaluate_all(shown)


def test_circles_edges_and_paths(page):
    drawn = journey_map(TOUCHPOINTS, DFG, paths=PATHS, coverage=0.5)
    wrong = []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.set_content(page_of(drawn.spec))
    tones = page.locator(".cx-node").evaluate_all(
        "e => Object.fromEntries(e.map((n) => [n.dataset.id, n.dataset.tone]))"
    )
    assert tones == {"order": "4", "call": "0", "pay": "none"}
    assert page.locator(".cx-node .cx-badge").all_text_contents().count("1.2") == 1
    assert page.locator(".cx-plate-name").all_text_contents().count("phone") == 1
    dashed = page.locator(".cx-edge:has(.cx-dashed) title").all_text_contents()
    assert sorted(t.split(":")[0] for t in dashed) == ["call → pay", "order → call"]
    # two edges are half of the flow, and the path is one of them
    assert page.locator(".cx-note").inner_text().startswith("Edges 2 of 5, 59% of the flow.")
    buttons = page.locator(".cx-path")
    assert buttons.all_text_contents() == ["Happy path", "Promoters", "Detractors"]
    assert buttons.nth(2).is_disabled()
    assert "Detractors: hidden, walked by fewer than 10 customers" in page.locator(".cx-told").inner_text()
    assert sorted(strands(page)) == ["happy", "promoters"]
    buttons.nth(1).focus()
    page.keyboard.press("Enter")
    assert buttons.nth(1).get_attribute("aria-pressed") == "true"
    assert strands(page) == ["promoters"]
    assert "30 of 40 customers, 75% [60%, 86%]" in page.locator(".cx-told").inner_text()
    page.keyboard.press("Enter")
    assert sorted(strands(page)) == ["happy", "promoters"]
    assert wrong == []


def test_a_map_of_an_older_make_still_draws_with_channels_as_colours(page):
    spec = dict(journey_map(TOUCHPOINTS, DFG).spec)
    for key in ("scale", "paths"):
        spec.pop(key)
    page.set_content(page_of(spec))
    assert page.locator(".cx-node").count() == 3
    assert page.locator(".cx-paths").is_hidden()
    fill = page.locator('.cx-node[data-id="call"] .cx-circle').evaluate("e => getComputedStyle(e).fill")
    assert fill == "rgb(180, 81, 0)"  # the telephone's
    assert "phone" in page.locator('.cx-node[data-id="call"] .cx-channel').text_content()
