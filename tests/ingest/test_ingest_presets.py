"""Plain tables with a ready mapping: a Dutch and an English export of each, as they come."""
# ruff: noqa: ISC004

import pandas as pd
import pytest

from cxmining.errors import StudyError
from cxmining.ingest.looking.sniff import sniff
from cxmining.ingest.tables.presets import find_preset

HERE = {"format": "csv", "tz": "Europe/Amsterdam"}

# preset, text, events as (UTC, channel, touchpoint, direction), identifiers
TABLES = {
    "social nl": (
        "social",
        "Platform;Bericht-ID;Geplaatst op;Gebruikersnaam;Soort;Bericht;Likes;Link\n"
        "Twitter;1587634423423423489;03-05-2024 10:00;@janwit;Vermelding;Weer geen factuur ontvangen;3;https://x.example/1\n"
        "Facebook;17;28-05-2024 11:00;@piet;Reactie;Zelfde hier;;\n"
        "Facebook;18;28-05-2024 11:05;@piet;Prikbord;Zelfde hier;;\n",
        [("2024-05-03 08:00", "social", "mentions us", "inbound"), ("2024-05-28 09:00", "social", "comments on our post", "inbound"),
         ("2024-05-28 09:05", "social", "Prikbord", "inbound")],
        [("cookie", "@janwit"), ("cookie", "@piet"), ("cookie", "@piet")],
    ),
    "social en": (
        "social",
        "network,post_id,created_at,author_id,message_type,text,likes,shares\n"
        'Instagram,991,2024-05-03T10:00:00Z,77,DM,"hi, where is my bill?",0,0\n'
        "Instagram,992,2024-05-03T11:00:00Z,78,,nice,1,2\n",
        [("2024-05-03 10:00", "social", "direct message", "inbound"), ("2024-05-03 11:00", "social", "social post", "inbound")],
        [("cookie", "77"), ("cookie", "78")],
    ),
    "review nl": (
        "review",
        "Datum;Naam;E-mailadres;Beoordeling;Titel;Recensie;Product\n"
        '13-05-2024;J. de Wit;jan@a.example;4,5;Prima;"Snel geholpen; netjes";Stroom\n14-05-2024;;;★★☆☆☆;Matig;Lang wachten;Gas\n',
        [("2024-05-12 22:00", "social", "writes review", "inbound"), ("2024-05-13 22:00", "social", "writes review", "inbound")],
        [("email", "jan@a.example"), ("name", "J. de Wit")],
    ),
    "review en": (
        "review",
        "Review Date,Reviewer Name,Rating,Review Title,Review Text,Order ID,Verified Purchase\n"
        "2024-05-13 09:30,Ann,4/5,Fine,Quick help,A-1,yes\n2024-05-13 09:31,Bob,5 stars,Top,Great,A-2,no\n",
        [("2024-05-13 07:30", "social", "writes review", "inbound"), ("2024-05-13 07:31", "social", "writes review", "inbound")],
        [("name", "Ann"), ("name", "Bob")],
    ),
    "sms nl": (
        "sms",
        "Verzonden op;Richting;Van;Naar;Bericht;Afleverstatus\n"
        "2024-05-03 10:00;uit;+31880012300;06-12345678;Uw monteur komt morgen;afgeleverd\n"
        "2024-05-03 10:05;in;06-12345678;+31880012300;Dank;ontvangen\n",
        [("2024-05-03 08:00", "sms", "text message", "outbound"), ("2024-05-03 08:05", "sms", "text message", "inbound")],
        [("phone", "+31612345678"), ("phone", "+31612345678")],  # the company's own number joins nobody
    ),
    "sms en": (
        "sms",
        "From,To,Body,Status,SentDate,Direction,NumSegments\n"
        "+31880012300,+31612345678,Your engineer comes tomorrow,delivered,2024-05-03T10:00:00Z,outbound-api,1\n"
        "+31612345678,+31880012300,Thanks,received,2024-05-03T10:05:00Z,inbound,1\n",
        [("2024-05-03 10:00", "sms", "text message", "outbound"), ("2024-05-03 10:05", "sms", "text message", "inbound")],
        [("phone", "+31612345678"), ("phone", "+31612345678")],
    ),
    "post nl": (
        "post",
        "Poststuknummer;Ontvangstdatum;Tijd;Documentsoort;Afzender;Klantnummer;Betreft;Scandatum;Afdeling\n"
        "P-0001;03-05-2024;9:05;Klacht;J. de Wit;0017;Jaarafrekening;04-05-2024;Service\n"
        "P-0002;23-05-2024;;;K. Bakker;0018;;23-05-2024;Service\n",
        [("2024-05-03 07:05", "post", "Klacht", None), ("2024-05-22 22:00", "post", "letter", None)],
        [("account", "0017"), ("account", "0018"), ("name", "J. de Wit"), ("name", "K. Bakker")],
    ),
    "post en": (
        "post",
        "Document ID,Date Received,Document Type,Sender,Customer Number,Subject,Scanned At\n"
        "D1,2024-05-03,Complaint,Ann Wood,0017,Yearly bill,2024-05-04 10:00\n",
        [("2024-05-02 22:00", "post", "Complaint", None)],
        [("account", "0017"), ("name", "Ann Wood")],
    ),
    "desk nl": (
        "desk",
        "Vestiging;Balie;Bezoekdatum;Aankomsttijd;Reden bezoek;Klantnummer;Wachttijd (sec);Medewerker\n"
        "Utrecht;3;13-05-2024;10:15;Verhuizing;0017;95;m12\n",
        [("2024-05-13 08:15", "desk", "Verhuizing", "inbound")],
        [("account", "0017")],
    ),
    "desk en": (
        "desk",
        "Branch,Counter,Arrival time,Queue Number,Reason for visit,Customer ID,wait_s\n"
        "Leeds,2,2024-05-13 10:15,B12,,0017,-5\n",
        [("2024-05-13 08:15", "desk", "desk visit", "inbound")],
        [("account", "0017")],
    ),
    "order nl": (
        "order",
        "Bestelnummer;Besteldatum;Klantnummer;E-mail;Orderstatus;Totaal;Betaalmethode\n"
        "100234;13-05-2024 20:01;0017;jan@a.example;Geplaatst;49,95;iDEAL\n100235;14-05-2024 20:01;0018;;Geannuleerd;12,00;iDEAL\n"
        "100236;15-05-2024 20:01;0019;;Wacht op voorraad;12,00;iDEAL\n",
        [("2024-05-13 18:01", "web", "places order", None), ("2024-05-14 18:01", "web", "cancels order", None),
         ("2024-05-15 18:01", "web", "Wacht op voorraad", None)],
        [("account", "0017"), ("account", "0018"), ("account", "0019"), ("email", "jan@a.example")],
    ),
    "order en": (
        "order",
        "Order ID,Order Date,Customer ID,Sales Channel,Status,Total,Quantity\n"
        "7,2024-05-13 20:01,0017,Phone,Shipped,49.95,1\n7,2024-05-14 20:01,0017,Web shop,Delivered,49.95,1\n",
        [("2024-05-13 18:01", "phone", "order shipped", None), ("2024-05-14 18:01", "web", "order delivered", None)],
        [("account", "0017"), ("account", "0017")],
    ),
    "meter nl": (
        "meter",
        "EAN-code;Meternummer;Opnamedatum;Soort;Meterstand;Eenheid\n"
        "871685901000099166;E0001;13-05-2024;Periodiek;12345;kWh\n871685901000099166;E0001;14-05-2024;Meterwissel;0;kWh\n",
        [("2024-05-12 22:00", "other", "meter reading", None), ("2024-05-13 22:00", "other", "meter exchange", None)],
        [("device", "871685901000099166"), ("device", "871685901000099166")],
    ),
    "meter en": (
        "meter",
        "meter_id,reading_date,reading_type,reading,unit\n0042,2024-05-13T00:00:00+02:00,Customer reading,12345.6,kWh\n",
        [("2024-05-12 22:00", "other", "submits meter reading", None)],
        [("device", "0042")],
    ),
    "outage nl": (
        "outage",
        "Storingsnummer;Begin storing;Einde storing;EAN;Oorzaak;Minuten\n"
        "S1;06-01-2025 02:51;06-01-2025 07:03;871685901000099166;Graafschade;252\nS2;16-01-2025 02:51;;871685901000099167;;\n",
        [("2025-01-06 01:51", "other", "power outage", "outbound"), ("2025-01-16 01:51", "other", "power outage", "outbound")],
        [("device", "871685901000099166"), ("device", "871685901000099167")],
    ),
    "outage en": (
        "outage",
        "outage_id,started_at,restored_at,customer_id,outage_type,cause\nS1,2025-01-06T02:51:00Z,2025-01-06T07:03:00Z,0017,Planned,works\n",
        [("2025-01-06 02:51", "other", "planned outage", "outbound")],
        [("account", "0017")],
    ),
    "delivery nl": (
        "delivery",
        "Zendingnummer;Statusdatum;Status;Klantnummer;Vervoerder;Bezorgpoging\n"
        "3SABC1;13-05-2024 14:20;Niet thuis;0017;PostNL;1\n3SABC1;14-05-2024 14:20;Bezorgd;0017;PostNL;2\n",
        [("2024-05-13 12:20", "other", "delivery failed", "outbound"), ("2024-05-14 12:20", "other", "parcel delivered", "outbound")],
        [("account", "0017"), ("account", "0017")],
    ),
    "delivery en": (
        "delivery",
        "Tracking Number,Event Time,Status,Email,Carrier,Estimated Delivery\n"
        "1Z1,2024-05-13T14:20:00Z,Out for delivery,ann@b.example,DHL,2024-05-14\n",
        [("2024-05-13 14:20", "other", "parcel on its way", "outbound")],
        [("email", "ann@b.example")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_as_it_comes_is_recognised_and_read(read_one, tmp_path, name):
    preset, text, events, people = TABLES[name]
    delimiter = ";" if text.count(";") > text.count(",") else ","
    columns = text.splitlines()[0].split(delimiter)
    found = find_preset(columns)
    assert (found.name, found.why.startswith("its columns ")) == (preset, True)
    r = read_one(text, **HERE, preset=preset)
    got = [
        (f"{t:%Y-%m-%d %H:%M}", c, p, None if pd.isna(d) else d)
        for t, c, p, d in r.events[["timestamp", "channel", "touchpoint", "direction"]].itertuples(index=False)
    ]
    assert got == events
    assert sorted(zip(r.identifiers["kind"], r.identifiers["value"], strict=True)) == people
    assert r.notes[0].startswith("source 's': read as ")
    from cxmining.ingest.files.opening import open_file

    seen = sniff(open_file(tmp_path / "export.csv", "export.csv"))
    assert (seen.format, seen.preset) == ("csv", preset)
    assert found.why in seen.why


def test_ratings_are_numbers_of_stars(read_one):
    assert read_one(TABLES["review nl"][1], **HERE, preset="review").events["rating"].tolist() == [4.5, 2.0]
    assert read_one(TABLES["review en"][1], **HERE, preset="review").events["rating"].tolist() == [4.0, 5.0]


def test_a_wait_below_zero_is_a_rejected_cell(read_one):
    r = read_one(TABLES["desk en"][1], **HERE, preset="desk")
    assert r.ledger.loc[r.ledger["cell"].notna(), "reason"].tolist() == ["wait_s is no number of seconds"]
    assert read_one(TABLES["desk nl"][1], **HERE, preset="desk").events["wait_s"].tolist() == [95.0]


def test_what_the_source_says_wins_over_the_preset(read_one):
    r = read_one(
        TABLES["order nl"][1], **HERE, preset="order", columns={"account": "E-mail"}, constants={"channel": "app"},
        options={"values": {"touchpoint": {"Geplaatst": "bestelt"}}},
    )  # fmt: skip
    assert r.events["touchpoint"].tolist()[:2] == ["bestelt", "cancels order"]
    assert set(r.events["channel"]) == {"app"}
    assert r.identifiers["value"].tolist() == ["jan@a.example"]


def test_two_columns_that_fit_equally_well_are_not_chosen_between(read_one):
    text = "Zendingnummer;Bezorgdatum;Leverdatum;Status;Klantnummer;Vervoerder\n1;13-05-2024;14-05-2024;Bezorgd;17;X\n"
    with pytest.raises(StudyError, match=r"timestamp could be 'Bezorgdatum' or 'Leverdatum'; say columns = "):
        read_one(text, **HERE, preset="delivery")
    r = read_one(text, **HERE, preset="delivery", columns={"timestamp": "Leverdatum"})
    assert len(r.events) == 1


def test_what_fits_two_kinds_of_table_is_none(read_one):
    found = find_preset(["datum", "klantnummer", "bestelnummer", "totaal", "zending", "vervoerder"])
    assert (found.name, found.why.startswith("could be ")) == ("", True)
    assert find_preset(["klantnummer", "tijdstip", "kanaal", "soort"]).name == ""
    assert find_preset([]).name == ""


def test_whose_number_a_text_message_bears_must_be_known(read_one):
    text = "From,To,Body,SentDate\n+31880012300,+31612345678,Hello,2024-05-03T10:00:00Z\n"
    with pytest.raises(StudyError, match="which of 'From' and 'To' is the customer's number"):
        read_one(text, **HERE, preset="sms")
    r = read_one(text, **HERE, preset="sms", study={"company": {"numbers": ["088-0012300"]}})
    assert (r.identifiers["value"].tolist(), r.events["direction"].tolist()) == (["+31612345678"], ["outbound"])


def test_a_preset_on_what_is_no_such_table_says_what_is_missing(read_one):
    with pytest.raises(StudyError, match="no column is named like a moment"):
        read_one("a,b\n1,2\n", **HERE, preset="post")
    with pytest.raises(StudyError, match="makes events; take into out"):
        read_one("a,b\n1,2\n", **HERE, preset="post", into="customers")
    with pytest.raises(StudyError, match="expected one of 'social'"):
        read_one("a,b\n1,2\n", **HERE, preset="fax")
    with pytest.raises(StudyError, match="is for plain tables"):
        read_one('{"event_timestamp": "1", "event_name": "x"}', format="ga4", name="x.json", preset="post")


def test_row_order_and_markup_change_nothing(read_one):
    head, *rows = TABLES["order nl"][1].splitlines(keepends=True)
    text = head + "".join(rows) + "9;16-05-2024 20:01;7;;<img src=x onerror=alert(1)>;1;x\n"
    back = head + "".join([*text.splitlines(keepends=True)[1:]][::-1])
    one, two = (read_one(t, **HERE, preset="order").events.sort_values("timestamp")["touchpoint"].tolist() for t in (text, back))  # fmt: skip
    assert one == two
    assert one[-1] == "<img src=x onerror=alert(1)>"
