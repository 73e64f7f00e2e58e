"""A page on paper or as an image, through the browser that is there; where there is none that is said."""

import asyncio
import struct
from pathlib import Path

import pytest

from cxmining.errors import StudyError
from cxmining.report import printing
from cxmining.report.printing import find_browser, print_page

needs_browser = pytest.mark.skipif(find_browser() is None, reason="needs a Chromium")


def page(folder: Path, height: int) -> Path:
    path = folder / "page.html"
    # what the script writes is on the image only when the page was waited for
    path.write_text(
        f"<body style='margin:0;background:#fff'><div id=d style='width:100px;height:{height}px'></div>"
        "<script>addEventListener('load', () => { d.style.background = '#000'; })</script>",
        encoding="utf-8",
    )
    return path


@pytest.mark.browser
@needs_browser
def test_a_page_is_printed_from_a_running_loop_too(tmp_path):
    async def inside_a_notebook():
        return print_page(page(tmp_path, 300), tmp_path / "new" / "page.pdf")

    [written] = asyncio.run(inside_a_notebook())
    assert written.read_bytes().startswith(b"%PDF-")


@pytest.mark.browser
@needs_browser
def test_an_image_shows_the_whole_page_and_what_scripts_drew(tmp_path):
    written = print_page(page(tmp_path, 17_000), tmp_path / "page.png")
    assert [p.name for p in written] == ["page.png", "page-2.png"]
    sizes = [struct.unpack(">II", p.read_bytes()[16:24]) for p in written]
    assert [h for _, h in sizes] == [16_000, 1_000]
    image = pytest.importorskip("PIL.Image")
    with image.open(written[0]) as drawn:
        assert drawn.convert("L").getpixel((50, 15_000)) == 0


def test_without_a_browser_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "find_browser", lambda: None)
    with pytest.raises(
        StudyError, match=r"to write a.pdf a browser is needed .* page.html itself prints from any browser"
    ):
        print_page(page(tmp_path, 10), tmp_path / "a.pdf")


def test_another_ending_and_a_missing_page_are_said(tmp_path):
    with pytest.raises(StudyError, match=r"printed as .pdf or .png"):
        print_page(page(tmp_path, 10), tmp_path / "a.docx")
    with pytest.raises(StudyError, match="is not there; `cxmining run STUDY` writes a report"):
        print_page(tmp_path / "none.html", tmp_path / "a.pdf")
