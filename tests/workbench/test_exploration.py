"""The workbench without a widget: small journeys worked by hand, laws, and what each verb says of the same journeys."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.drivers import find_drivers
from cxmining.engine import encode
from cxmining.engine.chosen import _in_passes, count_chosen
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.example import small_example
from cxmining.ingest import from_frame
from cxmining.journeys import build_journeys, filters, list_variants
from cxmining.journeys.filters import parse
from cxmining.maps.words import HIDDEN
from cxmining.workbench import explore, payload

HOSTILE = "<img src=x onerror=alert(1)>"
FILTERS = [
    filters.channel("phone"),
    filters.contains("asks about the bill"),
    ~filters.contains("calls back"),
    filters.starts("orders"),
    filters.ends("asks about the bill"),
    filters.followed_by("orders", "asks about the bill", within="4D"),
    filters.duration(at_least="2D"),
    filters.n_events(1, 4),
    filters.segment("segment", "home"),
    filters.period("2025-01-01", "2025-05-01", keep="starting"),
    filters.coverage(0.9),
    filters.score_class("promoter", "passive"),
]


@pytest.fixture(scope="module")
def lived():
    return small_example()


@pytest.fixture(scope="module")
def opened(lived):
    return explore(lived, min_cell=1)


@pytest.fixture(scope="module")
def bare():
    """Three customers: buy → call twice, buy → call once with a step more, buy alone."""
    rows = [
        ("k1", "buy", "web", "2025-01-01"), ("k1", "call", "phone", "2025-01-03"),
        ("k2", "buy", "web", "2025-01-01"), ("k2", "call", "phone", "2025-01-02"), ("k2", HOSTILE, "mail", "2025-01-05"),
        ("k3", "buy", "web", "2025-02-01"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["who", "what", "how", "when"])
    return build_journeys(
        from_frame(frame, customer="who", touchpoint="what", timestamp="when", channel="how", tz="UTC")
    )


def test_counts_and_edges_worked_by_hand(bare):
    x = explore(bare, min_cell=1)
    assert (x.counts.journeys, x.counts.customers, x.counts.events) == (3, 3, 6)
    x.where(filters.contains("call"))
    assert (x.counts.journeys, x.counts.customers, x.counts.events) == (2, 2, 5)
    table = x.touchpoints.set_index("touchpoint")
    assert table.loc["call", ["events", "journeys", "customers", "reach"]].tolist() == [2, 2, 2, 1.0]
    assert table.loc[HOSTILE, "reach"] == 0.5
    edges = x.shown.timed_edges.set_index(["source", "target"])
    # two days and one day between buying and calling
    assert edges.loc[("buy", "call"), ["n", "journeys", "median_s"]].tolist() == [2, 2, 1.5 * 86_400]
    assert edges.loc[("(start)", "buy"), "n"] == 2
    assert edges.loc[("call", "(end)"), "n"] == 1
    top = x.variants()
    assert [len(s) for s in top["steps"]] == [2, 3]
    assert top["median_duration_s"].tolist() == [2 * 86_400, 4 * 86_400]


def test_what_is_about_too_few_customers_is_not_shown(bare):
    x = explore(bare, min_cell=2)
    table = x.touchpoints.set_index("touchpoint")
    assert table.loc["buy", "customers"] == 3
    assert pd.isna(table.loc[HOSTILE, "customers"]), "one customer"
    assert pd.isna(table.loc["call", "customers"]), "or the total would give the hidden one away"
    assert set(x.edges["customers"]) <= {2, 3}
    assert x.shown.hidden_edges == 1
    nodes = {n["id"]: n for n in x.map().spec["nodes"]}
    assert nodes[HOSTILE]["badge"] == "⊘"
    x.where(filters.ends(HOSTILE))
    assert x.counts.hidden
    assert x.counts.events is None
    assert x.headline == ("⊘ fewer than 2 customers are left: their figures are not shown",)
    for ask in (lambda: x.touchpoints, lambda: x.edges, lambda: x.curve, x.variants, x.map, x.journey_table):
        with pytest.raises(NotEnoughDataError, match="fewer than 2 customers"):
            ask()


@pytest.mark.parametrize("f", [None, *FILTERS[1::2], FILTERS[-2]], ids=repr)
def test_every_view_says_what_the_verbs_say_of_the_same_journeys(lived, f):
    x = explore(lived, min_cell=1)
    left = lived if f is None else lived.where(f)
    if f is not None:
        x.where(f)
    assert x.counts.journeys == len(left.journeys)
    assert x.counts.answers == len(left.links)
    ours, theirs = x.shown.detailed.set_index("touchpoint"), left.journeys.touchpoints.set_index("touchpoint")
    felt = left.touchpoints.reindex(ours.index)
    for name in theirs.columns.drop(["stage", "stage_source"]):
        pd.testing.assert_series_equal(
            ours[name], theirs[name].reindex(ours.index), check_dtype=False, check_names=False
        )
    for line in ("score", "expected", "gap", "sentiment"):
        for end in ("mean", "low", "high"):
            want = felt[f"{line}_{end}"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_allclose(ours[f"{line}_{end}"].to_numpy(dtype=float), want, rtol=1e-12)
        assert ours[f"{line}_n"].fillna(0).tolist() == felt[f"{line}_n"].fillna(0).tolist()
    for moment in ("wow_n", "pain_n"):
        assert ours[moment].fillna(0).tolist() == felt[moment].fillna(0).tolist()
    pd.testing.assert_frame_equal(
        x.shown.timed_edges, left.journeys.dfg[x.shown.timed_edges.columns], check_dtype=False
    )
    if x.counts.score is not None:
        listed = list_variants(left).table
        columns = [
            "variant_id",
            "steps",
            "journeys",
            "customers",
            "share",
            "low",
            "high",
            "median_duration_s",
            "score_mean",
        ]
        pd.testing.assert_frame_equal(x.variants()[columns], listed[columns].head(20), check_dtype=False)
        assert x.counts.score == pytest.approx(left.journey_scores("csat")["score"].mean())


@given(st.permutations(FILTERS[:8]), st.integers(1, 4))
@settings(max_examples=25)
def test_the_order_of_filters_says_nothing(lived, opened, order, n):
    chosen = order[:n]

    def figures(some):
        x = opened.clear()
        x._shown.clear()  # what is remembered would agree with itself
        for f in some:
            x.where(f)
        return x.counts, x.edges.to_dict("records"), x.curve.to_dict("records")

    try:
        one = figures(chosen)
    except NotEnoughDataError:
        with pytest.raises(NotEnoughDataError):
            figures(chosen[::-1])
        return
    assert str(one) == str(figures(chosen[::-1]))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("where"), st.sampled_from(FILTERS)),
        st.tuples(st.just("drop"), st.integers(0, 3)),
        st.tuples(st.just("select"), st.sampled_from(["orders", "calls back"])),
        st.tuples(st.just("clear"), st.none()),
        st.tuples(st.just("save"), st.sampled_from(["A", "B"])),
    ),
    max_size=8,
)


def walk(x, steps):
    seen = [x.state]
    for verb, what in steps:
        try:
            getattr(x, verb)(*(("touchpoint", what) if verb == "select" else () if what is None else (what,)))
        except (NotEnoughDataError, StudyError):
            assert x.state == seen[-1], "a step that fails changes nothing"
            continue
        if x.state != seen[-1]:
            seen.append(x.state)
    return seen


@given(STEPS)
@settings(max_examples=25)
def test_undo_is_exact_and_redo_takes_it_back(lived, steps):
    x = explore(lived)
    seen = walk(x, steps)
    for state in reversed(seen[:-1]):
        assert x.undo().state == state
    assert not x.can_undo
    assert x.undo().state == seen[0]
    for state in seen[1:]:
        assert x.redo().state == state
    assert not x.can_redo


@given(STEPS)
@settings(max_examples=12)
def test_it_goes_into_a_notebook_and_comes_back(lived, steps):
    x = explore(lived)
    walk(x, steps)
    kept = json.loads(json.dumps(x.to_json()))
    again = explore(lived, state=kept)
    assert (again.state, again.saved, again.to_json()) == (x.state, x.saved, x.to_json())
    assert again.undo().state == x.undo().state
    if x.code:
        pasted = explore(lived).paste(x.code)
        assert pasted.state.filters == x.state.filters
        assert parse(x.code) == x.state.filter


def test_one_control_makes_one_chip(lived):
    x = explore(lived)
    x.put(filters.channel("phone")).where(filters.ends("asks about the bill")).put(filters.channel("web"))
    assert [c.code for c in x.chips] == ['cx.filters.channel("web")', 'cx.filters.ends("asks about the bill")']
    x.put(filters.segment("segment", "home")).drop('cx.filters.channel("web")')
    assert [c.facet for c in x.chips] == ["", "segment:segment"]


def test_labels_of_chips_in_both_languages(lived):
    said = {"en": [], "nl": []}
    for language, labels in said.items():
        x = explore(lived, language=language)
        labels += [x.clear().where(f).chips[0].label for f in FILTERS]
    assert said["en"][:6] == [
        "channel: phone", "meets asks about the bill", "not: meets calls back", "begins with orders",
        "ends with asks about the bill", "orders → … → asks about the bill within 4 days",
    ]  # fmt: skip
    assert said["nl"][6:] == [
        "duurt minstens 2 dagen", "1 tot en met 4 gebeurtenissen tellen", "segment: home",
        "begint: van 1 jan 2025 tot 1 mei 2025", "meest gelopen varianten, 90%", "scoorde als promoter of passief",
    ]  # fmt: skip


def test_errors_say_what_and_change_nothing(lived, bare):
    x = explore(lived).where(filters.ends("calls back"))
    with pytest.raises(
        NotEnoughDataError, match=r"leaves none of the 10 journeys that the other filters left \(by itself"
    ):
        x.where(filters.n_events(at_most=1))
    with pytest.raises(UnknownNameError, match="did you mean 'orders'"):
        x.where(filters.contains("order"))
    with pytest.raises(StudyError, match="keeps whole journeys"):
        x.where(filters.events(channel="phone"))
    with pytest.raises(StudyError, match="is no filter"):
        x.where(3)
    with pytest.raises(UnknownNameError, match="no touchpoint 'x'"):
        x.select("touchpoint", "x")
    with pytest.raises(UnknownNameError, match="cannot be selected"):
        x.select("owner", "x")
    with pytest.raises(UnknownNameError, match="nothing was saved as 'A'"):
        x.open("A")
    with pytest.raises(StudyError, match="version 1"):
        x.restore({"version": 2})
    with pytest.raises(StudyError, match="bare journeys have none"):
        explore(bare).where(filters.score_class("promoter"))
    with pytest.raises(StudyError, match="Journeys or an Experience, not at DataFrame"):
        explore(pd.DataFrame())
    with pytest.raises(UnknownNameError, match="text='raw'"):
        explore(lived, text="raw")
    assert x.code == 'cx.filters.ends("calls back")'


def test_nothing_in_a_state_is_run(lived):
    kept = explore(lived).to_json()
    kept["now"]["filters"] = ["__import__('os').system('true')"]
    with pytest.raises(UnknownNameError, match="is no filter"):
        explore(lived, state=kept)


def test_selecting_and_narrowing(lived):
    x = explore(lived).select("touchpoint", "calls back")
    assert x.counts.journeys == 105, "a selection filters nothing"
    assert x.narrow().counts.journeys == 10
    variant = x.clear().variants()["variant_id"][0]
    assert x.select("variant", variant).narrow().counts.journeys == x.undo().variants()["journeys"][0]
    with pytest.raises(StudyError, match="nothing is selected"):
        x.clear().narrow()


def test_a_touchpoint_in_full(lived):
    said = explore(lived, language="nl").touchpoint("asks about the bill")
    facts = {name: (value, more) for name, value, more in said.facts}
    assert facts["klanten"] == ("60", "")
    assert facts["rapportcijfer 1–10"][1].endswith("n = 60")
    assert facts["▼ pijn"][1] == "n = 60"
    assert said.quotes == ()
    assert 'text="masked"' in said.quotes_said
    told = explore(lived, text="masked").touchpoint("asks about the bill")
    assert 0 < len(told.quotes) <= 4
    few = explore(lived, text="masked", min_cell=61)
    with pytest.raises(NotEnoughDataError):
        few.touchpoint("asks about the bill")
    assert said.before["source"].iloc[0] == "orders"


def test_a_and_b(lived):
    x = explore(lived).put(filters.segment("segment", "home")).save("A")
    x.put(filters.segment("segment", "business")).save("B")
    both = x.side_by_side().set_index("touchpoint")
    assert both.loc["orders", ["customers_a", "customers_b"]].tolist() == [30, 30]
    assert both.loc["asks about the bill", "score_n_a"] == 30
    found = x.compare(resamples=99)
    assert found.names == ("A", "B")
    assert x.open("A").code == 'cx.filters.segment("segment", "home")'


def test_what_decides_says_on_whom_it_was_computed(lived):
    rng = np.random.default_rng(1)
    rated = pd.DataFrame(rng.integers(1, 11, (300, 2)).astype(float), columns=["orders", "asks about the bill"])
    rated["csat"] = 0.5 * rated["orders"] + rng.normal(size=300)
    x = explore(lived, find_drivers(rated, "csat", bootstrap=100))
    assert x.decides.said() == "computed on all 300 responses"
    x.where(filters.channel("phone"))
    assert x.decides.said("nl") == "berekend op alle 300 vragenlijsten, niet op de getoonde klantreizen"
    assert x.decides.shares["touchpoint"].iloc[0] == "orders"
    found = x.what_if("orders", 1)
    assert found is x.what_if("orders", 1.0), "asked twice, computed once"
    row = found.summary.iloc[0]
    assert row["low"] < 0.5 < row["high"]
    with pytest.raises(NotEnoughDataError, match="give the result of cx"):
        _ = explore(lived).decides


def test_personas_become_an_attribute(lived):
    class Side:
        kind = "behaviour"
        summary = pd.DataFrame({"segment": [0, 1], "label_en": ["calls", HOSTILE]})

    class Found:
        behaviour = Side
        assignments = pd.DataFrame({"customer_id": [f"c{i:02}" for i in range(60)], "behaviour": [0] * 20 + [1] * 40})

    x = explore(lived, personas=Found())
    assert x.choices["segment:persona"] == (HOSTILE, "calls")
    assert x.where(filters.segment("persona", HOSTILE)).counts.customers == 40


def test_one_event_and_five_hundred_touchpoints():
    one = from_frame(
        pd.DataFrame({"w": ["a"], "t": ["x"], "d": ["2025-01-01"]}),
        customer="w",
        touchpoint="t",
        timestamp="d",
        tz="UTC",
    )
    x = explore(build_journeys(one), min_cell=1)
    assert (x.counts.journeys, len(x.touchpoints), len(x.variants())) == (1, 1, 1)
    assert len(x.curve) == 0
    assert x.headline == ("1 of 1 journey", "1 customer", "0 answers")
    many = pd.DataFrame(
        {"w": ["a"] * 500, "t": [f"t{i:03}" for i in range(500)], "d": pd.date_range("2025-01-01", periods=500)}
    )
    x = explore(build_journeys(from_frame(many, customer="w", touchpoint="t", timestamp="d", tz="UTC")), min_cell=1)
    assert len(x.touchpoints) == 500
    assert len(x.edges) == 501, "one more from outside, one to it"
    assert len(x.map(medians=False).spec["nodes"]) <= 500


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=30), st.data())
@settings(max_examples=40)
def test_the_compiled_pass_counts_as_the_reductions_do(monkeypatched, rows, data):
    log = encode(
        journey=[f"j{j}" for j, _, _ in rows], customer=[f"c{j // 2}" for j, _, _ in rows],
        touchpoint=[f"t{t}" for _, t, _ in rows], channel=[f"h{c}" for _, _, c in rows],
        timestamp=pd.date_range("2025-01-01", periods=len(rows), tz="UTC"),
    )  # fmt: skip
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=log.n_journeys, max_size=log.n_journeys)))
    if not mask.any():
        mask[0] = True
    one, other = count_chosen(log, mask), _in_passes(log, mask)
    for name in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_a_mask_of_one_filter_and_one_of_several_take_the_same_compiled_loop(monkeypatched, lived):
    """Read-only and writable arrays are two types: the second one was compiled while somebody waited, a second long."""
    from cxmining.engine.kernels import count_of_chosen

    log = lived.journeys.log
    kept = np.ones(log.n_journeys, dtype=bool)
    first = count_chosen(log, kept)
    loops = len(count_of_chosen.signatures)
    kept.flags.writeable = False
    assert count_chosen(log, kept).n.tolist() == first.n.tolist()
    assert len(count_of_chosen.signatures) == loops


@pytest.fixture(scope="module")
def monkeypatched():
    patch = pytest.MonkeyPatch()
    patch.setattr("cxmining.engine.chosen.COMPILED_FROM", 0)
    yield
    patch.undo()


def test_a_moment_of_a_few_is_hidden_wherever_it_is_said(lived):
    """Three pains of a hundred are three people's; none is no figure about anybody."""
    every = explore(lived, min_cell=1).touchpoints.set_index("touchpoint")[["wow_n", "pain_n"]]
    x = explore(lived, min_cell=10)
    seen = x.touchpoints.set_index("touchpoint")
    few = {(t, c) for c in every for t in every.index if 0 < every.loc[t, c] < 10 and pd.notna(seen.loc[t, "gap_mean"])}
    assert few, "the example holds such a touchpoint"
    assert {(t, c) for t, c in x.shown.hidden if c in ("wow_n", "pain_n")} == few
    for t, c in few:
        assert pd.isna(seen.loc[t, c])
        assert HIDDEN in [value for name, value, _ in x.touchpoint(t).facts if "WOW" in name or "pain" in name]
    told = {c["id"]: c for c in payload.curve(x)["columns"]}
    assert {told[t][c.removesuffix("_n")] for t, c in few} == {HIDDEN}
