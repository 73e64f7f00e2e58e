"""A touchpoint that few met has no name in what is shared."""

import pandas as pd

import cxmining as cx
from cxmining.ingest import from_frame
from cxmining.maps.journey import journey_map
from cxmining.runs.rare import RARE, rare_touchpoints
from cxmining.runs.tables import share_tables


def lived():
    """Thirty customers call and pay; nine report a death, three sue: fewer than ten each."""
    rows = [(f"c{c}", step, c * 10 + i) for c in range(30) for i, step in enumerate(("calls", "pays"))]
    rows += [(f"c{c}", "reports a death", c * 10 + 5) for c in range(9)] + [
        (f"c{c}", "sues", c * 10 + 6) for c in range(3)
    ]
    frame = pd.DataFrame(rows, columns=["customer", "step", "hour"])
    frame["time"] = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(frame["hour"], unit="h")
    data = from_frame(frame, customer="customer", touchpoint="step", timestamp="time")
    return cx.measure_experience(cx.build_journeys(data))


def test_names_of_rare_touchpoints_stand_in_no_shared_table():
    found = lived()
    assert rare_touchpoints(found, 10) == ["reports a death", "sues"]
    tables = share_tables(found.journeys, found, None, 10)
    for file, table in tables.items():
        text = table.to_csv()
        assert "death" not in text, file
        assert "sues" not in text, file
    table = tables["touchpoints.csv"].set_index("touchpoint")
    assert table.index.tolist() == ["calls", "pays", RARE]
    assert table.loc[RARE, "label_nl"] == "andere zeldzame contactmomenten (2)"
    assert pd.isna(table.loc[RARE, "customers"])
    hidden = tables["suppressed.csv"]
    assert ((hidden["file"] == "touchpoints.csv") & (hidden["key"] == RARE) & (hidden["column"] == "customers")).any()
    drawn = journey_map(tables["touchpoints.csv"], tables["dfg.csv"], language="en")
    assert "other rare touchpoints (2)" in str(drawn.spec)


def test_where_nobody_is_rare_nothing_changes():
    tables = share_tables(lived().journeys, lived(), None, 3)
    assert RARE not in set(tables["touchpoints.csv"]["touchpoint"])
    assert "sues" in set(tables["touchpoints.csv"]["touchpoint"])
