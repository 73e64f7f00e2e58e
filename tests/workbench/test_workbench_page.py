"""The workbench's own script in a browser, joined to a real Workbench: each filter, each view, undo, what-if, down to journeys."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from standin import FLAGS, StandIn

from cxmining.drivers import find_drivers
from cxmining.experience import measure_experience
from cxmining.experience.example import _data
from cxmining.journeys import build_journeys
from cxmining.schema import table
from cxmining.workbench.widget import Workbench

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FRONTEND = Path(__file__).parents[2] / "cxmining" / "workbench" / "frontend"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "<img src=x onerror=window.hurt=1>"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt install chromium"),
]

# The words of a node of the map are pieces of a drawing, which axe joins without a space.
RUN = """() => axe.run(document, {resultTypes: ['violations'], rules: {'label-content-name-mismatch': {enabled: false}}}).then((r) => r.violations
  .filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)]))"""


@pytest.fixture(scope="module")
def lived():
    """The small company: one touchpoint has a label that is markup, touchpoints have stages, customers a persona."""
    data = _data()
    events, answers = (
        t.assign(touchpoint=t["touchpoint"].replace("calls back", HOSTILE)) for t in (data.events, data.answers)
    )
    names = ["orders", "asks about the bill", HOSTILE]
    catalogue = table("catalogue", {
        "touchpoint": names, "label_en": ["Orders something", None, None], "label_nl": ["Bestelt iets", None, None],
        "stage": ["purchase", "service", "service"], "backstage": [False] * 3, "third_party": [False] * 3,
    })  # fmt: skip
    customers = data.customers.assign(
        persona=["planner" if i % 4 < 2 else "hurrier" for i in range(len(data.customers))]
    )
    responses = data.responses.assign(comment=HOSTILE)
    data = replace(data, events=events, answers=answers, catalogue=catalogue, customers=customers, responses=responses)
    return measure_experience(build_journeys(data, gap="30D"))


@pytest.fixture(scope="module")
def drivers():
    rated = pd.DataFrame(
        np.random.default_rng(1).integers(1, 11, (300, 2)).astype(float), columns=["orders", "asks about the bill"]
    )
    rated["csat"] = 0.5 * rated["asks about the bill"] + np.random.default_rng(2).normal(size=300)
    return find_drivers(rated, "csat", bootstrap=100)


@pytest.fixture(scope="module")
def page():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1700, "height": 1200}, offline=True).new_page()
        page.set_default_timeout(20_000)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def stand(page, lived, drivers):
    return StandIn(page, Workbench(lived, drivers, text="masked"))


@pytest.fixture(scope="module")
def bench(lived, drivers):
    return Workbench(lived, drivers, text="masked")


@pytest.fixture
def wb(stand, lived, drivers):
    """A workbench as it was never touched."""
    stand.show(Workbench(lived, drivers, text="masked"))
    yield stand
    assert stand.broken == []
    assert stand.page.evaluate("window.hurt") is None


@pytest.fixture
def same(stand, bench):
    """One workbench for tests that leave it as it was: to make one takes longer than to look at it."""
    if stand.bench is not bench:
        stand.show(bench)
    yield stand
    stand.page.evaluate("window.model.send({do: 'clear'})")
    stand.settle()
    assert stand.broken == []


def box(wb, facet):
    return wb.page.locator(f"[data-facet='{facet}']")


def date(wb, at, day):
    wb.page.locator("[data-facet='period'] input").nth(at).fill(day)


def step(wb, how, first="orders", then=None):
    wb.page.locator(".wb-how").select_option(how)
    wb.page.locator(".wb-first").select_option(first)
    if then:
        wb.page.locator(".wb-then").select_option(then)
    wb.page.locator(".wb-add").click()


def days(wb, at, value):
    field = box(wb, "duration").locator("input").nth(at)
    field.fill(value)
    field.press("Tab")


FILTERS = {
    "period": (lambda wb: date(wb, 0, "2025-03-01"), "begins: from 1 Mar 2025", 'cx.filters.period("2025-03-01", None, keep="starting")'),
    "channel": (lambda wb: box(wb, "channel").get_by_label("phone").check(), "channel: phone", 'cx.filters.channel("phone")'),
    "persona": (lambda wb: box(wb, "segment:persona").get_by_label("hurrier").check(), "persona: hurrier", 'cx.filters.segment("persona", "hurrier")'),
    "stage": (lambda wb: box(wb, "stage").get_by_label("Service").check(), "stage: Service", 'cx.filters.stage("service")'),
    "score class": (lambda wb: box(wb, "score_class").get_by_label("detractor").check(), "scored as detractor", 'cx.filters.score_class("detractor")'),
    "contains": (lambda wb: step(wb, "contains", HOSTILE), f"meets {HOSTILE}", f'cx.filters.contains("{HOSTILE}")'),
    "starts": (lambda wb: step(wb, "starts"), "begins with Orders something", 'cx.filters.starts("orders")'),
    "ends": (lambda wb: step(wb, "ends"), "ends with Orders something", 'cx.filters.ends("orders")'),
    "followed": (lambda wb: step(wb, "followed", "orders", "asks about the bill"), "Orders something → … → asks about the bill",
                 'cx.filters.followed_by("orders", "asks about the bill")'),
    "duration": (lambda wb: days(wb, 0, "4"), "lasts at least 4 d", 'cx.filters.duration(at_least="4D")'),
    "coverage": (lambda wb: box(wb, "coverage").locator("input").press("PageDown"), "most frequent variants, 95%", "cx.filters.coverage(0.95)"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_makes_a_chip_that_the_keyboard_takes_off(same, name):
    from playwright.sync_api import expect

    wb = same
    make, label, code = FILTERS[name]
    make(wb)
    wb.settle()
    chip = wb.page.locator(".wb-chip")
    expect(chip).to_have_count(1)
    if name != "coverage":  # how far a key moves a slider is the browser's
        expect(chip).to_contain_text(label)
        assert chip.get_attribute("title") == code
    kept = wb.bench.explore.counts
    expect(wb.page.locator(".wb-counts")).to_contain_text(
        f"{kept.journeys} of 105 journeys" if kept.journeys else "fewer than 10 customers"
    )
    assert wb.page.locator(".wb-code textarea").input_value() == wb.bench.explore.code
    assert wb.page.locator(".wb-foot").inner_text().endswith(chip.inner_text().split("\n")[0].replace(" ✕", "").strip())
    chip.focus()
    wb.page.keyboard.press("Delete")
    wb.settle()
    expect(chip).to_have_count(0)
    expect(wb.page.locator(".wb-counts")).to_contain_text("105 of 105 journeys")
    wb.page.locator("[data-do='undo']").click()
    wb.settle()
    expect(chip).to_have_count(1)


def test_what_is_selected_in_one_view_is_selected_in_all(wb):
    from playwright.sync_api import expect

    page, bill = wb.page, "asks about the bill"

    def chosen(name):
        expect(page.locator(f".cx-node[data-id='{name}']")).to_have_attribute("aria-pressed", "true")
        for view in (".wb-col", ".wb-row", ".wb-step"):
            here = page.locator(f"{view}[data-touchpoint='{name}']")
            if here.count():
                expect(here.first).to_have_class(re.compile(r"\bwb-on\b"))
        expect(page.locator(".wb-detail h4")).to_have_text("Orders something" if name == "orders" else name)

    page.locator(f".cx-node[data-id='{bill}']").click()
    wb.settle()
    chosen(bill)
    page.locator(".wb-row[data-touchpoint='orders']").click()  # Pareto
    wb.settle()
    chosen("orders")
    page.locator(f".wb-col[data-touchpoint='{bill}']").click()  # curve
    wb.settle()
    chosen(bill)
    page.locator(".cx-node[data-id='orders']").focus()  # by keyboard, on the map
    page.keyboard.press("Enter")
    wb.settle()
    chosen("orders")
    # a stage, by keyboard: its touchpoints light up everywhere
    page.locator(".cx-stage[data-stage='service']").focus()
    page.keyboard.press("Enter")
    wb.settle()
    expect(page.locator(".cx-stage[data-stage='service']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".wb-detail h4")).to_have_text("stage: Service")
    assert page.locator(f".wb-col[data-touchpoint='{bill}'].wb-on").count() == 1
    assert page.locator(".wb-row[data-touchpoint='orders'].wb-off").count() == 1
    assert wb.bench.explore.state.selected == "service"
    # a variant: its steps
    page.locator(".wb-variant").first.click()
    wb.settle()
    expect(page.locator(".wb-variant").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".wb-detail h4")).to_contain_text("Variants: v")
    # undone one by one, to nothing
    for want in ("stage", "touchpoint", "touchpoint", "touchpoint", "touchpoint", ""):
        page.locator("[data-do='undo']").click()
        wb.settle()
        assert wb.bench.explore.state.kind == want
    expect(page.locator("[data-do='undo']")).to_be_disabled()
    page.locator("[data-do='redo']").click()
    wb.settle()
    chosen(bill)
    page.get_by_role("button", name="only journeys with it").click()
    wb.settle()
    expect(page.locator(".wb-chip")).to_contain_text(f"meets {bill}")
    assert page.locator("img").count() == 0


def test_the_chain_is_copied_as_code_and_pasted_back_and_errors_stand_under_the_chips(wb):
    from playwright.sync_api import expect

    page = wb.page
    page.locator("[data-do='copy']").click()
    page.locator(".wb-code textarea").fill('cx.filters.channel("phone") & cx.filters.segment("persona", "planner")')
    page.get_by_role("button", name="apply").click()
    wb.settle()
    expect(page.locator(".wb-chip")).to_have_count(2)
    page.locator(".wb-code textarea").fill('cx.filters.contains("order")')
    page.get_by_role("button", name="apply").click()
    wb.settle()
    expect(page.locator(".wb-error[role=alert]")).to_contain_text("did you mean 'orders'")
    expect(page.locator(".wb-chip")).to_have_count(2)
    page.locator("[data-do='clear']").click()
    wb.settle()
    expect(page.locator(".wb-error[role=alert]")).to_have_text("")


def test_sliders_move_their_interval_along_with_the_hand(wb):
    from playwright.sync_api import expect

    page = wb.page
    sliders = page.locator(".wb-ifs .wb-slide")
    expect(sliders).to_have_count(2)
    mine = page.locator(".wb-ifs .wb-slide[data-if='orders']")
    expect(mine.locator(".wb-name")).to_have_text("Orders something")
    mine.locator("input").focus()
    page.keyboard.press("ArrowRight")
    wb.settle()
    expect(mine.locator("output")).to_have_text("+0.5 points")
    asked = page.evaluate("window.sent.length")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(mine.locator("output")).to_have_text("+1.5 points")
    assert page.evaluate("window.sent.length") == asked, "every notch was answered at once"
    row = wb.bench.explore.what_if("orders", 1.5).summary.iloc[0]
    expect(mine.locator(".wb-effect")).to_contain_text(f"{row['difference']:+.2f}".replace("-", "−"))
    assert mine.locator(".wb-span").count() == 1, "the interval is drawn"
    expect(page.locator(".wb-ifs-said")).to_contain_text("Orders something")
    expect(page.locator(".wb-ifs-said")).to_contain_text("associated difference")
    # the touchpoint that is selected has a slider of its own
    page.locator(".wb-row[data-touchpoint='asks about the bill']").click()
    wb.settle()
    expect(page.locator(".wb-if output")).to_have_text("+1 point")
    expect(page.locator(".wb-if-said")).to_contain_text("associated difference of +")


def test_what_changes_nothing_is_answered_too(wb):
    page = wb.page
    page.evaluate("window.model.send({do: 'clear'})")
    wb.settle()
    before = page.evaluate("window.model.get('heard')")
    page.locator("[data-tab='journeys']").click()
    page.locator(".wb-order").select_option("lowest")
    wb.settle()
    page.locator(".wb-order").dispatch_event("change")  # the same once more
    wb.settle()
    assert page.evaluate("window.model.get('heard')") == before + 3
    # the sign that it takes long comes after 400 ms, and goes with the answer
    page.evaluate("document.querySelector('.wb').classList.add('wb-late')")
    page.locator(".wb-order").dispatch_event("change")
    page.wait_for_selector(".wb:not(.wb-late)")


def test_down_to_journeys_and_back(wb):
    from playwright.sync_api import expect

    page = wb.page
    page.locator(f".cx-node[data-id='{HOSTILE}']").click()
    wb.settle()
    page.locator(".wb-drill").click()
    wb.settle()
    expect(page.locator("[data-tab='journeys']")).to_have_attribute("aria-selected", "true")
    rows = page.locator(".wb-list tbody tr")
    expect(rows).to_have_count(10)
    twin = wb.bench.explore.list_journeys(20).summary
    assert page.locator(".wb-list tbody .wb-link").all_inner_texts()[0] == "6 Jan 2025 09:00"
    assert [len(r.locator(".wb-path i").all()) for r in rows.all()] == twin["n_events"].tolist()
    page.locator(".wb-order").select_option("lowest")
    wb.settle()
    scores = [float(r.locator("td").nth(1).inner_text()) for r in rows.all()]
    assert scores == sorted(scores)
    rows.nth(2).locator("button").focus()
    page.keyboard.press("Enter")
    wb.settle()
    contacts = page.locator(".wb-contacts tbody tr")
    journey = wb.bench.explore.open_journey(wb.bench.listed["one"]["id"])
    expect(contacts).to_have_count(len(journey.contacts))
    expect(contacts.last).to_contain_text("7 d later")
    expect(page.locator(".wb-contacts")).to_contain_text("<img")
    expect(page.locator(".wb-back")).to_be_focused()
    page.keyboard.press("Enter")
    wb.settle()
    expect(rows.nth(2).locator("button")).to_be_focused()
    # too few customers: a sentence, and no rows
    date(wb, 0, "2025-05-15")
    wb.settle()
    expect(page.locator(".wb-few")).to_have_text("⊘ fewer than 10 customers are left: their journeys are not shown")
    expect(rows).to_have_count(0)
    assert page.locator("img").count() == 0


def test_values_of_an_attribute_side_by_side_with_the_corrected_test(wb):
    from playwright.sync_api import expect

    page = wb.page
    page.locator("[data-tab='variants']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wb.settle()
    expect(page.locator("[data-tab='segments']")).to_be_focused()
    page.locator(".wb-attribute").select_option("segment")
    wb.settle()
    assert page.locator(".wb-parts thead th").all_inner_texts()[1:] == ["business\n30 customers", "home\n30 customers"]
    page.locator(".wb-segments .wb-test").click()
    wb.settle()
    expect(page.locator(".wb-tested")).to_contain_text("reach differs, lowest for home, highest for business")
    expect(page.locator(".wb-parts tr").filter(has_text="<img").locator(".wb-differs")).to_have_count(1)
    page.locator(".wb-measure").select_option("score")
    row = page.locator(".wb-parts tbody tr").filter(has_text="asks about the bill")
    twin = wb.bench.explore.segments("segment").summary.set_index(["touchpoint", "value"]).loc["asks about the bill"]
    for at, value in enumerate(("business", "home")):
        expect(row.locator("td").nth(at)).to_contain_text(f"{twin.loc[value, 'score_mean']:.1f}")
        expect(row.locator("td").nth(at)).to_contain_text("n = 30")
    # the persona that a filter leaves alone
    box(wb, "segment:persona").get_by_label("hurrier").check()
    page.locator(".wb-attribute").select_option("persona")
    wb.settle()
    assert "⊘" not in page.locator(".wb-parts thead").inner_text()


def test_two_states_side_by_side(wb):
    from playwright.sync_api import expect

    page = wb.page
    expect(page.locator("[data-do='compare']")).to_be_disabled()
    box(wb, "segment:segment").get_by_label("home").check()
    page.locator("[data-do='save_a']").click()
    box(wb, "segment:segment").get_by_label("business").check()
    box(wb, "segment:segment").get_by_label("home").uncheck()
    page.locator("[data-do='save_b']").click()
    wb.settle()
    page.locator("[data-do='compare']").click()
    table = page.locator(".wb-compare")
    expect(table).to_contain_text("A: segment: home")
    expect(table.locator("tbody tr")).to_have_count(3)
    page.locator(".wb-compare .wb-test").click()
    wb.settle()
    expect(page.locator(".wb-compare .wb-tested")).to_be_visible()
    page.locator("[data-do='open_a']").click()
    wb.settle()
    expect(page.locator(".wb-chip")).to_contain_text("segment: home")


def test_long_work_shows_its_share_or_its_seconds_and_can_be_stopped(same):
    from playwright.sync_api import expect

    wb = same
    page = wb.page
    page.evaluate("window.model.set('busy', {what: 'counting', since: Date.now() / 1000 - 5, share: 0.42})")
    expect(page.locator(".wb-job span")).to_contain_text("counting: 42%, 5 s")
    assert page.locator(".wb-job progress").get_attribute("value") == "0.42"
    page.evaluate("window.model.set('busy', {what: 'testing', since: Date.now() / 1000 - 5})")
    expect(page.locator(".wb-job span")).to_contain_text("testing: 5 s")
    assert page.locator(".wb-job progress").get_attribute("value") is None
    page.locator(".wb-stop").click()
    wb.settle()
    assert page.evaluate("window.sent.at(-1)") == {"do": "stop"}
    page.evaluate("window.model.set('busy', {})")
    expect(page.locator(".wb-job")).to_be_hidden()


def test_while_it_opens_it_shows_how_far_it_is_and_then_itself(same):
    from playwright.sync_api import expect

    wb = same
    page = wb.page
    page.evaluate(
        """() => { window.full = window.model.get('base');
        window.model.take({busy: {what: 'opening the workbench', since: Date.now() / 1000, share: 0.3}, base: {language: 'en', text: window.full.text}}); }"""
    )
    expect(page.locator(".wb-opening")).to_be_visible()
    expect(page.locator(".wb-job span")).to_contain_text("opening the workbench: 30%")
    assert page.locator(".wb-board").count() == 0
    page.evaluate("window.model.set('busy', {})")
    page.locator(".wb-again").click()
    wb.settle()
    assert page.evaluate("window.sent.at(-1)") == {"do": "ready"}
    page.evaluate("window.model.set('base', window.full)")
    expect(page.locator(".wb-counts")).to_contain_text("105 of 105 journeys")
    expect(page.locator(".wb-opening")).to_have_count(0)


@pytest.mark.parametrize(
    ("view", "broken", "where"),
    [
        ("curve", "{columns: [{}], low: 1, high: 10}", ".wb-curve"),
        ("map", "{nodes: 1}", ".wb-map"),
        ("variants", "[1]", ".wb-variants"),
        ("decides", "{rows: 1}", ".wb-pareto"),
        ("detail", "{id: 'orders'}", ".wb-detail"),
    ],
)
def test_a_view_that_fails_says_so_and_the_others_live(same, view, broken, where):
    from playwright.sync_api import expect

    wb = same
    page = wb.page
    page.locator(".wb-row[data-touchpoint='orders']").click()
    wb.settle()
    page.evaluate(f"window.model.set('view', {{...window.model.get('view'), {view}: {broken}}})")
    expect(page.locator(f"{where} .wb-error")).to_contain_text("This view could not be drawn")
    assert page.locator(".wb-body .wb-error").count() == 1
    # the next step draws it anew
    box(wb, "channel").get_by_label("phone").check()
    wb.settle()
    expect(page.locator(".wb-counts")).to_contain_text("60 of 105 journeys")
    expect(page.locator(".wb-body .wb-error")).to_have_count(0)


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: `npm ci` in cxmining/workbench/frontend")
@pytest.mark.parametrize(("theme", "width"), [("light", 1700), ("dark", 700)])
def test_axe_finds_nothing_serious(wb, lived, drivers, theme, width):
    page = wb.page
    page.set_viewport_size({"width": width, "height": 1000})
    wb.show(Workbench(lived, drivers, text="masked"), theme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    steps = theme == "light"  # the dark one is looked at when everything stands open
    assert not steps or page.evaluate(RUN) == [], "opened"
    box(wb, "channel").get_by_label("phone").check()
    page.locator("[data-do='copy']").click()
    wb.settle()
    assert not steps or page.evaluate(RUN) == [], "with a filter, and the code open"
    page.locator(f".cx-node[data-id='{HOSTILE}']").click()
    wb.settle()
    page.locator(".wb-drill").click()
    wb.settle()
    assert not steps or page.evaluate(RUN) == [], "a touchpoint in detail, its journeys"
    page.locator(".wb-list tbody button").first.click()
    wb.settle()
    page.locator(".wb-ifs input").first.press("ArrowRight")
    wb.settle()
    assert page.evaluate(RUN) == [], "one journey, and a what-if"
    page.locator("[data-tab='segments']").click()
    wb.settle()
    page.locator(".wb-segments .wb-test").click()
    wb.settle()
    assert page.evaluate(RUN) == [], "segments, tested"
    page.set_viewport_size({"width": 1700, "height": 1200})


@pytest.mark.parametrize("width", [1700, 1000, 700, 390])
def test_nothing_runs_out_of_the_page_at_any_width(same, width):
    wb, page = same, same.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.locator(".cx-node[data-id='orders']").click()
    wb.settle()
    for tab in ("journeys", "segments", "compare", "variants"):
        page.locator(f"[data-tab='{tab}']").click()
        wb.settle()
        over = page.evaluate(
            """() => [...document.querySelectorAll('.wb *')].filter((e) => !e.closest('svg, .wb-scroll, .wb-scroll-x, .cx-scroll, .cx-live'))
               .filter((e) => e.getBoundingClientRect().width && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className || e.tagName)"""
        )
        assert over == [], (width, tab)
    page.set_viewport_size({"width": 1700, "height": 1200})


def test_every_word_is_dutch_in_dutch(wb, lived, drivers):
    from playwright.sync_api import expect

    wb.show(Workbench(lived, drivers, language="nl"))
    expect(wb.page.locator(".wb-counts")).to_contain_text("105 van 105 klantreizen")
    wb.page.locator("[data-tab='journeys']").click()
    wb.settle()
    expect(wb.page.locator(".wb-list thead")).to_contain_text("begon")
    expect(wb.page.locator(".wb-row").first).to_contain_text("asks about the bill")
    assert wb.page.locator(".wb-if, .wb-ifs h3").first.inner_text() == "Wat als de score anders was"


def test_data_never_becomes_markup():
    for source in (FRONTEND / "src" / "workbench").glob("*.js"):
        text = source.read_text(encoding="utf-8")
        for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert door not in text, f"{source.name}: {door}"
