import json

import pytest

from cxmining.errors import InputError


def hit(minute, name="page_view", who="p1", page=None, session=None, **more):
    params = []
    if page:
        params.append({"key": "page_location", "value": {"string_value": f"https://x.nl{page}"}})
    if session:
        params.append({"key": "ga_session_id", "value": {"int_value": str(session)}})
    return json.dumps(
        {
            "event_timestamp": str(1735689600_000000 + minute * 60_000000),
            "event_name": name,
            "event_params": params,
            "user_pseudo_id": who,
            **more,
        }
    )


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def test_a_session_without_anything_that_counts_is_one_event(read_one):
    r = read_one(
        "\n".join([hit(0, page="/a"), hit(5, page="/b"), hit(40, page="/a"), hit(1, who="p2", page="/a")]),
        tz="Europe/Amsterdam",
    )
    assert (r.format, counts(r)) == ("ga4", {"read": 4, "kept": 3, "merged": 1})
    assert r.events["touchpoint"].tolist() == ["web session"] * 3
    assert r.events["duration_s"].tolist() == [300, 0, 0]
    assert r.events["utc_offset"].tolist() == [60, 60, 60]
    assert r.events["case_id"].nunique() == 3


def test_a_session_id_holds_a_session_together_over_a_pause(read_one):
    r = read_one("\n".join([hit(0, session=1), hit(90, session=1), hit(91, session=2)]))
    assert counts(r) == {"read": 3, "kept": 2, "merged": 1}
    assert r.events["utc_offset"].isna().all()


def test_key_events_stand_and_the_rest_goes_into_the_one_before(read_one):
    r = read_one(
        "\n".join([hit(0, page="/a"), hit(1, "purchase"), hit(2, page="/b"), hit(3, "purchase"), hit(4, "login")]),
        options={"key_events": ["purchase", "login"]},
    )  # fmt: skip
    assert r.events["touchpoint"].tolist() == ["purchase", "login"]
    into = r.ledger.set_index("seq")["merged_into"].dropna()
    purchase, _login = r.events["event_id"]
    assert into.to_dict() == {1: purchase, 3: purchase, 4: purchase}


def test_rules_decide_what_stands(read_one, tmp_path):
    (tmp_path / "rules.toml").write_text('[[rule]]\nurl = "/tarieven"\ntouchpoint = "views tariffs"\n')
    r = read_one(
        "\n".join([hit(0, page="/a"), hit(1, page="/tarieven?x=1"), hit(2, page="/tarieven")]),
        study={"rules": "rules.toml"},
    )
    assert counts(r) == {"read": 3, "kept": 1, "merged": 2}
    assert r.events["touchpoint"].tolist() == ["page_view /tarieven"]
    assert r.events["raw_url"].tolist() == ["https://x.nl/tarieven?x=1"]


def test_app_and_web_devices_and_cookies(read_one):
    r = read_one("\n".join([
        hit(0, who="a", platform="IOS", user_id="17", device={"category": "mobile", "time_zone_offset_seconds": "3600"}),
        hit(0, who="b", platform="WEB"), hit(0, who="c", page="/x"),
    ]))  # fmt: skip
    assert r.events["channel"].tolist() == ["app", "web", "web"]
    assert r.events["utc_offset"].tolist()[0] == 60
    assert sorted(zip(r.identifiers["kind"], r.identifiers["value"], strict=True)) == [
        ("account", "17"),
        ("cookie", "b"),
        ("cookie", "c"),
        ("device", "a"),
    ]


def test_duplicates_damage_and_nothing(read_one):
    r = read_one(
        "\n".join([hit(0), hit(0), hit(1)[:40], json.dumps({"event_name": "x", "event_timestamp": "soon"}), "[]"])
    )
    assert counts(r) == {"read": 5, "kept": 1, "rejected": 3, "duplicate": 1}
    with pytest.raises(InputError, match="holds no character"):
        read_one("\n\n")
    with pytest.raises(InputError, match="holds no record"):
        read_one("[]", format="ga4")


def test_an_array_reads_as_its_lines_do(read_one):
    lines = [hit(0), hit(50), hit(51)]
    as_lines, as_array = read_one("\n".join(lines)), read_one("[" + ",".join(lines) + "]")
    assert as_lines.events["timestamp"].tolist() == as_array.events["timestamp"].tolist()
