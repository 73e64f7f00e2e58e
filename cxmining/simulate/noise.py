"""Every rate and every noise of the simulated company, in this one place.

Results of the mining are judged against this sample. Whoever wants better results must mine
better: turning a number down here is visible, and the tests hold each of them to the figures
that were fixed before any mining existed.
"""

from __future__ import annotations

from typing import Final

# --- volume, per customer-year ------------------------------------------------------------
PROSPECTS_PER_CUSTOMER: Final = 5.0
CONTACTS_PER_YEAR: Final = 1.8
APP_SESSIONS_PER_YEAR: Final = 8.0
MESSAGES_PER_YEAR: Final = 15.0  # what the calendar of journeys.py adds up to; held by a test
JOINED: Final = 0.13
LEFT: Final = 0.13
APP_USERS: Final = 0.78
CONSENT: Final = 0.45  # prospects who accept cookies; the others leave no trace

# --- when ---------------------------------------------------------------------------------
WINTER_FACTOR: Final = 1.70  # January and February against the other months
WINTER_SPILL: Final = 1.035  # on top: repeats and outages shift a little between months
WEEKDAYS: Final = (0.23, 0.19, 0.175, 0.17, 0.155, 0.055, 0.025)
MOVE_SEASON: Final = (7, 8, 9)
MOVE_SEASON_FACTOR: Final = 3.0
OUTAGE_FACTOR: Final = 6.0  # contacts on the day of a large outage against an ordinary such day
OUTAGES: Final = ((4, 14, 8), (6, 12, 15), (8, 29, 12), (11, 4, 17))  # month, day, hour; none in winter
OUTAGE_AREAS: Final = 2  # of the 20 areas, per outage

# --- contacts -----------------------------------------------------------------------------
CHANNEL_WANTED: Final = (
    ("phone", 0.397), ("chat", 0.185), ("whatsapp", 0.112), ("mail", 0.215), ("web", 0.061), ("social", 0.030),
)  # fmt: skip
LOYAL_TO_CHANNEL: Final = 0.65
FORCED: Final = 0.15  # of digital contacts that the company only takes by phone
WAIT_MEDIAN_S: Final = 98.0  # offered; who hangs up takes a long wait away: 95 is left
WAIT_SIGMA: Final = 1.18
ABANDONED: Final = 0.07
TRANSFERRED: Final = 0.12
MAIL_REPLY_H: Final = 15.2  # before nights and Sundays are skipped: 18 is left
MAIL_REPLY_SIGMA: Final = 0.95
MAIL_REPLIED: Final = 0.93
SOLVED_FIRST: Final = 0.70
COMES_BACK: Final = 0.88  # of those whose question was not solved
COMPLAINTS: Final = 0.03
COMPLAINT_PER_REPEAT: Final = 0.070  # gives that share of all contacts
REPEATS: Final = 0.44  # further contacts per first contact, used to plan the number of issues
WITHHELD_NUMBER: Final = 0.06
OTHER_PHONE: Final = 0.08
OTHER_MAILBOX: Final = 0.10
ANONYMOUS_CHAT: Final = 0.05

# --- experience ---------------------------------------------------------------------------
HALO: Final = 0.42  # correlation of any two experiences of one person; .40 is left between the rounded ratings
RATING_MEAN: Final = 7.2
RATING_SD: Final = 1.75
LATENT_R: Final = 0.69  # correlation of lived experience and overall feeling, before both are rounded to scales
SCALE_NOISE: Final = 0.25  # of each overall item (NPS, CSAT …) around the one feeling
WOW: Final = 0.02  # of rated pairs
OVERALL_WEIGHTS: Final = {
    "monthly invoice": 0.22,
    "yearly statement": 1.00,
    "tariff change letter": 0.12,
    "checks usage": 0.05,
    "views invoice": 0.0,
    "submits meter reading": 0.0,
    "changes instalment": 0.15,
    "asks about invoice": 0.60,
    "asks about instalment": 0.25,
    "asks about meter": 0.05,
    "reports move": 0.20,
    "power outage": 0.25,
    "signs contract": 0.10,
    "renewal offer": 0.0,
}

# --- surveys ------------------------------------------------------------------------------
CSAT: Final = (0.09, 0.06, 0.10, 0.27, 0.48)  # 1 to 5
RAPPORTCIJFER: Final = (0.010, 0.010, 0.015, 0.030, 0.055, 0.120, 0.290, 0.310, 0.105, 0.055)  # 1 to 10: mean 7.2
NPS: Final = (0.03, 0.015, 0.025, 0.03, 0.04, 0.09, 0.125, 0.185, 0.21, 0.12, 0.13)  # 0 to 10: −11 (25% − 36%)
CES: Final = (0.06, 0.07, 0.09, 0.13, 0.20, 0.25, 0.20)  # 1 to 7, 7 = easy
RESPONSE: Final = {"phone": 0.14, "chat": 0.22, "mail": 0.08, "app": 0.04, "relationship": 0.12}
SILENCE_DAYS: Final = 30  # no second invitation within
NONRESPONSE_SLOPE: Final = 0.30  # log-odds of answering per standard deviation of experience
COMMENTS: Final = 0.38
COMMENT_WORDS: Final = 9
BLANK_CELL: Final = 0.06
PREVIEWS: Final = 3
UNFINISHED: Final = 0.07

# --- mess ---------------------------------------------------------------------------------
NO_EMAIL_IN_CRM: Final = 0.08
NO_NAME: Final = 0.015
DUPLICATE_ROWS: Final = 0.004
ENGLISH: Final = 0.05
TYPO: Final = 0.30  # of texts have at least one
