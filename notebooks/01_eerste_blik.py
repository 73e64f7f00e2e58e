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
# # Een eerste blik: van ruwe exports naar wat tevredenheid bepaalt
#
# Zonnestroom is een verzonnen Nederlandse energieleverancier. Een jaar aan mail, telefoongegevens, chats,
# app-gebeurtenissen, brieven en enquêtes ligt in `data/sample`, zoals de systemen ze exporteerden: met kapotte
# regels, dubbele records en twee gewoonten voor tijdzones. Dit notebook vertelt stap voor stap wat
# `cxmining run data/sample` in één keer vertelt.

# %%
from pathlib import Path

import cxmining as cx

sample = next(p for p in (Path("data/sample"), Path("../data/sample")) if p.exists())

# %% [markdown]
# ## Inlezen
# Elk record is behouden, met reden afgewezen, dubbel, samengevoegd met een ander, of context. De aantallen
# kloppen per bestand, anders stopt het inlezen.

# %%
data = cx.read(sample)
data

# %%
data.sources

# %% [markdown]
# Wat is afgewezen, en waarom:

# %%
rejected = data.ledger[data.ledger["status"].eq("rejected") | data.ledger["cell"].notna()]
rejected.groupby(["source", "reason"]).size().rename("records").reset_index()

# %% [markdown]
# Hoe records klanten werden:

# %%
data.identity

# %% [markdown]
# ## Klantreizen
# Een klantreis is wat één klant meemaakte zonder een stilte van 30 dagen. Een andere afbakening geeft andere
# reizen; elk resultaat noemt de afbakening waarmee het is gemaakt.

# %%
journeys = cx.build_journeys(data, by="customer", gap="30D")
journeys

# %%
journeys.variants.head(10)

# %% [markdown]
# ## Een model van wat er gebeurde
# *Fitness* en *precision* zeggen hoeveel van het log het model vertelt, en hoeveel het verzint.

# %%
model = cx.discover(journeys)
model.summary

# %% [markdown]
# ## Hoe het voelde
# Antwoorden worden gekoppeld aan wat er *vóór* gebeurde. Het verslag zegt wat niet te koppelen was.

# %%
lived = cx.measure_experience(journeys)
lived.link_report

# %%
lived.overall

# %%
cx.emotional_journey(lived, language="nl").figure()

# %% [markdown]
# ## Waar klanten langs gaan, en waar het beter of slechter was dan verwacht

# %%
cx.journey_map(lived, language="nl").figure()

# %% [markdown]
# ## Welke paar contactmomenten bepalen de tevredenheid?
# Een aandeel is het deel van de *verklaarde* variatie dat aan een contactmoment toekomt (LMG), met een
# 95%-interval dat rekening houdt met klanten die vaker antwoorden. Het oordeel zegt of 20% van de
# contactmomenten 80% verklaart: *geconcentreerd*, *uitwisselbaar*, *gespreid* of *niet te zeggen*. Het gaat om
# samenhang onder wie antwoordde, niet om het effect van een verandering.

# %%
found = cx.find_drivers(lived, target="csat", seed=1)
found.shares

# %%
found.figure(language="nl")

# %%
print(found.verdict.sentence("nl"))

# %% [markdown]
# ## Probeer zelf
# - Zet `gap="14D"` in plaats van `"30D"`: hoeveel klantreizen worden het, en verandert het oordeel?
# - Vraag naar de relatie in plaats van het contact: `target="nps"`.
# - Leg een eigen bestand onder `cx.inspect("…")`.
