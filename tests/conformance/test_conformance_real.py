"""Conformance on real logs: pm4py's costs, its declare, and what is known of BPIC 2012."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from alignments_of_pm4py import pm4pys
from real_logs import dataset, read_xes, real

from cxmining.discovery import discover
from cxmining.discovery import promises as say
from cxmining.discovery.align import align
from cxmining.discovery.conformance import check_conformance
from cxmining.discovery.intended import Step
from cxmining.discovery.keeping import BROKEN, keep, per_journey
from cxmining.discovery.moves import find_moves, states
from cxmining.discovery.promise_report import check_promises
from cxmining.journeys import build_journeys

pytestmark = [*real, pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")]
HAPPY = [
    "A_SUBMITTED", "A_PARTLYSUBMITTED", "A_PREACCEPTED", Step("W_Completeren aanvraag", repeatable=True), "A_ACCEPTED",
    "O_SELECTED", "A_FINALIZED", "O_CREATED", "O_SENT", Step("W_Nabellen offertes", repeatable=True), "O_SENT_BACK",
    Step("W_Valideren aanvraag", repeatable=True), "O_ACCEPTED",
]  # fmt: skip


@cache
def journeys_of(name, complete=False):
    log = read_xes(name)
    return build_journeys(dataset(log[log["lifecycle"] == "COMPLETE"] if complete else log), by="case")


@pytest.mark.parametrize(
    ("name", "top"), [("running-example.xes", 6), ("Helpdesk.xes.gz", 25), ("env_permit.xes.gz", 25)]
)
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_costs_and_fitness_are_pm4pys_on_mined_nets(name, top, noise):
    made = journeys_of(name)
    net = discover(made, noise=noise).net
    variants = made.variants.head(top)
    sequences, weights = variants["touchpoints"].tolist(), variants["journeys"].tolist()
    ours = align(net, sequences, weights)
    costs, _, log = pm4pys(net, sequences, weights)
    assert ours.cost.tolist() == costs
    assert ours.log_fitness == pytest.approx(log["log_fitness"])


@pytest.mark.parametrize("name", ["Helpdesk.xes.gz", "env_permit.xes.gz"])
def test_the_moves_cost_what_the_search_finds(name):
    made = journeys_of(name)
    net = discover(made).net
    variants = made._variants[0]
    found = find_moves(states(net), variants.codes, variants.offsets, variants.touchpoints)
    assert found.cost.tolist() == align(net, variants.sequences).cost.tolist()


def test_the_happy_path_of_bpic_2012():
    made = journeys_of("BPI_Challenge_2012.xes.gz", complete=True)
    found = check_conformance(made, HAPPY, against="without")
    assert found.share.n == 13_087
    steps = found.steps.set_index("step")
    has = made.events.groupby("touchpoint")["journey_id"].nunique()
    # Each of the 13,087 is submitted and partly submitted; 7,367 are preaccepted, 2,243 offers accepted.
    for step in ("A_SUBMITTED", "A_PARTLYSUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_ACCEPTED"):
        assert steps.loc[step, "done"] <= has[step]
    assert steps.loc["A_PARTLYSUBMITTED", "done"] == 13_087
    assert steps.loc["A_PREACCEPTED", "done"] == has["A_PREACCEPTED"] == 7_367
    assert steps["left"].sum() + int(found.journeys["conforms"].sum()) == 13_087
    ended = found.summary.query("kind == 'ended early' and touchpoint == 'A_PREACCEPTED'").iloc[0]
    assert ended["journeys"] == 13_087 - 7_367
    assert ended["longer_mean_high_s"] < 0
    assert (found.summary["longer_q"].dropna() >= found.summary["longer_p"].dropna()).all()


def test_promises_on_bpic_2012_are_pm4pys_declare():
    from pm4py.algo.conformance.declare.variants.classic import apply_list

    made = journeys_of("BPI_Challenge_2012.xes.gz", complete=True)
    log = made.log
    names = [log.touchpoints[c] for c in log.touchpoint.tolist()]
    traces = [names[a:b] for a, b in pairwise(log.offsets.tolist())]
    a, b = "O_SENT", "O_SENT_BACK"
    for template, promise in {
        "response": say.answered(a, by=b),
        "altresponse": say.answered_each(a, by=b),
        "chainresponse": say.answered_next(a, by=b),
        "precedence": say.preceded(b, by=a),
        "altprecedence": say.preceded_each(b, by=a),
        "chainprecedence": say.preceded_directly(b, by=a),
        "coexistence": say.together(a, b),
    }.items():
        theirs = [not case["is_fit"] for case in apply_list(traces, {template: {(a, b): {}}})]
        ours = per_journey(keep(log, promise, int(log.time.max())), len(made)) == BROKEN
        assert ours.tolist() == theirs, template


def test_an_answer_in_time_counted_event_by_event():
    made = journeys_of("BPI_Challenge_2012.xes.gz", complete=True)
    log = made.log
    days = 14
    row = check_promises(made, say.answered("O_SENT", by="O_SENT_BACK", within=f"{days}D")).summary.iloc[0]
    code = {t: i for i, t in enumerate(log.touchpoints)}
    end, limit = int(made.data.events["timestamp"].max().value // 1000), days * 86_400_000_000
    kept = broken = pending = 0
    times, codes = log.time.tolist(), log.touchpoint.tolist()
    for first, last in pairwise(log.offsets.tolist()):
        for i in range(first, last):
            if codes[i] != code["O_SENT"]:
                continue
            answers = [times[k] for k in range(i + 1, last) if codes[k] == code["O_SENT_BACK"]]
            if answers:
                kept += answers[0] - times[i] <= limit
                broken += answers[0] - times[i] > limit
            else:
                pending += end - times[i] <= limit
                broken += end - times[i] > limit
    assert (row["kept"], row["broken"], row["pending"]) == (kept, broken, pending)
    assert pending > 0
    assert np.isfinite([row["median_s"], row["median_low_s"], row["median_high_s"]]).all()
