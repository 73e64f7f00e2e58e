"""Execute a notebook with parameters, strictly: a parameter it does not declare is refused, the same run gives the same bytes."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cxmining.errors import InputError, StudyError, nearest

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["parameters_of", "run_notebook"]

TAG: Final = "parameters"
_INJECTED: Final = "injected-parameters"
PATIENCE_S: Final = 3600
"""Seconds that one cell may take."""


def parameters_of(notebook: NotebookNode) -> dict[str, Any]:
    """Return what the cell tagged ``parameters`` declares: names with their literal values.

    Examples
    --------
    >>> import nbformat
    >>> cell = nbformat.v4.new_code_cell("days = 30", metadata={"tags": ["parameters"]})
    >>> parameters_of(nbformat.v4.new_notebook(cells=[cell]))
    {'days': 30}
    """
    declared: dict[str, Any] = {}
    for cell in notebook.cells:
        if TAG not in cell.metadata.get("tags", []):
            continue
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.Assign):
                try:
                    value = ast.literal_eval(node.value)
                except ValueError:
                    continue  # what is worked out is no parameter
                declared |= {target.id: value for target in node.targets if isinstance(target, ast.Name)}
    return declared


def run_notebook(
    notebook: str | Path, out: str | Path, parameters: Mapping[str, Any] | Sequence[str] = (), *, patience_s: int = PATIENCE_S
) -> Path:  # fmt: skip
    """Execute a notebook in its own folder and write the executed one.

    No wall-clock time is recorded: two runs over the same data give the same bytes, unless the notebook prints what
    differs.

    Parameters
    ----------
    notebook : path-like
        An ``.ipynb``.
    out : path-like
        Where the executed notebook is written, also when a cell failed: it then shows the error where it stands.
    parameters : mapping, or sequence of ``"name=value"``
        Replace what the cell tagged ``parameters`` declares, each by a value of the same type.
    patience_s : int, default 3600
        Seconds that one cell may take.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    InputError
        When the file is no notebook.
    StudyError
        When a parameter is not declared or of another type, or a cell fails.

    Examples
    --------
    >>> run_notebook("none.ipynb", "out.ipynb")
    Traceback (most recent call last):
    ...
    cxmining.errors.InputError: none.ipynb: there is no such notebook
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    source, target = Path(notebook), Path(out)
    if not source.is_file():
        raise InputError(f"{source}: there is no such notebook")
    try:
        node = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    except (AttributeError, KeyError, TypeError, ValueError, nbformat.ValidationError) as error:
        # what is JSON and no notebook breaks wherever the reader first looks
        raise InputError(f"{source}: no notebook ({(str(error).splitlines() or ['empty'])[0][:120]})") from None
    given = _checked(parameters, parameters_of(node), source.name)
    if given:
        _inject(node, given)
    client = NotebookClient(
        node, timeout=patience_s, kernel_name="python3", record_timing=False,
        resources={"metadata": {"path": str(source.resolve().parent)}},
    )  # fmt: skip
    try:
        client.execute()
    except CellExecutionError as error:
        raise StudyError(f"{source.name}: a cell failed: {error.ename}: {error.evalue}; {target} shows where") from None
    except CellTimeoutError:
        raise StudyError(
            f"{source.name}: a cell took longer than {patience_s} s; {target} shows how far it came"
        ) from None
    finally:
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(node, target)  # type: ignore[no-untyped-call]
    return target


def _checked(given: Mapping[str, Any] | Sequence[str], declared: Mapping[str, Any], name: str) -> dict[str, Any]:
    pairs = dict(given) if isinstance(given, Mapping) else dict(_pair(entry) for entry in given)
    checked = {}
    for key, value in pairs.items():
        if key not in declared:
            known = f"; {nearest(key, list(declared))}" if declared else f"; it has no cell tagged {TAG!r}"
            raise StudyError(f"{name} declares no parameter {key!r}{known}")
        usual = declared[key]
        if isinstance(usual, str) and not isinstance(given, Mapping):
            checked[key] = str(value)  # from a command line everything comes as text
            continue
        if not isinstance(given, Mapping):
            value = _literal(value)
        if (
            usual is not None
            and type(value) is not type(usual)
            and not (isinstance(usual, float) and type(value) is int)
        ):
            raise StudyError(f"{name}: parameter {key!r} is {type(usual).__name__} ({usual!r}), not {value!r}")
        checked[key] = value
    return checked


def _pair(entry: str) -> tuple[str, str]:
    key, sign, value = entry.partition("=")
    if not sign or not key.strip().isidentifier():
        raise StudyError(f"{entry!r}: a parameter is given as name=value")
    return key.strip(), value.strip()


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _inject(node: NotebookNode, given: Mapping[str, Any]) -> None:
    import nbformat

    at = max(i for i, cell in enumerate(node.cells) if TAG in cell.metadata.get("tags", []))
    lines = "\n".join(f"{key} = {value!r}" for key, value in given.items())
    how = {"id": "given-parameters", "metadata": {"tags": [_INJECTED]}}
    cell = nbformat.v4.new_code_cell(lines, **how)  # type: ignore[no-untyped-call]
    node.cells.insert(at + 1, cell)
