"""Numbers are written as the two languages write them, whatever writes them."""

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from cxmining.i18n import number


@given(st.floats(-1e10, 1e10), st.integers(0, 4), st.sampled_from(["en", "nl"]))
def test_numbers_are_written_as_babel_writes_them(x, digits, language):
    rounded = round(x, digits) + 0.0
    told = format_decimal(
        rounded, format="#,##0." + "0" * digits if digits else "#,##0", locale={"en": "en_GB", "nl": "nl_NL"}[language]
    )
    assert number(x, language, digits) == told.replace("-", "−")


@pytest.mark.parametrize(("x", "said"), [(1e18, "1,000,000,000,000,000,000"), (float("inf"), "∞")])
def test_what_is_very_large_is_written_too(x, said):
    assert number(x, "en") == said
