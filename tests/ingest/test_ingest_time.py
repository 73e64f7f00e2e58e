import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmining.errors import InputError
from cxmining.ingest.records.times import from_epoch, parse_stamps


def utc(values, tz=None, **more):
    return [
        None if pd.isna(t) else f"{t:%Y-%m-%dT%H:%M:%S}"
        for t in parse_stamps(pd.Series(values), tz, "f.csv", **more).utc
    ]


def test_naive_stamps_without_a_zone_are_refused_and_the_choice_is_named():
    with pytest.raises(InputError, match=r'f\.csv: stamps carry no time zone.*tz = "Europe/Amsterdam".*tz = "UTC"'):
        parse_stamps(pd.Series(["2025-01-01 10:00:00"]), None, "f.csv")


def test_the_hour_that_spring_skips_keeps_durations_and_the_one_autumn_repeats_is_summer():
    # 02:30 does not exist on 30 March: read as if clocks had not changed, so 01:30 → 02:30 stays one hour
    got = parse_stamps(
        pd.Series(["2025-03-30 01:30:00", "2025-03-30 02:30:00", "2025-10-26 02:30:00"]), "Europe/Amsterdam", "f"
    )
    assert [str(t)[11:16] for t in got.utc] == ["00:30", "01:30", "00:30"]
    assert got.offset.tolist() == [60, 120, 120]
    assert (got.gap, got.overlap) == (1, 1)
    assert len(got.notes("s")) == 2


def test_offsets_are_kept_and_mixed_with_zulu():
    got = parse_stamps(
        pd.Series(["2025-01-01T10:00:00+01:00", "2025-07-01T10:00:00-0330", "2025-07-01T10:00:00Z"]), None, "f"
    )
    assert [str(t)[11:16] for t in got.utc] == ["09:00", "13:30", "10:00"]
    assert got.offset.isna().tolist() == [False, False, True]
    assert got.offset.tolist()[:2] == [60, -210]


def test_a_mixture_of_bare_and_zoned_stamps_still_needs_a_zone():
    with pytest.raises(InputError, match="no time zone"):
        utc(["2025-01-01T10:00:00Z", "2025-01-01T10:00:00"])
    assert utc(["2025-01-01T10:00:00Z", "2025-01-01T10:00:00"], "Europe/Amsterdam") == [
        "2025-01-01T10:00:00",
        "2025-01-01T09:00:00",
    ]


def test_day_and_month_are_settled_by_the_whole_column_or_refused():
    assert utc(["01/02/2025 10:00", "13/02/2025 9:05"], "UTC") == ["2025-02-01T10:00:00", "2025-02-13T09:05:00"]
    assert utc(["01/02/2025", "02/13/2025"], "UTC") == ["2025-01-02T00:00:00", "2025-02-13T00:00:00"]
    assert utc(["02/13/2025 12:05 AM", "02/13/2025 1:05:09 pm"], "UTC") == [
        "2025-02-13T00:05:00",
        "2025-02-13T13:05:09",
    ]
    with pytest.raises(InputError, match="nothing in the column tells day from month"):
        utc(["01/02/2025"], "UTC")
    with pytest.raises(InputError, match="both orders"):
        utc(["13/02/2025", "02/13/2025"], "UTC")


def test_one_bad_stamp_is_bad_and_only_bad_stamps_are_an_error():
    got = parse_stamps(pd.Series(["2025-02-30 10:00", "2025-02-28 10:00", None, " "]), "UTC", "f")
    assert got.bad.tolist() == [True, False, False, False]
    assert got.missing.tolist() == [False, False, True, True]
    with pytest.raises(InputError, match="not one of 2 values is a moment"):
        utc(["x", "y"], "UTC")


def test_a_format_that_is_given_is_used_and_a_wrong_one_is_said():
    assert utc(["31-12-2024 23:59"], "Europe/Amsterdam", form="%d-%m-%Y %H:%M") == ["2024-12-31T22:59:00"]
    got = parse_stamps(pd.Series(["2025-02-30 07:00", "2025-02-28 07:00"]), "UTC", "f", form="%Y-%m-%d %H:%M")
    assert (got.bad.tolist(), got.missing.tolist()) == ([True, False], [False, False])
    with pytest.raises(InputError, match="timestamp_format"):
        utc(["2025"], "UTC", form="%d-%m-%Y")


def test_only_whole_dates_are_dates():
    """Libraries read "now" as the present moment, "-1" as a year before Christ and "2024" as a New Year's Day."""
    for word in ("now", "today", "-1", "1", "2024", "1999", "2024-03", "202403", "12345678", "1234 AB", "NaT"):
        got = parse_stamps(pd.Series([word, "2025-01-02"]), "UTC", "f")
        assert got.bad.tolist() == [True, False], word
    assert utc(["2025/1/2 10:00", "2025-01-02T10:00:00,5"], "UTC") == ["2025-01-02T10:00:00"] * 2


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_the_size_of_a_count_shows_its_unit(unit, factor):
    counts = [1735689600 * factor, 1735689601 * factor]
    for column in (counts, [str(n) for n in counts], pd.array([*counts, None], dtype="Int64")):
        got = parse_stamps(pd.Series(column), None, "f.csv, column 't'")
        assert [str(t) for t in got.utc[:2]] == ["2025-01-01 00:00:00+00:00", "2025-01-01 00:00:01+00:00"]
        assert f'timestamp_format = "epoch {unit}"' in got.notes("s")[0]
        assert not got.bad.any()


def test_counts_that_are_none_stay_what_they_are():
    # telephone and customer numbers have other sizes, or are the fewest; two sizes are never guessed between
    for numbers in (["31612345678", "31612345679"], ["0612345678", "0687654321"], ["10000000", "20000001"]):
        with pytest.raises(InputError, match="not one of 2 values is a moment"):
            utc(numbers, "UTC")
    with pytest.raises(InputError, match="several sizes, 1 in seconds and 1 in milliseconds"):
        utc(["1735689600", "1735689600000"])
    got = parse_stamps(
        pd.Series(["1735689600", "1735689601", "-1", "", "1735689602", "99999999999999999999"]), None, "f"
    )
    assert got.bad.tolist() == [False, False, True, False, False, True]


@pytest.mark.parametrize("tz", ["UTC", "Europe/Amsterdam", "America/Los_Angeles", "Pacific/Auckland"])
def test_the_first_and_the_last_moment_that_can_be_written_mean_never_in_every_zone(tz):
    # in one zone or the other they lie in year 0 or 10000, of which libraries know no clock
    first, last = "0001-01-01 00:00:00", "9999-12-31 23:59:59"
    for zone in ("", "Z", "+13:00", "-11:00"):
        got = parse_stamps(pd.Series([first + zone, last + zone, "2024-07-01 12:00:00" + zone, "soon"]), tz, "f")
        assert got.never.tolist() == [True, True, False, False]
        assert got.bad.tolist() == [True, True, False, True]
        assert got.utc.notna().tolist() == got.offset.notna().tolist() == [False, False, True, False]
    typed = pd.Series([first, last, "2024-07-01 12:00:00"], dtype="datetime64[us]")
    zoned = pd.to_datetime(typed).dt.tz_localize("UTC")
    for column in (typed, zoned, zoned.astype("datetime64[us, Asia/Tokyo]")):
        got = parse_stamps(column, tz, "f")
        assert got.never.tolist() == [True, True, False]
        assert got.utc.notna().tolist() == got.offset.notna().tolist() == [False, False, True]
    counted = parse_stamps(pd.Series([-62_135_596_800, 253_402_300_799, 1_719_828_000]), tz, "f", form="epoch s")
    assert counted.never.tolist() == [True, True, False]


def test_years_that_mean_never_are_told_from_what_is_no_date():
    got = parse_stamps(pd.Series(["0001-01-01", "9999-12-31 23:59:59", "x", "2025-01-02"]), "UTC", "f")
    assert got.never.tolist() == [True, True, False, False]
    assert got.bad.tolist() == [True, True, True, False]
    assert "2 stamps lie before 1900" in got.notes("s")[0]


def test_what_is_no_moment_is_described_without_its_content():
    with pytest.raises(InputError, match=r"the first looks like '99-xxx-99, xxx'") as refused:
        utc(["12-Mar-21, Jan"], "UTC")
    assert "Jan" not in str(refused.value)


def test_a_date_alone_is_no_offset():
    assert utc(["2025-01-02"], "UTC") == ["2025-01-02T00:00:00"]


def test_epochs():
    got = from_epoch(pd.Series([1735689600000000, 10**30, None]), "us", "Europe/Amsterdam")
    assert str(got.utc[0]) == "2025-01-01 00:00:00+00:00"
    assert got.offset[0] == 60
    assert (got.bad.tolist(), got.missing.tolist()) == ([False, True, False], [False, False, True])


@given(st.lists(st.datetimes(pd.Timestamp("1995-01-01"), pd.Timestamp("2035-01-01")), min_size=1, max_size=20),
       st.sampled_from(["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]))  # fmt: skip
def test_pep_495_is_the_rule_everywhere(moments, zone):
    from zoneinfo import ZoneInfo

    got = parse_stamps(pd.Series([m.isoformat(sep=" ") for m in moments]), zone, "f").utc
    expected = [pd.Timestamp(m.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp(), unit="s", tz="UTC") for m in moments]
    assert [abs((a - b).total_seconds()) < 1e-3 for a, b in zip(got, expected, strict=True)] == [True] * len(moments)
