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
# # Do 20% of the touchpoints explain 80% of satisfaction?
#
# Everybody says so. Here it is a question with four answers: *concentrated* (yes, these), *interchangeable* (some few
# predict it all, but not these rather than others), *spread* (no), *cannot tell* (too few answers to say). Nothing here
# says that a touchpoint *causes* a score: it is association among those who answered.

# %%
import numpy as np
import pandas as pd

import cxmining as cx

# %% [markdown]
# ## A survey whose truth we know
# 1,200 customers rate fifteen touchpoints from 1 to 10. All ratings share a halo: who is content rates everything
# higher. Only three touchpoints matter for the overall score.

# %%
rng = np.random.default_rng(1)
n, p = 1200, 15
halo = rng.normal(size=(n, 1))
felt = np.sqrt(0.4) * halo + np.sqrt(0.6) * rng.normal(size=(n, p))
names = [f"touchpoint {i:02d}" for i in range(1, p + 1)]
ratings = pd.DataFrame(np.clip(np.round(7 + 1.5 * felt), 1, 10), columns=names)
signal = felt[:, :3].sum(axis=1)
score = signal + signal.std() * 1.3 * rng.normal(size=n)
ratings["score"] = np.clip(np.round(7 + 0.8 * score), 1, 10)
ratings.head(3)

# %% [markdown]
# A table of correlations shows every touchpoint as a driver, because of the halo:

# %%
ratings[names].corrwith(ratings["score"]).round(2).sort_values(ascending=False)

# %% [markdown]
# ## The verdict
# A share is what a touchpoint adds to the explained variation, averaged over all orders in which touchpoints can
# enter (LMG, the Shapley value of R²), here over all 32,768 subsets. The verdict rests on data that the choice of
# touchpoints has not seen.

# %%
found = cx.find_drivers(ratings, target="score", negative_control=True, seed=1)
print(found.verdict.sentence("en"))

# %%
found.figure()

# %%
found.shares.head(6)

# %% [markdown]
# ## And if all matter alike?

# %%
even = felt.sum(axis=1)
alike = ratings.assign(score=np.clip(np.round(7 + 0.8 * (even / even.std() + 1.3 * rng.normal(size=n))), 1, 10))
flat = cx.find_drivers(alike, target="score", seed=1)
print(flat.verdict.sentence("en"))

# %% [markdown]
# ## Can the verdict be trusted?
# The same analysis with the score shuffled among customers has to find nothing. Other ways to treat missing ratings
# and weights should say the same.

# %%
found.negative_control

# %%
found.sensitivity

# %%
found.checks

# %% [markdown]
# ## What if?
# One point more at a touchpoint goes with so many points of the score, among customers who are alike otherwise.
# An associated difference, not an effect.

# %%
cx.what_if(found, "touchpoint 01")

# %% [markdown]
# Does it hurt more when it is bad than it helps when it is good?

# %%
cx.find_asymmetry(found).summary.head(5)

# %% [markdown]
# ## From exports
# With journeys the ratings come from the survey over them. The sample has few answers, and the verdict says so.

# %%
data = cx.sample(customers=600)
lived = cx.measure_experience(cx.build_journeys(data, by="customer", gap="30D"))
try:
    few = cx.find_drivers(lived, target="csat", seed=1)
    print(few.verdict.sentence("en"))
except cx.errors.CxminingError as error:
    print(error)

# %% [markdown]
# ## Try it
# - Let five touchpoints matter instead of three (`felt[:, :5]`).
# - Take 150 customers instead of 1,200: from where on does the verdict dare to speak?
# - Use your own survey: a table with a column per touchpoint and one for the score is all it takes.
