"""Reports as people meet them: open in a browser whose network is cut, one page per report and width for a whole file."""

import os
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Pages:
    """Reports that are open, with the network cut and a record of what each asked for and said."""

    def __init__(self, browser):
        self.browser, self.open = browser, {}

    def get(self, path, width):
        if (path, width) not in self.open:
            self.open[path, width] = self._load(path, width)
        return self.open[path, width]

    def _load(self, path, width):
        context = self.browser.new_context(viewport={"width": width, "height": 900})
        asked, said = [], []
        page = context.new_page()
        context.route("**/*", lambda r: r.continue_() if r.request.url == path.as_uri() else r.abort())
        context.set_offline(True)
        page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("data:", path.as_uri())) else None)
        page.on("console", lambda m: said.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: said.append(f"error: {e}"))
        page.on("dialog", lambda d: (said.append(f"dialog: {d.message}"), d.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_selector(".cx-node")
        if shots := os.environ.get("CXMINING_SHOTS"):
            page.screenshot(path=f"{shots}/{path.parent.parent.name}-{width}.png", full_page=True)
        return page, asked, said


@contextmanager
def opened(pages, path, width=1400):
    """Give a report as it is when just opened; leave only when it asked for nothing and nothing went wrong."""
    page, asked, said = pages.get(path, width)
    start = page.locator(".cx-range").input_value()
    try:
        yield page
        assert asked == []
        assert said == []
    finally:
        page.emulate_media(media="screen", color_scheme="light")
        if page.locator(".cx-close").is_visible():
            page.locator(".cx-close").click()
        page.locator(".cx-range").fill(start)
