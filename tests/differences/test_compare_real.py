"""BPIC 2012: what sets apart the applications that were called about, and what goes with being called again."""

import pytest
from real_logs import dataset, read_xes, real

from cxmining.journeys import build_journeys
from cxmining.journeys.choosing.choosing import choices
from cxmining.journeys.comparing.compare import compare_groups

pytestmark = real


@pytest.fixture(scope="module")
def loans():
    log = read_xes("BPI_Challenge_2012.xes.gz")
    return build_journeys(dataset(log[log["lifecycle"] == "COMPLETE"]), by="case")


def test_shares_are_those_counted_by_hand(loans):
    events = loans.data.events
    cases = events["case_id"].drop_duplicates()
    called = set(events.loc[events["touchpoint"] == "W_Nabellen offertes", "case_id"])
    owner = loans.table["customer_id"]
    found = compare_groups(loans, by=owner.isin(called).map({True: "called", False: "not"}).tolist(), resamples=99)
    assert found.sizes["journeys"].tolist() == [len(called), len(cases) - len(called)]
    declined = set(events.loc[events["touchpoint"] == "A_DECLINED", "case_id"])
    row = found.nodes.query("touchpoint == 'A_DECLINED' and measure == 'share'").iloc[0]
    assert row["a"] == pytest.approx(len(declined & called) / len(called))
    assert row["b"] == pytest.approx(len(declined - called) / (len(cases) - len(called)))
    assert row["shown"]
    assert found.test.p == pytest.approx(0.01)


def test_a_second_call_differs_from_a_first(loans):
    found = choices(loans, at="W_Nabellen offertes")
    assert found.branches["n"].sum() == found.summary.loc[0, "n"] == 22_976
    assert found.branches["share"].sum() == pytest.approx(1)
    assert found.summary.loc[0, "can_be_told"]
    assert "visit" in found.summary.loc[0, "grounds"]
