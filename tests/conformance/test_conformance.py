"""Conformance by hand: where journeys leave the intended path, how much longer they last, how else they score."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.discovery import JourneyModel, PetriNet, petri_net
from cxmining.discovery.align import align
from cxmining.discovery.conformance import check_conformance
from cxmining.discovery.effects import Clusters
from cxmining.discovery.intended import Step, intended_journey
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import build_journeys
from cxmining.schema import Dataset, table
from cxmining.stats import grouped_mean, wilson


def dataset(*words, customers=None, pace=1.0):
    """One journey per word, one event per letter, `pace` days apart (one number, or one per journey)."""
    rows = [(i, k, x) for i, w in enumerate(words) for k, x in enumerate(w)]
    days = [k * (pace if np.isscalar(pace) else pace[i]) for i, k, _ in rows]
    order = np.argsort(days, kind="stable")
    rows, days = [rows[i] for i in order], [days[i] for i in order]
    return Dataset(
        events=table(
            "events",
            {
                "event_id": [f"r{n}" for n in range(len(rows))],
                "customer_id": [f"c{customers[i] if customers else i:05d}" for i, _, _ in rows],
                "case_id": [f"j{i:05d}" for i, _, _ in rows],
                "timestamp": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(days, unit="D"),
                "channel": ["mail"] * len(rows),
                "touchpoint": [x for _, _, x in rows],
                "source": ["s"] * len(rows),
                "seq": range(len(rows)),
            },
        )
    )


def journeys(*words, **more):
    return build_journeys(dataset(*words, **more), by="case")


def said(found):
    """Kind, touchpoint and number of journeys of each deviation."""
    return sorted(found.summary[["kind", "touchpoint", "journeys"]].itertuples(index=False, name=None))


class Rated:
    def __init__(self, made, scores):
        self.journeys, self.scores = made, scores

    def journey_scores(self, metric=None):
        if metric == "nps":
            raise NotEnoughDataError("no journey has an overall score with metric 'nps'")
        frame = self.journeys.table[["journey_id", "customer_id"]].assign(
            metric="csat", survey_kind="journey", score=self.scores, scale_low=1.0, scale_high=5.0
        )
        return frame.dropna(subset="score")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("abcd", []),
        ("acd", [("skipped", "b", 1)]),
        ("abxcd", [("extra", "x", 1)]),
        ("abbcd", [("repeated", "b", 1)]),
        ("acbd", [("wrong order", "c", 1)]),
        ("ab", [("ended early", "c", 1)]),
        ("a", [("ended early", "b", 1)]),
        ("abx", [("ended early", "c", 1), ("extra", "x", 1)]),
        ("xabcd", [("extra", "x", 1)]),
        ("x", [("ended early", "a", 1), ("extra", "x", 1)]),
    ],
)
def test_each_kind_of_deviation_by_hand(word, expected):
    found = check_conformance(journeys(word, "abxcd"), list("abcd"), min_n=1)
    mine = found.journeys.iloc[0]
    alone = check_conformance(journeys(word, "abcdx").take([0], "the first"), list("abcd"), min_n=1, missing="keep")
    assert said(alone) == expected
    assert mine["conforms"] == (not expected)
    assert mine["deviations"] == align(petri_net(path("abcd")), [word]).deviations[0]


def path(word):
    return Tree(Kind.SEQUENCE, tuple(Tree(Kind.STEP, label=x) for x in word))


def test_where_journeys_leave_and_by_what():
    found = check_conformance(journeys("abc", "abc", "axbc", "ac", "ab", "xabc"), list("abc"), min_n=1)
    steps = found.steps.set_index("step")
    assert steps["following"].tolist() == [6, 5, 3, 2]  # all began, x before a: one left before a step
    assert steps["left"].tolist() == [1, 2, 1, 0]
    assert steps["done"].tolist() == [6, 6, 5, 5]
    assert steps["skipped"].tolist() == [0, 0, 1, 0]
    assert steps["missed"].tolist() == [0, 0, 0, 1]
    assert steps.loc["a", "left_share"] == pytest.approx(2 / 5)
    assert (steps.loc["a", "left_low"], steps.loc["a", "left_high"]) == pytest.approx(wilson(2, 5)[1:3])
    first = found.journeys[["first_kind", "first_touchpoint", "first_after", "first_event"]]
    assert first.iloc[2].tolist() == ["extra", "x", "a", 1]
    assert first.iloc[3].tolist() == ["skipped", "b", "a", 1]
    assert first.iloc[4].tolist() == ["ended early", "c", "b", 2]
    assert first.iloc[5].tolist() == ["extra", "x", "(start)", 0]
    assert first.iloc[0].isna().all()
    assert found.share.value == pytest.approx(2 / 6)
    assert found.share[1:3] == pytest.approx(wilson(2, 6)[1:3])


def test_places_name_the_steps_done_before_and_after():
    found = check_conformance(journeys("axbc", "abxc", "abxc"), list("abc"), min_n=1)
    rows = found.places[["kind", "touchpoint", "after", "before", "journeys"]].values.tolist()
    assert rows == [["extra", "x", "b", "c", 2], ["extra", "x", "a", "b", 1]]


def test_everyone_who_leaves_leaves_somewhere():
    words = ["".join(w) for w in itertools.product("abx", repeat=3)]
    found = check_conformance(journeys(*words), ["a", "b"], min_n=1)
    assert found.steps["left"].sum() + found.journeys["conforms"].sum() == len(words)


def test_optional_repeatable_and_several_paths():
    paths = [["a", Step("b", optional=True), Step("c", repeatable=True)], ["d"]]
    found = check_conformance(journeys("abc", "ac", "accc", "d", "ab", "dd", "abbc"), paths, min_n=1)
    assert found.journeys["conforms"].tolist() == [True, True, True, True, False, False, False]
    assert found.intended.name == "2 paths"
    both = [["a", Step("b", optional=True, repeatable=True), "c"]]
    assert check_conformance(journeys("ac", "abbbc", "abc"), both, min_n=1).share.value == 1
    # the last step repeats: no way back into the other path
    last = [[Step("a", repeatable=True)], ["a", "b"]]
    assert check_conformance(journeys("aa", "ab", "aab"), last, min_n=1).journeys["conforms"].tolist() == [
        True,
        True,
        False,
    ]


def test_one_path_needs_no_list_of_lists_and_steps_stand_in_order():
    assert intended_journey(["b", "a"], "ab").steps == ("b", "a")
    assert intended_journey([["a", "d"], ["a", "b", "c", "d"]], "abcd").steps == ("a", "b", "c", "d")
    assert intended_journey(petri_net(Tree(Kind.LOOP, (path("ab"), path("c")))), "abc").steps == ("a", "b", "c")


def test_a_file_a_model_and_a_net_say_the_same(tmp_path):
    from cxmining.discovery import discover

    made = journeys("abc", "abc", "ac", "axc")
    model = discover(journeys("abc", "abc"), coverage=1)
    assert isinstance(model, JourneyModel)
    expected = check_conformance(made, ["a", "b", "c"], min_n=1)
    sources = [model, model.net]
    for name, text in (("m.bpmn", model.to_bpmn()), ("m.pnml", model.to_pnml()), ("m.ptml", model.to_ptml())):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        sources += [file, str(file)]
    for source in sources:
        found = check_conformance(made, source, min_n=1)
        pd.testing.assert_frame_equal(found.summary, expected.summary)
        pd.testing.assert_frame_equal(found.steps, expected.steps)
    assert "m.ptml" in repr(found)


def test_how_much_longer_is_the_difference_of_means_and_medians():
    words = ["ab"] * 20 + ["axb"] * 20
    pace = [1 + i / 10 for i in range(20)] + [2 + i / 10 for i in range(20)]
    row = check_conformance(journeys(*words, pace=pace), ["a", "b"]).summary.iloc[0]
    plain, longer = np.array(pace[:20]), 2 * np.array(pace[20:])
    day = 86_400
    assert row["longer_mean_s"] / day == pytest.approx(longer.mean() - plain.mean())
    assert row["longer_median_s"] / day == pytest.approx(np.median(longer) - np.median(plain))
    # Welch's interval: one journey per customer
    from scipy.stats import ttest_ind

    welch = ttest_ind(longer, plain, equal_var=False)
    interval = welch.confidence_interval()
    assert (row["longer_mean_low_s"] / day, row["longer_mean_high_s"] / day) == pytest.approx(tuple(interval), rel=1e-6)
    assert row["longer_p"] == pytest.approx(welch.pvalue, rel=1e-5)
    assert row["longer_median_low_s"] < row["longer_median_s"] < row["longer_median_high_s"]
    assert row["longer_n_against"] == 20


def test_scores_of_journeys_with_a_deviation_against_conforming_ones():
    made = journeys(*["ab"] * 15, *["axb"] * 15)
    with_x = (made.table["n_events"] == 3).to_numpy()
    scores = np.where(with_x, 3.0, 4.0) + np.tile([0.0, 0.4, 0.2], 10)
    found = check_conformance(Rated(made, scores), ["a", "b"])
    row = found.summary.iloc[0]
    assert row["score_difference"] == pytest.approx(-1)
    assert row["score_low"] < -1 < row["score_high"] < 0
    assert (row["score_n"], row["score_n_against"]) == (15, 15)
    assert found.metric == "csat (journey survey)"
    scores[with_x] = np.nan
    assert np.isnan(check_conformance(Rated(made, scores), ["a", "b"]).summary["score_difference"].iloc[0])
    with pytest.raises(NotEnoughDataError):
        check_conformance(Rated(made, scores), ["a", "b"], metric="nps")


def test_against_all_without_it_when_nobody_conforms():
    made = journeys(*["axb"] * 15, *["ayb"] * 15)
    plain = check_conformance(made, ["a", "b"])
    assert plain.summary["longer_mean_s"].isna().all()
    assert any('see against="without"' in note for note in plain.notes)
    other = check_conformance(made, ["a", "b"], against="without")
    assert other.summary["longer_n_against"].tolist() == [15, 15]
    assert other.summary["longer_mean_s"].tolist() == [0, 0]


def test_small_groups_are_named_and_not_counted():
    found = check_conformance(journeys(*["ab"] * 12, *["axb"] * 3), ["a", "b"])
    assert found.summary.empty
    assert any("1 deviation of fewer than 10 journeys each is not shown: extra: x" in note for note in found.notes)
    assert list(found.summary.columns)[:3] == ["kind", "touchpoint", "journeys"]
    assert "extra: x" in repr(found)
    found.figure()


def test_journeys_of_one_customer_count_for_less():
    words = (["ab"] * 10 + ["axb"] * 10) * 2
    alone = check_conformance(journeys(*words), ["a", "b"])
    together = check_conformance(journeys(*words, customers=[i // 10 for i in range(40)]), ["a", "b"])
    assert alone.share.value == together.share.value == 0.5
    assert together.share.low < alone.share.low
    assert alone.share[1:3] == pytest.approx(wilson(20, 40)[1:3])
    assert (together.share.n, together.summary["customers"].iloc[0]) == (40, 2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 9)), min_size=4, max_size=30))
def test_clustered_means_are_those_of_grouped_mean(rows):
    frame = pd.DataFrame(rows, columns=["who", "inside", "y"]).sort_values("who", ignore_index=True)
    who, inside, y = (frame[c].to_numpy() for c in ("who", "inside", "y"))
    found = Clusters.of(who).difference(y.astype(float), inside, ~inside)
    means = grouped_mean(frame, "inside", "y", cluster="who")["mean"]
    if len(means) == 2:
        assert found.mean == pytest.approx(means[True] - means[False])
        assert not found.high < found.mean
    assert (found.n, found.n_against) == (int(inside.sum()), int((~inside).sum()))


def test_many_deviations_without_a_difference_stay_uncorrelated():
    # 400 studies in which x goes with nothing: about 5% of the p values lie below .05, clustered by customer.
    rng = np.random.default_rng(1)
    who = np.repeat(np.arange(60), 3)
    low = covered = 0
    for _ in range(400):
        y = rng.normal(size=60)[who] + rng.normal(size=180)
        inside = rng.random(180) < 0.3
        found = Clusters.of(who).difference(y, inside, ~inside)
        low += found.p < 0.05
        covered += found.median_low <= 0 <= found.median_high
    assert 0.02 < low / 400 < 0.08
    assert 0.90 < covered / 400 <= 1


def test_errors_name_what_to_do():
    made = journeys("abc", "ac")
    for empty in ([], [[]]):
        with pytest.raises(StudyError, match=r"has no (path|step)"):
            check_conformance(made, empty)
    with pytest.raises(UnknownNameError, match="'bb' does not occur in the journeys; did you mean 'b'"):
        check_conformance(made, ["a", "bb", "c"])
    kept = check_conformance(made, ["a", "bb", "c"], missing="keep", min_n=1)
    assert any("intended, and in no journey: bb" in note for note in kept.notes)
    assert ("skipped", "bb", 2) in said(kept)
    with pytest.raises(NotEnoughDataError, match="not one of its 2 touchpoints"):
        check_conformance(made, ["k", "l"], missing="keep")
    with pytest.raises(StudyError, match="missing='ignore' is unknown"):
        check_conformance(made, ["a"], missing="ignore")
    with pytest.raises(StudyError, match="against='conformin' is unknown; did you mean"):
        check_conformance(made, ["a"], against="conformin")
    with pytest.raises(StudyError, match="min_n=0"):
        check_conformance(made, ["a"], min_n=0)
    with pytest.raises(StudyError, match="path 2 of 2 is the step 'b' alone"):
        check_conformance(made, [["a"], "b"])
    with pytest.raises(StudyError, match="3 is no touchpoint"):
        check_conformance(made, [["a", 3]])
    with pytest.raises(NotEnoughDataError, match="none of the 2 variants can be held against"):
        check_conformance(made, ["a"], budget=1)
    silent = PetriNet(("i", "o"), (("t", None),), (("i", "t"), ("t", "o")), "i", "o")
    with pytest.raises(StudyError, match="no step has a touchpoint"):
        check_conformance(made, silent)
    dead = PetriNet(("i", "x", "o"), (("t1", "a"),), (("i", "t1"), ("t1", "x")), "i", "o")
    with pytest.raises(StudyError, match="cannot reach its end"):
        check_conformance(made, dead)


def test_a_journey_of_100_000_events_is_left_out_and_said():
    frame = dataset("ab", "ab").events
    long = pd.concat([frame, dataset("a" * 100_000).events.assign(case_id="long", customer_id="z")])
    long = long.assign(event_id=[f"r{i}" for i in range(len(long))]).sort_values("timestamp", kind="stable")
    found = check_conformance(build_journeys(Dataset(events=long.reset_index(drop=True)), by="case"), ["a", "b"])
    assert found.share.n == 2
    assert any("1 of 3 journeys, is beyond the budget" in note for note in found.notes)
    assert found.journeys["conforms"].isna().sum() == 1


def test_one_journey_one_event_and_all_at_one_instant():
    found = check_conformance(journeys("a"), ["a"], min_n=1)
    assert found.share.value == 1
    assert found.share.n == 1
    assert "1 journey conform" in repr(found)
    found.figure()
    same = check_conformance(journeys(*["ab"] * 12, *["axb"] * 12, pace=0.0), ["a", "b"])
    assert same.summary["longer_mean_s"].tolist() == [0.0]
    assert np.isnan(same.summary["longer_mean_low_s"].iloc[0])


def test_labels_are_text():
    label = "<img src=x onerror=alert(1)>"
    frame = dataset(*["ab"] * 12, *["axb"] * 12).events.replace({"touchpoint": {"x": label}})
    found = check_conformance(build_journeys(Dataset(events=frame), by="case"), ["a", "b"])
    assert "<img" not in found._repr_html_()
    assert "<img" not in found.figure().to_json()


def test_chain_and_notion_are_named():
    made = journeys("ab", "axb").take([0], "only the first")
    found = check_conformance(made, ["a", "b"], min_n=1)
    assert "only the first" in repr(found)
    assert "only the first" in found._repr_html_()
    assert "only the first" in found.figure().to_json()
    assert found.notion == "case"


def test_row_order_and_dtypes_do_not_matter():
    frame = dataset("abc", "axc", "acb", "ab", pace=[1, 2, 3, 4]).events
    plain = check_conformance(build_journeys(Dataset(events=frame), by="case"), list("abc"), min_n=1)
    other = frame.astype({"touchpoint": "category"})
    again = check_conformance(build_journeys(Dataset(events=other), by="case"), list("abc"), min_n=1)
    for name in ("summary", "places", "steps"):
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(again, name))
