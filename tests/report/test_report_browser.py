"""The report as people meet it: in a browser whose network is cut."""

import re
from contextlib import closing
from importlib.resources import files
from itertools import pairwise

import pandas as pd
import pytest
from example_run import HOSTILE
from open_pages import CHROMIUM, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]


def shown_edges(page):
    return page.locator(".cx-edge:visible").count()


OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.cx-node')].map((g) => {
    const parts = [...g.querySelectorAll('text, circle')].map((e) => e.getBoundingClientRect());
    return {id: g.dataset.id, l: Math.min(...parts.map((b) => b.left)), r: Math.max(...parts.map((b) => b.right)),
            t: Math.min(...parts.map((b) => b.top)), b: Math.max(...parts.map((b) => b.bottom))};
  });
  const found = [];
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (a.l < b.r - 0.5 && b.l < a.r - 0.5 && a.t < b.b - 0.5 && b.t < a.b - 0.5) found.push([a.id, b.id]);
  }));
  return found;
}"""
OUTSIDE = """() => {
  const box = document.querySelector('.cx-scroll svg').getBoundingClientRect();
  return [...document.querySelectorAll('.cx-scroll svg text')].filter((e) => {
    const b = e.getBoundingClientRect();
    return b.width && (b.left < box.left - 0.5 || b.right > box.right + 0.5 || b.top < box.top - 0.5 || b.bottom > box.bottom + 0.5);
  }).map((e) => e.textContent);
}"""
SMALL = """() => [...document.querySelectorAll('body *')].filter((e) => e.getClientRects().length && !e.closest('.cx-live')
  && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 11)
  .map((e) => e.tagName + ' ' + getComputedStyle(e).fontSize + ' ' + e.textContent.slice(0, 30))"""
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize(
    ("name", "width"),
    [
        *((name, 1400) for name in ("en", "nl", "bare", "long", "six", "hostile")),
        ("nl", 390),
        ("bare", 390),
        ("long", 390),
    ],
)
def test_it_opens_offline_nothing_overlaps_and_the_page_never_scrolls_sideways(pages, reports, name, width):
    with opened(pages, reports[name], width) as page:
        assert page.evaluate(SIDEWAYS) <= 0
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(SMALL) == []
        nodes = {"long": 60, "six": 6}.get(name, 26)
        assert page.locator(".cx-node").count() == nodes
        if name != "bare":
            page.wait_for_selector("[data-figure] .main-svg")


def test_labels_of_sixty_characters_are_shown_whole(pages, reports):
    with opened(pages, reports["long"]) as page:
        told = page.evaluate(
            "[...document.querySelectorAll('.cx-label')].map((t) => [...t.children].map((s) => s.textContent))"
        )
    assert max(len(lines) for lines in told) <= 4
    assert not [lines for lines in told if any("…" in line for line in lines)]


def test_labels_break_at_their_own_borders(pages, reports):
    with opened(pages, reports["codes"], 390) as page:
        told = page.evaluate(
            "[...document.querySelectorAll('.cx-node')].map((g) => [g.dataset.id, [...g.querySelectorAll('.cx-label tspan')].map((t) => t.textContent)])"
        )
    lines = dict(told)
    assert lines["handleInsuranceApplicationRequest"] in (
        ["handle", "Insurance", "Application", "Request"],
        ["handleInsurance", "Application", "Request"],
        ["handleInsurance", "ApplicationRequest"],
    )
    assert lines["betalingsherinnering"] in (["betalings-", "herinnering"], ["betalingsherinnering"])
    assert "".join(lines["A_PREACCEPTED"]) == "A_PREACCEPTED"
    assert lines["W_Completeren aanvraag"] == ["W_Completeren", "aanvraag"]


def test_slider_changes_how_many_transitions_are_shown(pages, reports):
    with opened(pages, reports["en"]) as page:
        slider = page.get_by_role("slider", name="Share of the flow shown")
        before = shown_edges(page)
        slider.fill("1")
        whole = shown_edges(page)
        slider.fill("0.5")
        half = shown_edges(page)
        assert half < before < whole == page.locator(".cx-edge").count()
        assert page.locator(".cx-flow output").inner_text() == "50%"
        # the slider asks for half of the flow; what is drawn is a little more, and that is what is said
        assert re.search(rf"Edges {half} of {whole}, 5\d% of the flow", page.locator(".cx-live").inner_text())
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "51%"


def chosen(page):
    return {
        "map": page.locator(".cx-node.cx-selected").evaluate_all("e => e.map((n) => n.dataset.id)"),
        "table": page.locator("#cx-table tr.chosen").evaluate_all("e => e.map((n) => n.dataset.id)"),
        "pictures": page.evaluate(
            """[...document.querySelectorAll('[data-figure]')].flatMap((el) => el.data.filter((t) => t.meta && t.selectedpoints)
               .flatMap((t) => t.selectedpoints.map((k) => el.dataset.figure + ':' + t.customdata[k])))"""
        ),
    }


def test_a_touchpoint_chosen_on_the_map_is_chosen_everywhere(pages, reports):
    with opened(pages, reports["en"]) as page:
        page.locator('.cx-node[data-id="calls about invoice"]').click()
        assert chosen(page) == {
            "map": ["calls about invoice"],
            "table": ["calls about invoice"],
            # in the panels of score, emotion and gap alike
            "pictures": [
                *["emotion:calls about invoice"] * 3,
                "shares:calls about invoice",
                "curve:calls about invoice",
            ],
        }
        assert page.locator(".cx-detail h4").inner_text() == "Calls about invoice"
        assert page.locator(".cx-chip text").count() >= 2
        assert " · " in page.locator(".cx-chip text").first.text_content()  # n and median time
        assert "Selected: Calls about invoice" in page.locator(".cx-live").inner_text()
        page.locator(".cx-close").click()
        assert chosen(page) == {"map": [], "table": [], "pictures": []}


def test_a_row_a_point_and_a_bar_choose_too(pages, reports):
    with opened(pages, reports["en"]) as page:
        page.locator('#cx-table tr[data-id="sees campaign"] button').click()
        assert chosen(page)["map"] == ["sees campaign"]
        for figure, trace in (
            ("emotion", ".scatterlayer .trace:last-child .point"),
            ("shares", ".barlayer .point path"),
        ):
            mark = page.locator(f'[data-figure="{figure}"] {trace}').first
            mark.scroll_into_view_if_needed()
            box = mark.bounding_box()
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_function(HOVERED, arg=figure)  # plotly tells a click by what the pointer stood on before
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_selector('.cx-node[aria-pressed="true"]:not([data-id="sees campaign"])')
            found = chosen(page)
            assert found["map"] == found["table"] != ["sees campaign"], figure
            assert any(p.startswith(figure) for p in found["pictures"])


def test_keyboard_alone_is_enough(pages, reports):
    with opened(pages, reports["en"]) as page:
        assert page.locator('.cx-node[tabindex="0"]').count() == 1  # one stop; arrows move within
        page.locator('.cx-node[tabindex="0"]').focus()
        first = page.evaluate("document.activeElement.dataset.id")
        page.keyboard.press("ArrowRight")
        second = page.evaluate("document.activeElement.dataset.id")
        assert second != first
        page.keyboard.press("Enter")
        assert chosen(page)["table"] == [second]
        assert page.locator('.cx-node[aria-pressed="true"]').get_attribute("data-id") == second
        page.keyboard.press("Escape")
        assert chosen(page)["table"] == []
        assert page.locator(".cx-node").first.get_attribute("role") == "button"
        assert "reach 31%" in page.locator('.cx-node[data-id="sees campaign"]').get_attribute("aria-label")


def test_table_sorts_and_what_has_no_figure_stays_below(pages, reports):
    with opened(pages, reports["en"]) as page:
        column = [h.strip() for h in page.locator("#cx-table thead th").all_inner_texts()].index("Score")
        head = page.locator("#cx-table thead th").nth(column)
        for direction in ("descending", "ascending"):
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == direction
            cells = page.locator(f"#cx-table tbody tr > :nth-child({column + 1})")
            values = cells.evaluate_all("e => e.map((c) => c.dataset.v)")
            figures = [float(v) for v in values if v]
            assert figures == sorted(figures, reverse=direction == "descending")
            assert values[len(figures) :] == [""] * (len(values) - len(figures))


def test_hostile_labels_are_text_everywhere(pages, reports):
    with opened(pages, reports["hostile"]) as page:
        assert page.locator("img").count() == 0
        assert page.locator("b", has_text="bold").count() == 0
        assert page.locator("h1").inner_text() == HOSTILE
        node = page.locator(f'.cx-node[data-id="{HOSTILE}"]')
        assert HOSTILE in node.locator("title").text_content()
        node.click()
        assert page.locator(".cx-detail h4").inner_text() == HOSTILE
        drawn = page.locator('[data-figure="emotion"] .xtick text').all_text_contents()
        assert any("<img src=x" in t for t in drawn)
        assert page.locator(".js-plotly-plot a, .js-plotly-plot [onerror]").count() == 0


HOVERED = """name => [...document.querySelectorAll(`[data-figure="${name}"], [data-figure="${name}"] *`)]
  .some((e) => e._hoverdata && e._hoverdata.length)"""
LUMINANCE = """([selector, name]) => {
  const [r, g, b] = getComputedStyle(document.querySelector(selector))[name].match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255 %s;
}"""


def turns(page, selector, name, into):
    """Wait until a colour is as light or dark as it should be: figures are drawn anew, which takes as long as it takes."""
    page.wait_for_function(LUMINANCE % into, arg=[selector, name])


def test_dark_mode_turns_page_map_and_pictures(pages, reports):
    with opened(pages, reports["en"]) as page:
        page.emulate_media(color_scheme="dark")
        page.wait_for_selector('[data-figure="emotion"] .main-svg')
        turns(page, "main > section", "backgroundColor", "< 0.2")
        turns(page, ".cx-scroll", "backgroundColor", "< 0.2")
        for selector in (".cx-label", '[data-figure="emotion"] .xtick text', '[data-figure="shares"] .ytick text'):
            turns(page, selector, "fill", "> 0.7")
        page.emulate_media(color_scheme="light")
        turns(page, '[data-figure="emotion"] .xtick text', "fill", "< 0.3")


def test_print_is_light_whole_and_fits_the_paper(pages, reports):
    with opened(pages, reports["en"], 1040) as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.wait_for_function(f"() => {SIDEWAYS} <= 0")  # figures are drawn anew on the width of the paper
        turns(page, ".cx-label", "fill", "< 0.3")
        turns(page, '[data-figure="emotion"] .xtick text', "fill", "< 0.3")
        for name in ("emotion", "shares", "curve"):
            fits = page.evaluate(
                '(n) => {const e = document.querySelector(`[data-figure="${n}"]`); '
                "return e.getBoundingClientRect().right <= e.parentElement.getBoundingClientRect().right + 1}",
                name,
            )
            assert fits, name
        assert len(page.pdf(prefer_css_page_size=True)) > 20_000


def test_a_map_wider_than_the_paper_is_printed_in_parts(pages):
    """It scrolls on a screen; paper does not: every column stands on one of the pages, beside the names of its rows."""
    from cxmining.maps.cx.result import map_of

    reach = [{"row": "touchpoint", "key": "reach", "touchpoint": f"step {i:02}", "value": 0.5, "n": 50, "status": "measured", "place": i} for i in range(31)]  # fmt: skip
    columns = ("row", "key", "stage", "touchpoint", "place", "value", "low", "high", "n", "text", "status", "hidden")
    cells = pd.DataFrame(reach).reindex(columns=columns).assign(hidden=False)
    facts = {"title": "map", "size": "", "under": "", "scale": (1, 5), "metric": "", "wow": 1, "target": "", "decided": False, "decisive": (), "feet": []}  # fmt: skip
    drawn = map_of(cells, facts, "en").to_html(framed=False)
    style = (files("cxmining.report") / "templates" / "report.css").read_text(encoding="utf-8")
    with closing(pages.browser.new_page(viewport={"width": 718, "height": 1047})) as page:
        page.set_content(f'<style>{style}</style><section id="cx">{drawn}</section>')
        assert page.locator(".cx-part").first.is_hidden()
        page.emulate_media(media="print")
        parts = page.evaluate(
            "() => [...document.querySelectorAll('#cx .cx-part')].map((p) => [...p.children].map((e) => {"
            "const r = e.getBoundingClientRect(), v = e.viewBox.baseVal; return [r.right, r.height, r.width / v.width, v.x, v.width]}))"
        )
        scroll = page.locator("#cx .cx-scroll").bounding_box()
    assert scroll is None or scroll["width"] * scroll["height"] == 0
    assert len(parts) == 5
    assert max(window[0] for part in parts for window in part) <= 719
    scales = [window[2] for part in parts[1:] for window in part]
    assert max(scales) - min(scales) < 0.002  # names and columns at one scale, on all pages after the first
    ends = [(x, x + wide) for _, (_, _, _, x, wide) in parts]
    assert ends[0][0] == 0
    assert all(abs(a[1] - b[0]) < 0.2 for a, b in pairwise(ends))  # no column is left out, none stands there twice
    assert abs(ends[-1][1] - 31 * ends[0][1] / 7) < 0.5


def test_no_label_in_the_table_runs_into_the_next_column(pages, reports):
    for name, width in (("nl", 390), ("long", 390), ("long", 1400), ("hostile", 1400)):
        with opened(pages, reports[name], width) as page:
            wide = page.evaluate(
                """() => [...document.querySelectorAll('#cx-table tbody th button')].filter((b) => {
                     const range = document.createRange(); range.selectNodeContents(b);
                     return range.getBoundingClientRect().right > b.parentElement.getBoundingClientRect().right;
                   }).map((b) => b.textContent)"""
            )
            assert wide == [], (name, width)


@pytest.mark.parametrize("name", ["en", "nl"])
def test_the_whole_table_stands_on_a_desktop_screen_and_no_word_of_it_is_broken(pages, reports, name):
    with opened(pages, reports[name]) as page:
        box = page.locator("#touchpoints .scroller")
        assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        assert not page.locator("#touchpoints .wider").is_visible()
        # a word that is not broken fits a line, so a button is at least as wide as its longest word needs
        broken = page.evaluate(
            """() => [...document.querySelectorAll('#cx-table tbody th button')].filter((b) => {
                 const range = document.createRange(), text = b.firstChild;
                 return [...text.data.matchAll(/[^ \u00ad\u200b]+/g)].some((m) => {
                   range.setStart(text, m.index); range.setEnd(text, m.index + m[0].length);
                   return new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1;
                 });
               }).map((b) => b.textContent)"""
        )
        assert broken == []


def test_tiles_leave_no_lonely_last_one(pages, reports):
    for width in (1400, 1040, 390):
        with opened(pages, reports["nl"], width) as page:
            for group in page.locator(".kind").all():
                boxes = group.locator(".level").evaluate_all(
                    "e => e.map((t) => {const b = t.getBoundingClientRect(); return [Math.round(b.top), b.right]})"
                )
                rows = [[r for t, r in boxes if t == top] for top in sorted({t for t, _ in boxes})]
                assert max(rows[-1]) == pytest.approx(max(r for _, r in boxes), abs=1)


def test_wide_things_scroll_inside_their_own_box(pages, reports):
    with opened(pages, reports["long"], 390) as page:
        for selector in (".cx-scroll", ".scroller:has(> [data-figure=emotion])", "#touchpoints .scroller"):
            inner, outer = page.evaluate(
                "(s) => {const e = document.querySelector(s); return [e.scrollWidth, e.clientWidth]}", selector
            )
            assert inner > outer, selector
            assert page.locator(selector).get_attribute("tabindex") == "0"  # reachable without a mouse
            hint = page.locator(selector).locator("xpath=preceding-sibling::*[1]")
            assert hint.is_visible()
            assert "scroll sideways" in hint.inner_text()


@pytest.mark.parametrize("width", [1400, 390])
def test_data_quality_is_closed_until_asked_for_and_fits(pages, reports, width):
    with opened(pages, reports["nl"], width) as page:
        tables = page.locator("#quality table")
        assert tables.count() == 2
        assert not tables.first.is_visible()
        assert "afgewezen" in page.locator("#quality > summary").inner_text()
        page.locator("#quality > summary").click()
        try:
            assert tables.first.is_visible()
            assert page.evaluate(SIDEWAYS) <= 0
            assert page.evaluate(SMALL) == []
            # a word stays whole where the line has room for it
            assert page.locator("#quality td").first.evaluate("e => e.getBoundingClientRect().width") >= 119
        finally:
            page.locator("#quality > summary").click()
