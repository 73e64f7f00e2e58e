"""What the site takes from the package itself: a page of every verb, and the notebooks as prose and code."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def reference() -> str:
    """One entry per verb, under the headings that stand between them in the package."""
    source = (ROOT / "cxmining" / "__init__.py").read_text(encoding="utf-8")
    lines = source[source.index("_VERBS = {") : source.index("}\n\n__all__")].splitlines()[1:]
    text = ["# Reference", "", "Every verb is `cx.<name>` after `import cxmining as cx`.", ""]
    for line in (line.strip() for line in lines):
        if line.startswith("#"):
            text += [f"## {line[1:].strip().capitalize()}", ""]
        elif line:
            name, home = ast.literal_eval("{" + line + "}").popitem()
            text += ["```{eval-rst}", f".. auto{kind(name, home)}:: {home}.{name}", "```", ""]
    return "\n".join(text)


def kind(name: str, home: str) -> str:
    import importlib
    import inspect

    value = getattr(importlib.import_module(home), name)
    return "class" if inspect.isclass(value) else "module" if inspect.ismodule(value) else "function"


def notebooks() -> dict[str, str]:
    """Each notebook as a page; outputs are not kept, they are made when one is run."""
    return {path.stem: page_of(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "notebooks").glob("*.py"))}


def page_of(script: str) -> str:
    out: list[str] = []
    for cell in script.split("\n# %%")[1:]:
        head, _, body = cell.partition("\n")
        body = body.strip("\n")
        if "[markdown]" in head:
            out.append("\n".join(line[2:] if line.startswith("# ") else line[1:] for line in body.splitlines()))
        elif body:
            out.append(f"```python\n{body}\n```")
    return "\n\n".join(out) + "\n"


def write(into: Path) -> None:
    """Write what is made, where it is not written so already: a build that changes nothing reads nothing anew."""
    pages = {into / "reference.md": reference()}
    pages |= {into / "notebooks" / f"{name}.md": text for name, text in notebooks().items()}
    for path, text in pages.items():
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
