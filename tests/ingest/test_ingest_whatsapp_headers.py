"""Headers of WhatsApp exports: every form that the grammar names, written out as a whole export and read back."""

import datetime as dt
import itertools

import pytest

from cxmining.errors import InputError
from cxmining.ingest.contact.marks import is_chat_line
from cxmining.ingest.contact.whatsapp_lines import day_order, headers, spoken

US = {"company": {"name": "Acme"}}
# the 31st tells day from month; the years that two digits leave tell both from the year
MOMENTS = [
    dt.datetime(2024, 12, 31, 0, 5, 9),
    dt.datetime(2024, 12, 31, 12, 30, 0),
    dt.datetime(2025, 1, 2, 23, 59, 59),
]
ORDERS = {"dmy": ("%d", "%m", "%y"), "mdy": ("%m", "%d", "%y"), "ymd": ("%y", "%m", "%d"), "ydm": ("%y", "%d", "%m")}
CLOCKS = {"24": "%H:%M", "24s": "%H:%M:%S", "12": "%I:%M {half}", "12s": "%I:%M:%S {half}"}
AROUND = {"brackets": "[{day} {clock}] {who}: {text}", "dash": "{day}, {clock} - {who}: {text}"}
FORMS = list(itertools.product(ORDERS, "-/.", CLOCKS, AROUND))  # 4 × 3 × 4 × 2 = 96


def written(moment, order, sign, clock, around, *, year="%y", halves=("AM", "PM"), bare=False, mark=""):
    day = sign.join(ORDERS[order]).replace("%y", year)
    day, time = (
        (day.replace("%", "%-"), CLOCKS[clock].replace("%H", "%-H").replace("%I", "%-I"))
        if bare
        else (day, CLOCKS[clock])
    )
    day = day.replace("%-y", "%y").replace("%-Y", "%Y")
    time = moment.strftime(time).replace("{half}", halves[moment.hour >= 12])
    return mark + AROUND[around].format(day=moment.strftime(day), clock=time, who="Jan", text="hi: there")


def check(lines, moments, seconds):
    found, bodies, before = headers("\n".join(lines))
    assert (len(found), before) == (len(moments), 0)
    assert all(is_chat_line(line) for line in lines)
    wanted = [m if seconds else m.replace(second=0) for m in moments]
    assert day_order(found, "x").tolist() == [m.isoformat() for m in wanted]
    assert {spoken(b)[:2] for b in bodies} == {("Jan", "hi: there")}


@pytest.mark.parametrize(("order", "sign", "clock", "around"), FORMS, ids=lambda v: str(v))
def test_the_ninety_six_forms(order, sign, clock, around):
    """Two and four digits of the year, leading zeros or none, blanks and marks of every phone: each form 24 ways."""
    for year, bare, mark, halves in itertools.product(
        ("%y", "%Y"), (False, True), ("", "\u200e"), (("AM", "PM"), ("am", "pm"), ("a.\u00a0m.", "p.\u00a0m.")),
    ):  # fmt: skip
        lines = [
            written(m, order, sign, clock, around, year=year, bare=bare, mark=mark, halves=halves) for m in MOMENTS
        ]
        check(lines, MOMENTS, "s" in clock)
        if clock.startswith("12"):
            check(
                [
                    line.replace(" a", "\u202fa")
                    .replace(" A", "\u202fA")
                    .replace(" p", "\u202fp")
                    .replace(" P", "\u202fP")
                    for line in lines
                ],
                MOMENTS,
                "s" in clock,
            )


# Locale and phone → how its header is written, its notice, an attachment left out, a deleted and an edited message.
PHONES = {
    "nl iOS": ("[{m:%d-%m-%Y} {m:%H:%M:%S}] ", "\u200eBerichten en gesprekken worden end-to-end versleuteld.", "\u200eafbeelding weggelaten", "\u200eDit bericht is verwijderd.", "\u200e<Dit bericht is bewerkt>"),
    "nl Android": ("{m:%d-%m-%Y} {m:%H:%M} - ", "Berichten en gesprekken worden end-to-end versleuteld.", "<Media weggelaten>", "Dit bericht is verwijderd", "<Dit bericht is bewerkt>"),
    "en-US iOS": ("[{m.month}/{m.day}/{m:%y}, {h}:{m:%M:%S}\u202f{p}] ", "\u200eMessages and calls are end-to-end encrypted.", "\u200eimage omitted", "\u200eThis message was deleted.", "\u200e<This message was edited>"),
    "en-US Android": ("{m.month}/{m.day}/{m:%y}, {h}:{m:%M}\u202f{p} - ", "Messages and calls are end-to-end encrypted.", "<Media omitted>", "You deleted this message", "<This message was edited>"),
    "en-GB iOS": ("[{m:%d/%m/%Y}, {m:%H:%M:%S}] ", "\u200eMessages and calls are end-to-end encrypted.", "\u200evideo omitted", "\u200eThis message was deleted by admin Piet.", "\u200e<This message was edited>"),
    "en-GB Android": ("{m:%d/%m/%Y}, {m:%H:%M} - ", "Messages and calls are end-to-end encrypted.", "IMG-20240131-WA0001.jpg (file attached)", "This message was deleted", "<This message was edited>"),
    "de iOS": ("[{m:%d.%m.%y}, {m:%H:%M:%S}] ", "\u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.", "\u200eBild weggelassen", "\u200eDiese Nachricht wurde gelöscht.", "\u200e<Diese Nachricht wurde bearbeitet.>"),
    "de Android": ("{m:%d.%m.%y}, {m:%H:%M} - ", "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.", "<Medien ausgeschlossen>", "Du hast diese Nachricht gelöscht.", "<Diese Nachricht wurde bearbeitet.>"),
    "fr iOS": ("[{m:%d/%m/%Y} {m:%H:%M:%S}] ", "\u200eLes messages et les appels sont chiffrés de bout en bout.", "\u200eimage absente", "\u200eCe message a été supprimé.", "\u200e<Ce message a été modifié>"),
    "fr Android": ("{m:%d/%m/%Y} à {m:%H:%M} - ", "Les messages et les appels sont chiffrés de bout en bout.", "<Médias omis>", "Vous avez supprimé ce message", "<Ce message a été modifié>"),
    "es iOS": ("[{m.day}/{m.month}/{m:%y}, {m:%H:%M:%S}] ", "\u200eLos mensajes y las llamadas están cifrados de extremo a extremo.", "\u200eimagen omitida", "\u200eSe eliminó este mensaje.", "\u200e<Se editó este mensaje.>"),
    "es Android": ("{m.day}/{m.month}/{m:%Y}, {h}:{m:%M} {q}\u00a0m. - ", "Los mensajes y las llamadas están cifrados de extremo a extremo.", "<Multimedia omitido>", "Eliminaste este mensaje.", "<Se editó este mensaje.>"),
}  # fmt: skip


@pytest.mark.parametrize("phone", PHONES)
def test_an_export_of_each_phone(phone, read_one):
    form, notice, left_out, deleted, edited = PHONES[phone]

    def head(minute):
        # the night into February tells day, month and year apart
        m = dt.datetime(2024, 1, 31, 23, 57) + dt.timedelta(minutes=minute)
        return form.format(m=m, h=m.hour % 12 or 12, p="AP"[m.hour >= 12] + "M", q="ap"[m.hour >= 12] + ".")

    iphone = "iOS" in phone
    lines = [
        head(0) + ("Jan: " if iphone else "") + notice, head(1) + "Jan: Mijn factuur\nis te hoog: 12,50", head(2) + "Acme: Goedendag",
        head(3) + "Jan: " + left_out, head(4) + "Jan: " + deleted, head(5) + f"Jan: Dank u {edited}",
    ]  # fmt: skip
    r = read_one("\r\n".join(lines), name="chat.txt", tz="Europe/Amsterdam", study=US)
    assert {k: v for k, v in r.inputs[0].counts.items() if v} == {"read": 6, "kept": 1, "merged": 4, "context": 1}
    (e,) = r.events.to_dict("records")
    assert str(e["timestamp"]) == "2024-01-31 22:58:00+00:00"
    assert (e["wait_s"], e["messages"], e["customer_messages"], e["agent_messages"]) == (60, 5, 4, 1)
    assert (e["attachments"], e["deleted"], e["edited"]) == (1, 1, 1)
    assert e["text"] == "Mijn factuur\nis te hoog: 12,50\nDank u"
    each = read_one("\n".join(lines), name="chat.txt", tz="UTC", study=US, options={"per": "message"})
    assert each.events["kind"].tolist() == ["text", "text", "attachment", "deleted", "text"]
    assert each.events["edited"].tolist() == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Jan: \u200eFactuur.pdf • 3 pages \u200edocument omitted", ("Jan", None, "attachment")),
        ("Jan: \u200e<attached: 00000031-PHOTO-2024.jpg>", ("Jan", None, "attachment")),
        ("Jan: IMG-1.jpg (bestand bijgevoegd)\nkijk dan", ("Jan", "kijk dan", "attachment")),
        ("Jan: \u200eLocation: https://maps.google.com/?q=52,5", ("Jan", None, "attachment")),
        ("Jan: \u200eMissed voice call", (None, "Missed voice call", "notice")),
        ("Klantgroep: \u200eJan added Piet", (None, "Jan added Piet", "notice")),
        ('Jan changed the subject to "Plan: A"', (None, 'Jan changed the subject to "Plan: A"', "notice")),
        ("~\u202fJan de Boer: hoi", ("Jan de Boer", "hoi", "text")),
        ("\u200eJan: 10:30 - 11:00 past", ("Jan", "10:30 - 11:00 past", "text")),
        ("Jan: I deleted this message by accident", ("Jan", "I deleted this message by accident", "text")),
    ],
)
def test_what_stands_behind_a_header(body, said):
    assert spoken(body)[:3] == said


def test_lines_of_another_phone_inside_a_message_begin_none():
    text = "31/01/2024, 10:00 - Jan: zie\n[31-01-24 09:00:00] Piet: dit\n31/01/2024 10:01 kwam er iemand\n31/01/2024, 10:02 - Jan: ok"
    found, bodies, _ = headers(text)
    assert (len(found), bodies[0].count("\n")) == (2, 2)


def test_an_order_is_named_when_it_cannot_be_known(read_one):
    text = "[24-02-03 10:00] Jan: x\n[24-02-04 10:00] Acme: y\n"
    with pytest.raises(InputError, match=r'options\.order to "ymd" or "ydm"'):
        read_one(text, name="c.txt", tz="UTC", study=US)
    r = read_one(text, name="c.txt", tz="UTC", study=US, options={"order": "ydm"})
    assert [str(t)[:10] for t in r.events["timestamp"]] == ["2024-03-02", "2024-04-02"]
    # of a year in four digits and a month behind it nobody writes otherwise, unless the dates say so
    four = read_one(text.replace("[24", "[2024"), name="c.txt", tz="UTC", study=US)
    assert str(four.events["timestamp"][0])[:10] == "2024-02-03"


def test_long_lines_without_end_cost_no_time():
    for line in (
        "1/1/2024, " + "a" * 200_000,
        "[" + "1" * 200_000,
        " " * 200_000,
        "1/1/24, 10:00" + " " * 200_000,
        "\u200e" * 200_000,
    ):
        assert headers(line * 2)[0] == []
    assert spoken("Jan: " + "<" * 100_000 + "x" * 100_000)[2] == "text"
