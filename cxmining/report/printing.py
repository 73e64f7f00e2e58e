"""A page on paper, or as an image, through the browser that is installed: it draws what a reader would see."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from cxmining.errors import StudyError

__all__ = ["find_browser", "print_page"]

T = TypeVar("T")
WIDTH: Final = 1400
"""Pixels of the window in which a page is drawn as an image."""
TALLEST: Final = 16_000
"""Pixels of one image: browsers draw no taller one. What is below stands in the next."""
PATIENCE_S: Final = 120
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
# figures are drawn by the page's own script after it has loaded; two frames later they stand
_DRAWN: Final = (
    "new Promise(done => { const look = () => requestAnimationFrame(() => setTimeout(() => done("
    "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]), 200));"
    " document.readyState === 'complete' ? look() : addEventListener('load', look); })"
)


def find_browser() -> str | None:
    """Return the browser that would draw: one of the Chromium family on the path, or None.

    Examples
    --------
    >>> find_browser() is None or bool(find_browser())
    True
    """
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def print_page(page: str | Path, out: str | Path) -> list[Path]:
    """Write a page as PDF or PNG, by the ending of `out`; an image taller than 16,000 pixels goes on in a next one.

    A browser writes the time into a PDF: unlike the page itself it has other bytes each time.

    Parameters
    ----------
    page : path-like
        An HTML file, as `write_report` writes it.
    out : path-like
        Ends in ``.pdf`` or ``.png``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    StudyError
        When `out` ends otherwise, `page` is not there, no browser is installed, the extra ``png`` is not, or the
        browser does not answer.

    Examples
    --------
    >>> print_page("report.html", "report.docx")
    Traceback (most recent call last):
    ...
    cxmining.errors.StudyError: report.docx: a page is printed as .pdf or .png
    """
    source, target = Path(page).resolve(), Path(out)
    if target.suffix not in (".pdf", ".png"):
        raise StudyError(f"{target.name}: a page is printed as .pdf or .png")
    if not source.is_file():
        raise StudyError(f"{page} is not there; `cxmining run STUDY` writes a report to print")
    browser = find_browser()
    if browser is None:
        raise StudyError(
            f"to write {target.name} a browser is needed (chromium, google-chrome or msedge on the path), and there is "
            f"none; {source.name} itself prints from any browser that opens it"
        )
    parts = _wait_for(_drawn(browser, source.as_uri(), target.suffix))
    target.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for i, data in enumerate(parts, start=1):
        path = target if i == 1 else target.with_stem(f"{target.stem}-{i}")
        path.write_bytes(data)
        written.append(path)
    return written


def _wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, in a thread of its own where a notebook's loop is running already."""

    async def patiently() -> T:
        return await asyncio.wait_for(work, PATIENCE_S)

    try:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(patiently())).result()
    except TimeoutError:
        raise StudyError(f"the browser did not draw the page within {PATIENCE_S} s; print it from a browser window") from None  # fmt: skip


async def _drawn(browser: str, address: str, kind: str) -> list[bytes]:
    try:
        from choreographer import Browser
    except ImportError:
        raise StudyError("printing through a browser needs the extra `png`: pip install 'cxmining[png]'") from None

    # as root a browser has no sandbox to start; the page's own policy lets nothing in
    async with Browser(path=browser, headless=True, enable_sandbox=False) as opened:
        tab = await opened.create_tab("about:blank")

        async def ask(what: str, **how: Any) -> Any:
            said = await tab.send_command(what, how)
            if "error" in said:
                raise StudyError(f"the browser refused to draw the page ({said['error'].get('message')}); print it from a browser window")  # fmt: skip
            return said["result"]

        await ask("Emulation.setDeviceMetricsOverride", width=WIDTH, height=900, deviceScaleFactor=1, mobile=False)
        await ask("Page.enable")
        loaded = tab.subscribe_once("Page.loadEventFired")
        await ask("Page.navigate", url=address)
        await loaded
        size = await ask("Runtime.evaluate", expression=_DRAWN, awaitPromise=True, returnByValue=True)
        if kind == ".pdf":
            got = await ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
            return [base64.b64decode(got["data"])]
        width, height = size["result"]["value"]
        parts = []
        for top in range(0, height, TALLEST):
            clip = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top), "scale": 1}
            got = await ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
            parts.append(base64.b64decode(got["data"]))
        return parts
