"""A study in which every text that anybody can fill in wants to be run: by a page, by a spreadsheet, by XML, by a terminal."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import tomlkit

HURTS = (
    "<img src=x onerror=window.hurt=1>",
    '=HYPERLINK("http://evil.example")',
    "@SUM(1)",
    "+1",
    "-1+1",
    "\t=1+1",
    "\r=1+1",
    "</script><script>window.hurt=1</script>",
    "]]><b onclick=window.hurt=1>",
    "\u202egnirts <svg onload=window.hurt=1>",
    "javascript:window.hurt=1",
    "<a href='javascript:window.hurt=1'>x</a>",
    "{{ 7*7 }} ${window.hurt=1} `x`",
    "\"'><iframe src=http://evil.example>",
    "\x1b]0;owned\x07 \x1b[31m",
)
"""What each label begins or is made of. NUL and a lone surrogate come by a file that can carry them, see `write_study`."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CHANNELS = ("phone", "<img src=x onerror=window.hurt=1>", "web")
CUSTOMERS = 90
RATED = (0, 1, 7)
"""The touchpoints that questionnaires ask about, by place in `HURTS`."""


def hurt(i: int, what: str = "") -> str:
    """Return one of the texts, `what` behind it so that a finding says where it came from."""
    return HURTS[i % len(HURTS)] + (f" {what}" if what else "")


def write_study(folder: Path) -> Path:
    """Write exports, survey, CRM, catalogue, personas, stakeholders, workshop and the study that reads them."""
    _events(folder / f"{HURTS[0]}.csv")
    _hits(folder / "=cmd.jsonl")
    _crm(folder / "@crm.csv")
    _answers(folder / "+answers.csv")
    _asked(folder / "-asked.csv")
    (folder / "touchpoints.toml").write_text(tomlkit.dumps(_catalogue()), encoding="utf-8")
    (folder / "personas.toml").write_text(tomlkit.dumps(_personas()), encoding="utf-8")
    (folder / "stakeholders.toml").write_text(tomlkit.dumps(_stakeholders()), encoding="utf-8")
    (folder / "cx-map.toml").write_text(tomlkit.dumps(_workshop()), encoding="utf-8")
    (folder / "study.toml").write_text(tomlkit.dumps(_study()), encoding="utf-8")
    return folder / "study.toml"


def _rows() -> list[tuple[int, str, pd.Timestamp]]:
    """Everybody meets most touchpoints within four days, some once more, and each touchpoint is left out by somebody."""
    start = pd.Timestamp("2024-01-01 08:00")
    rows = []
    for c in range(CUSTOMERS):
        day = start + pd.Timedelta(days=3 * c)
        order = list(range(len(HURTS))) if c % 2 else [*range(3, len(HURTS)), 0, 1, 2]
        order = [k for k in order if k in RATED or (c + k) % 5]
        rows += [(c, HURTS[k], day + pd.Timedelta(hours=5 * place + k)) for place, k in enumerate(order)]
        if c % 3 == 0:
            rows.append((c, HURTS[0], day + pd.Timedelta(days=5)))
    return rows


def _events(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out, quoting=csv.QUOTE_ALL)  # a lone CR is quoted only where all is
        lines.writerow(["who", "what", "when", "queue", "owner", "by", "channel", "case", "way", "text", "reason <b>"])
        for n, (c, what, when) in enumerate(_rows()):
            lines.writerow([
                1000 + c, what, f"{when:%Y-%m-%d %H:%M:%S}", hurt(n % 5, "queue"), hurt(n % 4, "owner"), hurt(n % 3, "agent"),
                CHANNELS[n % 3], hurt(c, f"case {c}"), "inbound", hurt(n, ("factuur klopt niet", "app werkt niet")[n % 2]), hurt(n % 6, "reason"),
            ])  # fmt: skip


def _hits(path: Path) -> None:
    """JSON alone can carry NUL and a lone surrogate."""
    rows = [
        {"event_type": ("nul\x00=1+1", "lone \ud800 <b>")[c % 8 == 1], "event_time": f"2024-03-{1 + c % 28:02d} 10:00:00.000000",
         "user_id": str(1000 + c), "device_id": f"d{c}", "session_id": -1, "$insert_id": f"i{c}", "platform": "Web",
         "event_properties": {"plan": hurt(c, "plan")}}
        for c in range(CUSTOMERS)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")


def _crm(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out, quoting=csv.QUOTE_ALL)
        lines.writerow(["account", "segment", "=region"])
        lines.writerows([1000 + c, hurt(c % 3, "segment"), hurt(3 + c % 2, "region")] for c in range(CUSTOMERS))


def _answers(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out, quoting=csv.QUOTE_ALL)
        lines.writerow(
            [
                "account",
                "at",
                "said",
                "overall",
                "recommend",
                "fast",
                "clear",
                *(hurt(k, "item") for k in RATED),
                *(hurt(k, "hoped") for k in RATED),
            ]
        )
        for c in range(CUSTOMERS - 20):
            rated = [1 + (c * (k + 3) + c // 7) % 10 for k in range(len(RATED))]
            overall = 1 + min(4, (rated[0] + rated[1] + c % 3) // 5)
            lines.writerow([1000 + c, f"{pd.Timestamp('2024-01-08') + pd.Timedelta(days=3 * c):%Y-%m-%d %H:%M:%S}", hurt(c, "wat een gedoe, slecht"),
                            overall, min(10, 2 * overall + c % 2), overall, max(1, overall - c % 2), *rated, *(7 + (c + k) % 3 for k in range(len(RATED)))])  # fmt: skip


def _asked(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out, quoting=csv.QUOTE_ALL)
        lines.writerow(["account", "at", "channel", "ref"])
        lines.writerows([1000 + c, f"{pd.Timestamp('2024-01-07') + pd.Timedelta(days=3 * c):%Y-%m-%d %H:%M:%S}", CHANNELS[c % 3], hurt(c)]
                        for c in range(CUSTOMERS))  # fmt: skip


def _catalogue() -> dict[str, object]:
    stages = ("awareness", "consideration", "purchase", "service", "loyalty", "advocacy")
    return {
        "touchpoint": [
            {"name": name, "label_en": hurt(i, "label"), "label_nl": hurt(i, "naam"), "stage": stages[i * 6 // len(HURTS)],
             "owner": hurt(i % 4, "department"), "supported_by": hurt(i % 2, "support"), "task": hurt(i % 3, "task"),
             "elements": [hurt(i % 2, "element")], "backstage": i == 5, "third_party": i == 6, "cost": 1.0}
            for i, name in enumerate(HURTS)
        ]
    }  # fmt: skip


def _personas() -> dict[str, object]:
    told = {field: hurt(i, field) for i, field in enumerate(("context", "ambitions", "goal", "chooses_on"))}
    who = {"channel: web": 0.5, f"topic: {HURTS[0]}": 0.3, "contacts per year": 5.0}
    return {"persona": [{"name": hurt(0, "persona"), "by": hurt(1, "by"), **told, "behaviour": who}]}


def _stakeholders() -> dict[str, object]:
    levels = {"influence": 4, "interest": 2}
    return {
        "stakeholder": [{"name": hurt(i, "stakeholder"), "by": hurt(2, "by"), "kind": "partner", "role": hurt(i, "role"),
                         "we_do": hurt(i, "we do"), "they_do": hurt(i, "they do"), **levels} for i in range(3)],
        "tie": [{"from": hurt(0, "stakeholder"), "to": "customer", "by": hurt(2, "by"), "gives": hurt(3, "gives"), "gets": hurt(4, "gets")}],
    }  # fmt: skip


def _workshop() -> dict[str, object]:
    rows = ("task", "evidence", "pain_point", "owner", "opportunity", "frontstage", "backstage", "support")
    return {
        "cell": [
            {"row": row, "touchpoint": HURTS[i % 3], "text": hurt(i, row), "by": hurt(i, "by")}
            for i, row in enumerate(rows)
        ]
    }


def _study() -> dict[str, object]:
    items = [{"column": "overall", "metric": "csat", "low": 1, "high": 5},
             {"column": "recommend", "metric": "nps", "low": 0, "high": 10},
             *({"column": c, "metric": "other", "low": 1, "high": 5} for c in ("fast", "clear"))]  # fmt: skip
    scale = {"name": hurt(0, "scale"), "items": ["fast", "clear"], "metric": "perception", "touchpoint": HURTS[0],
             "elements": [hurt(1, "element")]}  # fmt: skip
    items += [{"column": hurt(k, "item"), "metric": "rapportcijfer", "touchpoint": HURTS[k], "low": 1, "high": 10,
               "question": hurt(k, "question"), "elements": [hurt(k, "element"), "reliability"]} for k in RATED]  # fmt: skip
    items += [
        {"column": hurt(k, "hoped"), "metric": "expectation", "touchpoint": HURTS[k], "low": 1, "high": 10}
        for k in RATED
    ]
    calls = {"timestamp": "when", "touchpoint": "what", "account": "who", "queue": "queue", "owner_mined": "owner", "resource": "by",
             "channel": "channel", "case_id": "case", "direction": "way", "text": "text"}  # fmt: skip
    csv_of = {"format": "csv", "tz": "UTC", "delimiter": ","}
    return {
        "schema_version": 1, "name": "every-field", "title": hurt(0, "title"), "language": "en",
        "catalogue": "touchpoints.toml", "personas": "personas.toml", "stakeholders": "stakeholders.toml", "cx_map": "cx-map.toml",
        "company": {"name": hurt(7, "company")},
        "source": [
            {"name": hurt(0, "source"), "path": f"{HURTS[0]}.csv", **csv_of, "columns": calls, "attributes": ["reason <b>"]},
            {"name": "=hits", "path": "=cmd.jsonl", "format": "amplitude", "attributes": ["plan"], "options": {"key_events": ["nul\x00=1+1"]}},
            {"name": "@crm", "path": "@crm.csv", **csv_of, "into": "customers", "columns": {"account": "account"}, "attributes": ["segment", "=region"]},
            {"name": "+answers", "path": "+answers.csv", **csv_of, "into": "responses", "survey": hurt(7, "survey"),
             "columns": {"account": "account", "timestamp": "at"}},
            {"name": "-asked", "path": "-asked.csv", **csv_of, "into": "invitations", "survey": hurt(7, "survey"),
             "columns": {"account": "account", "invited_at": "at", "channel": "channel", "reference": "ref"}},
        ],
        "journeys": {"gap": "30D"},
        "experience": {"metric": "rapportcijfer"},
        "drivers": {"target": "csat", "controls": ["segment"], "bootstrap": 100},
        "privacy": {"text": "masked", "keep_case_ids": True},
        "survey": [{"name": hurt(7, "survey"), "kind": "relationship", "comment": "said", "customer": {"account": "account"}, "item": items, "scale": [scale]}],
    }  # fmt: skip


def results(study: Path, run: Path, folder: Path) -> dict[str, Any]:
    """Return what every verb gives for the study, by the name of the verb; files that verbs write go to `folder`."""
    import cxmining as cx

    here, data = study.parent, cx.read(study)
    comments = data.responses["comment"]
    journeys = cx.build_journeys(data, gap="30D")
    lived = cx.measure_experience(journeys, metric="rapportcijfer")
    decided = cx.find_drivers(lived, "csat", controls=["segment"], bootstrap=100)
    personas, moments = cx.find_personas(lived), cx.find_moments_of_truth(lived, leaving=HURTS[3], returning=HURTS[1])
    if_so = cx.what_if(decided, bootstrap=100)
    plan = cx.plan_roadmap(lived, decided, moments=moments, what_if=if_so)
    compared = cx.compare_groups(lived, by="segment", names=(hurt(0, "segment"), hurt(1, "segment")), resamples=99)
    rated = pd.DataFrame(
        {HURTS[0]: [1 + i % 10 for i in range(220)], HURTS[1]: [1 + i * 7 % 10 for i in range(220)]}
    ).astype(float)
    rated = rated.assign(csat=rated.mean(axis=1).round(), segment=[hurt(i % 2, "segment") for i in range(220)])
    return {
        "read": data, "build_journeys": journeys, "measure_experience": lived, "find_drivers": decided, "find_personas": personas,
        "find_moments_of_truth": moments, "what_if": if_so, "plan_roadmap": plan, "compare_groups": compared,
        "alter_journeys": cx.alter_journeys(journeys, cx.changes.remove(HURTS[0])),
        "apply_catalogue": cx.apply_catalogue(data, here / "touchpoints.toml"),
        "blueprint": cx.blueprint(lived, people=here / "cx-map.toml"),
        "call_back_list": cx.call_back_list(lived),
        "check_classes": cx.check_classes(decided),
        "check_conformance": cx.check_conformance(lived, HURTS[7:9]),
        "check_promises": cx.check_promises(lived, cx.promises.answered(HURTS[0], by=HURTS[1], within="2D")),
        "check_scales": cx.check_scales(lived),
        "choices": cx.choices(lived),
        "cohort_table": cx.cohort_table(journeys),
        "compare_case_notions": cx.compare_case_notions(data, ["customer", "case"]),
        "compare_drivers": cx.compare_drivers(rated, "csat", by="segment", bootstrap=20, permutations=99),
        "compare_loyalty": cx.compare_loyalty(lived),
        "compare_runs": cx.compare_runs(run, run),
        "cx_map": cx.cx_map(lived, decided, people=here / "cx-map.toml", plan=plan),
        "difference_map": cx.difference_map(compared),
        "discover": cx.discover(journeys),
        "discover_promises": cx.discover_promises(journeys),
        "dotted_chart": cx.dotted_chart(journeys),
        "driver_chart": cx.driver_chart(decided),
        "edge_stability": cx.edge_stability(journeys, resamples=20),
        "emotional_curve": cx.emotional_curve(lived),
        "emotional_journey": cx.emotional_journey(lived),
        "explain_change": cx.explain_change(lived, lived, by="segment", metric="csat", repeats=50),
        "explain_structure": cx.explain_structure(decided, lived, bootstrap=50),
        "explore": cx.explore(lived, decided, text="masked"),
        "find_archetypes": cx.find_archetypes(journeys),
        "find_asymmetry": cx.find_asymmetry(decided, bootstrap=100),
        "find_drivers_each": cx.find_drivers_each(lived, ["csat"], bootstrap=100),
        "find_elements": cx.find_elements(comments),
        "find_emotions": cx.find_emotions(comments),
        "find_goals": cx.find_goals(lived, {hurt(0, "goal"): HURTS[1]}),
        "find_handovers": cx.find_handovers(journeys),
        "find_moments": cx.find_moments(lived),
        "find_motives": cx.find_motives(comments),
        "find_outcomes": cx.find_outcomes(comments),
        "find_owners": cx.find_owners(journeys),
        "find_paths": cx.find_paths(lived),
        "find_perceptions": cx.find_perceptions(comments),
        "find_tasks": cx.find_tasks(lived, {hurt(0, "task"): HURTS[1]}),
        "from_frame": cx.from_frame(rated.assign(at=pd.Timestamp("2024-01-01", tz="UTC")), customer="segment", touchpoint="segment", timestamp="at"),
        "funnel": cx.funnel(journeys, HURTS[:3]),
        "importance_performance": cx.importance_performance(decided),
        "inspect": cx.inspect(here / f"{HURTS[0]}.csv"),
        "journey_map": cx.journey_map(lived),
        "list_variants": cx.list_variants(journeys),
        "load_run": cx.load_run(run),
        "load_study": cx.load_study(study),
        "measure_effort": cx.measure_effort(lived),
        "measure_elements": cx.measure_elements(lived),
        "measure_intervention": cx.measure_intervention(lived, "2024-04-01", HURTS[0]),
        "measure_perceptions": cx.measure_perceptions(lived),
        "measure_servqual": cx.measure_servqual(lived),
        "measure_survey": cx.measure_survey(lived),
        "performance_spectrum": cx.performance_spectrum(journeys, HURTS[0], HURTS[1]),
        "persona_cards": cx.persona_cards(lived, here / "personas.toml", personas),
        "prioritise": cx.prioritise(decided, lived),
        "propose_gap": cx.propose_gap(data, bootstrap=20),
        "propose_stages": cx.propose_stages(journeys),
        "read_journeys": cx.read_journeys(cx.write_parquet(lived, folder / "out", texts=True).path),
        "read_model": cx.read_model(run / "share" / "model.bpmn"),
        "sankey": cx.sankey(journeys, HURTS[0]),
        "score_sentiment": cx.score_sentiment(comments),
        "select_model": cx.select_model(journeys, noises=(0.0, 0.2), folds=2),
        "stakeholder_map": cx.stakeholder_map(lived, here / "stakeholders.toml"),
        "step_matrix": cx.step_matrix(journeys),
        "track": cx.track(lived),
        "transition_matrix": cx.transition_matrix(journeys),
        "write_parquet": cx.write_parquet(lived, folder / "again"),
        "write_xes": cx.write_xes(lived, folder / "out.xes", texts=True),
        "Workbench": cx.Workbench(lived, decided, text="masked"),
    }  # fmt: skip
