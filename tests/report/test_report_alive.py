"""What a reader can do on the page without a kernel: find the way, follow a way, choose in a figure or its table, on a phone too."""

import re
from itertools import pairwise

import pandas as pd
import pytest
from open_pages import CHROMIUM, opened

from cxmining.stats import wilson

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]
JOURNEYS = 4812


def variants(path):
    table = pd.read_csv(path.parent / "variants.csv")
    return table.assign(steps=table["touchpoints"].str.split(" → "))


def test_contents_link_to_what_is_there_and_mark_where_one_is(pages, reports):
    with opened(pages, reports["en"]) as page:
        targets = page.locator("#cx-contents a").evaluate_all("e => e.map((a) => a.hash.slice(1))")
        assert targets == page.locator("main > section").evaluate_all("e => e.map((s) => s.id)")
        page.locator('#cx-contents a[href="#ways"]').click()
        page.wait_for_selector('#cx-contents a[href="#ways"][aria-current]')
        assert page.locator("#cx-contents [aria-current]").count() == 1
        bar, place = (page.locator(s).bounding_box() for s in ("#cx-contents", "#ways"))
        assert bar["y"] == 0  # still in sight, and not over the heading
        assert place["y"] >= bar["height"]
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        page.evaluate("scrollTo(0, 0)")


def test_on_a_phone_the_contents_are_folded_and_say_where_one_is(pages, reports):
    with opened(pages, reports["nl"], 390) as page:
        nav = page.locator("#cx-contents")
        assert not nav.locator("a").first.is_visible()
        nav.locator("summary").click()
        nav.locator('a[href="#touchpoints"]').click()
        assert not nav.locator("a").first.is_visible()
        page.wait_for_function("document.querySelector('#cx-contents summary b').textContent === 'Contactmomenten'")
        page.evaluate("scrollTo(0, 0)")


def test_contents_work_without_a_script(pages, reports):
    context = pages.browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(reports["en"].as_uri())
    assert page.locator('#cx-contents a[href="#method"]').is_visible()
    assert page.locator("#cx-ways > li").count() == page.locator("#cx-ways > li:visible").count() == 14
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    context.close()


def lit(page):
    return {
        "map": set(page.locator(".cx-node:not(.cx-off)").evaluate_all("e => e.map((n) => n.dataset.id)")),
        "table": set(page.locator("#cx-table tr.onway").evaluate_all("e => e.map((n) => n.dataset.id)")),
        "lines": page.locator(".cx-edge.cx-on").count(),
    }


def test_a_way_lights_up_on_the_map_and_in_the_table(pages, reports):
    table = variants(reports["en"])
    longest = int(table["n_events"].head(10).idxmax())
    steps = table["steps"][longest]
    with opened(pages, reports["en"]) as page:
        button = page.locator(f'#cx-ways [data-way="{longest}"] .rank')
        button.focus()
        page.keyboard.press("Enter")
        found = lit(page)
        assert found["map"] == found["table"] == set(steps)
        dfg = pd.read_csv(reports["en"].parent / "dfg.csv")
        drawn = set(zip(dfg["source"], dfg["target"], strict=True))
        assert found["lines"] == len({pair for pair in pairwise(steps) if pair in drawn})
        order = page.locator(".cx-chips .cx-tag text").all_text_contents()
        assert sorted(int(n) for text in order for n in text.split("·")) == list(range(1, len(steps) + 1))
        assert button.get_attribute("aria-pressed") == "true"
        assert (
            page.locator("#cx-waytools .said [role=status]").inner_text()
            == f"Way {longest + 1} is lit on the map and in the table."
        )
        page.keyboard.press("Escape")
        assert lit(page)["table"] == set()
        assert page.locator(".cx-node.cx-off").count() == 0


def test_what_the_ways_cover_together_is_said_with_n_and_interval(pages, reports):
    table = variants(reports["en"])
    with opened(pages, reports["en"]) as page:
        cover, more = page.locator("#cx-waytools .cover"), page.locator("#ways .more button")
        for n, rows in ((10, table.head(10)), (14, table)):
            journeys = int(rows["journeys"].sum())
            share, low, high, _ = wilson(journeys, JOURNEYS)
            expected = f"These {n} ways are {share:.1%} [{low:.1%}, {high:.1%}] of 4,812 journeys (n = {journeys:,})."
            assert cover.inner_text() == expected
            assert page.locator("#cx-ways > li:visible").count() == n
            more.click()
        assert page.locator("#cx-ways > li:visible").count() == 10


def test_ways_are_sorted_and_only_those_through_what_is_chosen_are_left(pages, reports):
    table = variants(reports["en"])
    with opened(pages, reports["en"]) as page:
        through = page.locator("#cx-waytools .through")
        assert through.is_disabled()
        page.locator('#cx-waytools [data-sort="duration"]').click()
        shown = page.locator("#cx-ways > li:visible").evaluate_all("e => e.map((x) => Number(x.dataset.way))")
        assert shown == table.sort_values("median_duration_s", ascending=False).head(10).index.tolist()
        page.locator('#cx-waytools [data-sort="score"]').click()
        shown = page.locator("#cx-ways > li:visible").evaluate_all("e => e.map((x) => Number(x.dataset.way))")
        assert shown == [1, 3, 0, 2, *range(4, 10)]  # what nobody scored stands below, in its order
        assert "CSAT 4.4 [4.2, 4.6] n = 21" in page.locator('#cx-ways [data-way="1"]').inner_text()
        page.locator('#cx-waytools [data-sort="n"]').click()
        touchpoint = table["steps"][0][0]
        page.locator(f'.cx-node[data-id="{touchpoint}"]').focus()
        page.keyboard.press("Enter")
        through.click()
        assert through.get_attribute("aria-pressed") == "true"
        left = [i for i, steps in enumerate(table["steps"]) if touchpoint in steps]
        shown = page.locator("#cx-ways > li:visible").evaluate_all("e => e.map((x) => Number(x.dataset.way))")
        assert shown == left
        n = int(table.loc[left, "journeys"].sum())
        assert f"(n = {n:,})" in page.locator("#cx-waytools .cover").inner_text()
        through.click()


@pytest.mark.parametrize("figure", ["shares", "curve"])
def test_each_figure_has_a_table_by_which_it_is_chosen_without_a_mouse(pages, reports, figure):
    drivers = pd.read_csv(reports["en"].parent / "drivers.csv").sort_values(
        ["share", "touchpoint"], ascending=[False, True]
    )
    second = drivers.iloc[1]
    with opened(pages, reports["en"]) as page:
        box = page.locator(f'div:has(> .scroller > [data-figure="{figure}"]) > .twin')
        box.locator("summary").focus()
        page.keyboard.press("Enter")
        row = box.locator(f'tr[data-touchpoint="{second.touchpoint}"] button')
        row.focus()
        page.keyboard.press("Enter")
        assert row.get_attribute("aria-pressed") == "true"
        assert page.locator("#cx-table tr.chosen").get_attribute("data-id") == second.touchpoint
        assert page.locator(".cx-node.cx-selected").get_attribute("data-id") == second.touchpoint
        said = page.locator('[data-picked="decide"]').inner_text()
        share = (
            f"fair share {second.share:.0%} [{second.share_low:.0%}, {second.share_high:.0%}], rank 2 of {len(drivers)}"
        )
        assert share in said
        assert f"n = {second.n:,.0f}" in said
        assert re.search(r"The first \d+, up to and with it, predict \d+% \[\d+%, \d+%\]", said)
        row.click()
        assert "Choose a touchpoint" in page.locator('[data-picked="decide"]').inner_text()
        box.locator("summary").click()


def test_a_bar_says_what_it_is_and_what_is_in_no_figure_is_said_too(pages, reports):
    with opened(pages, reports["en"]) as page:
        page.locator('[data-figure="shares"]').scroll_into_view_if_needed()
        page.locator('[data-figure="shares"] .points .point').first.click(force=True)
        said = page.locator('[data-picked="decide"]').inner_text()
        assert "rank 1 of 15" in said
        page.locator('#cx-table tr[data-id="sees campaign"] button').click()
        assert page.locator('[data-picked="decide"]').inner_text() == "Sees campaign is not in this figure."
        page.locator('#cx-table tr[data-id="calls about invoice"] button').click()
        felt = page.locator('[data-picked="emotion"]').inner_text()
        assert re.match(r"Calls about invoice: CSAT 1–5 2\.4 \[2\.2, 2\.6\] · n = \d+; ", felt)


def test_on_paper_the_first_ten_ways_and_a_plain_list_of_contents(pages, reports):
    with opened(pages, reports["en"], 1040) as page:
        page.locator("#ways .more button").click()
        page.emulate_media(media="print")
        assert page.locator("#cx-ways > li:visible").count() == 10
        assert not page.locator("#cx-waytools").is_visible()
        assert page.locator("#cx-contents a").first.is_visible()
        assert page.locator("#cx-contents").evaluate("e => getComputedStyle(e).position") == "static"
        page.emulate_media(media="screen")
        page.locator("#ways .more button").click()


SMALL_TARGETS = """() => [...document.querySelectorAll('button, summary, a, input, select, .cx-node')].filter((e) => {
  if (e.closest('.cx-live') || e.classList.contains('skip') || !e.checkVisibility()) return false;
  const b = e.getBoundingClientRect(), inline = getComputedStyle(e).display === 'inline';
  return b.width && !inline && (b.height < 23.5 || b.width < 23.5);
}).map((e) => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 30) + ' ' + Math.round(e.getBoundingClientRect().width) + 'x' + Math.round(e.getBoundingClientRect().height))"""


def test_a_thumb_can_hit_everything_that_can_be_pressed(pages, reports):
    with opened(pages, reports["nl"], 390) as page:
        page.locator("#cx-contents summary").click()
        small = page.evaluate(SMALL_TARGETS)
        page.locator("#cx-contents summary").click()
    assert small == []


def test_the_log_of_what_is_hidden_says_which_and_why_and_never_what(pages, reports):
    with opened(pages, reports["en"]) as page:
        log = page.locator("#hidden")
        assert "The journey 31 transitions fewer than 10 customers 31" in re.sub(r"\s+", " ", log.inner_text())
        assert not log.locator("details table").is_visible()
        log.locator("summary").click()
        row = log.locator("details tr", has_text="Files a complaint").first
        assert (
            re.sub(r"\s+", " ", row.inner_text()) == "All touchpoints Files a complaint score fewer than 10 customers 4"
        )
        words = set(log.locator("details td:nth-child(3)").all_text_contents())
        assert not [w for w in words if "_" in w]  # words, not names of columns
        log.locator("summary").click()
