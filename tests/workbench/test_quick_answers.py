"""What the workbench answers quickly is what the slow way answers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import NotEnoughDataError, UnknownNameError
from cxmining.experience import measure_experience
from cxmining.experience.example import small_example
from cxmining.experience.metrics import answer_weights
from cxmining.experience.scores import latest_journey
from cxmining.journeys import build_journeys, filters
from cxmining.journeys.filters.view import View
from cxmining.maps.tables import records
from cxmining.progress import Progress
from cxmining.stats import grouped_mean
from cxmining.workbench import explore
from cxmining.workbench.ground import Rows

NAMES = st.sampled_from(["orders", "asks about the bill", "calls back"])
DAYS = st.sampled_from(["12h", "2D", "5D", "30D"])
SINGLE = st.one_of(
    st.lists(NAMES, min_size=1, max_size=2).map(lambda names: filters.contains(*names)),
    NAMES.map(filters.starts),
    NAMES.map(filters.ends),
    st.builds(filters.followed_by, NAMES, NAMES, within=st.none() | DAYS),
    st.builds(filters.directly_followed, NAMES, NAMES, within=st.none() | DAYS),
    st.builds(filters.position, NAMES, st.sampled_from([1, 2, -1, -2])),
    st.sampled_from(["phone", "web", "mail"]).map(filters.channel),
    st.sampled_from(["home", "business"]).map(lambda v: filters.segment("segment", v)),
    DAYS.map(lambda d: filters.duration(at_least=d)),
    st.integers(1, 4).map(lambda n: filters.n_events(at_most=n)),
    st.sampled_from([0.1, 0.5, 0.8, 0.95, 1.0]).map(filters.coverage),
    st.builds(
        filters.period, st.sampled_from(["2025-01-01", "2025-03-05"]), st.just("2025-05-01"),
        keep=st.sampled_from(["starting", "ending", "inside", "touching"]),
    ),
    st.sampled_from(["promoter", "detractor"]).map(filters.score_class),
)  # fmt: skip
ANY = st.recursive(
    SINGLE,
    lambda f: st.one_of(
        f.map(lambda a: ~a), st.tuples(f, f).map(lambda p: p[0] & p[1]), st.tuples(f, f).map(lambda p: p[0] | p[1])
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def lived():
    return small_example()


@pytest.fixture(scope="module")
def weighted(lived):
    """The same answers; those of the odd weigh from 0 to 2, and two of them have no weight."""
    responses = lived.journeys.data.responses
    weight = pd.array(np.where(np.arange(len(responses)) % 2, np.arange(len(responses)) % 5 / 2, 1.0), dtype="Float64")
    weight[[3, 4]] = pd.NA
    data = replace(lived.journeys.data, responses=responses.assign(weight=weight))
    return measure_experience(build_journeys(data, gap="30D"))


@pytest.fixture(scope="module")
def opened(lived):
    return explore(lived, min_cell=1)


@given(ANY)
@settings(max_examples=60)
def test_a_filter_keeps_the_same_journeys_either_way(opened, f):
    ground = opened._ground
    ground._masks.clear()  # what is remembered would agree with itself
    try:
        slow = np.asarray(f.mask(View(ground.source)))
    except UnknownNameError as error:
        with pytest.raises(UnknownNameError, match=str(error)[:20]):
            ground.mask(f)
        return
    assert ground.mask(f).tolist() == slow.tolist()


def test_what_is_not_there_is_said_by_the_slow_way(opened):
    for f, said in [
        (filters.contains("order"), "did you mean 'orders'"),
        (filters.channel("fax"), "no channel 'fax'"),
        (filters.segment("segment", "farm"), "no customer has segment 'farm'"),
        (filters.segment("colour", "red"), "no attribute 'colour'"),
    ]:
        with pytest.raises(UnknownNameError, match=said):
            opened._ground.mask(f)


def test_a_customer_who_stands_twice_in_the_table_is_found_by_either_row(lived):
    data = lived.journeys.data
    other = {"home": "business", "business": "home"}
    twice = pd.concat(
        [data.customers, data.customers.iloc[[0]].assign(segment=data.customers["segment"].iloc[:1].map(other))]
    )
    journeys = replace(lived.journeys, data=replace(data, customers=twice.reset_index(drop=True)))
    x = explore(journeys, min_cell=1)
    assert x._ground.quick.customer is None
    both = [x.clear().where(filters.segment("segment", v)).counts.customers for v in other]
    assert sum(both) == x.clear().counts.customers + 1


VALUES = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(-2, 4), st.integers(1, 10), st.integers(0, 5),
        st.sampled_from([None, 0.0, 0.5, 1.0, 3.0]), st.sampled_from(["a", "b"]),
    ),
    min_size=1, max_size=25,
)  # fmt: skip


@given(VALUES, st.booleans(), st.lists(st.booleans(), min_size=6, max_size=6))
@settings(max_examples=60)
def test_means_of_numbered_rows_are_those_of_the_table(rows, weighing, mask):
    touchpoint, customer, value, journey, weight, survey = map(list, zip(*rows, strict=True))
    frame = pd.DataFrame({"touchpoint": touchpoint, "customer": customer, "value": np.array(value, dtype=float)})
    if weighing:
        # one survey at least has a weight above 0, as one in use has
        frame = frame.assign(weight=np.array([np.nan if w is None else w for w in weight]), survey=survey)
        sums = frame.groupby("survey")["weight"].transform("sum")
        frame.loc[(sums == 0) & frame["weight"].notna(), "weight"] = 1.0
    found = Rows(np.array(journey), frame, (1.0, 10.0))
    chosen = np.array(mask)
    part = found.of(chosen)
    if weighing and len(part) and (part.groupby("survey")["weight"].sum() == 0).any():
        chosen, part = np.ones(6, dtype=bool), frame
    level, people = found.means(chosen, 3)
    assert people.tolist() == [part.loc[part["touchpoint"] == t, "customer"].nunique() for t in range(3)]
    if not len(part):
        assert level.n.tolist() == [0, 0, 0]
        return
    own = answer_weights(part) if weighing else None
    table = grouped_mean(
        part if own is None else part.assign(weight=own), "touchpoint", "value", None if own is None else "weight",
        "customer", scale=(1.0, 10.0),
    ).reindex(range(3))  # fmt: skip
    assert level.n.tolist() == table["n"].fillna(0).tolist()
    for name, ours in (("mean", level.value), ("low", level.low), ("high", level.high)):
        np.testing.assert_allclose(ours, table[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("f", [None, filters.channel("phone"), filters.segment("segment", "home")], ids=repr)
def test_weighted_answers_give_what_the_verbs_give(weighted, f):
    x = explore(weighted, min_cell=1)
    left = weighted if f is None else weighted.where(f)
    shown = (x if f is None else x.where(f)).touchpoints.set_index("touchpoint")
    assert "weight" in x._ground.scores.frame
    for name in ("score_mean", "score_low", "score_high", "score_n", "expected_mean", "gap_low", "gap_n"):
        want = left.touchpoints[name].reindex(shown.index).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        np.testing.assert_allclose(shown[name].fillna(0), np.nan_to_num(want), rtol=1e-12, err_msg=name)


def test_the_ground_is_laid_step_by_step(lived):
    seen = []
    x = explore(lived, language="nl").prepare(lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert seen[0][0] == "contactmomenten tellen"
    assert seen[-1] == ("", 1.0)
    assert sum(share for _, share, _ in x._ground.layers) == pytest.approx(0.9), "the rest is what is shown first"


def test_laying_the_ground_stops_where_it_is_told_to_and_goes_on(lived):
    class EnoughError(Exception):
        pass

    def stop(what, share):
        if share > 0.5:
            raise EnoughError

    x = explore(lived)
    with pytest.raises(EnoughError):
        x.prepare(stop)
    laid = x._ground.everything
    progress = Progress(quiet=True)
    assert x.prepare(progress) is x
    assert x._ground.everything is laid, "what was laid stays"
    assert list(progress.timings)[-1] == "computing what is shown first"
    assert x.where(filters.channel("phone")).counts.journeys == 60


def test_with_personas_what_was_computed_of_the_events_stands(lived):
    class Side:
        kind = "behaviour"
        summary = pd.DataFrame({"segment": [0], "label_en": ["all"]})

    class Found:
        behaviour = Side
        assignments = pd.DataFrame({"customer_id": [f"c{i:02}" for i in range(60)], "behaviour": [0] * 60})

    _ = lived.journeys.table
    x = explore(lived, personas=Found())
    assert x._ground.journeys.table is lived.journeys.table
    assert "persona" in x._ground.journeys.data.customers
    with pytest.raises(NotEnoughDataError):
        x.where(~filters.segment("persona", "all"))


def test_rows_of_a_table_are_what_to_dict_makes_of_them():
    frame = pd.DataFrame(
        {
            "n": [1, 2], "x": [1.5, np.nan], "name": pd.array(["a", None], dtype="str"), "said": [True, False],
            "many": pd.array([1, None], dtype="Int64"), "old": pd.array(["a", None], dtype="string"),
            "mixed": pd.Series([np.float64(2), ("a", 1)], dtype=object), "day": pd.to_datetime(["2025-01-01", None], utc=True),
        }
    )  # fmt: skip
    for ours, theirs in zip(records(frame), frame.to_dict("records"), strict=True):
        assert repr(ours) == repr(theirs)
        assert [type(v) for v in ours.values()] == [type(v) for v in theirs.values()]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=10),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.booleans()), max_size=8),
)
@settings(max_examples=30)
def test_an_answer_about_the_whole_goes_to_the_latest_journey_begun_before_it(begun, asked):
    """A journey is a customer and the day it begins; an answer a customer (4 has no journey), a day, and whether one is named."""
    day = pd.Timestamp("2025-01-01", tz="UTC")
    # ids fall while journeys rise, so that of two that begin together the order of rows does not decide
    table = pd.DataFrame(
        {
            "journey_id": pd.array([f"j{99 - i}" for i in range(len(begun))], dtype="str"),
            "customer_id": pd.array([f"c{c}" for c, _ in begun], dtype="str"),
            "start": pd.DatetimeIndex([day + pd.Timedelta(days=d) for _, d in begun]).as_unit("us"),
        }
    )
    answers = pd.DataFrame(
        {
            "response_id": pd.array([f"r{i}" for i in range(len(asked))], dtype="str"),
            "customer_id": pd.array([f"c{c}" for c, _, _ in asked], dtype="str"),
            "timestamp": pd.DatetimeIndex([day + pd.Timedelta(days=d) for _, d, _ in asked], tz="UTC").as_unit("us"),
            "journey_id": pd.array(["named" if named else None for *_, named in asked], dtype="str"),
            "survey_kind": "relationship",
        }
    )
    found = latest_journey(SimpleNamespace(table=table), answers)
    expected = {}
    for i, (customer, at, named) in enumerate(asked):
        before = [(d, f"j{99 - j}") for j, (c, d) in enumerate(begun) if c == customer and d <= at]
        if before and not named:
            expected[f"r{i}"] = max(before)[1]
    assert dict(zip(found["response_id"], found["journey_id"], strict=True)) == expected
