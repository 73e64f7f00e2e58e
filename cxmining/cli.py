"""The command line: ``cxmining init | inspect | run | reproduce | diff | report | sample | lab``.

Exit status 0 when it worked, 2 when the study or the call is wrong, 3 when an input cannot be read or
its records do not add up; then one message on stderr and no traceback. ``reproduce`` and ``diff`` exit
with 1 when something differs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import cxmining
from cxmining.errors import CxminingError, InputError, StudyError
from cxmining.i18n import counted

__all__ = ["app", "main"]

app = typer.Typer(
    name="cxmining",
    help="Mine customer journeys from the raw exports of every channel.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

StudyPath = Annotated[Path | None, typer.Argument(help="A study.toml, or a folder that holds one.", show_default=False)]
RunPath = Annotated[Path, typer.Argument(help="A run folder.", show_default=False)]
_STOPPED = 130
Pdf = Annotated[bool, typer.Option("--pdf", help="Print it as PDF too, through the browser that is installed.")]
Png = Annotated[bool, typer.Option("--png", help="Draw it as PNG too, through the browser that is installed.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def main() -> None:
    """Run the command line and translate errors into one message and an exit status."""
    sys.exit(_status())


def _status() -> int:
    try:
        # outside standalone mode a typer.Exit comes back as its code
        status = int(app(standalone_mode=False) or 0)
        if status == _STOPPED:  # typer turns Ctrl-C into this exit and says nothing
            _say("cxmining: stopped; nothing was written")
        return status
    except CxminingError as error:
        _say(f"cxmining: {error}")
        if isinstance(error, InputError) and error.code != "file-other":
            _say(f"{error.code}: {error.fix}")
        return error.exit_status
    except typer.Exit as done:
        return int(done.exit_code)
    except KeyboardInterrupt:
        _say("cxmining: stopped; nothing was written")
        return _STOPPED
    except BrokenPipeError:
        return 0
    except Exception as error:
        if hasattr(error, "format_message"):  # a usage error of the command line itself
            _say(f"cxmining: {error.format_message()}; `cxmining --help` lists the commands")
            return 2
        if isinstance(error, MemoryError):
            _say("cxmining: out of memory; read a shorter period, or fewer sources, at a time")
            return 3
        if isinstance(error, OSError):
            _say(f"cxmining: {error.filename or 'file'}: {error.strerror or error}")
            return 3
        raise


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"cxmining {cxmining.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Mine customer journeys from the raw exports of every channel."""


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="A folder of exports.", show_default=False)],
    tz: Annotated[str | None, typer.Option(help="Zone of stamps that carry none.", show_default=False)] = None,
) -> None:
    """Draft study.toml, rules.toml and touchpoints.toml from a folder of exports."""
    from cxmining.drafting import draft_study

    path = draft_study(folder, tz=tz)
    text = path.read_text(encoding="utf-8")
    questions = [line.strip().lstrip("# ") for line in text.splitlines() if "QUESTION:" in line]
    typer.echo(str(path))
    for question in questions:
        typer.echo(f"  {question}")
    if questions:
        typer.echo(f"Answer {counted(len(questions), 'question')} in the file, then: cxmining run {path}")
    else:
        typer.echo(f"Then: cxmining run {path}")


@app.command("inspect")
def inspect(
    path: Annotated[Path, typer.Argument(help="A file.", show_default=False)],
    tz: Annotated[str | None, typer.Option(help="Zone of stamps that carry none.")] = None,
) -> None:
    """Say what a file is taken for and why, its columns, masked first rows, and what would be rejected."""
    typer.echo(repr(cxmining.inspect(path, tz=tz)))


@app.command("run")
def run(
    study: StudyPath = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The run folder (default runs/<name>), or with --notebook the executed notebook.", show_default=False
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a setting, or a notebook's parameter."),
    ] = None,
    notebook: Annotated[
        Path | None, typer.Option(help="Execute this notebook instead of a study.", show_default=False)
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read every file again, not only what changed.")] = False,
    pdf: Pdf = False,
    png: Png = False,
    quiet: Quiet = False,
) -> None:
    """Read, mine and report: exports in, a run folder out. Files that did not change are not read again."""
    if (study is None) == (notebook is None):
        raise StudyError(
            "`cxmining run` takes a study (study.toml, or its folder) or --notebook FILE.ipynb, one of the two"
        )
    if notebook is not None:
        from cxmining.runs.notebook import run_notebook

        done = run_notebook(notebook, out or Path("runs") / notebook.name, set_ or ())
        typer.echo(str(done))
        return
    finished = cxmining.run_study(study, out=out, overrides=set_ or (), quiet=quiet, fresh=fresh)
    for line in _summary(finished):
        typer.echo(line)
    for line in finished.delivery.sentences():
        typer.echo(f"  delivery {line}")
    _tell(finished.report)
    typer.echo(f"report: {finished.report}")
    _print(finished.report, pdf, png)


def _tell(page: Path) -> None:
    """Say how large a page is, and what was left out of it to keep it so."""
    from cxmining.report.fitting import left_out

    typer.echo(f"  report   {page.stat().st_size / 1e6:.1f} MB")
    for said in left_out(page):
        typer.echo(f"           {said}")


def _print(page: Path, pdf: bool, png: bool) -> None:
    """Write a page as a reader would see it on paper, or as an image, beside it."""
    from cxmining.report.printing import print_page

    for wanted, ending in ((pdf, ".pdf"), (png, ".png")):
        if wanted:
            for path in print_page(page, page.with_suffix(ending)):
                typer.echo(f"printed: {path}")


def _summary(done: Any) -> list[str]:
    counts, verdict = done.manifest["counts"], done.verdict
    read = done.inputs[["read", "kept", "rejected", "duplicate", "merged", "context"]].sum()
    lines = [
        f"{done.manifest['study']['title'] or done.manifest['study']['name']}: {counts['first']} to {counts['last']}",
        (
            f"  records  {read['read']:,} read = {read['kept']:,} kept + {read['rejected']:,} rejected + "
            f"{read['duplicate']:,} duplicate + {read['merged']:,} merged + {read['context']:,} context"
        ),
        (
            f"  log      {counts['events']:,} events, {counts['customers']:,} customers, {counts['journeys']:,} journeys "
            f"({counts['case_notion']}), {counts['touchpoints']} touchpoints, {counts['variants']:,} variants"
        ),
    ]
    lines += [
        f"  {row.survey_kind:<13} {row.metric} {row.score:.2f} [{row.low:.2f}, {row.high:.2f}], n = {row.n:.0f}"
        for row in done.table("overall").itertuples()
    ]
    if verdict.get("word"):
        lines.append(f"  verdict  {verdict['word']}: {verdict['sentence']['en']}")
    else:
        lines.append(f"  verdict  none: {verdict['reason']['en']}")
    lines += [f"  note     {note}" for note in done.manifest["notes"]]
    hidden = len(done.table("suppressed"))
    if hidden:
        lines.append(f"  hidden   {hidden} small cells (share/suppressed.csv)")
    return lines


@app.command("reproduce")
def reproduce(
    run: RunPath,
    data: Annotated[Path | None, typer.Option(help="Folder of the inputs.", show_default=False)] = None,
    quiet: Quiet = False,
) -> None:
    """Execute a run again and say identical, or what differs from which step on."""
    result = cxmining.reproduce(run, data=data, quiet=quiet)
    typer.echo(repr(result))
    if not result.identical:
        raise typer.Exit(1)


@app.command("diff")
def diff(a: RunPath, b: RunPath) -> None:
    """Compare the figures of two runs."""
    result = cxmining.compare_runs(a, b)
    typer.echo(repr(result))
    if len(result.summary) or len(result.settings):
        raise typer.Exit(1)


@app.command("report")
def report(
    run: RunPath,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default share/report.html.", show_default=False)
    ] = None,
    limit_bytes: Annotated[
        int, typer.Option(min=1, help="The page is never larger: what is above is left out, the least loss first.")
    ] = 2_500_000,
    pdf: Pdf = False,
    png: Png = False,
) -> None:
    """Write the report of a run again."""
    page = cxmining.write_report(run, out=out, limit_bytes=limit_bytes)
    _tell(page)
    typer.echo(str(page))
    _print(page, pdf, png)


@app.command("sample")
def sample(
    out: Annotated[Path, typer.Argument(help="A folder to write.", show_default=False)],
    customers: Annotated[int, typer.Option(min=10, help="Number of customers.")] = 2000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    mess: Annotated[bool, typer.Option("--mess", help="Mix people up as systems do.")] = False,
    vendors: Annotated[bool, typer.Option("--vendors", help="Write the exports of many vendors instead.")] = False,
) -> None:
    """Simulate a Dutch energy supplier and write its raw exports with a study file."""
    if vendors:
        from cxmining.simulate.exports import make_exports

        make_exports(out, customers=customers, seed=seed, mess=mess)
    else:
        cxmining.make_sample(out, customers=customers, seed=seed, mess=mess)
    typer.echo(f"{out / 'study.toml'}\nThen: cxmining run {out}")


@app.command("lab", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab with the notebooks."""
    import subprocess

    notebooks = Path("notebooks")
    command = [sys.executable, "-m", "jupyterlab", *([str(notebooks)] if notebooks.is_dir() else []), *context.args]
    raise typer.Exit(subprocess.call(command))  # noqa: S603


if __name__ == "__main__":
    main()
