"""The report as a file: deterministic, offline, escaped, and honest about what it cannot show."""

import base64
import hashlib
import html
import json
import re

import pandas as pd
import pytest
from example_run import HOSTILE, make_run

import cxmining as cx
from cxmining.errors import InputError, StudyError
from cxmining.maps.words import HIDDEN, MISSING
from cxmining.report.write import as_script_data


def text_of(path):
    page = path.read_text(encoding="utf-8")
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_same_run_same_bytes_wherever_it_stands(tmp_path):
    one = cx.write_report(make_run(tmp_path / "a"))
    two = cx.write_report(make_run(tmp_path / "elsewhere" / "b"), tmp_path / "out" / "r.html")
    assert one == tmp_path / "a" / "share" / "report.html"
    assert one.read_bytes() == two.read_bytes()
    assert str(tmp_path) not in one.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["en", "nl", "bare", "long", "six", "hostile"])
def test_size(reports, name):
    assert reports[name].stat().st_size <= 2_000_000  # plotly alone is 1.3 MB


def test_policy_lets_only_the_pages_own_scripts_run(reports):
    page = reports["en"].read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1])
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.S)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.findall(r"'sha256-([^']+)'", policy) == hashes
    assert "unsafe-eval" not in policy
    assert "http:" not in policy + "".join(re.findall(r'(?:src|href)="([^"]*)"', page))


def test_without_a_picture_plotly_stays_out(reports):
    assert reports["bare"].stat().st_size < 220_000


def test_everything_that_came_from_data_is_escaped(reports):
    page = reports["hostile"].read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "alert(2)</script" not in page
    assert page.count("</script>") == 3  # data, plotly, the page's own
    assert HOSTILE in text_of(reports["hostile"])  # shown as it was recorded


def test_script_data_cannot_leave_its_element():
    said = as_script_data({"a": "</script>\u2028\u2029 é"})
    assert "<" not in said
    assert json.loads(said) == {"a": "</script>\u2028\u2029 é"}
    assert "\u2028" not in said


def test_header_gives_size_period_channels_and_fingerprint(reports):
    said = text_of(reports["nl"])
    for expected in ("4.812 klantreizen", "2.000 klanten", "1 jan 2025 tot en met 31 dec 2025", "telefoon 16%"):
        assert expected in said
    assert "alle contacten van één klant, een nieuwe na 30 d stilte" in said


def test_fingerprint_is_of_the_data_not_of_names_or_order(tmp_path):
    run = make_run(tmp_path / "a")
    before = re.search(r"<code title[^>]*>(\w+)<", cx.write_report(run).read_text(encoding="utf-8"))[1]
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    manifest["inputs"] = [{**i, "name": f"renamed-{k}"} for k, i in enumerate(manifest["inputs"])][::-1]
    (run / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert re.search(r"<code title[^>]*>(\w+)<", cx.write_report(run).read_text(encoding="utf-8"))[1] == before


def test_prediction_and_fair_share_are_both_said(reports):
    said = text_of(reports["en"])
    assert (
        "Prediction: the best 3 of 15 predict 91% of what all predict. Fair share: the largest 3 carry 64% of it."
        in said
    )
    assert "not the effect of changing a touchpoint" in said


def test_the_interval_stands_beside_the_r2_it_belongs_to(reports, tmp_path):
    said = text_of(reports["en"])
    assert "explain 41% [36%, 46%] of the differences in CSAT: R² adjusted for their number" in said
    assert "unadjusted R² 43%" in said
    run = make_run(tmp_path / "a")
    path = run / "share" / "verdict.json"
    verdict = json.loads(path.read_text(encoding="utf-8"))
    del verdict["r2_adjusted"]
    path.write_text(json.dumps(verdict), encoding="utf-8")
    said = text_of(cx.write_report(run))
    assert "explain 43% of the differences in CSAT: R², not adjusted" in said


def test_response_rate_is_per_invitation(reports):
    assert "12% of 9,500 invitations answered" in text_of(reports["en"])


def test_overall_scores_stand_by_kind_of_survey_each_with_its_scale(reports):
    said = text_of(reports["nl"])
    order = ["Relatieonderzoek", "CSAT gemiddelde, schaal 1–5", "rapportcijfer gemiddelde, schaal 1–10", "NPS schaal −100…100", "Na een contact", "CSAT gemiddelde, schaal 1–5"]  # fmt: skip
    at = [said.index(order[0])]
    for words in order[1:]:
        at.append(said.index(words, at[-1] + 1))
    assert at == sorted(at)


def test_every_mean_in_the_table_carries_its_interval_and_n(reports):
    page = reports["en"].read_text(encoding="utf-8")
    row = re.search(r'<tr data-id="calls about invoice">(.*?)</tr>', page, flags=re.S)[1]
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    table = pd.read_csv(reports["en"].parent / "touchpoints.csv").set_index("touchpoint").loc["calls about invoice"]
    for part in ("score", "gap", "sentiment"):
        digits = 2 if part == "sentiment" else 1
        ends = ", ".join(f"{table[f'{part}_{e}']:.{digits}f}".replace("-", "−") for e in ("low", "high"))
        assert f"[{ends}] n = {table[f'{part}_n']:.0f}" in said
    assert "3 min 10 s p90 13 h 54 min n = 200" in said
    assert f"{table['wow_n']:.0f} / {table['pain_n']:.0f} of {table['rated_pairs_n']:.0f}" in said


def test_notes_stand_in_the_language_of_the_page_and_one_that_cannot_says_its_own(tmp_path):
    run = make_run(tmp_path / "a", language="nl")
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    manifest["notes"] = ["1,204 events at monthly invoice are no step of a journey and left out", "something else"]
    (run / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    page = cx.write_report(run).read_text(encoding="utf-8")
    assert "Aantekeningen van de verwerking (deels in het Engels)</h3>" in page
    assert "<li>1.204 gebeurtenissen bij monthly invoice zijn geen stap van een klantreis en weggelaten</li>" in page
    assert '<li lang="en">something else</li>' in page


def test_a_goal_is_said_in_the_language_of_the_page(tmp_path):
    run = make_run(tmp_path / "a", language="nl")
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    manifest["study"]["journeys"] = {"by": "customer", "goal": [["sees campaign"], ["signs contract", "review"]]}
    (run / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = text_of(cx.write_report(run))
    assert "alle contacten van één klant, van ‘Ziet campagne’ naar" in said
    assert "‘Schrijft een review’" in said


def test_the_emotional_journey_is_drawn_by_touchpoint_and_by_stage_per_group(reports):
    page = reports["nl"].read_text(encoding="utf-8")
    drawn = json.loads(re.search(r'id="cx-data">(.*?)</script>', page, flags=re.S)[1])["figures"]
    assert [name for name in drawn if name.startswith("emotion")] == [
        "emotion",
        "emotion-stage",
        "emotion-stage-groups",
    ]
    texts = [t for trace in drawn["emotion"]["data"] if trace["mode"] == "text" for t in trace["text"]]
    assert HIDDEN in texts
    assert drawn["emotion"]["layout"]["yaxis4"]["ticktext"][:2] == ["blijdschap", "tevredenheid"]
    names = {trace.get("name") for trace in drawn["emotion-stage-groups"]["data"]}
    assert {"business", "private"} <= names


def test_without_a_survey_the_sections_say_what_is_missing_and_why(reports):
    said = text_of(reports["bare"])
    assert "Er is geen enquête gelezen: welke contactmomenten de tevredenheid bepalen" in said
    assert "Er kan geen emotionele klantreis getekend worden" in said
    assert "Geen contactmoment heeft een fase" in said
    assert "valt geen antwoord te koppelen" in said or "viel geen antwoord te koppelen" in said
    assert "data-figure" not in reports["bare"].read_text(encoding="utf-8").split("<script")[0]


def cells(path, touchpoint):
    page = path.read_text(encoding="utf-8")
    row = re.search(rf'<tr data-id="{touchpoint}">(.*?)</tr>', page, flags=re.S)[1]
    return re.findall(r'<td data-v="[^"]*" class="([^"]*)"><span>(.*?)</span>', row)


def test_hidden_and_not_measured_are_different_cells_and_the_legend_says_which(reports):
    assert ("num off", HIDDEN) in cells(reports["en"], "complaint")
    assert ("num none", MISSING) in cells(reports["en"], "sees campaign")
    assert ("num off", HIDDEN) not in cells(reports["en"], "sees campaign")
    assert f"{HIDDEN} known, not shown: about fewer than 10 customers" in text_of(reports["en"])
    assert f"{MISSING} not measured" in text_of(reports["en"])


def test_inputs_add_up_and_what_does_not_is_said(tmp_path, reports):
    assert "49,018 44,216 18 173 2,611 2,000" in text_of(reports["en"])
    assert "do not add up" not in text_of(reports["en"])
    run = make_run(tmp_path / "a")
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    manifest["inputs"][0]["kept"] += 1
    (run / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "The counts of exports/mail.mbox do not add up." in text_of(cx.write_report(run))


def test_every_score_hidden_is_not_the_same_as_no_survey(tmp_path):
    run = make_run(tmp_path / "a")
    path = run / "share" / "touchpoints.csv"
    table = pd.read_csv(path)
    rows = [
        ("touchpoints.csv", t, "score_mean", "fewer than 10 customers")
        for t in table.loc[table["score_mean"].notna(), "touchpoint"]
    ]
    table.assign(score_mean=float("nan"), score_low=float("nan"), score_high=float("nan")).to_csv(path, index=False)
    pd.DataFrame(rows, columns=["file", "key", "column", "reason"]).to_csv(
        run / "share" / "suppressed.csv", index=False
    )
    felt = run / "share" / "emotional_journey.csv"
    pd.read_csv(felt).assign(mean=float("nan"), low=float("nan"), high=float("nan")).to_csv(felt, index=False)
    assert "every touchpoint was rated by fewer than 10 customers" in text_of(cx.write_report(run))


def test_a_touchpoint_called_na_is_a_touchpoint(tmp_path):
    run = make_run(tmp_path / "a")
    for name in ("touchpoints.csv", "dfg.csv"):
        path = run / "share" / name
        path.write_text(path.read_text(encoding="utf-8").replace("yearly check-up", "NA"), encoding="utf-8")
    assert '<tr data-id="NA">' in cx.write_report(run).read_text(encoding="utf-8")


def test_what_is_rated_but_no_step_stands_in_the_table_and_not_on_the_map(tmp_path):
    run = make_run(tmp_path / "a")
    path = run / "share" / "touchpoints.csv"
    table = pd.read_csv(path)
    table.loc[table["touchpoint"] == "welcome mail", ["events", "journeys", "customers", "reach", "channel"]] = None
    table.to_csv(path, index=False)
    page = cx.write_report(run).read_text(encoding="utf-8")
    drawn = json.loads(re.search(r'id="cx-data">(.*?)</script>', page, flags=re.S)[1])
    assert "welcome mail" not in [n["id"] for n in drawn["map"]["nodes"]]
    assert '<tr data-id="welcome mail">' in page


def test_no_run_a_broken_run_and_an_old_run_are_one_sentence_each(tmp_path):
    with pytest.raises(StudyError, match="is no run folder"):
        cx.write_report(tmp_path)
    run = make_run(tmp_path / "a")
    (run / "share" / "dfg.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a/share/dfg.csv: columns .* are missing"):
        cx.write_report(run)
    (run / "share" / "dfg.csv").unlink()
    with pytest.raises(InputError, match=r"a/share/dfg.csv is missing"):
        cx.write_report(run)
    (run / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"run.json cannot be read"):
        cx.write_report(run)
