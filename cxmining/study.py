"""The study file: one TOML that says what is read, how, and what is asked of it.

Each mistake is reported with file, key, value and choices, all of them at once.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cxmining.errors import StudyError, nearest
from cxmining.schema import OVERALL, TABLES

__all__ = [
    "Company",
    "DiscoverySettings",
    "DriverSettings",
    "ExperienceSettings",
    "IdentitySettings",
    "Item",
    "JourneySettings",
    "Privacy",
    "Scale",
    "SourceSettings",
    "Study",
    "SurveySettings",
    "load_study",
    "parse_study",
]

FORMATS = ("auto", "mbox", "eml", "msg", "asterisk", "zendesk", "ga4", "segment", "amplitude", "mixpanel", "qualtrics",
           "surveymonkey", "googleforms", "msforms", "limesurvey", "genesys", "connect", "twilio", "intercom", "salesforce", "whatsapp", "xes", "ocel", "csv", "parquet", "excel")  # fmt: skip
CASE_NOTIONS = ("customer", "case", "thread", "issue")

Scalar = str | int | float | bool


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Strict):
    """Who *we* are, so that direction can be told."""

    name: str = ""
    domains: tuple[str, ...] = ()
    """Own mail domains: a mail from one of them is outbound."""
    country: str = "NL"
    """ISO 3166 code for telephone numbers written without a country."""
    numbers: tuple[str, ...] = ()
    """Own telephone numbers or extensions: a call from one of them is outbound."""


class SourceSettings(_Strict):
    """One delivery: a file, or a pattern of files, of one format."""

    name: str
    path: str
    """Relative to the study file; ``*`` and ``**`` are patterns. Never absolute, never above it."""
    format: Literal[
        "auto", "mbox", "eml", "msg", "asterisk", "zendesk", "ga4", "segment", "amplitude", "mixpanel", "qualtrics",
        "surveymonkey", "googleforms", "msforms", "limesurvey", "genesys",
        "connect", "twilio", "intercom", "salesforce", "whatsapp", "xes", "ocel", "csv", "parquet", "excel",
    ] = "auto"  # fmt: skip
    preset: Literal["social", "review", "sms", "post", "desk", "order", "meter", "outage", "delivery"] | None = None
    """For csv, parquet and excel: a ready mapping, see `cxmining.ingest.tables.presets`; what is said beside it wins."""
    into: Literal["events", "responses", "invitations", "customers"] = "events"
    """For csv, parquet and excel: which table its rows are."""
    tz: str | None = None
    """Zone of stamps that carry none; a naive stamp without it is an error."""
    timestamp_format: str | None = None
    """strptime format for csv, or ``"epoch s"`` (``ms``, ``us``, ``ns``); ISO 8601 when absent."""
    encoding: str | None = None
    delimiter: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    """Our column → the file's column. Identity kinds (account, email, phone, device …) are allowed too."""
    constants: dict[str, Scalar] = Field(default_factory=dict)
    """Our column → one value for all rows, e.g. ``channel = "desk"``."""
    attributes: tuple[str, ...] = ()
    """The file's columns to keep as typed extra columns; all others are dropped."""
    survey: str | None = None
    """For responses and invitations: the name of the ``[[survey]]`` they belong to."""
    options: dict[str, Any] = Field(default_factory=dict)
    """A format's own switches; its reader's documentation lists them and refuses others."""

    @field_validator("path")
    @classmethod
    def _inside(cls, value: str) -> str:
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError("must be relative to the study file and stay below its folder")
        return value

    @field_validator("tz")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else _check_zone(value)


class Item(_Strict):
    """One question of a survey."""

    column: str
    metric: Literal["nps", "csat", "rapportcijfer", "ces", "perception", "expectation", "resolved", "other"]
    touchpoint: str = OVERALL
    """What it is about: a touchpoint, ``(overall)``, or ``(contact)`` = the contact the survey is about."""
    low: float = 1
    high: float = 5
    higher_is_better: bool = True
    reverse: bool = False
    """Worded against the others ("I had to wait long"): each score is turned round on its scale when it is read."""
    not_used: tuple[Scalar, ...] = ()
    """Codes that mean *never met this touchpoint*: missing by design."""
    blank: tuple[Scalar, ...] = ()
    """Codes that mean *no answer*: ordinary missing."""
    codes: dict[str, float] = Field(default_factory=dict)
    """Text → score, for surveys exported with labels."""
    elements: tuple[str, ...] = ()
    """What it is about: a perception (speed …), an element of experience (advice …), a SERVQUAL dimension (empathy …)."""
    question: str | None = None
    """What was asked, as the respondent read it; where `elements` are silent they are recognised by it."""

    @model_validator(mode="after")
    def _scale(self) -> Item:
        if not self.low < self.high:
            raise ValueError(f"scale: low ({self.low:g}) must be below high ({self.high:g})")
        if self.reverse and not self.higher_is_better:
            raise ValueError(
                "reverse turns the scores round already, so that higher is better; take one of the two out"
            )
        return self


class Scale(_Strict):
    """Several items that measure one thing: their mean is an answer of its own, beside them."""

    name: str
    """What the score is called; it stands among the answers as an item does."""
    items: tuple[str, ...]
    """Columns of the survey's items, all asked on one scale; ``reverse`` of an item turns it round first."""
    metric: Literal["csat", "rapportcijfer", "ces", "perception", "expectation", "other"] = "perception"
    touchpoint: str = OVERALL
    elements: tuple[str, ...] = ()


class SurveySettings(_Strict):
    """One questionnaire: what its items are and how its answers find the log."""

    name: str
    kind: Literal["relationship", "journey", "transactional"]
    link: Literal["customer", "journey", "reference", "touchpoint"] | None = None
    """Default: relationship → customer, journey → journey, transactional → reference."""
    window: str = "30D"
    """How far back a rated contact may lie."""
    items: tuple[Item, ...] = Field(default=(), alias="item")
    scales: tuple[Scale, ...] = Field(default=(), alias="scale")
    """Multi-item scales: ``[[survey.scale]]``; `cx.check_scales` says whether their items measure one thing."""
    comment: str | None = None
    weight: str | None = None
    reference: str | None = None
    """Column that holds the ticket, call or order the survey is about."""
    customer: dict[str, str] = Field(default_factory=dict)
    """Identity kind → column."""

    @model_validator(mode="after")
    def _default_link(self) -> SurveySettings:
        if self.link is None:
            rule = {"relationship": "customer", "journey": "journey", "transactional": "reference"}[self.kind]
            object.__setattr__(self, "link", rule)
        if self.kind == "relationship" and self.link != "customer":
            raise ValueError('a relationship survey is about the whole relationship: link must be "customer"')
        return self

    @model_validator(mode="after")
    def _scales_of_items(self) -> SurveySettings:
        items = {i.column: i for i in self.items}
        _unique("scale", [s.name for s in self.scales])
        for scale in self.scales:
            if scale.name in items:
                raise ValueError(f"scale {scale.name!r} bears the name of an item; give it another")
            for name in scale.items:
                if name not in items:
                    raise ValueError(f"scale {scale.name!r}: {name!r} is no item of the survey; {nearest(name, items)}")
            _unique(f"scale {scale.name!r}: item", list(scale.items))
            own = [items[name] for name in scale.items]
            if len(own) < 2:
                raise ValueError(f"scale {scale.name!r} needs at least 2 items, and has {len(own)}")
            ends = sorted({(i.low, i.high) for i in own})
            if len(ends) > 1:
                shown = " and ".join(f"{low:g} to {high:g}" for low, high in ends)
                raise ValueError(f"scale {scale.name!r}: its items are asked on {shown}; a mean needs one scale")
            if any((i.metric, i.touchpoint) == (scale.metric, scale.touchpoint) for i in own):
                raise ValueError(
                    f"scale {scale.name!r}: its items have its metric {scale.metric!r} about the same, so that both would "
                    'count; give the items metric = "other"'
                )
        return self


class IdentitySettings(_Strict):
    """What makes two records the same customer."""

    keys: tuple[str, ...] = ("account", "email", "phone", "device", "cookie")
    """Strongest first. A first-party cookie is the id of a device: without it no visit before a login has an owner."""
    max_accounts_per_value: int = Field(default=3, ge=1)
    """Hub guard: a value (a shared telephone, a family mailbox) that belongs to more accounts joins nobody."""
    guards: bool = True
    """``false`` joins over every shared value, whoever shares it: to see what the guards are for, and for nothing else."""
    never_merge: str | tuple[str | tuple[str, str], ...] = ()
    """Values that join nobody, and pairs of values that are never one customer, as text or pseudonyms; or a file of them."""
    certain_only: bool = False
    """Leave out the records whose customer is not certain (confidence below .90)."""


class JourneySettings(_Strict):
    """What one journey is."""

    by: str = "customer"
    """``customer``, ``case``, ``thread``, ``issue`` (what shares a case or a thread), or a column of the events."""
    gap: str | None = None
    """Silence after which a new journey begins, e.g. ``"30D"``; none = the whole relationship."""
    exclude: tuple[str, ...] = ()
    """Touchpoints that are no step of a journey (bulk mail, say): kept as events, left out of journeys."""
    goal: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """``["sees campaign", "signs contract"]``: from where to where a journey goes; each may be a list."""
    cut: Literal["process"] | None = None
    """Cut long journeys where the process itself starts anew."""
    stages: Literal["catalogue", "proposed"] = "catalogue"
    """``proposed``: where the catalogue is silent a stage is taken from milestones, words and position."""

    @field_validator("goal", mode="before")
    @classmethod
    def _two(cls, value: Any) -> Any:
        if value is None or not isinstance(value, list | tuple):
            return value
        if len(value) != 2:
            raise ValueError('expected two: ["from touchpoint", "to touchpoint"]; each may be a list of touchpoints')
        return [[part] if isinstance(part, str) else part for part in value]

    @model_validator(mode="after")
    def _one_beginning(self) -> JourneySettings:
        if self.goal is not None and self.cut is not None:
            raise ValueError("goal and cut both say where a journey begins; give one of them")
        return self


class DiscoverySettings(_Strict):
    """Which model is mined."""

    miner: Literal["directly-follows", "inductive", "inductive-dfg", "heuristics", "alpha"] = "inductive"
    noise: float = Field(default=0.2, ge=0, le=1)
    coverage: float = Field(default=0.8, gt=0, le=1)
    """Share of journeys, most frequent variants first, that the model is made from."""
    max_variants: int = Field(default=500, ge=1)


class ExperienceSettings(_Strict):
    """How feeling is read from answers."""

    metric: Literal["csat", "rapportcijfer", "ces", "nps", "perception"] | None = None
    """The metric shown per touchpoint; default the one with most answers."""
    wow: float = Field(default=2, gt=0)
    """Points above (below) expectation that make a WOW (a pain), on a scale of 1 to 10; scaled to others."""
    group: str | None = None
    """What makes the groups that the emotional journey is also drawn for: an attribute of customers, ``"persona"`` …;
    default the attribute ``segment``, where there is one."""


class DriverSettings(_Strict):
    """What is explained."""

    target: Literal["csat", "rapportcijfer", "nps", "ces"] | None = "csat"
    """Metric of an overall item."""
    metric: Literal["csat", "rapportcijfer", "ces", "perception"] | None = None
    """Metric of the touchpoint items that explain; default as in ``[experience]``."""
    controls: tuple[str, ...] = ()
    """Customer attributes that are always in."""
    bootstrap: int = Field(default=1000, ge=100)
    max_imputed: float = Field(default=0.6, ge=0, le=1)


class Privacy(_Strict):
    """What may leave, and how."""

    key_file: str = "pseudonym.key"
    """Relative to the study; made (mode 600) when absent. ``CXMINING_KEY`` in the environment wins."""
    min_cell: int = Field(default=10, ge=1)
    """Aggregates about fewer customers are not shown under ``share/``."""
    text: Literal["none", "masked"] = "none"
    """Whether masked free text is kept under ``private/``."""
    keep_case_ids: bool = False
    """Whether the sources' own case ids stay readable under ``private/``."""


class Study(_Strict):
    """A whole study, resolved; `root` is the folder of its file and is not part of its value."""

    schema_version: Literal[1] = 1
    name: str
    title: str | None = None
    language: Literal["en", "nl"] = "en"
    seed: int = 1
    time_zone: str = "UTC"
    """The zone people read the results in."""
    company: Company = Company()
    sources: tuple[SourceSettings, ...] = Field(alias="source")
    rules: str | None = None
    """Path of the mapping rules (raw record → touchpoint)."""
    catalogue: str | None = None
    """Path of ``touchpoints.toml``."""
    cx_map: str | None = None
    """Path of ``cx-map.toml``: what people know of touchpoints and no log holds."""
    personas: str | None = None
    """Path of ``personas.toml``: who the customers behind the segments of behaviour are, as people tell it."""
    stakeholders: str | None = None
    """Path of ``stakeholders.toml``: who stands around the customer, and what goes to and fro, as people tell it."""
    identity: IdentitySettings = IdentitySettings()
    journeys: JourneySettings = JourneySettings()
    surveys: tuple[SurveySettings, ...] = Field(default=(), alias="survey")
    discovery: DiscoverySettings = DiscoverySettings()
    experience: ExperienceSettings = ExperienceSettings()
    drivers: DriverSettings = DriverSettings()
    privacy: Privacy = Privacy()
    root: Path = Field(default=Path(), exclude=True, repr=False)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return _check_zone(value)

    @model_validator(mode="after")
    def _names(self) -> Study:
        if not self.sources:
            raise ValueError("no [[source]] is declared; `cxmining inspect FILE` says what a file is")
        _unique("source", [s.name for s in self.sources])
        _unique("survey", [s.name for s in self.surveys])
        known = [s.name for s in self.surveys]
        for source in self.sources:
            if source.survey is not None and source.survey not in known:
                raise ValueError(
                    f"source {source.name!r}: survey = {source.survey!r} is not declared; {nearest(source.survey, known)}"
                )
        by = self.journeys.by
        keys = {*CASE_NOTIONS, *TABLES["events"], *(a for s in self.sources for a in s.attributes)}
        # Some formats bring columns of their own, which no study declares: those are checked when they are read.
        if by not in keys and (near := get_close_matches(by, CASE_NOTIONS, n=1)):
            raise ValueError(f"journeys.by = {by!r} is no case notion; did you mean {near[0]!r}?")
        return self

    def survey(self, name: str) -> SurveySettings:
        """Return the survey called `name`."""
        for survey in self.surveys:
            if survey.name == name:
                return survey
        raise StudyError(f"no survey {name!r}; {nearest(name, [s.name for s in self.surveys])}")

    def as_dict(self) -> dict[str, Any]:
        """Return the study as it was resolved, in the words of the file, ready for JSON."""
        return self.model_dump(mode="json", by_alias=True)


def _check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone; {nearest(value, sorted(available_timezones()))}") from None
    return value


def _unique(what: str, names: list[str]) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"{what} names must differ; {twice[0]!r} is given twice")


def load_study(path: str | Path, overrides: Iterable[str] = ()) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : path-like
        A ``study.toml``, or a folder that holds one.
    overrides : iterable of str
        ``key=value`` with dotted keys, e.g. ``drivers.target=nps``; values are TOML, bare words are text.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Naming file, key, value and choices of everything that is wrong.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "study.toml"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StudyError(
            f"no study file {str(file)!r}; `cxmining init FOLDER` drafts one from a folder of exports"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{file}: cannot be read as UTF-8 text: {error}") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{file}: is not TOML: {error}") from None
    for override in overrides:
        _override(values, override)
    return parse_study(values, root=file.parent, where=str(file))


def parse_study(values: Mapping[str, Any], root: Path, where: str = "study") -> Study:
    """Make a `Study` of the values of a study file; `where` is named in errors."""
    try:
        return Study.model_validate({**values, "root": root})
    except ValidationError as error:
        lines = [_explain(e, values) for e in error.errors()]
        raise StudyError(f"{where}: " + "\n  ".join(lines)) from None


def _explain(error: Any, values: Mapping[str, Any]) -> str:
    key = ""
    for part in error["loc"]:
        key += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if key else str(part))
    value = error.get("input")
    shown = repr(value) if isinstance(value, str | int | float | bool) else ""
    named = f"{key} = {shown}" if shown else (key or "study")
    match error["type"]:
        case "extra_forbidden":
            fields = _fields_at(error["loc"][:-1])
            return f"unknown key {key!r}; {nearest(str(error['loc'][-1]), fields)}"
        case "missing":
            return f"{key!r} is missing"
        case "literal_error":
            return f"{key} = {shown}: expected one of {error['ctx']['expected']}"
        case "value_error":
            message = str(error["ctx"]["error"])
            return f"{named}: {message}"
        case _:
            return f"{named}: {error['msg'].lower()}"


def _fields_at(loc: tuple[int | str, ...]) -> list[str]:
    model: Any = Study
    for part in loc:
        if isinstance(part, int):
            continue
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                args = getattr(info.annotation, "__args__", ())
                model = next((a for a in args if isinstance(a, type) and issubclass(a, BaseModel)), info.annotation)
                break
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [info.alias or name for name, info in model.model_fields.items() if name != "root"]


def _override(values: dict[str, Any], text: str) -> None:
    key, equals, raw = text.partition("=")
    if not equals or not key.strip():
        raise StudyError(f"--set {text!r}: expected key=value, for example drivers.target=nps")
    try:
        value = tomllib.loads(f"v = {raw}")["v"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    if isinstance(value, dt.date | dt.time):
        value = raw.strip()
    *path, last = key.strip().split(".")
    node = values
    for part in path:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise StudyError(f"--set {text!r}: {part!r} is a list; edit the study file instead")
        node = child
    node[last] = value
