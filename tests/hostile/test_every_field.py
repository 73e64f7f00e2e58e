"""Text that wants to be run, in every field there is, through everything that leaves: nothing of it is run."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from every_field import FORMULA, HURTS, results, write_study
from lxml import etree, html

import cxmining as cx
from cxmining.errors import NotEnoughDataError

sys.path.append(str(Path(__file__).parents[1] / "workbench"))

from own_lab import CHROMIUM, FLAGS, code_cell, running_lab

NOTHING_TO_SHOW = {
    "Dataset", "Exploration", "Mess", "__version__", "filters", "changes", "promises",  # names for arguments
    "read_app", "read_chat", "read_log", "read_mail", "read_phone", "read_survey", "read_table",  # `read` of one file
    "flatten_ocel", "make_exports", "make_sample", "match_customers", "print_page", "read_workshop", "run_notebook", "sample",
    "run_study", "write_report", "reproduce", "compare_certain", "sensitivity",  # a run, which is here, once or more
    "check_nonresponse", "propose_touchpoints", "train_sentiment",  # need hundreds of answers or texts
}  # fmt: skip
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt install chromium")
ELEMENTS = {"img", "iframe", "script", "object", "embed", "link", "base", "form", "meta"}
PLOTLY = "application/vnd.plotly.v1+json"
MARKUP = re.compile(r"<(?:img|iframe|b onclick|svg onload|a href='javascript|/script)")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The study, its run by the command line, and what that said."""
    folder = tmp_path_factory.mktemp("hostile")
    study = write_study(folder)
    command = [sys.executable, "-m", "cxmining.cli", "run", str(study), "--out", str(folder / "run")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXMINING_KEY", "0123456789abcdef-hostile")
        done = subprocess.run(command, capture_output=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        yield study, folder / "run", done


@pytest.fixture(scope="module")
def found(ran, tmp_path_factory):
    return results(ran[0], ran[1], tmp_path_factory.mktemp("written"))


def test_no_cell_of_the_run_is_a_formula_and_each_label_reads_back(ran):
    run = ran[1]
    seen = 0
    for file in run.rglob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    number = re.fullmatch(r"-?[\d.]+(?:e[+-]?\d+)?|-inf", cell)
                    assert number or not cell.startswith(FORMULA), (file.name, cell)
                    seen += cell.startswith("'")
    assert seen > 100
    # the tables that leave as text name the same touchpoints as those that no spreadsheet opens
    there = set(pd.read_parquet(run / "private" / "events.parquet")["touchpoint"])
    loaded = cx.load_run(run)
    assert set(loaded.table("touchpoints")["touchpoint"]) == there
    assert {*loaded.table("dfg")["source"], *loaded.table("dfg")["target"]} - {"(start)", "(end)"} <= there
    assert {"@SUM(1)", "+1", "-1+1", "=1+1", '=HYPERLINK("http://evil.example")'} <= there


def test_what_the_command_says_moves_no_terminal(ran):
    said = (ran[2].stdout + ran[2].stderr).decode()
    assert len(said) > 100
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e]", said)


def test_every_verb_that_returns_something_is_here(found):
    assert set(cx.__all__) - set(found) == NOTHING_TO_SHOW


def shown(result):
    """What a notebook shows of a result: type → text."""
    from IPython.core.formatters import DisplayFormatter

    return {k: v for k, v in DisplayFormatter().format(result)[0].items() if isinstance(v, str)}


def test_in_a_cell_every_result_is_words(found):
    for name, result in found.items():
        page = shown(result).get("text/html", "")
        if not page:
            continue
        for element in html.fromstring(f"<div>{page}</div>").iter():
            if not isinstance(element.tag, str):
                continue
            assert element.tag not in ELEMENTS, (name, element.tag)
            for key, value in element.attrib.items():
                assert not key.startswith("on"), (name, key)
                assert key not in ("href", "src", "action", "xlink:href") or value.startswith(("#", "data:")), (
                    name,
                    value,
                )


def strings(value, key=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from strings(v, k)
    elif isinstance(value, list | tuple | np.ndarray):
        for v in value:
            yield from strings(v, key)
    elif isinstance(value, str):
        yield key, value


def test_in_a_figure_every_label_is_words(found):
    drawn = 0
    for name, result in found.items():
        if not callable(getattr(result, "figure", None)) or isinstance(result, ModuleType | pd.DataFrame):
            continue
        try:
            figure = result.figure().to_plotly_json()
        except NotEnoughDataError:
            continue
        hover = " ".join(v for k, v in strings(figure) if k == "hovertemplate")
        quiet = {"ids"} | (set() if "%{customdata" in hover else {"customdata"})  # never drawn
        for key, text in strings(figure):
            assert key in quiet or not MARKUP.search(text), (name, key, text)
        drawn += 1
    assert drawn > 25


def test_drawings_workbooks_and_models_are_well_formed(ran, found, tmp_path):
    parser = etree.XMLParser(resolve_entities=False)
    drawn = 0
    for name, result in found.items():
        if callable(getattr(result, "to_svg", None)):
            for element in etree.fromstring(result.to_svg().encode(), parser).iter():
                assert etree.QName(element).localname not in ELEMENTS, name
                assert not [k for k in element.attrib if k.startswith("on")], name
            drawn += 1
    assert drawn > 5
    for file in (ran[1] / "share" / "model.bpmn", ran[1] / "share" / "model.pnml", found["write_xes"].path):
        etree.parse(str(file), parser)
    book, slides = found["cx_map"].to_workbook(tmp_path / "x.xlsx"), found["cx_map"].to_slides(tmp_path / "x.pptx")
    parts = 0
    for packed in (book, slides):
        with zipfile.ZipFile(packed) as archive:
            for part in archive.namelist():
                if part.endswith((".xml", ".rels")):
                    read = etree.fromstring(archive.read(part), parser)
                    assert not read.findall(".//{*}f"), "a formula"
                    assert not [r for r in read.iter("{*}Relationship") if r.get("TargetMode") == "External"], part
                    parts += 1
    assert parts > 20
    again = cx.read_journeys(found["write_parquet"].path)
    assert list(again.log.touchpoints) == list(found["build_journeys"].log.touchpoints)


def watched(page, ours):
    """Take down what a page of ours asks for, says and pops up."""
    seen = []
    page.on("request", lambda r: None if ours(r.url) else seen.append(r.url))
    page.on("console", lambda m: seen.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.append(str(e)))
    page.on("dialog", lambda d: (seen.append(d.message), d.dismiss()))
    return seen


@pytest.mark.browser
@needs_browser
def test_the_report_runs_nothing_of_it(ran):
    from playwright.sync_api import sync_playwright

    report = ran[1] / "share" / "report.html"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        seen = watched(page, lambda url: url.startswith(("data:", "blob:")) or url == report.as_uri())
        page.goto(report.as_uri())
        page.wait_for_selector(".cx-node")
        for node in page.locator(".cx-node").all()[:4]:  # what a click brings up holds labels too
            node.click()
        page.wait_for_selector("[data-figure] .main-svg")
        assert page.evaluate("window.hurt") is None
        assert page.locator("img, iframe").count() == 0
        assert page.locator("a[href^='javascript'], [onclick], [onload], [onerror]").count() == 0
        # a label that begins like a formula is called by its name, as every other one
        assert "@SUM(1) label" in page.content()
        assert "'@SUM(1)" not in page.locator("body").inner_text()
        assert seen == []
        browser.close()


@pytest.fixture(scope="module")
def notebook(found):
    """A notebook with every result in it, as somebody sends it: its cells, and the saved state of its workbench."""
    from ipywidgets.embed import dependency_state

    bench = found["Workbench"]
    bench.ask({"do": "put", "facet": "step", "values": ["contains", HURTS[0], ""]})
    bench.ask({"do": "select", "kind": "touchpoint", "name": HURTS[0]})
    assert bench.error == ""
    cells = []
    for i, (name, result) in enumerate(found.items()):
        if name == "Workbench":
            data = result._repr_mimebundle_()[0]
        else:
            data = result._repr_mimebundle_() if name == "journey_map" else shown(result)
        cells.append(code_cell(f"# {name}", [_output(data)], f"c{i}"))
    figure = json.loads(found["find_drivers"].figure().to_json())
    cells.append(code_cell("# a figure", [_output({PLOTLY: figure, "text/plain": HURTS[0]})], "figure"))
    return cells, {"version_major": 2, "version_minor": 0, "state": dependency_state([bench], drop_defaults=False)}


def _output(data):
    return {"output_type": "execute_result", "data": json.loads(json.dumps(data)), "metadata": {}, "execution_count": 1}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab")) as started:
        own = Path(started.environment["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab" / "notebook-extension"
        own.mkdir(parents=True)
        # every cell is drawn, not only those in sight
        (own / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
        yield started


@pytest.mark.browser
@pytest.mark.slow
@needs_browser
def test_in_jupyterlab_and_in_the_page_from_its_menu_nothing_of_it_runs(lab, notebook, tmp_path):
    from playwright.sync_api import sync_playwright

    cells, state = notebook
    lab.write(
        "sent.ipynb", *cells, code_cell("1 + 1", (), "more"), widgets=state
    )  # the same would bear the same signature
    lab.trust(lab.write("signed.ipynb", *cells, widgets=state))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, trusted in (("sent.ipynb", False), ("signed.ipynb", True)):
            page = browser.new_page(viewport={"width": 1500, "height": 1100})
            page.set_default_timeout(90_000)
            seen = watched(page, lab.ours)
            page.goto(lab.url(name))
            page.wait_for_selector(".jp-Notebook .jp-CodeCell")
            page.wait_for_function(DRAWN, arg=len(cells))
            assert page.evaluate(TRUSTED) is trusted
            if trusted:
                # the workbench, or Lab's word that it has none: whether saved state or kernel comes first is its own race
                page.wait_for_selector(".wb .cx-node, .jupyter-widgets-disconnected")
            assert page.evaluate("window.hurt") is None
            assert page.locator(WANTS_TO_RUN).count() == 0
            assert [s for s in seen if not KNOWN.search(s)] == []
            if trusted:
                saved = exported(page, tmp_path / "page.html")
            page.close()
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.context.set_offline(True)
        seen = watched(page, lambda url: url.startswith(("data:", "blob:")) or url == saved.as_uri())
        page.goto(saved.as_uri())
        assert "default-src 'none'" in page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute(
            "content"
        )
        page.locator(f".cx-live-map .cx-node[data-id='{HURTS[1]}']").first.click()
        page.wait_for_selector(".cx-live-map .cx-node[aria-pressed='true']")
        page.wait_for_selector(".cx-live-figure .main-svg")
        assert page.evaluate("window.hurt") is None
        assert page.locator(WANTS_TO_RUN).count() == 0
        assert seen == []
        browser.close()


DRAWN = "n => document.querySelectorAll('.jp-OutputArea-output').length >= n"
TRUSTED = """() => { const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  return [...cells].every((c) => c.trusted) }"""
WANTS_TO_RUN = ".jp-OutputArea img[onerror], .jp-OutputArea iframe, [onclick], [onload], [onerror], .jp-OutputArea a[href^='javascript']"
KNOWN = re.compile("favicon")


def exported(page, out):
    """Take the way through the menu, and keep what is downloaded."""
    there = []
    page.context.on("page", lambda p: p.on("download", lambda d: there.append(d)))
    page.on("download", lambda d: there.append(d))
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save and Export Notebook As").hover()
    page.get_by_role(
        "menuitem", name=re.compile("journey ?report", re.IGNORECASE)
    ).click()  # Lab writes its entry point's name
    for _ in range(900):
        if there:
            break
        page.wait_for_timeout(100)
    there[0].save_as(out)
    return out
