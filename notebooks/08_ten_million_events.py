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
# # Ten million events on a laptop
#
# The log is kept as codes in flat arrays, and each figure is one pass over them. Nothing is sampled.

# %% tags=["parameters"]
events = 10_000_000

# %%
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd


# %% [markdown]
# ## A log
# Customers with five contacts on average, over thirty touchpoints and a year. It is written as Parquet, as an export
# of a data warehouse would be.

# %%
rng = np.random.default_rng(1)
customers = events // 5
names = np.array([f"touchpoint {i:02d}" for i in range(30)])
stamps = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 365 * 86_400, events), unit="s")
table = pd.DataFrame(
    {
        "customer": rng.integers(0, customers, events),
        "moment": stamps,
        "step": pd.Categorical.from_codes(np.minimum(rng.geometric(0.12, events) - 1, 29), names),
        "channel": pd.Categorical.from_codes(rng.integers(0, 3, events), ["phone", "mail", "web"]),
    }
)
path = Path(tempfile.mkdtemp()) / "log.parquet"
table.to_parquet(path, index=False)
f"{path.stat().st_size / 1e6:.0f} MB"

# %% [markdown]
# ## Read it as codes
# Each event becomes a number for its touchpoint, its channel and its time. Here a journey is first everything that a
# customer did; then it is cut where a customer was silent for thirty days.

# %%
from cxmining.engine import count_variants, encode_parquet, follow, split_sessions


def timed(what, work):
    begin = time.perf_counter()
    done = work()
    print(f"{what}: {time.perf_counter() - begin:.1f} s")
    return done


whole = timed(
    "coded",
    lambda: encode_parquet(
        path, journey="customer", customer="customer", timestamp="moment", touchpoint="step", channel="channel"
    ),
)
log = timed("cut into journeys", lambda: split_sessions(whole, 30 * 86_400 * 1_000_000))
print(f"{len(log):,} events, {log.n_customers:,} customers, {log.n_journeys:,} journeys")

# %% [markdown]
# ## Which step follows which, and how long that takes
# The medians are exact: they come from counts of durations, not from a sample.

# %%
graph = timed("directly-follows graph", lambda: follow(log))
graph.frame().sort_values("n", ascending=False).head()

# %% [markdown]
# ## Variants

# %%
variants, of_journey = timed("variants", lambda: count_variants(log))
variants.frame().head()

# %% [markdown]
# ## The same in parts
# A summary of some customers merges with that of others, in any order, to the summary of all. That is why the same
# passes run over partitions of a log that is larger than memory (`cxmining.engine.bucket`).

# %%
half = log.customer[log.n_journeys // 2]
first, second = log.take(np.flatnonzero(log.customer < half)), log.take(np.flatnonzero(log.customer >= half))
merged = timed("both halves, merged", lambda: follow(first).merge(follow(second)))
merged.frame().equals(graph.frame())

# %% [markdown]
# ## Try it
# - Give your own Parquet file as `path`, with its columns.
# - Cut after seven days of silence, and count the journeys again.
