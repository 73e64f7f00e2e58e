"""A notebook leaves JupyterLab as one page: it draws without a network, and nothing but our own script runs on it."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import get_export_names, get_exporter

from cxmining.maps.journey.result import LIVE
from cxmining.report.exporter import ReportExporter

CHROMIUM = Path("/usr/bin/chromium")
BAD = "</script><img src=x onerror=alert(1)>"
BAR = {"data": [{"type": "bar", "x": [BAD, "b"], "y": [1, 2], "customdata": ["a", "b"]}], "layout": {"height": 240}}
FLOW = {
    "data": [{"type": "sankey", "node": {"label": ["a", "b"]}, "link": {"source": [0], "target": [1], "value": [1]}}]
}


def result(data):
    return nbformat.v4.new_output("execute_result", data=data, execution_count=1)


def notebook(*outputs):
    cells = [
        nbformat.v4.new_markdown_cell(f"# Journeys\n\n{BAD}", id="head"),
        *(nbformat.v4.new_code_cell("1 + 1", id=f"c{i}", outputs=[out]) for i, out in enumerate(outputs)),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def page_of(*outputs):
    return ReportExporter().from_notebook_node(notebook(*outputs))[0]


def spec():
    import pandas as pd

    from cxmining.maps import journey_map

    points = pd.DataFrame({"touchpoint": ["Call", BAD], "channel": "phone", "stage": "service", "events": [30, 20],
                           "journeys": [30, 20], "customers": [30, 20], "reach": [1.0, 0.6]})  # fmt: skip
    dfg = pd.DataFrame({"source": ["▶", "Call", BAD], "target": ["Call", BAD, "■"], "n": [30, 20, 20]})
    return journey_map(points, dfg)._repr_mimebundle_()


def test_it_stands_in_the_menu_of_jupyterlab():
    assert "journeyreport" in get_export_names()
    exporter = get_exporter("journeyreport")
    assert exporter is ReportExporter
    assert exporter.export_from_notebook.startswith("Journey report")


def test_a_page_of_words_holds_no_script_and_asks_for_nothing():
    page = page_of(result({"text/plain": "<b>2</b>"}))
    assert "script-src 'none';" in page
    assert re.findall(r"<script", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_the_same_notebook_gives_the_same_bytes_and_stays_as_it_is():
    source = notebook(result({"application/vnd.plotly.v1+json": BAR, "text/plain": "Figure"}))
    before = json.dumps(source)
    assert ReportExporter().from_notebook_node(source)[0] == ReportExporter().from_notebook_node(source)[0]
    assert json.dumps(source) == before


def test_only_traces_that_our_own_build_lacks_bring_the_whole_of_plotly():
    figure = "application/vnd.plotly.v1+json"
    assert len(page_of(result({figure: BAR, "text/plain": ""}))) < 2_000_000
    other = {"data": [{"type": "box", "y": [1, 2]}], "layout": {}}
    assert len(page_of(result({figure: BAR, "text/plain": ""}), result({figure: other, "text/plain": ""}))) > 4_000_000


def test_a_map_keeps_its_drawing_for_a_notebook_and_its_life_for_the_page():
    kept = spec()
    assert set(kept) == {"text/plain", "text/html", LIVE}
    assert json.loads(json.dumps(kept[LIVE], allow_nan=False)) == kept[LIVE]
    page = page_of(result(kept))
    assert 'class="cx-live-map"' in page
    assert BAD not in page


def test_scripts_and_widgets_leave_the_text_that_their_notebook_keeps():
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "Workbench(12 journeys)"}
    script = {"application/javascript": "alert(3)", "text/plain": "a script"}
    page = page_of(result(widget), result(script))
    assert "Workbench(12 journeys)" in page
    assert "alert(3)" not in page


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")
def test_maps_and_figures_draw_offline_and_choose_together(tmp_path):
    from playwright.sync_api import sync_playwright

    hostile = {
        "text/html": f"<b>{BAD}</b><script>alert(2)</script><img src='http://example.com/a.png'>",
        "text/plain": "",
    }
    figure = "application/vnd.plotly.v1+json"
    page_file = tmp_path / "report.html"
    page_file.write_text(
        page_of(
            result(spec()), result(spec()),
            result({figure: BAR, "text/plain": ""}), result({figure: FLOW, "text/plain": ""}), result(hostile),
        ),
        encoding="utf-8",
    )  # fmt: skip
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        asked, dialogs = [], []
        # what the policy stops is reported as asked for and failed: it never left the browser
        page.on("requestfinished", lambda r: asked.append(r.url))
        page.on("requestfailed", lambda r: asked.append(r.url) if "csp" not in r.failure else None)
        page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
        page.goto(page_file.as_uri())
        page.wait_for_selector(".sankey-node")
        assert page.locator(".bars .point").count() == 2
        nodes = page.locator(".cx-live-map >> nth=0").locator("[data-id='Call']")
        nodes.first.click()
        for i in range(2):  # chosen on one map, chosen on the other
            mine = page.locator(".cx-live-map").nth(i).locator("[data-id='Call']").first
            assert mine.get_attribute("aria-pressed") == "true"
        assert not dialogs
        assert [u for u in asked if not u.startswith(("file:", "data:", "blob:"))] == []
        browser.close()
