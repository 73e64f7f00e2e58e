"""The workbench in a real JupyterLab: open, filter, select in one view, undo, what-if; labels stay words."""

import pytest
from own_lab import CHROMIUM, FLAGS, TOKEN, code_cell

HOSTILE = "<img src=x onerror=window.hurt=1>"
CELL = f"""
import numpy as np, pandas as pd
from dataclasses import replace
from cxmining.experience.example import _data
from cxmining.drivers import find_drivers
from cxmining.experience import measure_experience
from cxmining.journeys import build_journeys
from cxmining.workbench.widget import Workbench
hostile = {HOSTILE!r}
data = _data()
def renamed(table):
    return table.assign(touchpoint=table["touchpoint"].replace("calls back", hostile))
data = replace(data, events=renamed(data.events), answers=renamed(data.answers), responses=data.responses.assign(comment=hostile))
rated = pd.DataFrame(np.random.default_rng(1).integers(1, 11, (300, 2)).astype(float), columns=["orders", "asks about the bill"])
rated["csat"] = 0.5 * rated["asks about the bill"] + np.random.default_rng(2).normal(size=300)
Workbench(measure_experience(build_journeys(data, gap="30D")), find_drivers(rated, "csat", bootstrap=100), text="masked")
"""
READY = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt install chromium"),
]


@pytest.fixture(scope="module")
def lab(jupyterlab):
    """Address of a JupyterLab with a notebook of one cell."""
    jupyterlab.write("w.ipynb", code_cell(CELL))
    return jupyterlab.address


def test_the_workbench_from_opening_to_what_if(lab):
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1700, "height": 1300})
        outside, broken = [], []
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((lab, lab.replace("http", "ws"), "data:", "blob:")) else outside.append(r.url)
            ),
        )
        page.on("pageerror", lambda e: broken.append(str(e)))
        page.set_default_timeout(60_000)
        page.goto(f"{lab}/lab/tree/w.ipynb?token={TOKEN}&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.evaluate(READY)
        bench = page.locator(".wb")
        counts, chips = bench.locator(".wb-counts"), bench.locator(".wb-chips")
        expect(counts).to_contain_text("105 of 105 journeys")

        # a filter: chip, counts, map and code follow
        bench.locator("[data-facet='segment:segment'] input").first.check()
        expect(chips).to_contain_text("segment: business")
        expect(counts).to_contain_text("30 customers")
        assert bench.locator(".wb-code textarea").input_value() == 'cx.filters.segment("segment", "business")'

        # chosen in the map: the same in the curve, the Pareto, the variants and the detail
        bench.locator(".cx-node[data-id='asks about the bill']").click()
        expect(bench.locator(".wb-detail h4")).to_have_text("asks about the bill")
        for view in (".wb-col", ".wb-row", ".wb-step"):
            expect(bench.locator(f"{view}[data-touchpoint='asks about the bill'].wb-on").first).to_be_visible()
        # and the other way round
        bench.locator(".wb-row[data-touchpoint='orders']").click()
        expect(bench.locator(".cx-node[data-id='orders']")).to_have_attribute("aria-pressed", "true")

        # undo twice: the selection goes back, then away; the keyboard takes the chip off
        bench.get_by_role("button", name="undo").click()
        expect(bench.locator(".wb-detail h4")).to_have_text("asks about the bill")
        bench.locator(".wb-chip").focus()
        page.keyboard.press("Delete")
        expect(counts).to_contain_text("105 of 105 journeys")

        # what if, beside the notebook, with its interval
        page.wait_for_selector(".wb[data-done='true']")
        points = bench.locator(".wb-if .wb-points")
        points.focus()
        page.keyboard.press("ArrowRight")
        said = bench.locator(".wb-if-said")
        expect(said).to_contain_text("associated difference of +")
        expect(bench.locator(".wb-if output")).to_have_text("+1.5 points")

        # what cannot be done is said
        bench.get_by_role("button", name="copy as code").click()
        bench.locator(".wb-code textarea").fill('cx.filters.contains("order")')
        bench.get_by_role("button", name="apply").click()
        expect(bench.locator(".wb-error")).to_contain_text("did you mean 'orders'")

        # labels and quotes are words: nothing of them runs, and nothing is fetched
        bench.locator(".wb-first").select_option(HOSTILE)
        bench.locator(".wb-add").click()
        expect(chips).to_contain_text(f"meets {HOSTILE}")
        expect(bench.locator("blockquote").first).to_contain_text("<img")
        assert bench.locator("img").count() == 0
        assert page.evaluate("window.hurt") is None
        assert broken == []

        # the notebook keeps the state: who runs the cell again goes on where it was left
        page.wait_for_selector(".wb[data-done='true']")
        bench.evaluate("element => { element.id = 'before'; }")
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_selector("#before", state="detached")
        expect(page.locator(".wb .wb-chips")).to_contain_text(f"meets {HOSTILE}", timeout=30_000)
        assert [u for u in outside if not u.startswith("chrome")] == []
        browser.close()
