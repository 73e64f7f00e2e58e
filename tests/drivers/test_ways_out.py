"""Each picture of a decision goes out as SVG, page and slide, and keeps its table."""

import pytest
from test_decision_pictures import HOSTILE, made


@pytest.mark.parametrize("name", ["what", "asymmetry", "importance", "priority", "truth", "roadmap"])
def test_a_decision_is_drawn_four_ways(name, tmp_path):
    result = made(6)[name]
    svg = result.to_svg(width=1080, language="nl")
    assert svg.startswith("<svg ")
    assert HOSTILE not in svg
    page = result.to_html(width=1080, language="nl")
    assert svg in page
    assert 'class="cx-drawn"' in page
    assert len(result.figure(width=1080).layout.annotations) > 5
    assert result.to_slides(tmp_path / "a.pptx", width=1080).read_bytes()[:2] == b"PK"
