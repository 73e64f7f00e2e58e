"""Write the page: template, own scripts with their hashes in the policy, data that cannot leave its place."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

__all__ = ["SCRIPT_START", "as_script_data", "asset", "policy_of", "render", "write_report"]

_HERE = Path(__file__).parent
_STATIC = _HERE.parent / "workbench" / "static"
SCRIPT_START: Final = '<script type="application/json" id="cx-data">'
"""Before the data that the page's script draws."""


def write_report(run: str | Path, out: str | Path | None = None, *, limit_bytes: int = 2_500_000) -> Path:
    """Write the report of a run as one HTML file that needs neither kernel nor network.

    It reads ``run.json`` and the aggregates under ``share/``, so that nothing about a single customer
    can get into it. The same run gives the same bytes.

    Parameters
    ----------
    run : path-like
        A run folder.
    out : path-like, optional
        Where to write; default ``share/report.html`` in the run folder.
    limit_bytes : int, default 2,500,000
        The page is never larger. What is above it is thinned, the least loss first (see
        :data:`cxmining.report.fitting.STEPS`), and the page says what was left out, why, and which file holds it.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    StudyError
        When `run` is no run folder, or nothing that can be left out brings the page below the limit.
    InputError
        When a file of it is missing or cannot be read.

    Examples
    --------
    >>> write_report("no/such/run")
    Traceback (most recent call last):
    ...
    cxmining.errors.StudyError: no/such/run is no run folder: it holds no run.json; `cxmining run STUDY` makes one
    """
    from cxmining.report.fitting import fitted
    from cxmining.report.tables import read_run

    folder = Path(run)
    target = Path(out) if out is not None else folder / "share" / "report.html"
    text = fitted(read_run(folder), target.name, limit_bytes)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode("utf-8"))
    return target


def as_script_data(value: Any) -> str:
    r"""Return JSON that can stand inside a ``<script>``: no text in it can end the element or a line.

    Examples
    --------
    >>> print(as_script_data({"a": "</script>"}))
    {"a":"\u003c/script>"}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def render(content: dict[str, Any]) -> str:
    """Return the page for `content` (see :func:`cxmining.report.page.page`)."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from cxmining.report.messages import say

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    scripts = [asset("report.js")]
    if content["data"]["figures"]:
        scripts.insert(0, asset("plotly.js"))
    style = (_HERE / "templates" / "report.css").read_text(encoding="utf-8") + asset("journeymap.css")
    language = content["language"]
    return environment.get_template("report.html.j2").render(
        **{k: v for k, v in content.items() if k != "data"},
        t=lambda key: say(key, language),
        policy=policy_of(scripts),
        style=Markup(style),  # noqa: S704  our own file
        data=Markup(as_script_data(content["data"])),  # noqa: S704  escaped above
        scripts=[Markup(s) for s in scripts],  # noqa: S704  our own files
    )


def asset(name: str) -> str:
    """Return one of our own built files."""
    return (_STATIC / name).read_text(encoding="utf-8")


def policy_of(scripts: list[str]) -> str:
    """Return a policy by which only these very scripts run and nothing is ever fetched: plotly sets styles on what it draws."""
    hashes = (
        " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
        or "'none'"
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
