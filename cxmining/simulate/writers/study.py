"""The study that belongs to the sample: ``study.toml``, ``rules.toml``, ``touchpoints.toml``, what people say, and its key."""

from __future__ import annotations

from pathlib import Path

from cxmining.simulate import company
from cxmining.simulate.writers.common import write_lines
from cxmining.simulate.writers.questionnaires import NOT_USED
from cxmining.simulate.writers.told import PERSONAS, STAKEHOLDERS

__all__ = ["write_study"]

STUDY = """\
# Zonnestroom Energie (fictional): one year of exports, and what the study makes of them.
schema_version = 1
name = "zonnestroom"
title = "Zonnestroom Energie, klantreizen 2025"
language = "nl"
seed = {seed}
time_zone = "Europe/Amsterdam"
rules = "rules.toml"
catalogue = "touchpoints.toml"
personas = "personas.toml"
stakeholders = "stakeholders.toml"

[company]
name = "Zonnestroom Energie"
domains = ["zonnestroom.example"]
country = "NL"

[[source]]
name = "mail"
path = "mail.mbox"
format = "mbox"
tz = "Europe/Amsterdam"

[[source]]
name = "phone"
path = "Master.csv"
format = "asterisk"
tz = "Europe/Amsterdam"
options = {{ linked = "userfield" }}

[[source]]
name = "desk"
path = "zendesk/*.json"
format = "zendesk"
tz = "UTC"

[[source]]
name = "web"
path = "ga4.jsonl"
format = "ga4"
tz = "UTC"

[[source]]
name = "messages"
path = "messages.csv"
format = "csv"
tz = "Europe/Amsterdam"
delimiter = ";"
timestamp_format = "%Y-%m-%d %H:%M"
columns = {{ timestamp = "stamp", touchpoint = "kind", event = "kind", channel = "channel", account = "account" }}
constants = {{ direction = "outbound" }}

[[source]]
name = "meter"
path = "meter.csv"
format = "csv"
delimiter = ","
columns = {{ timestamp = "moment", touchpoint = "gebeurtenis", event = "gebeurtenis", device = "ean" }}
constants = {{ channel = "other", direction = "outbound" }}
attributes = ["minuten"]

[[source]]
name = "crm"
path = "customers.csv"
format = "csv"
into = "customers"
tz = "Europe/Amsterdam"
delimiter = ";"
timestamp_format = "%d-%m-%Y"
columns = {{ account = "klantnummer", name = "naam", email = "email", phone = "telefoon", device = "ean" }}
attributes = ["segment", "klant_sinds", "opgezegd_per", "voorkeurskanaal", "taal"]

[[source]]
name = "invitations"
path = "invitations.csv"
format = "csv"
into = "invitations"
tz = "Europe/Amsterdam"
delimiter = ","
timestamp_format = "%Y-%m-%d %H:%M"
columns = {{ survey = "survey", invited_at = "invited_at", email = "email", account = "account", channel = "channel", reference = "reference" }}

[[source]]
name = "survey relatie"
path = "surveys/relatie.csv"
format = "qualtrics"
into = "responses"
survey = "relatie"
tz = "Europe/Amsterdam"

[[source]]
name = "survey contact"
path = "surveys/contact.csv"
format = "qualtrics"
into = "responses"
survey = "contact"
tz = "Europe/Amsterdam"

[identity]
keys = ["account", "email", "phone", "device", "cookie"]
max_accounts_per_value = 3

[journeys]
by = "customer"
gap = "30D"
# Monthly invoices come on their own; with them every journey would be an endless chain of invoices.
exclude = ["monthly invoice"]

[experience]
metric = "rapportcijfer"
wow = 2

[drivers]
target = "csat"
metric = "rapportcijfer"
controls = ["segment"]

[privacy]
key_file = "pseudonym.key"
min_cell = 10
text = "none"
"""


def _items() -> list[str]:
    lines: list[str] = []

    def item(column: str, metric: str, low: int, high: int, touchpoint: str = "", elements: tuple[str, ...] = (), *,
             rated: bool = False, more: str = "") -> None:  # fmt: skip
        about = f', touchpoint = "{touchpoint}"' if touchpoint else ""
        unused = f', not_used = ["{NOT_USED}"]' if rated else ""
        words = f", elements = [{', '.join(repr(e).replace(chr(39), chr(34)) for e in elements)}]" if elements else ""
        lines.append(
            f'  {{ column = "{column}", metric = "{metric}"{about}, low = {low}, high = {high}{unused}{words}{more} }},'
        )

    lines += ["[[survey]]", 'name = "relatie"', 'kind = "relationship"', 'comment = "Q8"',
              'customer = { account = "ExternalReference", email = "RecipientEmail" }', "item = ["]  # fmt: skip
    item("Q1", "nps", 0, 10)
    item("Q2", "csat", 1, 5)
    item("Q3", "rapportcijfer", 1, 10)
    item("Q4", "ces", 1, 7)
    for j, touchpoint in enumerate(company.BATTERY):
        item(f"Q5_{j + 1}", "rapportcijfer", 1, 10, touchpoint, rated=True)
    for j, touchpoint in enumerate(company.BATTERY):
        if touchpoint not in company.NO_EXPECTATION:
            item(f"Q6_{j + 1}", "expectation", 1, 10, touchpoint, rated=True)
    for i, (touchpoint, element, _) in enumerate(company.PERCEPTIONS):
        item(f"Q7_{i + 1}", "perception", 1, 5, touchpoint, (element,), rated=True)
    lines += ["]", "", "[[survey]]", 'name = "contact"', 'kind = "transactional"', 'link = "reference"', 'window = "14D"',
              'comment = "Q4"', 'reference = "ContactRef"',
              'customer = { account = "ExternalReference", email = "RecipientEmail" }', "item = ["]  # fmt: skip
    item("Q1", "csat", 1, 5, "(contact)")
    item("Q2", "ces", 1, 7, "(contact)")
    item("Q3", "resolved", 0, 1, "(contact)", more=", codes = { ja = 1.0, deels = 0.5, nee = 0.0 }")
    lines.append("]")
    return lines


RULES: tuple[tuple[tuple[tuple[str, str], ...], str], ...] = (
    # mail
    ((("source", "mail"), ("direction", "outbound")), "company reply"),
    ((("source", "mail"), ("subject", "klacht")), "files complaint"),
    ((("source", "mail"), ("subject", "verhui|adreswijziging")), "reports move"),
    ((("source", "mail"), ("subject", "storing|geen stroom")), "reports outage"),
    ((("source", "mail"), ("subject", "termijn|maandbedrag|voorschot")), "asks about instalment"),
    ((("source", "mail"), ("subject", "meter|standen")), "asks about meter"),
    ((("source", "mail"), ("subject", "contract|tarie|opzeg")), "asks about contract"),
    ((("source", "mail"), ("subject", "rekening|factuur|nota|afschrijving")), "asks about invoice"),
    # telephone: what the caller chose in the menu
    ((("source", "phone"), ("direction", "outbound")), "company reply"),
    *(
        ((("source", "phone"), ("queue", queue)), intent)
        for queue, intent in zip(company.QUEUES, company.INTENTS, strict=True)
    ),
    # chat, WhatsApp, web form, social: the tag the agent sets
    *((("source", "desk"), ("tags", queue)) and ((("source", "desk"), ("tags", queue)), intent)
      for queue, intent in zip(company.QUEUES, company.INTENTS, strict=True)),
    # app and website
    ((("source", "web"), ("url", "utm_campaign")), "sees campaign"),
    ((("source", "web"), ("url", "utm_source=energievergelijk")), "compares tariffs"),
    ((("source", "web"), ("url", "/tarieven")), "views tariffs"),
    ((("source", "web"), ("event", "^use_calculator$")), "uses savings calculator"),
    ((("source", "web"), ("event", "^purchase$")), "signs contract"),
    ((("source", "web"), ("event", "^view_usage$")), "checks usage"),
    ((("source", "web"), ("event", "^view_invoice$")), "views invoice"),
    ((("source", "web"), ("event", "^submit_reading$")), "submits meter reading"),
    ((("source", "web"), ("event", "^change_instalment$")), "changes instalment"),
    ((("source", "web"), ("event", "^share_referral$")), "refers a friend"),
    # what we sent
    ((("source", "messages"), ("event", "^factuur$")), "monthly invoice"),
    ((("source", "messages"), ("event", "^(jaarafrekening|eindnota)$")), "yearly statement"),
    ((("source", "messages"), ("event", "^tariefbrief$")), "tariff change letter"),
    ((("source", "messages"), ("event", "^meterstandverzoek$")), "meter reading request"),
    ((("source", "messages"), ("event", "^herinnering$")), "payment reminder"),
    ((("source", "messages"), ("event", "^welkom$")), "welcome letter"),
    ((("source", "messages"), ("event", "^verlengaanbod$")), "renewal offer"),
    ((("source", "messages"), ("event", "^verlengbevestiging$")), "renews contract"),
    ((("source", "messages"), ("event", "^opzegbevestiging$")), "cancels contract"),
    # the grid operator
    ((("source", "meter"), ("event", "^storing$")), "power outage"),
    ((("source", "meter"), ("event", "^meterwissel$")), "meter exchange"),
    ((("source", "meter"), ("event", "^switch_")), "supply switch"),
)  # fmt: skip
APP_EVENTS = ("view_usage", "view_invoice", "submit_reading", "change_instalment", "share_referral")


def _rules() -> list[str]:
    lines = ["# Which raw record is which touchpoint: the first rule that matches wins."]
    for conditions, touchpoint in RULES:
        lines += (
            ["", "[[rule]]"] + [f'{key} = "{value}"' for key, value in conditions] + [f'touchpoint = "{touchpoint}"']
        )
        if any(event in value for key, value in conditions for event in APP_EVENTS if key == "event"):
            lines.append('channel_to = "app"')
    return lines


def _catalogue() -> list[str]:
    lines = ["# The touchpoints of Zonnestroom Energie, named by the people who run them."]
    for t in company.TOUCHPOINTS:
        lines += ["", "[[touchpoint]]", f'name = "{t.name}"', f'label_en = "{t.name}"', f'label_nl = "{t.nl}"',
                  f'stage = "{t.stage}"', f'owner = "{t.owner}"']  # fmt: skip
        if t.backstage:
            lines.append("backstage = true")
        if t.third_party:
            lines.append("third_party = true")
        if t.supported_by:
            lines.append(f'supported_by = "{t.supported_by}"')
        if t.task:
            lines.append(f'task = "{t.task}"')
        if t.elements:
            lines.append("elements = [" + ", ".join(f'"{e}"' for e in t.elements) + "]")
        if t.expected is not None:
            lines.append(f"expected = {t.expected}")
        if t.cost is not None:
            lines.append(f"cost = {t.cost}")
    for kind, called in (("task", company.TASKS_NL), ("element", company.ELEMENTS_NL)):
        for name, label in called.items():
            lines += ["", f"[[{kind}]]", f'name = "{name}"', f'label_nl = "{label}"']
    return lines


def write_study(folder: Path, seed: int) -> None:
    """Write study, rules, catalogue and the key of a company that does not exist."""
    write_lines(folder / "study.toml", [*STUDY.format(seed=seed).split("\n"), *_items()])
    write_lines(folder / "rules.toml", _rules())
    write_lines(folder / "touchpoints.toml", _catalogue())
    write_lines(folder / "personas.toml", PERSONAS.rstrip("\n").split("\n"))
    write_lines(folder / "stakeholders.toml", STAKEHOLDERS.rstrip("\n").split("\n"))
    # A study of real people makes its own secret; here nobody can be found out.
    write_lines(folder / "pseudonym.key", ["public-zonnestroom-energie-bestaat-niet-0123456789"])
    (folder / "pseudonym.key").chmod(0o600)
