"""A chart drawn without plotly stands where plotly would put it, and says the same words."""

import pandas as pd
import pytest

from cxmining.drivers.picture import pareto_picture
from cxmining.figures import palette
from cxmining.figures.plotted import scene_of
from cxmining.figures.scene import Box, Circle, Line, Words
from cxmining.maps.emotion import emotional_journey

HOSTILE = "<img src=x onerror=alert(1)>"


def chart(trace, **layout):
    base = {"width": 220, "height": 120, "margin": {"l": 20, "r": 0, "t": 20, "b": 0}}
    return {"data": [trace], "layout": {**base, "xaxis": {"range": [0, 4]}, "yaxis": {"range": [0, 10]}, **layout}}


def test_points_bars_and_intervals_stand_where_their_numbers_are():
    # 200 × 100 pixels for 4 × 10: a point at (1, 5) is a quarter to the right and half way down
    error = {"color": palette.RED, "array": [1.0], "arrayminus": [20.0], "width": 3}
    found = scene_of(chart({"type": "scatter", "mode": "markers", "x": [1], "y": [5], "error_y": error}), "t").items
    (point,) = [i for i in found if isinstance(i, Circle)]
    assert (point.x, point.y) == (70, 70)
    bars = [i.points for i in found if isinstance(i, Line) and i.colour == palette.RED]
    # down it runs out of the picture: it ends at the edge, without a cap
    assert bars == [((70, 120), (70, 60)), ((67, 60), (73, 60))]
    bar = {
        "type": "bar",
        "x": [2],
        "y": [5],
        "width": 0.5,
        "hovertext": [f"<b>{HOSTILE.replace('<', '&lt;')}</b><br>2"],
    }
    (box,) = [i for i in scene_of(chart(bar), "t").items if isinstance(i, Box)]
    assert (box.x, box.width, box.y, box.height) == (20, 100, 67.5, 5)
    assert box.said == f"{HOSTILE} · 2"


def test_labels_are_text_and_numbers_follow_the_language():
    layout = {
        "separators": ",.", "yaxis": {"range": [0, 1], "nticks": 5}, "xaxis": {"range": [0, 4], "tickvals": [2], "ticktext": [f"a<br>{HOSTILE.replace('<', '&lt;').replace('>', '&gt;')}"]},
        "annotations": [{"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "text": "<b>R&amp;D</b>"}],
    }  # fmt: skip
    scene = scene_of(chart({"type": "scatter", "mode": "lines", "x": [0, 4], "y": [0, 1]}, **layout), "t")
    words = [i.text for i in scene.items if isinstance(i, Words)]
    assert {"0,2", "0,4", "a", HOSTILE, "R&D"} <= set(words)
    assert HOSTILE not in scene.to_svg()
    (bold,) = [i for i in scene.items if isinstance(i, Words) and i.bold]
    assert (bold.text, bold.anchor, bold.x) == ("R&D", "end", 220)


@pytest.mark.parametrize("width", [1080, 390])
def test_the_pareto_goes_out_as_drawing_page_and_slide(width, tmp_path):
    shares = pd.DataFrame(
        {"touchpoint": ["bill", HOSTILE], "share": [0.7, 0.3], "share_low": [0.6, 0.2], "share_high": [0.8, 0.4]}
    )
    pareto = pd.DataFrame(
        {
            "rank": [1, 2],
            "touchpoint": ["bill", HOSTILE],
            "cumulative": [0.8, 1.0],
            "low": [0.7, 1.0],
            "high": [0.9, 1.0],
            "baseline": [0.5, 1.0],
        }
    )
    picture = pareto_picture(shares, pareto, "A sentence.", labels={}, language="nl", width=width, title="What decides")
    texts = {i.text for i in picture.scene.items if isinstance(i, Words)}
    assert {"bill", "What decides", "A sentence.", "70% [60%; 80%]"} <= texts
    assert HOSTILE not in picture.to_html()
    assert picture.to_slides(tmp_path / "a.pptx").stat().st_size > 10_000


def test_the_emotional_journey_goes_out_as_a_drawing_too():
    table = pd.DataFrame({"touchpoint": [f"step {i:02}" for i in range(14)], "stage": "service", "score_metric": "csat", "score_scale_low": 1, "score_scale_high": 5,
                          "score_mean": 3.9, "score_low": 3.7, "score_high": 4.1, "score_n": 120})  # fmt: skip
    scene = emotional_journey(table).scene
    turned = [i for i in scene.items if isinstance(i, Words) and i.turn == -45]
    assert [w.text for w in turned] == table["touchpoint"].tolist()
    assert 'transform="rotate(-45 ' in scene.to_svg()
    assert {a.textangle for a in scene.figure().layout.annotations} >= {-45, -90}
