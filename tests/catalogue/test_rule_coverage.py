"""Mapping rules: every key of the issue's list, what each maps and what none does, and patterns that cannot hang."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from cxmining.errors import StudyError
from cxmining.ingest import read
from cxmining.ingest.mapping.rules import SEARCHED, Coverage, Rule, load_rules, match_rules, parse_rule

ROW = {
    "event_id": ["r1"], "channel": ["web"], "direction": ["inbound"], "source": ["site"], "queue": ["north"], "text": ["help me"],
    "touchpoint": ["web: page"], "raw_status": ["open"], "raw_subject": ["Re: Factuur"], "raw_topic": ["Betalen"],
    "raw_event": ["page_view"], "raw_url": ["https://zon.nl/tarieven?a=1"], "raw_tags": ["vip,nieuw"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("channel", "web"), ("direction", "inbound"), ("source", "site"), ("queue", "north"), ("status", "open"),
        ("subject", "factuur"), ("topic", "^betalen$"), ("event", "^page_"), ("url", r"/tarieven\?"), ("tags", "(^|,)vip"),
        ("text", "h.lp"), ("label", "^web: "),
    ],
)  # fmt: skip
def test_each_key(key: str, value: str) -> None:
    hit = parse_rule({key: value, "touchpoint": "x"}, "rule 1")
    miss = parse_rule(
        {key: value[:-1] + "#" if key in SEARCHED else "desk" if key == "channel" else "internal", "touchpoint": "x"},
        "1",
    )
    assert match_rules(pd.DataFrame(ROW), [hit]).tolist() == [0]
    assert match_rules(pd.DataFrame(ROW), [miss]).tolist() == [-1]


def test_a_topic_is_the_sources_own_word_else_wrap_up_else_tags() -> None:
    frame = pd.DataFrame({"raw_topic": ["a", None, None], "wrap_up": ["b", "b", None], "raw_tags": ["c"] * 3})
    rules = [Rule(w, (), (("topic", w),)) for w in "abc"]
    assert match_rules(frame, rules).tolist() == [0, 1, 2]


def test_coverage_counts_each_rule_and_what_none_maps(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "at,what,who,subject\n" + "".join(f"2024-01-0{i}T10:00:00Z,{w},c{i},{s}\n" for i, (w, s) in enumerate(
            [("mail", "factuur"), ("mail", "nota"), ("call", ""), ("call me at k1@x.example", ""), ("call", "")], start=1))
    )  # fmt: skip
    (tmp_path / "rules.toml").write_text(
        '[[rule]]\nsubject = "factuur|nota"\ntouchpoint = "pays"\n[[rule]]\nsubject = "nota"\ntouchpoint = "x"\n'
        '[[rule]]\nsubject = "never"\ntouchpoint = "y"\n'
    )
    (tmp_path / "study.toml").write_text(
        'name = "s"\nrules = "rules.toml"\n[[source]]\nname = "a"\npath = "x.csv"\nformat = "csv"\n'
        'columns = { timestamp = "at", touchpoint = "what", account = "who", subject = "subject" }\n'
    )
    data = read(tmp_path)
    rows = data.mapping.astype({"rule": "object"}).where(data.mapping.notna(), None)
    assert rows[["rule", "touchpoint", "events", "alone"]].values.tolist() == [
        [1, "pays", 2, 2], [2, "x", 0, 1], [3, "y", 0, 0], [None, "call", 2, 2], [None, "call me at [email]", 1, 1],
    ]  # fmt: skip
    assert data.mapping["events"].sum() == len(data.events)
    assert data.mapping["says"].tolist()[0] == "subject ~ 'factuur|nota'"
    notes = [n for n in data.notes if "rule" in n]
    assert notes == [
        "3 of 5 events match no rule and keep their raw label",
        "rule 2 (subject ~ 'nota') maps no event: earlier rules take all it matches",
        "rule 3 (subject ~ 'never') maps no event: it matches nothing",
    ]
    assert "subject" not in data.events


def test_no_rules_no_notes() -> None:
    coverage = Coverage(())
    events = coverage.apply(pd.DataFrame(ROW))
    assert coverage.notes() == []
    assert coverage.table(events)[["says", "events", "share"]].values.tolist() == [["(no rule)", 1, 1.0]]


@pytest.mark.parametrize("pattern", ["(a+)+$b", "(a|a)*b", "(.*a){20}b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"])
def test_patterns_that_hang_other_engines_take_linear_time(pattern: str) -> None:
    frame = pd.DataFrame({"channel": ["mail"], "text": ["a" * 100_000 + "x" * 100_000]})
    start = time.process_time()
    match_rules(frame, [Rule("t", (), (("text", pattern),))])
    assert time.process_time() - start < 5


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", "a{100000}", "[", "(?=a)", r"(a)\1"])
def test_patterns_that_cannot_be_are_refused(tmp_path: Path, pattern: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f"[[rule]]\nsubject = '{pattern}'\ntouchpoint = 'x'\n")
    start = time.process_time()
    with pytest.raises(StudyError, match="is no RE2 pattern"):
        load_rules(file, "rules.toml")
    assert time.process_time() - start < 5
