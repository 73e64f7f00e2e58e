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
# # Journeys in depth: cut, filter, compare, model, change
#
# What is one journey? Which ones are alike, which differ, where do customers leave the intended way, and what
# would be other if a step went? Each answer carries its n, its interval, the case notion and the filters it
# was made with.

# %%
from pathlib import Path

import cxmining as cx

sample = next(p for p in (Path("data/sample"), Path("../data/sample")) if p.exists())
data = cx.read(sample)

# %% [markdown]
# ## What is one journey?
# Silences between a customer's contacts come in kinds: within a journey, and between two. Where the two kinds
# overlap so much that no gap parts them, the proposal says so instead of naming one.

# %%
gap = cx.propose_gap(data)
gap

# %%
cx.compare_case_notions(data, [{"by": "customer", "gap": "30D"}, "issue"]).summary

# %%
journeys = cx.build_journeys(data, by="customer", gap="30D", exclude=["monthly invoice"])
lived = cx.measure_experience(journeys)
journeys

# %% [markdown]
# ## Look
# A step matrix shows where journeys are at each step around a touchpoint; the spectrum, how long one step took,
# passage by passage.

# %%
cx.step_matrix(journeys, around="asks about invoice", steps=3, top=10).figure()

# %%
cx.funnel(journeys, ["asks about invoice", "company reply"], within="14D").summary

# %%
cx.list_variants(lived, modulo="repeats").summary.head(8)

# %% [markdown]
# ## Filter
# A filter is a value: it can be combined, printed, read back. What it leaves is said under each result.

# %%
late = cx.filters.contains("asks about invoice") & ~cx.filters.followed_by(
    "asks about invoice", "company reply", within="5D"
)
waiting = journeys.where(late)
waiting

# %% [markdown]
# ## Compare
# Customers who asked about their invoice against those who did not: only differences that survive the
# correction for so many tests are in colour.

# %%
asked = journeys.where(cx.filters.contains("asks about invoice"))
others = journeys.where(~cx.filters.contains("asks about invoice") & cx.filters.contains("views invoice"))
compared = cx.compare_groups(asked, others, names=("asked", "only looked"), seed=1)
compared

# %%
compared.figure()

# %% [markdown]
# ## Kinds of journeys
# As many kinds as come back when other customers are looked at, and none where there is one kind.

# %%
cx.find_archetypes(journeys, seed=1).summary

# %% [markdown]
# ## A model, and how good it is
# Instead of a magic threshold: every threshold on customers it was not mined from, and the simplest model that is as
# good as the best.

# %%
chosen = cx.select_model(journeys)
chosen

# %% [markdown]
# ## The intended way, and promises
# Where customers leave it, how often, and how long that takes. A promise that is not yet due when the log ends is
# neither kept nor broken.

# %%
cx.check_conformance(journeys, [("signs contract", "welcome letter", "supply switch")]).summary.head(8)

# %%
cx.check_promises(lived, [cx.promises.answered("files complaint", by="company reply", within="2D")]).summary

# %% [markdown]
# ## What if?
# Arithmetic for contacts, waits and cost; for the score an association, with its interval and its caveat.

# %%
cx.alter_journeys(
    lived,
    cx.changes.remove("asks about invoice", repeats=True),
    cx.changes.shorten("asks about instalment", by="50%"),
    metric="csat",
)

# %% [markdown]
# ## For other tools
# XES with score, expectation, stage and the local clock; Parquet with everything. Both come back without loss.

# %%
import tempfile

folder = Path(tempfile.mkdtemp()) / "journeys"
cx.write_parquet(lived, folder).summary[["file", "rows"]]

# %%
cx.read_journeys(folder)

# %% [markdown]
# ## Try it
# - Filter for another touchpoint, and print the filter: `print(late)` is the code that makes it again.
# - Compare phone with mail: `cx.filters` has one for the channel.
# - Choose journeys in linked views and look at one of them contact by contact: `cx.Workbench(lived)`.
# - Cut journeys by their goal instead of by silence: `by="issue"`.
