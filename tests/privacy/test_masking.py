"""Masking of free text. Every number here is made up; check digits are computed."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.privacy import mask


def one(text, names=()):
    return mask(pd.Series([text]), names)[0][0]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail me op j.doe+x@voorbeeld.co.uk.", "mail me op [email]."),
        ("rekening NL91 ABNA 0417 1643 00 graag", "rekening [iban] graag"),
        ("NL91ABNA0417164300", "[iban]"),
        ("BE68 5390 0754 7034", "[iban]"),
        ("mijn BSN is 111222333", "mijn BSN is [bsn]"),
        ("kaart 4111 1111 1111 1111", "kaart [card]"),
        ("EAN 871685900001234501", "EAN [ean]"),
        ("EAN 8716 8590 0001 2345 01 van de meter", "EAN [ean] van de meter"),
        ("bel 06-12345678 of 020 123 4567", "bel [phone] of [phone]"),
        ("+31 (0)6 1234 5678, 0031612345678", "[phone], [phone]"),
        ("auto AB-12-CD en 12-abc-3", "auto [plate] en [plate]"),
        ("1234 AB 12a", "[address]"),
        ("Dorpsstraat 12, 1234AB Utrecht", "[address] Utrecht"),
        ("woon op Kerkweg 5", "woon op [address]"),
        ("groetjes anna van der berg", "groetjes [name]"),
        ("Dag Anna, dag Berg", "Dag [name], dag [name]"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(text, masked):
    assert one(text, ["Anna van der Berg"]) == masked


@pytest.mark.parametrize(
    "text",
    [
        "termijnbedrag ineens van 146 naar 212??",
        "factuur 2024001234 van 12-03-2024",
        "op 2024-01-12 10:00 gebeld, 3x uitgelegd",
        "in 2023 EN in 2024",
        "verbruik 12345 kWh, stand 012345",
        "2000 KW vermogen",
        "NL91ABNA0417164301",  # the check digits are wrong
        "code 12-34-56",
        "de berg op",
    ],
)
def test_what_is_about_nobody_stays(text):
    assert one(text, ["Anna van der Berg"]) == text


def test_counts_per_kind_and_missing():
    masked, counts = mask(pd.Series(["a@b.nl en c@d.nl", None, "06-12345678"], index=[3, 4, 5]))
    assert masked.index.tolist() == [3, 4, 5]
    assert pd.isna(masked[4])
    assert {k: n for k, n in counts.items() if n} == {"email": 2, "phone": 1}
    assert str(masked.dtype) == "str"


@settings(max_examples=30, deadline=None)
@given(
    before=st.text(max_size=20).filter(lambda t: "@" not in t),
    user=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    digits=st.integers(10_000_000, 99_999_999),
)
def test_no_address_or_number_survives_wherever_it_stands(before, user, digits):
    masked = one(f"{before} {user}@example.nl 06{digits} x")
    assert "example.nl" not in masked
    assert str(digits) not in masked
