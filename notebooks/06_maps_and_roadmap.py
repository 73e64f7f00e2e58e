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
# # Maps and roadmap: the pictures that consultants draw by hand, from the log
#
# Each cell bears its n, its interval and what it rests on: measured, estimated, from text, set by people, or unknown.
# What people know stands in files of its own beside the log and survives the next delivery.

# %%
import tempfile
from pathlib import Path

import cxmining as cx

sample = next(p for p in (Path("data/sample"), Path("../data/sample")) if p.exists())
data = cx.read(sample)
journeys = cx.build_journeys(data, by="customer", gap="30D", exclude=["monthly invoice"])
lived = cx.measure_experience(journeys)
found = cx.find_drivers(lived, target="csat", seed=1)
out = Path(tempfile.mkdtemp())

# %% [markdown]
# ## Journey map
# Touchpoints in the colour of how they were felt, as large as their reach; how much of the flow is drawn is said.

# %%
cx.journey_map(lived)

# %% [markdown]
# Two groups in one map: only what survives the correction for many comparisons is in colour.

# %%
mailed = journeys.where(cx.filters.contains("asks about invoice"))
others = journeys.where(~cx.filters.contains("asks about invoice") & cx.filters.contains("views invoice"))
cx.difference_map(cx.compare_groups(mailed, others, names=("asked", "only looked"), seed=1))

# %% [markdown]
# ## CX map
# Process and feeling in one picture. It goes out as a workbook for a workshop too: people fill in what no log holds,
# with their name on it, and where they differ stays visible.

# %%
board = cx.cx_map(lived, found)
board

# %%
board.to_workbook(out / "board.xlsx").name, board.to_slides(out / "board.pptx").name

# %% [markdown]
# ## Service blueprint
# What customers see, and what happens behind it: who hands over to whom, and how long work lies there.

# %%
cx.blueprint(lived)

# %%
cx.find_handovers(journeys)

# %% [markdown]
# ## Moments of truth, and who is responsible
# Contacts after which customers leave, come back or recommend more often than others do. Rare grave ones count too.
# What leaving is, you say: here it is the touchpoint *cancels contract*. Where nothing stands after correction for many
# comparisons, the result says that nothing stands.

# %%
moments = cx.find_moments_of_truth(lived, leaving=["cancels contract"])
moments

# %%
cx.find_owners(journeys).summary[["touchpoint", "owner", "owner_source", "mined", "mined_share", "n", "check"]].head(8)

# %% [markdown]
# ## Personas and stakeholders
# A segment of behaviour becomes a persona when people add what no log knows. `personas.toml` and `stakeholders.toml`
# of the sample show how they write it down.

# %%
cx.persona_cards(lived, sample / "personas.toml")

# %%
cx.stakeholder_map(lived, sample / "stakeholders.toml")

# %% [markdown]
# ## Roadmap
# What to improve first: the associated difference with its interval, owner, cost and value where they are known.
# Effort is left to people.

# %%
plan = cx.plan_roadmap(lived, found, moments=moments, customer_value=250)
plan.figure()

# %%
plan.summary.head()

# %% [markdown]
# ## Try it
# - Fill in a cell of `board.xlsx`, save it with your name, and lay it over the map:
#   `cx.cx_map(lived, found, people=cx.read_workshop(["board.xlsx"]))`.
# - Draw the CX map in Dutch: `cx.cx_map(lived, found, language="nl")`.
# - Write every picture as a slide: each result has `.to_slides("name.pptx")`.
