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
# # A first look: from raw exports to what decides satisfaction
#
# Zonnestroom is a fictional Dutch energy supplier. Its mail box, telephone records, chats, app events,
# letters and surveys of one year lie in `data/sample`, as its systems exported them: broken lines,
# duplicates and two conventions for time zones included. This notebook tells what
# `cxmining run data/sample` tells, one step at a time.

# %%
from pathlib import Path

import cxmining as cx

sample = next(p for p in (Path("data/sample"), Path("../data/sample")) if p.exists())

# %% [markdown]
# ## Read
# Every record is kept, rejected with a reason, a duplicate, merged into another, or context. The counts
# add up for each file, or reading stops.

# %%
data = cx.read(sample)
data

# %%
data.sources

# %% [markdown]
# What was rejected, and why:

# %%
rejected = data.ledger[data.ledger["status"].eq("rejected") | data.ledger["cell"].notna()]
rejected.groupby(["source", "reason"]).size().rename("records").reset_index()

# %% [markdown]
# How records became customers:

# %%
data.identity

# %% [markdown]
# ## Journeys
# A journey is what one customer lived through without a silence of 30 days. Another notion gives other
# journeys; each result names the one it was made with.

# %%
journeys = cx.build_journeys(data, by="customer", gap="30D")
journeys

# %%
journeys.variants.head(10)

# %% [markdown]
# ## A model of what happened
# Fitness and precision say how much of the log the model tells, and how much it makes up.

# %%
model = cx.discover(journeys)
model.summary

# %% [markdown]
# ## How it felt
# Answers are linked to what happened *before* them. The report says what could not be linked.

# %%
lived = cx.measure_experience(journeys)
lived.link_report

# %%
lived.overall

# %%
cx.emotional_journey(lived).figure()

# %% [markdown]
# ## Where customers go, and where it was better or worse than they expected

# %%
cx.journey_map(lived).figure()

# %% [markdown]
# ## Which few touchpoints decide satisfaction?
# A share is the part of the *explained* variation that a touchpoint is credited with (LMG), with a 95%
# interval that takes account of repeated customers. The verdict answers whether 20% of the touchpoints
# explain 80%: *concentrated*, *interchangeable*, *spread*, or *cannot tell*. Association among those who
# answered; not the effect of changing a touchpoint.

# %%
found = cx.find_drivers(lived, target="csat", seed=1)
found.shares

# %%
found.figure()

# %%
print(found.verdict.sentence("en"))

# %% [markdown]
# ## Try it
# - Take `gap="14D"` instead of `"30D"`: how many journeys are there then, and does the verdict change?
# - Ask for the relationship instead of the contact: `target="nps"`.
# - Put a file of your own under `cx.inspect("…")`.
