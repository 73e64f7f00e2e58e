"""The filters by channel and persona on the shared page: what is chosen is what the run's tables say, and nothing executes."""

import json
import zlib
from base64 import b64decode

import pandas as pd
import pytest
from example_run import HOSTILE, make_run
from hypothesis import given, settings
from hypothesis import strategies as st
from open_pages import CHROMIUM, opened
from sliced_run import CLOSING, make_sliced

from cxmining.report import write_report
from cxmining.report.filters import fold, unfold
from cxmining.report.page import page as made_page
from cxmining.report.tables import read_run
from cxmining.report.write import render

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(json_values, min_size=1, max_size=4))
def test_what_is_folded_together_comes_apart_again(values):
    folded = json.loads(json.dumps(fold(values)))
    assert [unfold(folded, i) for i in range(len(values))] == values


# --- the data on the page


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("sliced")
    return {
        "en": make_sliced(root / "en"),
        "nl": make_sliced(root / "nl", language="nl"),
        "hostile": make_sliced(root / "hostile", hostile=True),
    }


@pytest.fixture(scope="module")
def written(runs):
    return {name: write_report(run) for name, run in runs.items()}


@pytest.fixture(scope="module")
def content(runs):
    return made_page(read_run(runs["en"]))


def slice_of(content, channel, persona):
    data = content["data"]["slices"]
    place = {(c, p): at for c, p, at in data["listed"]}[channel, persona]
    return unfold(json.loads(zlib.decompress(b64decode(data["packed"]))), place)


def test_a_slice_holds_what_its_tables_hold(runs, content):
    cut = slice_of(content, "phone", "1")
    cells = pd.read_csv(runs["en"] / "share" / "slice_touchpoints.csv").query("channel == 'phone' and persona == 1")
    assert set(cut["table"]) == set(cells["touchpoint"])
    by = cells.set_index("touchpoint")
    for name, row in cut["table"].items():
        assert float(row[0][1]) == by.loc[name, "events"]
        assert float(row[1][1]) == by.loc[name, "journeys"]
        assert float(row[2][1]) == pytest.approx(by.loc[name, "reach"], abs=1e-5)
        if pd.isna(by.loc[name, "score_mean"]):
            assert row[3][0] in ("⊘", "–")
        else:
            assert float(row[3][1]) == pytest.approx(by.loc[name, "score_mean"], abs=1e-5)
    drawn = cut["emotion"]["data"][-1]["y"] if cut["emotion"] else []
    assert len(drawn) > 0
    edges = pd.read_csv(runs["en"] / "share" / "slice_edges.csv").query("channel == 'phone' and persona == 1")
    inner = edges[edges["source"].isin(by.index) & edges["target"].isin(by.index)]
    assert {k: e["v"] for k, e in cut["map"]["edges"].items()} == {
        f"{r.source}\x1f{r.target}": r.journeys for r in inner.itertuples()
    }
    assert [w["n"] for w in cut["ways"]] == [20, 10]
    assert (
        cut["short"]
        == "Journeys with at least one contact by phone · persona ‘mostly app’ · 802 of 4,812 journeys · 333 customers"
    )
    # what the run does not know of a slice is not said of it
    assert not {"sentiment", "waiting time", "channels"} & {f[0] for f in cut["map"]["nodes"]["first invoice"]["facts"]}


def test_hidden_and_never_measured_keep_their_own_signs(runs, content):
    cut = slice_of(content, "phone", "")
    whole = pd.read_csv(runs["en"] / "share" / "touchpoints.csv").set_index("touchpoint")
    cells = pd.read_csv(runs["en"] / "share" / "slice_touchpoints.csv").query("channel == 'phone' and persona.isna()")
    signs = {t: cut["table"][t][3][0] for t in cells.loc[cells["score_mean"].isna(), "touchpoint"]}
    assert set(signs.values()) == {"⊘", "–"}
    for name, sign in signs.items():
        # the complaint is hidden in all journeys, so it is known here too
        assert sign == ("⊘" if pd.notna(whole.loc[name, "score_mean"]) or name == "complaint" else "–")


def test_a_run_without_slices_has_no_filters_and_a_page_that_drops_them_still_stands(tmp_path, content):
    bare = made_page(read_run(make_run(tmp_path / "bare")))
    assert bare["data"]["slices"] is None
    assert '"slices":null' in render(bare)
    assert '"slices":null' in render({**content, "data": {**content["data"], "slices": None}})


def test_the_page_is_the_same_bytes_each_time(written, content):
    assert written["en"].read_bytes() == render(content).encode()


# --- the page in a browser

browser = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")]


def table_of(page):
    """Touchpoint → (contacts, score) of the rows that are shown."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('#cx-table tbody tr')].filter((r) => !r.hidden)
        .map((r) => [r.dataset.id, [...r.cells].filter((c) => !c.hidden).map((c) => c.textContent)]))"""
    )


def state_of(page):
    """All that a choice moves, as the page shows it."""
    return page.evaluate(
        """() => ({
          nodes: [...document.querySelectorAll('.cx-node')].map((n) => n.getAttribute('aria-label')).sort(),
          edges: document.querySelectorAll('.cx-edge').length,
          felt: document.querySelector('[data-figure="emotion"]').data?.map((t) => [t.x, t.y]),
          ways: [...document.querySelectorAll('#cx-ways > li')].map((li) => li.textContent.replace(/\\s+/g, ' ')),
          sizes: [...document.querySelectorAll('.sizes b')].map((b) => b.textContent),
          chains: ['journey', 'emotion', 'touchpoints', 'ways'].map((id) => document.querySelector(`#${id} > .chain`).textContent),
        })"""
    )


@pytest.fixture
def fresh(pages, written):
    """Give a page as it was before anything was chosen."""

    def give(name, width=1400):
        page = pages.get(written[name], width)[0]
        page.wait_for_selector(".slices")
        if page.locator(".slices .reset").is_enabled():
            page.locator(".slices .reset").click()
        return opened(pages, written[name], width)

    return give


class TestPage:
    pytestmark = browser

    def test_a_choice_moves_everything_that_can_move_and_reset_brings_all_back(self, fresh, runs):
        with fresh("en") as page:
            before, rows = state_of(page), table_of(page)
            page.select_option("#cx-channel", "phone")
            cells = pd.read_csv(runs["en"] / "share" / "slice_touchpoints.csv")
            own = cells[(cells["channel"] == "phone") & cells["persona"].isna()].set_index("touchpoint")
            now, shown = state_of(page), table_of(page)
            assert set(shown) == set(own.index)
            assert {t: c[4].replace(",", "") for t, c in shown.items()} == {t: str(n) for t, n in own["events"].items()}
            assert len(now["nodes"]) == len(own)
            assert now["sizes"] == ["2,406", "1,000", "3.5"]
            assert len(now["ways"]) == 2
            assert "60 journeys" in now["ways"][0]
            assert set(now["chains"]) == {now["chains"][0]}
            assert now["chains"][0].startswith(
                "Journeys with at least one contact by phone · 2,406 of 4,812 journeys · 1,000 customers"
            )
            assert all(now[k] != before[k] for k in before)
            scoped = page.locator(".sliced:visible")
            assert page.locator("#decide > .sliced").is_visible()
            assert (
                page.locator("#cx > .sliced").inner_text()
                == "About all journeys: what is chosen above changes nothing here."
            )
            assert scoped.count() >= 8
            page.select_option("#cx-persona", "1")
            assert state_of(page)["sizes"][0] == "802"
            page.select_option("#cx-channel", "")
            assert state_of(page)["sizes"][0] == "1,604"
            page.locator(".slices .reset").click()
            assert state_of(page) == before
            assert table_of(page) == rows
            assert page.locator(".sliced:visible").count() == 0

    def test_what_cannot_be_chosen_is_listed_with_its_reason(self, fresh):
        with fresh("en") as page:
            told = page.locator("#cx-channel option, #cx-persona option").all_text_contents()
            assert told == ["All channels", "phone", "chat (fewer than 10 customers)", "All personas", "mostly app", "more phone", "few of them (fewer than 10 customers)"]  # fmt: skip
            assert page.locator("#cx-channel option[value=chat]").is_disabled()
            page.select_option("#cx-channel", "phone")
            assert page.locator("#cx-persona option[value='2']").text_content() == "more phone (hidden: it would give away fewer than 10 customers)"  # fmt: skip
            assert page.locator("#cx-persona option[value='2']").is_disabled()

    def test_selection_and_slider_survive_and_keys_do_it_all(self, fresh):
        with fresh("en") as page:
            page.locator("#cx-table tr[data-id='first invoice'] button").click()
            page.locator(".cx-range").fill("0.5")
            page.locator("#cx-channel").focus()
            page.keyboard.press("ArrowDown")
            page.wait_for_function("document.querySelector('.slices.on') !== null")
            assert page.locator(".cx-range").input_value() == "0.5"
            assert page.locator(".cx-node.cx-selected").get_attribute("data-id") == "first invoice"
            assert page.locator("#cx-table tr.chosen").get_attribute("data-id") == "first invoice"
            page.keyboard.press("Tab")
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "reset"
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "cx-channel"
            assert page.locator(".slices.on").count() == 0

    def test_a_way_of_a_slice_is_lit_on_the_map_and_let_go_with_it(self, fresh):
        with fresh("en") as page:
            page.select_option("#cx-channel", "phone")
            page.locator("#cx-ways .rank").first.click()
            assert page.locator("#cx-table tr.onway").count() == 3
            page.locator(".slices .reset").click()
            assert page.locator("#cx-table tr.onway").count() == 0
            assert page.locator("#cx-ways > li.chosen").count() == 0

    def test_paper_shows_what_is_chosen_and_no_controls(self, fresh):
        with fresh("en") as page:
            page.select_option("#cx-channel", "phone")
            page.emulate_media(media="print")
            assert not page.locator(".slices").is_visible()
            assert page.locator(".sizes .now").inner_text().startswith("Journeys with at least one contact by phone")
            assert page.locator("#touchpoints > .chain").is_visible()

    def test_on_a_phone_it_fits_and_stays_in_sight(self, fresh):
        with fresh("nl", 390) as page:
            page.select_option("#cx-channel", "phone")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            page.evaluate("document.getElementById('ways').scrollIntoView()")
            box = page.locator(".slices").bounding_box()
            assert 40 <= box["y"] <= 50
            assert box["y"] + box["height"] <= page.locator("#ways h2").bounding_box()["y"] < 400
            assert page.locator(".slices label").all_inner_texts()[0].startswith("Kanaal")
            assert (
                page.locator(".sizes .now")
                .inner_text()
                .startswith("Klantreizen met minstens één contact via telefoon · 2.406 van 4.812 klantreizen")
            )

    def test_hostile_names_are_text(self, fresh):
        with fresh("hostile") as page:
            page.select_option("#cx-channel", HOSTILE)
            page.select_option("#cx-persona", "1")
            assert HOSTILE in page.locator(".slices .now").inner_text()
            assert CLOSING in page.locator("#journey > .chain").inner_text()
            assert page.evaluate("document.querySelectorAll('main img').length") == 0

    def test_without_a_script_there_is_no_bar(self, pages, written):
        context = pages.browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(written["en"].as_uri())
        assert page.locator("#cx-table tbody tr").count() == 26
        assert page.locator("select").count() == 0
        context.close()
