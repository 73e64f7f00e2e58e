"""The command writes what the functions write."""

from typer.testing import CliRunner

from cxmining.cli import app
from cxmining.simulate import make_sample
from cxmining.simulate.exports import FORMATS, make_exports


def same(a, b):
    files = sorted(f.relative_to(a) for f in a.rglob("*") if f.is_file())
    return files and all((a / f).read_bytes() == (b / f).read_bytes() for f in files)


def test_messy_sample_and_exports_of_vendors(tmp_path):
    done = CliRunner().invoke(app, ["sample", str(tmp_path / "a"), "--customers", "200", "--mess"])
    assert done.exit_code == 0, done.output
    make_sample(tmp_path / "b", customers=200, mess=True)
    assert same(tmp_path / "a", tmp_path / "b")
    done = CliRunner().invoke(app, ["sample", str(tmp_path / "c"), "--customers", "200", "--vendors"])
    assert done.exit_code == 0, done.output
    make_exports(tmp_path / "d", customers=200)
    assert same(tmp_path / "c", tmp_path / "d")
    assert {p.name for p in (tmp_path / "c").iterdir() if p.is_dir()} == set(FORMATS)
