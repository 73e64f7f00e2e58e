"""Nobody is left out of the report: axe-core finds nothing serious, everything is reached by keyboard, pictures have names."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "cxmining" / "workbench" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")]

# The words of a node of the map are pieces of a drawing (figure, name in lines, channel), which axe joins without a
# space; that its name holds each of them is tested below.
RUN = """() => axe.run(document, {resultTypes: ['violations'], rules: {'label-content-name-mismatch': {enabled: false}}}).then((r) => r.violations
  .filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160)]))"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        started = p.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def opened(browser, path, width=1400, scheme="light"):
    """Open a report; its policy is set aside, which lets the checker in and nothing else out."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    context.set_offline(True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".cx-node")
    return page


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: `npm ci` in cxmining/workbench/frontend")
@pytest.mark.parametrize(("name", "width", "scheme"), [("en", 1400, "light"), ("nl", 390, "dark")])
def test_axe_finds_nothing_serious(browser, reports, name, width, scheme):
    page = opened(browser, reports[name], width, scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    if scheme == "light":  # as it is when just opened: once is enough, for it is the same below with more on it
        assert page.evaluate(RUN) == []
    # with a touchpoint and a way chosen, and everything that was closed open: contents, filters, tables of the figures
    page.locator(".cx-node").first.click()
    page.locator("#ways .more button").click()
    page.locator("#cx-ways .rank").nth(2).click()
    page.locator("#cx-waytools [data-sort=duration]").click()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate(RUN) == []
    page.context.close()


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: `npm ci` in cxmining/workbench/frontend")
def test_axe_is_really_asked(browser, reports):
    """A picture without a name and grey on grey are found: the check can fail."""
    page = opened(browser, reports["bare"])
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(
        'document.body.insertAdjacentHTML(\'beforeend\', \'<main style="background:#fff"><img src="data:,"><p style="color:#bbb;background:#fff">grey</p></main>\')'
    )
    found = {v[0] for v in page.evaluate(RUN)}
    assert {"image-alt", "color-contrast"} <= found
    page.context.close()


def test_a_node_is_called_by_every_word_that_stands_on_it(browser, reports):
    page = opened(browser, reports["en"])
    named = page.evaluate(
        """[...document.querySelectorAll('.cx-node')].map((g) => [g.getAttribute('aria-label').toLowerCase(),
           [...g.querySelectorAll('text')].map((t) => [...(t.children.length ? t.children : [t])].map((s) => s.textContent).join(' ').toLowerCase())])"""
    )
    assert len(named) > 20
    # a word that was broken over two lines has a hyphen there that its name has not
    # and a sign for what is hidden or was never measured is said in words
    missing = {
        n: [w for w in words if w not in ("", "–", "⊘") and w not in n and w.replace("- ", "") not in n]
        for n, words in named
    }
    assert {n: words for n, words in missing.items() if words} == {}
    for sign, said in (("–", "not rated"), ("⊘", "score hidden")):
        signed = [n for n, words in named if sign in words]
        assert signed
        assert [n for n in signed if said not in n] == []
    page.context.close()


def test_whatever_scrolls_is_reached_by_keyboard_and_has_a_name(browser, reports):
    page = opened(browser, reports["nl"], 390)
    lost = page.evaluate(
        """[...document.querySelectorAll('body *')].filter((e) => { const s = getComputedStyle(e);
             return ['auto', 'scroll'].includes(s.overflowX) && e.scrollWidth > e.clientWidth + 1; })
           .filter((e) => e.tabIndex < 0 || !(e.getAttribute('aria-label') || '').trim() || !e.getAttribute('role')).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert lost == []
    unnamed = page.evaluate(
        """[...document.querySelectorAll('svg[role=img]')].filter((e) => !(e.getAttribute('aria-label') || '').trim()).length"""
    )
    assert unnamed == 0
    page.context.close()


def test_where_the_keyboard_stands_is_seen_on_everything_it_reaches(browser, reports):
    page = opened(browser, reports["en"], 390)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.keyboard.press("Tab")  # from here on a focus that a script sets counts as one of the keyboard
    unseen = page.evaluate(
        """[...document.querySelectorAll('a, button:not([disabled]), summary, input, [tabindex="0"]')].filter((e) => e.checkVisibility()).filter((e) => {
             e.focus();
             const s = getComputedStyle(e), ring = e.querySelector && e.querySelector('.cx-ring');
             return document.activeElement === e && s.outlineStyle === 'none' && !(ring && getComputedStyle(ring).stroke !== 'none');
           }).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert unseen == []
    page.context.close()
