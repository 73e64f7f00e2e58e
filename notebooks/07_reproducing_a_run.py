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
# # Reproducing a mining run
#
# A study file, the same inputs and the same versions give the same bytes. A run folder says of each file what it was
# made from, so that someone else can execute it again and compare.

# %% tags=["parameters"]
log = ""  # a log of your own, for instance BPI_Challenge_2012.xes.gz

# %%
import tempfile
from pathlib import Path

import cxmining as cx

folder = Path(tempfile.mkdtemp())
study = cx.make_sample(folder / "company", customers=200, prospects=200)

# %% [markdown]
# ## Run
# One call (or `cxmining run` on a terminal, or in a scheduler) reads, mines and reports.

# %%
run = cx.run_study(study, out=folder / "first", quiet=True)
run

# %% [markdown]
# The manifest has the hash of every input, the settings, the versions and the hash of everything that was written.

# %%
sorted(run.manifest)

# %%
run.inputs.head()

# %% [markdown]
# ## Again
# `reproduce` executes it once more and names the first step from which on something differs.

# %%
cx.reproduce(run, quiet=True)

# %% [markdown]
# ## Another choice
# A gap of 14 days instead of 30: what changes?

# %%
other = cx.run_study(study, out=folder / "second", overrides=["journeys.gap=14D"], quiet=True)
cx.compare_runs(run, other)

# %% [markdown]
# ## A log from the literature
# Give the path of an XES file as parameter (`cxmining run --notebook 07_reproducing_a_run.ipynb --set log=PATH`): here
# the figures of its paper are counted again. Without one, the sample's journeys are written as XES and read back.

# %%
if log:
    published = cx.read_log(log)
else:
    journeys = cx.build_journeys(cx.read(study), by="customer", gap="30D", exclude=["monthly invoice"])
    cx.write_xes(journeys, folder / "journeys.xes")
    published = cx.read_log(folder / "journeys.xes")
published

# %%
cases = cx.build_journeys(published, by="case")
cases

# %%
cases.variants.head()

# %%
cx.discover(cases).summary

# %% [markdown]
# ## Try it
# - Open the page at `run.report` in a browser: it needs neither kernel nor network, and what you choose on it follows in
#   map and figures.
# - Change one line of an export in the company's folder, run again, and let `cx.compare_runs` tell what it moved.
# - Give BPI Challenge 2012: 13,087 cases, 262,200 events, 36 kinds of events with their life cycle.
