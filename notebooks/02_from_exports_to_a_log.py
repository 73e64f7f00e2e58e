# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From your own exports to an event log
#
# Systems export what they please: mail boxes, call records, tickets, clicks, spreadsheets. This notebook goes
# from such files to one event log in which each customer is one person, and shows where to look when something
# is not as you expected. The files are those of Zonnestroom, a fictional energy supplier; put your own folder in
# their place.

# %%
import tempfile
from pathlib import Path

import cxmining as cx

exports = next(p for p in (Path("data/sample"), Path("../data/sample")) if p.exists())

# %% [markdown]
# ## 1. What is this file?
# `inspect` names the format and says why, shows the first rows with personal data masked, and counts what would
# be rejected. Nothing is kept.

# %%
cx.inspect(exports / "Master.csv")

# %%
cx.inspect(exports / "messages.csv")

# %% [markdown]
# ## 2. Read a file
# A vendor's format needs no settings. A table of your own needs to be told what its columns are, and in which
# time zone its clock ran: `2025-03-30 02:30` does not exist in Amsterdam, and cxmining does not guess.

# %%
calls = cx.read_phone(exports / "Master.csv", tz="Europe/Amsterdam", options={"linked": "userfield"})
calls

# %% [markdown]
# Every record that was read is kept, rejected with file, position and reason, a duplicate, merged into another,
# or context for others. The five always add up.

# %%
calls.sources

# %%
calls.rejects

# %% [markdown]
# A spreadsheet of your own:

# %%
own = Path(tempfile.mkdtemp()) / "shop.csv"
own.write_text(
    "klant;moment;stap\n"
    "K1;03-02-2025 09:15;Bezoekt winkel\n"
    "K1;10-02-2025 11:00;Ruilt artikel\n"
    "K2;31-02-2025 10:00;Bezoekt winkel\n"
    "K2;12-02-2025 16:45;Bezoekt winkel\n",
    encoding="utf-8",
)
named = {"account": "klant", "timestamp": "moment", "touchpoint": "stap"}
shop = cx.read_table(own, tz="Europe/Amsterdam", columns=named)
shop.events[["customer_id", "timestamp", "touchpoint"]]

# %% [markdown]
# There is no 31st of February. The line is not lost, it is listed:

# %%
shop.rejects

# %% [markdown]
# ## 3. A study file
# `cxmining init FOLDER` drafts one from a folder of exports, and asks what it cannot know. The study of the sample
# is written like that; from here on it is one line.

# %%
print((exports / "study.toml").read_text(encoding="utf-8")[:900])

# %%
data = cx.read(exports)
data

# %% [markdown]
# ## 4. Who is the same customer?
# Records are joined by account numbers, addresses and telephone numbers; never by a name alone. A shared number
# (a switchboard, a family) joins nobody. `why` tells how sure each join is.

# %%
data.identity

# %% [markdown]
# ## 5. Touchpoints
# Texts without a label are grouped into touchpoints by their words; you rename, merge or drop them in
# `touchpoints.toml`. Touchpoints nobody has named in the catalogue are listed, not hidden.

# %%
counts = data.events["touchpoint"].value_counts()
counts.head(10)

# %% [markdown]
# ## 6. The log
# One row per event: who, when (with the local hour), what, over which channel, from which record.

# %%
columns = ["customer_id", "timestamp", "touchpoint", "channel", "direction", "source"]
data.events[columns].head()

# %% [markdown]
# ## Try it
# - Put a file of your own in the place of `Master.csv` and call `cx.inspect` on it.
# - Add a line to `shop.csv` with a date like `2025/02/13`, and see what becomes of it.
# - `cxmining init FOLDER` in a terminal drafts the study of a whole folder.
