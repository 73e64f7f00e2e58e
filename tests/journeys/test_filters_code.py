"""Filters as values: what they print reads back as the same value, without running anything; and in words."""

import datetime as dt

import pytest

from cxmining.errors import CxminingError, StudyError, UnknownNameError
from cxmining.journeys import filters
from cxmining.journeys.filters.reading import MAKERS

EVERY = [
    filters.contains("a", 'b "quoted"', "it's"),
    filters.contains(filters.events(lifecycle="COMPLETE") & ~filters.events(channel="web")),
    filters.touchpoint("mail: complaint"),
    filters.starts("a"),
    filters.ends(filters.events(queue="q")),
    filters.position(["a", "b"], -2),
    filters.directly_followed("a", "b", within="90min"),
    filters.followed_by("a", ["b", "c"], within="7D"),
    filters.followed_by(filters.events(channel="phone"), "b"),
    filters.count("a", at_least=2, at_most=5),
    filters.n_events(at_most=3),
    filters.duration(at_least="0s", at_most="36h"),
    filters.period("2025-01-01", "2025-04-01", keep="touching"),
    filters.period("2025-01-01T10:00+02:00", None, keep="starting"),
    filters.period(None, dt.datetime(2025, 1, 1, 12, 30), keep="cut"),
    filters.coverage(0.8),
    filters.variants("v1", "v2"),
    filters.variants("v1", modulo="stage"),
    filters.score("csat", at_least=4),
    filters.score(at_most=-0.5),
    filters.scored("nps"),
    filters.scored(),
    filters.score_class("detractor", "promoter"),
    filters.segment("kind", "home", 3, 2.5, True),
    filters.stage("service", "unknown"),
    filters.weekday("sunday", "monday"),
    filters.local_hour(22, 6),
    filters.channel("phone", "mail"),
    filters.direction("inbound"),
    filters.queue("billing"),
    filters.resource("agent 7"),
    filters.events(channel=["phone", "chat"], hour=(9, 17), weekday="monday"),
    filters.events(**{"case:AMOUNT": 3, "channel": "web"}),
    ~filters.events(channel="web") | filters.events(touchpoint="a"),
    filters.contains("a") & (filters.contains("b") | ~(filters.contains("c") & filters.contains("d"))),
    filters.contains("<img src=x onerror=alert(1)>\n\ud800\u2028é"),
]


@pytest.mark.parametrize("f", EVERY, ids=lambda f: repr(f).encode("unicode_escape").decode())
def test_it_prints_as_code_that_makes_an_equal_value(f):
    again = filters.parse(repr(f))
    assert again == f
    assert hash(again) == hash(f)
    assert repr(again) == repr(f)
    assert type(again) is type(f)
    assert filters.parse(repr(f).replace("filters.", "cx.filters.")) == f
    assert filters.parse(repr(f).replace("filters.", "")) == f
    if "\ud800" not in repr(f):
        assert eval(repr(f), {"filters": filters, "__builtins__": {}}) == f  # the namespace of a notebook
    for language in ("en", "nl"):
        assert f.say(language)
        assert "None" not in f.say(language)


def test_every_maker_has_been_printed():
    printed = " ".join(repr(f) for f in EVERY)
    assert {name for name in MAKERS if f"filters.{name}(" not in printed} == {"touchpoint"}  # prints as contains


def test_equal_filters_are_one_value_in_a_set_and_cannot_be_changed():
    a, b = filters.contains("x", "y"), filters.contains("y", "x", "x")
    assert len({a, b, filters.touchpoint("y", "x"), filters.contains(filters.events(touchpoint=["x", "y"]))}) == 1
    assert filters.channel("phone") == filters.contains(filters.events(channel="phone"))
    assert filters.followed_by("x", "y", within="168h") == filters.followed_by("x", "y", within=dt.timedelta(days=7))
    assert filters.duration(at_least="1D") != filters.duration(at_most="1D")
    assert a & b & filters.ends("z") == a & (b & filters.ends("z"))
    assert ~~a == a
    with pytest.raises(AttributeError):
        a.step = ("z",)


@pytest.mark.parametrize(
    ("f", "en", "nl"),
    [
        (
            filters.channel("phone") & filters.followed_by("mail: complaint", "status", within="7D"),
            "journeys that meet an event through phone and go from ‘mail: complaint’ to, later on, ‘status’ within 7 days",
            "journeys die langs een gebeurtenis via telefoon komen en na ‘mail: complaint’ binnen 7 dagen langs ‘status’ komen",
        ),
        (
            ~(filters.starts("a") | filters.count("b", at_least=2)),
            "journeys that do not (begin with ‘a’ or meet ‘b’ at least 2 times)",
            "journeys die niet (met ‘a’ beginnen of minstens 2 keer langs ‘b’ komen)",
        ),
        (
            filters.n_events(1, 1) & ~filters.duration(at_least="1D"),
            "journeys that have exactly 1 event and do not last at least 1 day",
            "journeys die precies 1 gebeurtenis tellen en niet minstens 1 dag duren",
        ),
        (
            filters.period("2025-01-01", "2025-02-01T12:00", keep="inside"),
            "journeys that lie wholly in the period from 1 Jan 2025 up to, not including, 1 Feb 2025 12:00",
            "journeys die geheel in de periode van 1 jan 2025 tot 1 feb 2025 12:00 vallen",
        ),
        (
            filters.score("csat", at_least=4) | filters.score_class("detractor"),
            "journeys that score csat at least 4 or score as detractor",
            "journeys die een csat score van minstens 4 hebben of als criticaster gescoord zijn",
        ),
        (
            ~filters.events(direction="outbound", stage="purchase"),
            "only events not with direction outbound and in stage Purchase",
            "alleen gebeurtenissen niet met richting uitgaand en in fase Kopen",
        ),
        (
            filters.coverage(0.825),
            "journeys that follow the most frequent variants that together cover 82.5% of the journeys",
            "journeys die bij de meest gelopen varianten horen die samen 82,5% van de journeys dekken",
        ),
    ],
)
def test_it_says_what_it_asks(f, en, nl):
    assert (f.say(), f.say("nl")) == (en, nl)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no text"),
        ("filters.contains('a'", "is no code of a filter"),
        ("filters.contians('a')", "did you mean 'contains'"),
        ("__import__('os').system('true')", "is no filter"),
        ("filters.contains.__globals__", "has no place in a filter"),
        ("filters.contains(open('x'))", "'open' is no filter"),
        ("(lambda: 1)()", "is no filter"),
        ("[filters.contains(x) for x in 'ab']", "has no place in a filter"),
        ("filters.contains('a') and filters.contains('b')", "has no place in a filter"),
        ("filters.contains('a') + filters.contains('b')", "has no place in a filter"),
        ("filters.contains('a') & 'b'", "the right side is no filter"),
        ("'b' & filters.contains('a')", "is no filter"),
        ("~'b'", "is no filter"),
        ("'a'", "is no filter but str"),
        ("filters.contains('a', at_least=2)", "unexpected keyword"),
        ("filters.contains(f'{1}')", "has no place in a filter"),
        ("filters.events(**x)", "a dictionary of names and values"),
        ("filters.contains(*['a'])", "has no place in a filter"),
        ("filters.followed_by('a', 'b', within='7')", "write a number and a unit"),
        ("filters.contains('a') & filters.events(channel='web')", "apply one after the other"),
        ("filters.contains(1e400j)", "has no place in a filter"),
        ("~" * 5000 + "filters.contains('a')", "is no code of a filter"),
        ("(" * 300 + "1", "is no code of a filter"),
        ("filters.contains('" + "a" * 200_000 + "')", "more than a filter has"),
        ("filters.contains('a\x00')", "is no code of a filter"),
    ],
)
def test_what_is_no_filter_is_refused_and_not_run(text, said):
    with pytest.raises((StudyError, UnknownNameError)) as error:
        filters.parse(text)
    assert said in str(error.value)
    assert len(str(error.value)) < 1000


def test_any_text_is_a_filter_or_an_error_of_ours():
    for text in ("\ud800", "é", "x" * 3000, "1", "None", "filters", "filters.events", "a\nb", "# only a remark", "\t~"):
        with pytest.raises(CxminingError):
            filters.parse(text)


def test_a_chain_reads_back_step_by_step_and_is_said_in_dutch():
    tricky = filters.contains("x: 3 of 4 journeys")
    chain = (
        f"{tricky!r}: 1,200 of 3,000 journeys",
        "a sample: 5 of 12 journeys",
        f"{filters.coverage(0.5)!r}: 4 of 5 journeys; 1 of 2 variants; the tail of 1 variant holds 20.0% of the journeys",
        f"{filters.events(channel='web')!r}: 7 of 9 events in 4 of 4 journeys",
    )
    assert filters.parse_chain(chain) == (tricky, None, filters.coverage(0.5), filters.events(channel="web"))
    assert filters.say_chain(chain, "nl") == [
        "journeys die langs ‘x: 3 of 4 journeys’ komen: 1.200 van 3.000 journeys",
        "a sample: 5 of 12 journeys",
        "journeys die bij de meest gelopen varianten horen die samen 50% van de journeys dekken: 4 van 5 journeys",
        "alleen gebeurtenissen via web: 7 van 9 gebeurtenissen",
    ]
