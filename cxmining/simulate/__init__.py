"""A fictional Dutch energy supplier over one year, written as the raw exports it would have, with known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxmining.errors import StudyError
from cxmining.simulate import noise
from cxmining.simulate.mess import Mess, Traces

__all__ = ["Mess", "make_sample"]


def make_sample(
    out: str | Path,
    *,
    customers: int = 2000,
    seed: int = 1,
    prospects: int | None = None,
    mess: Mess | bool = False,
) -> Path:
    """Simulate a year of Zonnestroom Energie and write its exports, its study and the truth.

    Parameters
    ----------
    out : path-like
        Folder to write into; made when absent. Files of an earlier sample are replaced.
    customers : int, default 2000
        How many were a customer at some time of the year; at least 200.
    seed : int, default 1
        Same seed, same bytes.
    prospects : int, optional
        People who look around; default five per customer.
    mess : Mess or bool, default False
        Whether identities are messy: shared numbers and mailboxes, second accounts, typing errors,
        devices handed on, changed addresses, cleared cookies. True takes the shares of `Mess`. The year
        stays the same; ``truth.json`` then says whose every record is (``people``) and what was planted.

    Returns
    -------
    Path
        Of the ``study.toml``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     make_sample(folder, customers=200).name
    'study.toml'
    """
    from cxmining.simulate.customers import make_people
    from cxmining.simulate.journeys import make_world
    from cxmining.simulate.surveys import make_surveys
    from cxmining.simulate.texts import Writer
    from cxmining.simulate.writers import questionnaires, tables
    from cxmining.simulate.writers.common import Stage
    from cxmining.simulate.writers.mail import write_mail
    from cxmining.simulate.writers.phone import write_phone
    from cxmining.simulate.writers.study import write_study
    from cxmining.simulate.writers.tickets import write_tickets
    from cxmining.simulate.writers.truth import write_truth
    from cxmining.simulate.writers.web import write_web

    if customers < 200:
        raise StudyError(f"customers = {customers}: a sample needs at least 200 to have every kind of event in it")
    folder = Path(out)
    # Streams of their own: a change of wording does not change who the customers are.
    who, year, asked, dirt, words = (np.random.default_rng([seed, k]) for k in range(5))
    people = make_people(who, customers)
    world = make_world(
        year, people, round(noise.PROSPECTS_PER_CUSTOMER * customers) if prospects is None else prospects
    )
    surveys = make_surveys(asked, people, world)
    traces = Traces(people, world, np.random.default_rng([seed, 5]), Mess() if mess is True else mess or None)
    stage = Stage(people, world, surveys, dirt, Writer(words), traces)
    write_phone(stage, folder / "Master.csv")
    write_mail(stage, folder / "mail.mbox")
    write_tickets(stage, folder / "zendesk")
    write_web(stage, folder / "ga4.jsonl")
    tables.write_messages(stage, folder / "messages.csv")
    tables.write_meter(stage, folder / "meter.csv")
    tables.write_customers(stage, folder / "customers.csv")
    tables.write_invitations(stage, folder / "invitations.csv")
    questionnaires.write_questionnaires(stage, folder / "surveys")
    write_study(folder, seed)
    write_truth(stage, folder / "truth.json")
    return folder / "study.toml"
