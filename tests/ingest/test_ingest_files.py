import gzip
import os

import pytest

from cxmining.errors import InputError
from cxmining.ingest.files.opening import decode, find_files

CSV = b"a,b\n1,2\n"


def test_files_come_in_the_order_of_their_content_so_that_names_do_not_matter(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x")
    (tmp_path / "b.csv").write_bytes(b"y")
    before = [f.sha256 for f in find_files(tmp_path, "*.csv", "s")]
    (tmp_path / "a.csv").rename(tmp_path / "z.csv")
    assert [f.sha256 for f in find_files(tmp_path, "*.csv", "s")] == before


@pytest.mark.parametrize(
    ("make", "pattern", "said"),
    [
        (lambda p: None, "x.csv", "there is no file 'x.csv'"),
        (lambda p: None, "*.csv", r"no file matches '\*\.csv'"),
        (lambda p: (p / "x.csv").mkdir(), "x.csv", "is a folder, not a file"),
        (lambda p: (p / "x.csv").write_bytes(b""), "x.csv", "the export is empty"),
        (lambda p: (p / "x.csv").write_bytes(b""), "*.csv", "x.csv: the export is empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(tmp_path, make, pattern, said):
    make(tmp_path)
    with pytest.raises(InputError, match=said) as error:
        find_files(tmp_path, pattern, "s")
    assert "\n" not in str(error.value)
    assert error.value.exit_status == 3


def test_folders_among_the_matches_of_a_pattern_are_passed_over(tmp_path):
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "x.csv").write_bytes(CSV)
    assert [f.name for f in find_files(tmp_path, "*.csv", "s")] == ["x.csv"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_out_of_the_study_is_refused_also_through_a_folder(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.csv").write_bytes(CSV)
    root = tmp_path / "study"
    root.mkdir()
    (root / "x.csv").symlink_to(outside / "x.csv")
    (root / "d").symlink_to(outside)
    for pattern in ("x.csv", "*.csv", "d/x.csv", "d/*.csv"):
        with pytest.raises(InputError, match="leads out of the folder of the study"):
            find_files(root, pattern, "s")
    (root / "in.csv").write_bytes(CSV)
    (root / "link.csv").symlink_to(root / "in.csv")
    assert len(find_files(root, "link.csv", "s")) == 1


def test_gzip_is_seen_in_the_content_and_a_cut_or_damaged_one_is_said(tmp_path):
    packed = gzip.compress(CSV * 1000, mtime=0)
    (tmp_path / "whole.csv").write_bytes(packed)
    assert find_files(tmp_path, "whole.csv", "s")[0].read() == CSV * 1000
    (tmp_path / "cut.csv.gz").write_bytes(packed[:-12])
    with pytest.raises(InputError, match=r"cut\.csv\.gz: the gzip archive is cut off"):
        find_files(tmp_path, "cut.csv.gz", "s")[0].read()
    (tmp_path / "bad.csv.gz").write_bytes(packed[:20] + b"\xff" * 20 + packed[40:])
    with pytest.raises(InputError, match="gzip archive is"):
        find_files(tmp_path, "bad.csv.gz", "s")[0].read()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("café".encode(), "café"),
        ("café".encode("utf-8-sig"), "café"),
        ("café €".encode("cp1252"), "café €"),
        ("café".encode("utf-16"), "café"),
        (b"a\x00b", "ab"),
    ],
)
def test_encodings_are_found(raw, text):
    assert decode(raw, None, "f")[0] == text


def test_a_declared_encoding_must_fit():
    with pytest.raises(InputError, match="byte 3 is not utf-8"):
        decode("caf\xe9".encode("latin-1"), "utf-8", "f")
    with pytest.raises(InputError, match="unknown encoding 'utf-7000'"):
        decode(b"x", "utf-7000", "f")
