"""Keys and pseudonyms."""

from __future__ import annotations

import hmac
import logging
import stat

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import StudyError
from cxmining.privacy import fingerprint, load_key, normalise, pseudonyms
from cxmining.study import parse_study

KEY = b"0123456789abcdef"


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.delenv("CXMINING_KEY", raising=False)
    return parse_study({"name": "s", "source": [{"name": "a", "path": "a.csv"}]}, root=tmp_path)


def test_a_key_is_made_once_for_its_owner_only_and_said(study, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="cxmining"):
        key = load_key(study)
    assert len(caplog.messages) == 1
    assert "pseudonym.key" in caplog.text
    file = tmp_path / "pseudonym.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) == 64
    assert load_key(study) == key
    assert [f.name for f in tmp_path.iterdir()] == ["pseudonym.key"]  # no draft is left


def test_two_studies_get_two_keys(study, tmp_path):
    first = load_key(study)
    (tmp_path / "pseudonym.key").unlink()
    assert load_key(study) != first


def test_the_environment_wins(study, tmp_path, monkeypatch):
    monkeypatch.setenv("CXMINING_KEY", "a key from the environment\n")
    assert load_key(study) == b"a key from the environment"
    assert not list(tmp_path.iterdir())


def test_short_keys_are_refused(study, tmp_path, monkeypatch):
    (tmp_path / "pseudonym.key").write_text("short\n")
    (tmp_path / "pseudonym.key").chmod(0o600)
    with pytest.raises(StudyError, match="5 bytes, expected at least 16"):
        load_key(study)
    monkeypatch.setenv("CXMINING_KEY", "")
    with pytest.raises(StudyError, match=r"CXMINING_KEY.*0 bytes"):
        load_key(study)


def test_a_key_file_that_cannot_be_made_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.delenv("CXMINING_KEY", raising=False)
    (tmp_path / "file").write_text("")
    values = {"name": "s", "source": [{"name": "a", "path": "a.csv"}], "privacy": {"key_file": "file/key"}}
    with pytest.raises(StudyError, match="key_file"):
        load_key(parse_study(values, root=tmp_path))


def test_the_fingerprint_tells_keys_apart_and_not_the_key():
    assert fingerprint(KEY) == hmac.new(KEY, b"cxmining key fingerprint 1", "sha256").hexdigest()[:12]
    assert fingerprint(KEY) != fingerprint(KEY + b"0")


@settings(max_examples=30, deadline=None)
@given(key=st.binary(min_size=16, max_size=100), text=st.text(max_size=80))
def test_a_pseudonym_is_hmac_sha256_of_prefix_and_value(key, text):
    expected = "c" + hmac.new(key, b"c\0" + text.encode("utf-8", "replace"), "sha256").hexdigest()[:16]
    if text.encode("utf-8", "replace").decode() == text:
        assert pseudonyms(pd.Series([text], dtype="str"), key, "c")[0] == expected


def test_missing_stays_missing_and_the_index_stays():
    got = pseudonyms(pd.Series(["a", None, "a"], index=[5, 6, 7], name="who", dtype="str"), KEY, "a")
    assert got.isna().tolist() == [False, True, False]
    assert got.index.tolist() == [5, 6, 7]
    assert (got.name, str(got.dtype)) == ("who", "str")
    assert pseudonyms(pd.Series([], dtype="str"), KEY, "a").tolist() == []
    assert str(pseudonyms(pd.Series([None, None]), KEY, "a").dtype) == "str"


def test_the_same_number_as_agent_and_as_case_is_not_recognised():
    number = pd.Series(["17"])
    assert pseudonyms(number, KEY, "a")[0][1:] != pseudonyms(number, KEY, "k")[0][1:]


def test_identifiers_get_one_spelling():
    phones = pd.Series(["06-12345678", "0031 6 12345678", "+31 (0)6 12345678", "12", "x", None])
    assert normalise("phone", phones).tolist()[:3] == ["+31612345678"] * 3
    assert normalise("phone", phones)[3:].isna().all()
    mails = pd.Series(["<A.B@X.nl>", "mailto:a.b@x.nl", "a b@x.nl", "a@x", "unknown"])
    assert normalise("email", mails).tolist()[:2] == ["a.b@x.nl"] * 2
    assert normalise("email", mails)[2:].isna().all()
    assert normalise("account", pd.Series([" 0012 ", "NULL", ""])).tolist()[0] == "0012"
    assert normalise("account", pd.Series([" 0012 ", "NULL", ""]))[1:].isna().all()
    assert normalise("name", pd.Series(["  Anna   Bos "]))[0] == "Anna Bos"


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"(\+31|0031|0|)[ -]?[0-9 -]{6,12}", fullmatch=True), st.sampled_from(["NL", "DE"]))
def test_the_short_way_for_telephone_numbers_is_the_librarys(raw, country):
    import phonenumbers

    try:
        number = phonenumbers.parse(raw, country)
        possible = phonenumbers.is_possible_number(number)
    except phonenumbers.NumberParseException:
        possible = False
    got = normalise("phone", pd.Series([raw]), country)[0]
    if possible:
        assert got == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    else:
        assert pd.isna(got)
