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
# # How it felt: experience, expectation, WOW
#
# Scores, expectations and words are laid over the journeys. *Expected 7, got 9* is a WOW; the other way round it is
# pain. Who did not answer is part of the answer, and each figure carries its n and its interval.

# %%
from pathlib import Path

import cxmining as cx

sample = next(p for p in (Path("data/sample"), Path("../data/sample")) if p.exists())
data = cx.read(sample)
journeys = cx.build_journeys(data, by="customer", gap="30D", exclude=["monthly invoice"])
lived = cx.measure_experience(journeys)
lived

# %% [markdown]
# ## Which answer belongs to which contact?
# An answer is linked to what happened *before* it: by a reference where the invitation bears one, else to the last
# contact it can be about. What could not be linked is counted with the reason.

# %%
lived.link_report

# %% [markdown]
# ## The scores
# Relationship and transaction are two questions and stay apart. The interval of an NPS is one for shares.

# %%
cx.measure_survey(lived)

# %% [markdown]
# ## Who did not answer?
# Customers who answer differ from those who do not. The weighted mean says what the score would be if they were
# alike within what we know of them; the bounds, what it could be at worst.

# %%
cx.check_nonresponse(lived)

# %% [markdown]
# ## The emotional journey
# Score and expectation along the stages. Points are joined only where the same customers stand at both.

# %%
curve = cx.emotional_curve(lived)
curve.figure()

# %%
cx.emotional_curve(lived, by="touchpoint").summary.head(8)

# %% [markdown]
# ## WOW and pain
# Single moments in which experience and expectation lay two points apart, on a scale of ten.

# %%
moments = cx.find_moments(lived)
moments

# %% [markdown]
# ## What customers came for, and what they feel
# Tasks are found in their words; emotions by a lexicon per language, negation included.

# %%
tasks = cx.find_tasks(lived)
tasks

# %%
cx.measure_perceptions(lived)

# %% [markdown]
# ## Effort nobody asked about
# Repeated contacts, switches between channels, waits: what it cost the customer, from the log.

# %%
cx.measure_effort(lived)

# %% [markdown]
# ## Month by month
# A control chart tells a change from the noise of small months.

# %%
cx.track(lived).figure()

# %% [markdown]
# ## Try it
# - Give `cx.find_moments(lived, wow=3)` and see which moments remain.
# - Draw the emotional journey of phone and mail apart: `cx.emotional_curve(lived, group="channel").figure()`.
# - Explore with linked views: `cx.Workbench(lived)`.
# - Measure another survey: `cx.measure_survey(lived).summary` lists them.
