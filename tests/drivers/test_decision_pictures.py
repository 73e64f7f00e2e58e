"""The pictures of decisions: nothing overlaps or is cut off, at 6 to 40 touchpoints, wide and narrow."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from cxmining.drivers import find_drivers
from cxmining.drivers.asymmetry import Asymmetry
from cxmining.drivers.owners import Owners
from cxmining.drivers.people import Decided
from cxmining.drivers.performance import ImportancePerformance
from cxmining.drivers.priority import Priority
from cxmining.drivers.roadmap import Roadmap
from cxmining.drivers.truth import MomentsOfTruth
from cxmining.drivers.whatif import WhatIf
from cxmining.errors import StudyError, UnknownNameError
from cxmining.figures.ticks import nice_ticks

HOSTILE = "<img src=x onerror=alert(1)> & <b>"
LONG = "contactmoment over de leveranciersswitch en de jaarafrekening"
CHROMIUM = Path("/usr/bin/chromium")


def names_of(p):
    return [f"{LONG[:56]} {i}" if i % 3 == 0 else HOSTILE if i == 1 else f"asks about invoice {i}" for i in range(p)]


def made(p):
    """One result of each kind, with figures that stretch what is drawn."""
    rng = np.random.default_rng(p)
    names = names_of(p)
    middle = rng.normal(0, 0.3, p)
    half = rng.uniform(0.02, 0.4, p)
    n = rng.integers(9, 99_999, p)
    base = pd.DataFrame({"touchpoint": names, "n": n})
    what = base.assign(
        points=1.0, raised=0.9, reach=0.5, mean=7.1, at_end=0.1, difference=middle, low=middle - half, high=middle + half,
        linear=middle + 0.05, overall=middle / 2, overall_low=middle / 2 - half, overall_high=middle / 2 + half,
    )  # fmt: skip
    kinds = ["dissatisfier", "satisfier", "hybrid", "cannot tell"]
    asym = base.assign(kind=[kinds[i % 4] for i in range(p)], n_low=n // 3, n_middle=n // 3, n_high=n // 3)
    for end, sign in (("penalty", -1), ("reward", 1)):
        asym[end] = sign * abs(middle)
        asym[f"{end}_low"], asym[f"{end}_high"] = asym[end] - half, asym[end] + half
    share = np.sort(rng.dirichlet(np.ones(p)))[::-1]
    quadrants = ["improve first", "keep up", "low priority", "no more needed", "on a line"]
    ip = base.assign(share=share, share_low=share * 0.6, share_high=share * 1.5, mean=7 + middle, mean_low=7 + middle - half / 3,
                     mean_high=7 + middle + half / 3, quadrant=[quadrants[i % 5] for i in range(p)])  # fmt: skip
    prio = base.assign(rank=range(1, p + 1), priority=share / 9, priority_low=share / 20, priority_high=share / 4, pain=0.2,
                       pain_n=n, pain_basis="gap", share=share, share_n=500, reach=0.4, reach_n=12_345)  # fmt: skip
    outcomes = ["leaves", "returns", "recommends", "detracts"]
    truth = pd.DataFrame(
        [
            {"touchpoint": t, "outcome": o, "decisive": (i + j) % 3 == 0, "direction": "breaks" if (i + j) % 3 == 0 else "", "rare": i % 4 == 0,
             "n_met": int(n[i]), "customers": int(n[i]), "share_met": 0.3, "share_other": 0.1, "difference": middle[i] / (j + 1),
             "low": (middle[i] - half[i]) / (j + 1), "high": (middle[i] + half[i]) / (j + 1), "owner": f"{LONG[:40]} {i % 5}" if i % 5 else None,
             "owner_source": "mined" if i % 2 else "declared", "owner_check": "differs" if i % 7 == 0 else "agrees"}
            for i, t in enumerate(names)
            for j, o in enumerate(outcomes)
        ]
    )  # fmt: skip
    described = pd.DataFrame({"outcome": outcomes, "n": 900, "share": 0.1, "low": 0.05, "high": 0.2})
    quarters = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "later")
    kind = ["moment of truth", "pain point", "unmet task", "of people"]
    road = pd.DataFrame(
        {
            "item": [f"task: {t}" if i % 4 == 2 else t for i, t in enumerate(names)], "kind": [kind[i % 4] for i in range(p)],
            "quarter": [quarters[i % 5] for i in range(p)], "quarter_source": ["people" if i % 2 else "proposed" for i in range(p)],
            "owner": [f"Department of {LONG[:30]}" if i % 3 == 0 else None if i % 3 == 1 else "Sales" for i in range(p)],
            "owner_source": ["mined" if i % 2 else "declared" for i in range(p)], "evidence": ["text" if i % 4 == 2 else "measured" for i in range(p)],
            "effort": [None if i % 2 else "L, " + LONG for i in range(p)], "status": [HOSTILE if i % 3 else None for i in range(p)],
            "difference": middle, "low": middle - half, "high": middle + half, "n": n, "outcome": ["leaves" if i % 4 == 0 else None for i in range(p)],
            "outcome_difference": middle, "outcome_low": middle - half, "outcome_high": middle + half, "outcome_n": n, "saved": 123_456.0,
            "saved_low": 100_000.0, "saved_high": 200_000.0, "value": 1e6, "value_low": -1e5, "value_high": 2e6,
        }
    )  # fmt: skip
    empty = Owners(pd.DataFrame(), pd.DataFrame(), ())
    return {
        "what": WhatIf(what, {}, "csat", 500, ("segment",), (), np.zeros((p, 1))),
        "asymmetry": Asymmetry(asym, "csat", 500, (), {}),
        "importance": ImportancePerformance(ip, 1 / p, 7.0, (1.0, 10.0), "csat", 500, "mean"),
        "priority": Priority(prio, "csat", ()),
        "truth": MomentsOfTruth(truth, described, empty, pd.DataFrame(), "90D", "customer, gap 30D", ("a filter",), ()),
        "roadmap": Roadmap(road, quarters, "csat", "€", ("a note",), Decided()),
    }


@pytest.fixture(scope="module")
def analysis():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(np.rint(rng.normal(7, 1.5, (500, 6))), columns=names_of(6))
    return find_drivers(
        frame.assign(all=frame.mean(axis=1) + rng.normal(size=500)), "all", touchpoints=names_of(6), bootstrap=100
    )


@pytest.mark.parametrize("p", [1, 6, 40])
@pytest.mark.parametrize("width", [1400, 390])
def test_every_text_stands_inside_and_is_readable(p, width):
    for name, result in made(p).items():
        for language in ("en", "nl"):
            svg = result.picture(width=width, language=language).to_svg()
            assert "<img" not in svg, name
            # a label may break before "onerror": then it is a word in a text, and no attribute of anything
            assert not [k for e in ElementTree.fromstring(svg).iter() for k in e.attrib if k.startswith("on")], name
            sizes = [float(s) for s in re.findall(r'font-size="([\d.]+)"', svg)]
            assert min(sizes) >= 11, name
            assert "nan" not in svg, name


def test_the_figure_has_the_same_words_as_the_drawing():
    result = made(6)["what"]
    figure = result.figure(width=1080)
    texts = [a.text for a in figure.layout.annotations]
    assert any("&lt;img" in t for t in texts)
    assert not any("<img" in t for t in texts)
    assert figure.layout.width == 1080


@pytest.mark.parametrize("kind", ["pareto", "dominance", "importance", "asymmetry", "ranks", "what_if"])
def test_an_analysis_draws_each_of_its_pictures(analysis, kind):
    for width in (1080, 390):
        figure = analysis.figure(kind, width=width, language="nl", labels={names_of(6)[2]: "iets anders"})
        assert figure.layout.width == width
        read = [str(a.text) for a in figure.layout.annotations] + list(figure.layout.yaxis.ticktext or ())
        read += [
            str(t) for trace in figure.data for t in np.ravel(trace.hovertext if trace.hovertext is not None else [])
        ]
        assert any("&lt;img" in t for t in read)
        assert not any("<img" in t for t in read)


def test_an_unknown_picture_and_too_narrow_a_page_are_named(analysis):
    with pytest.raises(UnknownNameError, match="'pareto'"):
        analysis.figure("parteo")
    with pytest.raises(StudyError, match="at least 360"):
        analysis.figure("ranks", width=200)


def test_ticks_are_round_and_inside():
    assert nice_ticks(0, 1, 5) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert nice_ticks(3, 3) == [3]


MEASURED = """() => {
  const s = document.querySelector('svg').getBoundingClientRect();
  const t = [...document.querySelectorAll('text')].map((e) => [e.textContent, e.getBoundingClientRect()]);
  const out = t.filter(([, b]) => b.left < s.left - 1 || b.right > s.right + 1 || b.bottom > s.bottom + 1 || b.top < s.top - 1);
  const over = [];
  t.forEach(([x, a], i) => t.slice(i + 1).forEach(([y, b]) => {
    if (a.left < b.right - 1.5 && b.left < a.right - 1.5 && a.top < b.bottom - 5 && b.top < a.bottom - 5) over.push([x, y]);
  }));
  return [out.map((x) => x[0]), over.slice(0, 5)];
}"""


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium")
def test_in_a_browser_nothing_overlaps_and_nothing_is_cut_off(analysis):
    playwright = pytest.importorskip("playwright.sync_api")
    drawn = {}
    for p in (6, 40):
        for name, result in made(p).items():
            for width, language in ((1400, "en"), (390, "nl")):
                drawn[name, p, width] = result.picture(width=width, language=language).to_svg()
    for kind in ("dominance", "ranks"):
        for width in (1400, 390):
            drawn[kind, 6, width] = analysis.picture(kind, width=width).to_svg()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for key, svg in drawn.items():
            page.set_viewport_size({"width": key[2], "height": 900})
            page.set_content(f"<body style='margin:0'>{svg}</body>")
            # overlap is judged on the drawing, not on labels that say the same
            assert page.evaluate(MEASURED) == [[], []], key
        browser.close()
