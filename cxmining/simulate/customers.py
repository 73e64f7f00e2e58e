"""Who the customers are: names, numbers, habits, and the disposition that colours everything they rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxmining.simulate import company, names, noise

Array = NDArray[Any]

__all__ = ["CHANNELS", "CHANNEL_SHARE", "SEGMENTS", "People", "calibrated", "chances", "check_digit", "make_people"]

SEGMENTS = ("particulier", "particulier zon", "zzp", "mkb")
CHANNELS = tuple(c for c, _ in noise.CHANNEL_WANTED)
CHANNEL_SHARE = np.array([p for _, p in noise.CHANNEL_WANTED])


@dataclass(eq=False)
class People:
    """Columns, one entry per customer; days are 0-based days of the year."""

    account: list[str]
    first: list[str]
    last: list[str]
    email: list[str]
    phone: list[str]
    mailbox: list[str]  # the address they really write from
    number: list[str]  # the number they really call from
    ean: list[str]
    device: list[str]
    cookie: list[str]
    postcode: list[str]
    area: Array
    segment: list[str]
    segment_index: Array
    since: Array  # day, negative = before the year
    start: Array
    end: Array  # first day no longer a customer; DAYS = stays
    leaves: Array
    joins: Array
    wanted: Array  # index into CHANNELS
    stated: Array  # whether CRM knows the preference
    app: Array
    smart: Array  # smart meter
    fixed: Array  # fixed tariff
    english: Array
    formal: Array
    halo: Array
    talkative: Array  # propensity to contact, mean 1
    billing_day: Array
    statement: Array  # day of the yearly statement, -1 = none in this year
    shock: Array  # standardised surprise of the statement's amount
    unclear: Array  # the statement was wrong or could not be understood

    def __len__(self) -> int:
        return len(self.account)

    @property
    def years(self) -> Array:
        """Years each was a customer within the year."""
        return np.asarray((self.end - self.start) / company.DAYS)


def check_digit(digits: Array) -> Array:
    """Return the GS1 check digit of each row of digits.

    Examples
    --------
    >>> int(check_digit(np.array([[4, 0, 0, 6, 3, 8, 1, 3, 3, 3, 9, 3]]))[0])
    1
    """
    weights = np.where(np.arange(digits.shape[1])[::-1] % 2 == 0, 3, 1)
    return np.asarray((10 - (digits * weights).sum(axis=1) % 10) % 10)


def _eans(rng: np.random.Generator, n: int) -> list[str]:
    body = np.empty((n, 17), dtype=np.int64)
    body[:, :8] = [8, 7, 1, 6, 8, 5, 9, 0]
    serial = rng.permutation(n * 7 + 1000)[:n] + 100_000_000
    body[:, 8:] = (serial[:, None] // 10 ** np.arange(8, -1, -1)) % 10
    full = np.column_stack([body, check_digit(body)])
    return ["".join(map(str, row)) for row in full.tolist()]


def _names(rng: np.random.Generator, n: int) -> tuple[list[str], list[str]]:
    woman = rng.random(n) < 0.5
    f = rng.integers(0, len(names.FIRST_F), n)
    m = rng.integers(0, len(names.FIRST_M), n)
    # family names are far from equally common
    weight = 1 / np.arange(3, len(names.LAST) + 3)
    last = rng.choice(len(names.LAST), n, p=weight / weight.sum())
    first = [names.FIRST_F[a] if w else names.FIRST_M[b] for w, a, b in zip(woman, f, m, strict=True)]
    return first, [names.LAST[i] for i in last]


def _mailboxes(rng: np.random.Generator, first: list[str], last: list[str]) -> list[str]:
    style = rng.integers(0, 5, len(first)).tolist()
    domain = rng.choice(len(names.MAIL_DOMAINS), len(first), p=_falling(len(names.MAIL_DOMAINS))).tolist()
    number = rng.integers(1, 99, len(first)).tolist()
    seen: set[str] = set()
    out = []
    for f, la, s, d, k in zip(first, last, style, domain, number, strict=True):
        a, b = names.mailbox_part(f), names.mailbox_part(la)
        local = (f"{a}.{b}", f"{a[0]}.{b}", f"{a}{b}{k}", f"{b}{k}", f"{a}_{b}")[s]
        while f"{local}@{names.MAIL_DOMAINS[d]}" in seen:
            local, k = f"{a}.{b}{k}", k + 1
        seen.add(f"{local}@{names.MAIL_DOMAINS[d]}")
        out.append(f"{local}@{names.MAIL_DOMAINS[d]}")
    return out


def _falling(n: int) -> Array:
    weight = 1 / np.arange(1, n + 1)
    return np.asarray(weight / weight.sum())


def _numbers(rng: np.random.Generator, n: int) -> list[str]:
    mobile = rng.random(n) < 0.82
    lead = rng.choice([1, 2, 3, 4, 5], n)
    serial = rng.permutation(9_000_000)[:n] if n <= 9_000_000 else rng.integers(0, 9_000_000, n)
    area = rng.integers(0, len(names.AREA_CODES), n)
    return [
        f"06{d}{s + 1_000_000:07d}" if m else f"{names.AREA_CODES[a]}{2_000_000 + s % 7_000_000:07d}"
        for m, d, s, a in zip(mobile.tolist(), lead.tolist(), serial.tolist(), area.tolist(), strict=True)
    ]


def chances(logit: Array, share: float) -> Array:
    """Return probabilities whose odds follow `logit` and whose mean is `share`.

    Examples
    --------
    >>> float(chances(np.array([0.0, 0.0]), 0.25).round(6)[0])
    0.25
    """
    if not len(logit):
        return np.zeros(0)
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        if float((1 / (1 + np.exp(-(logit + middle)))).mean()) < share:
            low = middle
        else:
            high = middle
    return np.asarray(1 / (1 + np.exp(-(logit + low))))


def calibrated(logit: Array, u: Array, share: float) -> Array:
    """Draw, with uniform `u`, such that odds follow `logit` and `share` is expected."""
    return np.asarray(u < chances(logit, share))


def make_people(rng: np.random.Generator, n: int) -> People:
    """Draw `n` customers who were one at some time of the year."""
    first, last = _names(rng, n)
    mailbox = _mailboxes(rng, first, last)
    second = [f"{m.split('@')[0]}.{k}@example.net" for m, k in zip(mailbox, rng.integers(10, 99, n), strict=True)]
    other = rng.random(n) < noise.OTHER_MAILBOX
    no_mail = rng.random(n) < noise.NO_EMAIL_IN_CRM
    numbers = _numbers(rng, 2 * n)
    other_phone = rng.random(n) < noise.OTHER_PHONE
    joins = rng.random(n) < noise.JOINED
    start = np.where(joins, rng.integers(5, company.DAYS - 20, n), 0)
    since = np.where(joins, start, -rng.integers(40, 365 * 14, n))
    halo = rng.standard_normal(n)

    # Statements go out around the anniversary, and most contracts began in winter.
    month_weight = np.array([20, 19, 10, 6, 6, 5, 5, 5, 6, 6, 6, 6], dtype=float)
    month = rng.choice(12, n, p=month_weight / month_weight.sum())
    statement = np.array([company.day_of(m + 1) for m in range(12)])[month] + rng.integers(3, 27, n)
    shock = rng.standard_normal(n)
    unclear = rng.random(n) < np.where(shock > 0.7, 0.30, 0.08)

    leaves = calibrated(-0.55 * halo + 0.5 * np.where(joins, 0.0, shock) - 1.5 * joins, rng.random(n), noise.LEFT)
    after_shock = statement + 20 + rng.integers(0, 60, n)
    any_day = np.where(rng.random(n) < 0.35, rng.integers(330, 364, n), rng.integers(20, 364, n))
    end = np.where((shock > 0.5) & ~joins & (rng.random(n) < 0.7), after_shock, any_day)
    end = np.where(leaves, np.clip(end, np.minimum(start + 15, company.DAYS - 1), company.DAYS - 1), company.DAYS)
    # Who leaves before the statement gets the final statement some weeks after leaving: the same touchpoint.
    statement = np.where(statement >= end, np.minimum(end + 18, company.DAYS), statement)
    statement = np.where(joins | (statement >= company.DAYS), np.where(joins & leaves, end + 18, -1), statement)
    statement = np.where(statement >= company.DAYS, -1, statement)

    segment = rng.choice(4, n, p=[0.66, 0.2, 0.09, 0.05])
    account = [str(a) for a in (70_000_000 + rng.permutation(n * 11 + 7)[:n]).tolist()]
    email = ["" if x else m for x, m in zip(no_mail, mailbox, strict=True)]
    phone = list(numbers[:n])
    # A guardian looks after some customers: one telephone and one mailbox belong to many accounts.
    wards = np.sort(rng.choice(n, max(5, n // 400), replace=False)).tolist()
    for i in wards:
        phone[i], email[i] = phone[wards[0]], "post@bewindvoering.example"
        mailbox[i] = email[i]
    # Partners, each with a contract of their own (two addresses), one telephone.
    for i in np.sort(rng.choice(n - 1, max(2, n // 150), replace=False)).tolist():
        if i not in wards and i + 1 not in wards:
            phone[i + 1], last[i + 1] = phone[i], last[i]
    return People(
        account=account,
        first=first,
        last=last,
        email=email,
        phone=phone,
        mailbox=[s if o else m for o, s, m in zip(other, second, mailbox, strict=True)],
        number=[b if o else a for o, a, b in zip(other_phone, phone, numbers[n:], strict=True)],
        ean=_eans(rng, n),
        device=[f"{v:08x}" for v in rng.permutation(2**22)[:n].astype(np.int64) * 1021 + 17]
        if n < 2**22
        else [f"{v:08x}" for v in range(n)],
        cookie=[
            f"{v}.{w}"
            for v, w in zip(rng.integers(10**8, 10**9, n), rng.integers(1_735_000_000, 1_766_000_000, n), strict=True)
        ],
        postcode=[
            f"{p} {a}{b}"
            for p, a, b in zip(
                rng.integers(1011, 9999, n),
                rng.choice(list("ABCDEGHJKLMNPRSTVWXZ"), n),
                rng.choice(list("ABCDEGHJKLMNPRSTVWXZ"), n),
                strict=True,
            )
        ],
        area=rng.integers(0, 20, n),
        segment=[SEGMENTS[s] for s in segment.tolist()],
        segment_index=segment,
        since=since,
        start=start,
        end=end,
        leaves=leaves,
        joins=joins,
        wanted=rng.choice(len(CHANNELS), n, p=CHANNEL_SHARE / CHANNEL_SHARE.sum()),
        stated=rng.random(n) < 0.5,
        app=rng.random(n) < noise.APP_USERS,
        smart=rng.random(n) < 0.72,
        fixed=rng.random(n) < 0.42,
        english=rng.random(n) < noise.ENGLISH,
        formal=rng.random(n) < 0.55,
        halo=halo,
        talkative=rng.gamma(1.4, 1 / 1.4, n),
        billing_day=rng.integers(1, 27, n),
        statement=statement,
        shock=shock,
        unclear=unclear & (statement >= 0),
    )
