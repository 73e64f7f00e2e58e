"""Who is the same customer, and the last place where anybody's address is known.

Records (events, responses, invitations, CRM rows) name people by identifiers: accounts, e-mail
addresses, telephone numbers, devices, cookies. Records that share one belong together, with limits:

- **An account is a person.** Two accounts stay two people although they share a telephone or a
  mailbox, because families do. They are one person when one record names both, or on two kinds of evidence:
  the same e-mail address *and* telephone number, unless their names differ (couples share both); one of the two
  *and* the full name; the address *and* a name of which one has only the initial.
- **A hub joins nobody.** A value seen with more than ``max_accounts_per_value`` accounts (or, where
  records carry no account, e-mail addresses) is a switchboard or a kiosk, not a person. So is a mailbox of
  a role (``info@``) that two accounts, names or numbers use, a value whose addresses bear different names,
  a device that two addresses use in turns, and what is our own (``[company]``).
- **A list is not a person**: what a record names of a kind that it names more than fifty of.
- **What the study forbids never merges**: ``[identity] never_merge``.

A value that belongs to one person joins all its records to that person, strongest kind first, in the
order of ``identity.keys``: so a visitor's pages before the login become that customer's, by cookie or device.
A value shared by two to ``max_accounts_per_value`` people decides nothing: records with a further
identifier go by that one, records that bear the name of one of those people to that one, events on a shared device to
who was logged in; records with nothing else form one customer of their own, reported as uncertain. Who is
nobody yet and writes the customer number of one customer is that customer, unless the names differ: see `mentions`.
Everything is decided on sets of values and on times, so the order of rows, files and sources does not matter. Nothing is
compared fuzzily: addresses that look like a typing error of each other are *suspects*, which people may look at.

**What a customer's id is made of.** ``c`` and 16 hex digits of HMAC-SHA256 of what the customer is named after: its
smallest account, else its smallest value of the strongest kind it has, in the order of ``identity.keys`` (else
its case in its source, else the record). The same data and key give the same ids, whatever the order of anything. New
data leaves an id alone unless the name changes: a customer without an account gets one (logs in), a smaller value of
the same kind turns up, two customers become one, or a value becomes a hub. `match_customers` says for each old id
which one it is now.

How sure a customer is: `cxmining.identity.strength`. Which files do what: `pairs` codes identifiers, `guards` finds what is
shared, `joining` decides, `visits` follows shared devices in time, `never` keeps apart what must stay apart, `mentions`
finds the numbers that people write and `believing` weighs them, `context` takes the records without identifiers,
`evidence` keeps what `reasons` explains.
"""

from __future__ import annotations

from cxmining.identity.evidence import Identity
from cxmining.identity.growth import match_customers
from cxmining.identity.judging import Judgement, judge
from cxmining.identity.mentions import with_mentions
from cxmining.identity.reasons import Reason
from cxmining.identity.resolving import resolve

__all__ = ["Identity", "Judgement", "Reason", "judge", "match_customers", "resolve", "with_mentions"]
