"""The page stays below its limit, and says what it left out."""

import html
import json
import re

import pytest
from example_run import TOUCHPOINTS, make_run

import cxmining as cx
from cxmining.errors import StudyError
from cxmining.report import fitting
from cxmining.report.tables import read_run
from cxmining.report.write import render


def text_of(path):
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def data_of(path):
    return json.loads(re.search(r'id="cx-data">(.*?)</script>', path.read_text(encoding="utf-8"), flags=re.S)[1])


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """Five hundred touchpoints whose labels are three hundred characters long."""
    rows = []
    for i in range(500):
        one = TOUCHPOINTS[i % len(TOUCHPOINTS)]
        label = f"{i} " + "a label as long as an export can have it " * 8
        rows.append((f"{one[0]} {i}", label[:300], label[:300], *one[3:]))
    return make_run(tmp_path_factory.mktemp("crowded") / "run", touchpoints=rows)


def test_five_hundred_touchpoints_stay_below_the_limit_and_the_page_says_what_is_not_there(crowded):
    page = cx.write_report(crowded)
    assert page.stat().st_size <= fitting.LIMIT_BYTES
    said, out = text_of(page), fitting.left_out(page)
    assert out  # whole it would be above
    assert all(said.count(one) >= 2 for one in out)  # where it is missed, and among the methods
    assert "What was left out to keep this page small Whole, this page would be" in said
    assert any("100 of 500 touchpoints" in one and "share/touchpoints.csv" in one for one in out)
    assert page.read_text(encoding="utf-8").count("<tr data-id=") == 100
    files = {name for one in out for name in re.findall(r"share/(\w+\.csv)", one)}
    assert all((crowded / "share" / name).is_file() for name in files)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run whose page is below the limit, with that page."""
    run = make_run(tmp_path_factory.mktemp("small") / "run")
    return run, cx.write_report(run, run.parent / "whole.html")


def test_a_page_below_the_limit_is_whole(small):
    _, page = small
    assert fitting.left_out(page) == []
    assert "What was left out" not in text_of(page)
    assert data_of(page)["map"].get("rest") is None


@pytest.fixture(scope="module")
def steps(small):
    """The content of a page after each step in turn, and what was said of it."""
    run, said = read_run(small[0]), []
    content = fitting.page(run)
    for step in fitting.STEPS:
        before = dict(content["data"])
        said.append((step.section, step.thin(run, content, "en"), before))
    return content, said


def test_what_is_only_for_playing_goes_before_what_is_read(steps):
    _, said = steps
    order = [section for section, words, _ in said if words]
    assert order[0] == "journey"  # lines that the slider shows last
    assert order[-1] == "decide"  # the figures, whose numbers stay as tables
    assert [s.section for s in fitting.STEPS][:3] == ["filters", "ways", "hidden"]


def test_the_map_says_its_shares_of_the_whole_flow(steps):
    content, said = steps
    before = next(data["map"] for section, _, data in said if section == "journey")
    after = content["data"]["map"]
    total = sum(e["v"] for e in before["edges"])
    assert after["rest"]["n"] == len(before["edges"]) - len(after["edges"]) > 0
    assert after["rest"]["v"] + sum(e["v"] for e in after["edges"]) == total
    # what the slider starts with is all there: of any line that goes, larger ones already make up the start
    largest_gone = max(e["v"] for e in before["edges"] if e not in after["edges"])
    assert sum(e["v"] for e in before["edges"] if e["v"] >= largest_gone) >= before["flow"] * total


def test_a_step_of_a_published_way_stays_on_the_map(steps):
    content, _ = steps
    ways, drawn = content["data"]["ways"], content["data"]["map"]
    there = {(e["s"], e["t"]) for e in drawn["edges"]}
    steps_ = {(ways["ids"][a], ways["ids"][b]) for row in ways["rows"] for a, b in zip(row["steps"], row["steps"][1:], strict=False)}  # fmt: skip
    before = next(data["map"] for section, _, data in steps[1] if section == "journey")
    known = {(e["s"], e["t"]) for e in before["edges"]}
    assert steps_ & known <= there


def test_without_its_figures_the_page_still_has_their_numbers(steps, tmp_path):
    page = tmp_path / "r.html"
    page.write_text(render(steps[0]), encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size <= 600_000
    assert "Plotly" not in text.split('id="cx-data"')[0]
    assert "data-figure=" not in text.split("<script")[0]
    assert text.count('<details class="twin" open>') == 5
    assert data_of(page)["figures"] == {}


def test_when_nothing_helps_the_error_says_what_would(small):
    run, _ = small
    with pytest.raises(
        StudyError, match=r"report.html would be [\d,]+ bytes .* limit_bytes allows 1,000; allow at least"
    ):
        cx.write_report(run, limit_bytes=1_000)
    assert not (run / "share" / "report.html").exists()


def test_the_command_says_how_large_it_is_and_what_was_left_out(small):
    from typer.testing import CliRunner

    from cxmining.cli import app

    run, whole = small
    done = CliRunner().invoke(app, ["report", str(run), "--limit-bytes", str(whole.stat().st_size - 1)])
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert re.fullmatch(r"  report   1\.\d MB", lines[0])
    assert "share/dfg.csv" in lines[1]
    assert lines[-1] == str(run / "share" / "report.html")
