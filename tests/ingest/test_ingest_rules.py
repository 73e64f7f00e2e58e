import pandas as pd
import pytest

from cxmining.errors import StudyError
from cxmining.ingest.mapping.rules import apply_rules, load_rules, match_rules


def events():
    return pd.DataFrame(
        {
            "channel": ["phone", "mail", "mail", "chat"], "direction": ["inbound", "inbound", "outbound", "inbound"],
            "queue": ["facturen", None, None, None], "source": ["p", "m", "m", "z"], "touchpoint": ["phone: facturen", "mail", "mail sent", "chat"],
            "text": [None, "mijn FACTUUR klopt niet", "uw factuur", "hallo"], "raw_subject": [None, "Vraag", "Re: vraag", None],
            "raw_tags": [None, None, None, "a,facturen"], "raw_status": ["answered", "person", "person", "open"],
        }
    )  # fmt: skip


def rules(tmp_path, text):
    (tmp_path / "rules.toml").write_text(text)
    return load_rules(tmp_path / "rules.toml", "rules.toml")


def test_all_keys_must_match_and_the_first_rule_wins(tmp_path):
    found = rules(tmp_path, """
        [[rule]]
        channel = "mail"
        direction = "inbound"
        text = "factuur"
        touchpoint = "asks about invoice"
        [[rule]]
        channel = "mail"
        touchpoint = "company reply"
        [[rule]]
        tags = "(^|,)facturen"
        touchpoint = "asks about invoice"
        channel_to = "social"
    """)  # fmt: skip
    assert match_rules(events(), found).tolist() == [-1, 0, 1, 2]
    named, unmatched = apply_rules(events(), found)
    assert named["touchpoint"].tolist() == [
        "phone: facturen",
        "asks about invoice",
        "company reply",
        "asks about invoice",
    ]
    assert named["channel"].tolist() == ["phone", "mail", "mail", "social"]
    assert unmatched == 1
    assert not [c for c in named if c.startswith("raw_")]


def test_without_rules_raw_labels_stand():
    named, unmatched = apply_rules(events(), ())
    assert (named["touchpoint"].tolist()[0], unmatched) == ("phone: facturen", 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rule]]\nchanel = "mail"\ntouchpoint = "x"', "rules.toml, rule 1: unknown key 'chanel'; did you mean 'channel'"),
        ('[[rule]]\nchannel = "fax"\ntouchpoint = "x"', "channel = 'fax': expected one of mail, phone"),
        ('[[rule]]\nsubject = "(?=x)"\ntouchpoint = "x"', r"subject = '\(\?=x\)': is no RE2 pattern"),
        ('[[rule]]\nsubject = "x"', "rule 1: says no touchpoint"),
        ('[rule]\ntouchpoint = "x"', "double brackets"),
        ('rules = 1', "unknown key 'rules'"),
        ('[[rule', "is not TOML"),
    ],
)  # fmt: skip
def test_mistakes_name_rule_key_value_and_choices(tmp_path, text, said):
    with pytest.raises(StudyError, match=said):
        rules(tmp_path, text)


def test_a_rules_file_that_is_not_there(tmp_path):
    with pytest.raises(StudyError, match="there is no such file"):
        load_rules(tmp_path / "x.toml", "x.toml")


def test_evil_patterns_take_no_time():
    import time

    frame = events().assign(text="a" * 5000)
    from cxmining.ingest.mapping.rules import Rule

    start = time.perf_counter()
    match_rules(frame, [Rule("x", (), (("text", "(a+)+$b"),))])
    assert time.perf_counter() - start < 2
