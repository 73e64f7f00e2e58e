"""A run folder as `cxmining run` writes it, made by hand from a fixed recipe, so that the report can be tested alone."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

TOUCHPOINTS = [
    # key, English, Dutch, stage, channel, owner, reach, csat or None, gap or None
    ("sees campaign", "Sees campaign", "Ziet campagne", "awareness", "web", "Marketing", 0.31, None, None),
    ("visits website", "Visits website", "Bezoekt website", "awareness", "web", "Marketing", 0.64, 3.9, None),
    ("reads energy blog", "Reads energy blog", "Leest energieblog", "awareness", "social", "Marketing", 0.12, None, None),
    ("compares tariffs", "Compares tariffs", "Vergelijkt tarieven", "consideration", "web", "Sales", 0.46, 3.9, 0.1),
    ("asks by chat", "Asks by chat", "Vraagt via chat", "consideration", "chat", "Sales", 0.22, 4.4, 0.7),
    ("comparison site", "Visits comparison site", "Bekijkt vergelijkingssite", "consideration", "web", "Third party", 0.28, None, None),
    ("requests quote", "Requests quote", "Vraagt offerte aan", "consideration", "mail", "Sales", 0.18, 4.0, 0.2),
    ("signs contract", "Signs contract", "Tekent contract", "purchase", "app", "Sales", 0.48, 4.1, 0.0),
    ("confirmation mail", "Confirmation mail", "Bevestigingsmail", "purchase", "mail", "Sales", 0.47, 3.8, -0.1),
    ("cooling-off call", "Calls within cooling-off period", "Belt binnen bedenktijd", "purchase", "phone", "Customer care", 0.06, 3.4, None),
    ("grid switch", "Grid operator switches supply", "Netbeheerder zet over", "purchase", "other", "Grid operator", 0.44, None, None),
    ("welcome mail", "Welcome mail", "Welkomstmail", "service", "mail", "Customer care", 0.71, 4.0, 0.1),
    ("first invoice", "First invoice", "Eerste factuur", "service", "mail", "Finance", 0.83, 2.9, -0.9),
    ("calls about invoice", "Calls about invoice", "Belt over factuur", "service", "phone", "Customer care", 0.39, 2.4, -1.2),
    ("transferred", "Is transferred to another department", "Wordt doorverbonden naar andere afdeling", "service", "phone", "Customer care", 0.11, 2.2, -1.1),
    ("status in app", "Status in app", "Status in app", "service", "app", "IT", 0.28, 3.3, -0.2),
    ("reports outage", "Reports outage", "Meldt storing", "service", "phone", "Grid operator", 0.14, 3.6, 0.3),
    ("meter reading", "Enters meter reading", "Geeft meterstand door", "service", "app", "Operations", 0.55, 4.1, 0.0),
    ("complaint", "Files a complaint", "Dient klacht in", "service", "mail", "Customer care", 0.03, 2.0, None),
    ("whatsapp question", "WhatsApp question", "Vraag via WhatsApp", "service", "chat", "Customer care", 0.19, 4.2, 0.4),
    ("yearly check-up", "Yearly check-up", "Jaarlijkse check", "loyalty", "phone", "Customer care", 0.17, 4.5, 0.9),
    ("renewal offer", "Renewal offer", "Verlengingsaanbod", "loyalty", "mail", "Sales", 0.33, 3.9, 0.0),
    ("moves house", "Moves house", "Verhuist", "loyalty", "app", "Operations", 0.09, 3.7, -0.3),
    ("discount expires", "Discount expires", "Korting loopt af", "loyalty", "mail", "Sales", 0.21, None, None),
    ("recommends", "Recommends to a friend", "Beveelt aan bij vriend", "advocacy", "web", "Marketing", 0.09, 4.3, None),
    ("review", "Writes a review", "Schrijft een review", "advocacy", "social", "Marketing", 0.04, None, None),
]  # fmt: skip

COLUMNS = [
    "touchpoint",
    "label_en",
    "label_nl",
    "stage",
    "stage_source",
    "owner",
    "owner_source",
    "channel",
    "channel_mix",
    "events",
    "journeys",
    "customers",
    "reach",
    "reach_low",
    "reach_high",
    "score_metric",
    "score_scale_low",
    "score_scale_high",
    "score_mean",
    "score_low",
    "score_high",
    "score_n",
    "expected_mean",
    "expected_low",
    "expected_high",
    "expected_n",
    "gap_mean",
    "gap_low",
    "gap_high",
    "gap_n",
    "wow_n",
    "pain_n",
    "rated_pairs_n",
    "sentiment_mean",
    "sentiment_low",
    "sentiment_high",
    "sentiment_n",
    "wait_median_s",
    "wait_p90_s",
    "wait_n",
]
CUSTOMERS = 2000
HOSTILE = "<img src=x onerror=alert(1)>"


def make_run(
    folder: Path,
    *,
    language="en",
    survey=True,
    catalogue=True,
    touchpoints=None,
    hostile=False,
    word="concentrated",
) -> Path:
    """Write a run folder at `folder` and return it."""
    rng = np.random.default_rng(7)
    rows = list(TOUCHPOINTS if touchpoints is None else touchpoints)
    if hostile:
        rows[3] = (HOSTILE, HOSTILE, HOSTILE, "consideration", "web", HOSTILE, 0.46, 3.9, 0.1)
        rows[12] = ("</script><script>alert(2)</script>", "<b>bold</b> & <a href='javascript:alert(3)'>x</a>", "{{ 7*7 }} {% raw %}", *rows[12][3:])  # fmt: skip
    share = folder / "share"
    share.mkdir(parents=True)
    suppressed = []
    table = _touchpoints(rows, survey, catalogue, suppressed)
    table.to_csv(share / "touchpoints.csv", index=False)
    dfg = _dfg(rows, rng)
    dfg.to_csv(share / "dfg.csv", index=False)
    _quality(share, HOSTILE if hostile else "asks by fax")
    suppressed.append(("unmapped.csv", "(12 labels, 31 events)", "row", "fewer than 10 customers"))
    suppressed.append(("dfg.csv", "(31 transitions)", "row", "fewer than 10 customers"))
    _variants(rows, rng, survey).to_csv(share / "variants.csv", index=False)
    rated = [r for r in rows if r[7] is not None]
    if survey:
        _felt(table, share, suppressed)
        _drivers(rated, share, word)
        pd.DataFrame(
            [
                ("csat", "relationship", 3.99, 3.92, 4.06, 1140, 9500, 0.12, 1, 5),
                ("nps", "relationship", -11.2, -15.0, -7.4, 1132, 9500, 0.12, -100, 100),
                ("rapportcijfer", "relationship", 7.21, 7.12, 7.3, 1128, 9500, 0.12, 1, 10),
                ("csat", "transactional", 3.72, 3.61, 3.83, 611, 4410, 0.139, 1, 5),
            ],
            columns=[
                "metric",
                "survey_kind",
                "score",
                "low",
                "high",
                "n",
                "invited",
                "response_rate",
                "scale_low",
                "scale_high",
            ],
        ).to_csv(share / "overall.csv", index=False)
        pd.DataFrame(
            [
                ("yearly survey", "same customer", 9120, 9004, 92, 24, None),
                ("after contact", "reference", 611, 588, 23, 0, 64800.0),
            ],
            columns=["survey", "rule", "answers", "matched", "unmatched", "ambiguous", "median_lag_s"],
        ).to_csv(share / "link_report.csv", index=False)
    else:
        reason = {"en": "No survey was read: which touchpoints decide satisfaction cannot be told from contacts alone.", "nl": "Er is geen enquête gelezen: welke contactmomenten de tevredenheid bepalen is uit contacten alleen niet te zeggen."}  # fmt: skip
        (share / "verdict.json").write_text(json.dumps({"word": None, "reason": reason}))
    model = {"miner": "inductive", "noise": 0.2, "coverage": 0.8, "journeys": 3850, "variants": 212, "fitness": 0.93, "precision": 0.71, "simplicity": 0.64, "note": ""}  # fmt: skip
    (share / "model.json").write_text(json.dumps(model))
    pd.DataFrame(suppressed, columns=["file", "key", "column", "reason"]).to_csv(share / "suppressed.csv", index=False)
    manifest = {
        "schema_version": 1,
        "study": {
            "name": "zonnestroom",
            "title": HOSTILE if hostile else ("Klantreizen 2025" if language == "nl" else "Customer journeys 2025"),
            "language": language,
            "company": {"name": "Zonnestroom Energie"},
            "privacy": {"min_cell": 10},
            "rules": "rules.toml",
            "experience": {"wow": 2.0},
            "journeys": {"by": "customer", "gap": "30D"},
        },
        "inputs": _inputs(),
        "versions": {"python": "3.11.2", "cxmining": "0.1.0", "pandas": "3.0.1", "pm4py": "2.7.22"},
        "seeds": {"drivers": 1},
        "key_fingerprint": "a1b2c3d4",
        "notes": ["12 stamps fell in the missing hour of the change to summer time and were moved forward."],
        "counts": {
            "events": 41203, "events_in_journeys": 40122, "customers": CUSTOMERS, "journeys": 4812, "variants": 2960,
            "touchpoints": len(rows), "responses": 1751 if survey else 0, "invitations": 13910, "first": "2025-01-01", "last": "2025-12-31",
            "case_notion": "customer, gap 30D",
            "channels": {"app": 14120, "chat": 4012, "mail": 13277, "other": 1020, "phone": 6401, "social": 203, "web": 2170},
        },
        "outputs": {},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return folder


def long_touchpoints(count=60):
    """Sixty touchpoints whose labels are sixty characters long."""
    stages = ["awareness", "consideration", "purchase", "service", "loyalty", "advocacy"]
    channels = ["mail", "phone", "chat", "app", "web", "post", "sms", "social", "desk"]
    words = [
        "verantwoordelijkheidsgevoel",
        "betalingsherinnering",
        "telefonisch",
        "uitgelegd",
        "aan",
        "de",
        "klant",
        "over",
        "het",
        "nieuwe",
        "termijnbedrag",
        "van",
        "maand",
    ]
    rows = []
    for i in range(count):
        start = i % len(words)
        label = (f"{i + 1} " + " ".join([*words[start:], *words[:start]]))[:60].strip()
        score = None if i % 5 == 4 else round(2 + 2.7 * ((i * 37) % 100) / 100, 2)
        gap = None if score is None or i % 3 else round(((i * 53) % 200 - 100) / 90, 2)
        stage = stages[min(5, int(6 * (i / count) ** 1.3))] if count > 6 else stages[i % 6]
        rows.append((f"tp {i:02d}", label, label, stage, channels[i % 9], f"Department {i % 7}", 0.02 + 0.9 * ((i * 29) % 100) / 100, score, gap))  # fmt: skip
    return rows


def _touchpoints(rows, survey, catalogue, suppressed):
    out = []
    for i, (key, en, nl, stage, channel, owner, reach, score, gap) in enumerate(rows):
        row = dict.fromkeys(COLUMNS, np.nan)
        customers = int(CUSTOMERS * reach)
        half = 1.96 * (reach * (1 - reach) / CUSTOMERS) ** 0.5
        row.update(
            touchpoint=key, label_en=en if catalogue else key, label_nl=nl if catalogue else key,
            stage=stage if catalogue else "unknown", stage_source="catalogue" if catalogue else "unknown",
            owner=owner if catalogue else np.nan, owner_source="declared" if catalogue and i % 3 else "mined" if catalogue else "unknown",
            channel=channel, channel_mix=f"{channel} 88%, other 12%", events=int(customers * 1.7), journeys=int(customers * 1.2),
            customers=customers, reach=reach, reach_low=max(0, reach - half), reach_high=min(1, reach + half),
            score_n=0, expected_n=0, gap_n=0, wow_n=0, pain_n=0, rated_pairs_n=0, sentiment_n=0, wait_n=0,
        )  # fmt: skip
        if channel in ("phone", "chat", "mail"):
            row.update(sentiment_mean=-0.4 + 0.05 * i % 0.8, sentiment_low=-0.5, sentiment_high=0.4, sentiment_n=40 + i)
            row.update(wait_median_s={"phone": 95, "chat": 40, "mail": 64_800}[channel] * (1 + i % 3), wait_p90_s=50_000 + i, wait_n=200)  # fmt: skip
        if survey:
            row.update(score_metric="csat", score_scale_low=1.0, score_scale_high=5.0)
        if survey and score is not None:
            n = int(30 + 300 * reach)
            width = 2.2 / n**0.5
            row.update(score_mean=score, score_low=max(1, score - width), score_high=min(5, score + width), score_n=n)
            if gap is not None:
                row.update(expected_mean=score - gap, expected_low=score - gap - width, expected_high=score - gap + width, expected_n=n // 2)  # fmt: skip
                row.update(gap_mean=gap, gap_low=gap - 1.4 * width, gap_high=gap + 1.4 * width, gap_n=n // 2)
                row.update(wow_n=max(0, int(6 + 18 * gap)), pain_n=max(0, int(5 - 22 * gap)), rated_pairs_n=n // 2)
        if key == "complaint" and survey:
            for column in ("score_mean", "score_low", "score_high", "score_n"):
                row[column] = np.nan
                suppressed.append(("touchpoints.csv", key, column, "fewer than 10 customers"))
        if key == "review":
            for column in ("events", "journeys", "customers", "reach", "reach_low", "reach_high", "channel_mix"):
                row[column] = np.nan
                suppressed.append(("touchpoints.csv", key, column, "fewer than 10 customers"))
        out.append(row)
    return pd.DataFrame(out, columns=COLUMNS)


def _felt(table, share, suppressed):
    """The emotional journey by touchpoint as the touchpoints have it, and by stage for two groups."""
    head = {"metric": "csat", "scale_low": 1.0, "scale_high": 5.0, "basis": "asked"}
    rows = []
    for row in table.to_dict("records"):
        at = {"by": "touchpoint", "grouped_by": "", "group": "all journeys", "place": row["touchpoint"], **head}
        for line, part in (("score", "score"), ("gap", "gap"), ("expected", "expected"), ("emotion", "sentiment")):
            if not np.isnan(row[f"{part}_mean"]):
                ends = {end: row[f"{part}_{end}"] for end in ("mean", "low", "high", "n")}
                rows.append({**at, "line": line, **ends, "customers": ends["n"]})
        if row["sentiment_n"]:
            kinds = {
                "joy": 0.05,
                "satisfaction": 0.1,
                "surprise": 0.0,
                "frustration": 0.2,
                "confusion": 0.1,
                "worry": 0.02,
                "anger": 0.08,
            }
            rows += [
                {
                    **at,
                    "line": k,
                    "mean": v,
                    "low": max(0, v - 0.04),
                    "high": v + 0.04,
                    "n": row["sentiment_n"],
                    "customers": row["sentiment_n"],
                }
                for k, v in kinds.items()
            ]
    for k, (group, by) in enumerate((("all journeys", ""), ("business", "segment"), ("private", "segment"))):
        for i, stage in enumerate(("awareness", "purchase", "service", "loyalty")):
            at = {"by": "stage", "grouped_by": by, "group": group, "place": stage, **head}
            score = 3.4 + 0.2 * k - 0.15 * i
            rows.append(
                {
                    **at,
                    "line": "score",
                    "mean": score,
                    "low": score - 0.2,
                    "high": score + 0.2,
                    "n": 200,
                    "customers": 180,
                }
            )
            rows.append({**at, "line": "gap", "mean": -0.2, "low": -0.4, "high": 0.0, "n": 120, "customers": 110})
    felt = pd.DataFrame(rows)
    hidden = felt.index[(felt["line"] == "joy")][:1]
    felt.loc[hidden, ["mean", "low", "high"]] = np.nan
    key = felt.loc[hidden, ["by", "grouped_by", "group", "line", "place"]].agg(" | ".join, axis=1)
    suppressed += [("emotional_journey.csv", k, "mean", "fewer than 10 customers") for k in key]
    felt.to_csv(share / "emotional_journey.csv", index=False)


def _dfg(rows, rng):
    edges = {}
    for i, a in enumerate(rows):
        for step in (1, 1, 2, 3, -1, 5, 0):
            j = i + step + int(rng.integers(0, 2)) * (step > 1)
            if not 0 <= j < len(rows):
                continue
            b = rows[j]
            n = int(CUSTOMERS * min(a[6], b[6]) * {0: 0.08, -1: 0.14, 1: 0.7}.get(step, 0.3) * rng.uniform(0.3, 1.1))
            if n >= 10:
                edges[a[0], b[0]] = max(n, edges.get((a[0], b[0]), 0))
    out = []
    for (a, b), n in edges.items():
        median = float(rng.choice([240.0, 5400.0, 86_400.0 * 2.4, 86_400.0 * 19]))
        out.append((a, b, n, int(n * 0.93), int(n * 0.85), np.nan, median, median * 1.4, median * 4))
    for i, n in ((0, 1400), (1, 1800), (12, 900), (16, 300)):
        out.append(("(start)", rows[i % len(rows)][0], n, n, n, np.nan, np.nan, np.nan, np.nan))
    for i, n in ((13, 900), (21, 1100), (24, 160), (17, 1300)):
        out.append((rows[i % len(rows)][0], "(end)", n, n, n, np.nan, np.nan, np.nan, np.nan))
    frame = pd.DataFrame(
        out, columns=["source", "target", "n", "journeys", "customers", "share", "median_s", "mean_s", "p90_s"]
    )
    frame["share"] = (frame["n"] / frame["n"].sum()).round(6)
    return frame.sort_values(["n", "source", "target"], ascending=[False, True, True])


def _variants(rows, rng, survey):
    out, cumulative = [], 0.0
    for rank in range(1, 15):
        start = int(rng.integers(0, max(1, len(rows) - 8)))
        steps = [rows[start + k][0] for k in range(int(rng.integers(2, 7)))]
        journeys = int(420 / rank) + 11
        cumulative += journeys / 4812
        out.append((rank, f"v{rank:04d}", " → ".join(steps), len(steps), journeys, journeys - 1, journeys / 4812, cumulative, 86_400.0 * rank))  # fmt: skip
    columns = [
        "rank",
        "variant_id",
        "touchpoints",
        "n_events",
        "journeys",
        "customers",
        "share",
        "cumulative",
        "median_duration_s",
    ]
    table = pd.DataFrame(out, columns=columns)
    if survey:
        mean = [3.1, 4.4, np.nan, 3.9, *[np.nan] * (len(table) - 4)]
        table = table.assign(score_metric="csat", score_mean=mean, score_low=table.index.map(lambda i: mean[i] - 0.2))
        table = table.assign(score_high=table["score_mean"] + 0.2, score_n=np.where(table["score_mean"].notna(), 21, 0))
    return table


def _drivers(rated, share, word):
    p = min(15, len(rated))
    chosen = rated[-p:]
    raw = np.array([0.33, 0.24, 0.13, *[0.3 / 2**k / 2 + 0.012 for k in range(p - 3)]])[:p]
    shares = raw / raw.sum()
    keys = sorted((r[0] for r in chosen), key=lambda k: hashlib.sha256(k.encode()).hexdigest())
    frame = pd.DataFrame(
        {
            "touchpoint": keys, "share": shares, "share_low": np.maximum(0, shares - 0.2 * shares - 0.02),
            "share_high": shares * 1.2 + 0.02, "rank_low": 1, "rank_high": p, "direct": shares * 0.8, "reach": 0.4, "mean": 3.8, "n": 500,
        }
    )  # fmt: skip
    frame.to_csv(share / "drivers.csv", index=False)
    k = -(-p // 5)
    rank = np.arange(1, p + 1)
    psi = 1 - 0.55 * np.exp(-0.75 * rank)
    psi[-1] = 1.0
    rho = 0.4
    verdict = {
        "word": word,
        "sentence": {
            "en": f"These {k} of {p} touchpoints predict at least 80% of what all {p} predict, and they themselves carry it (95% confidence; R² = .41; fair share together 64%). This is association among respondents, adjusted for segment; not the effect of changing a touchpoint.",
            "nl": f"Deze {k} van de {p} contactmomenten voorspellen minstens 80% van wat alle {p} voorspellen, en dragen dat ook zelf (95% betrouwbaarheid; R² = ,41; eerlijk deel samen 64%). Samenhang onder respondenten, gecorrigeerd voor segment; niet het effect van een verandering aan een contactmoment.",
        },
        "target": "csat", "r2": 0.43, "r2_adjusted": 0.41, "r2_low": 0.36, "r2_high": 0.46, "n": 1140, "n_eff": 1098.0, "k": k, "p": p, "controls": ["segment"],
        "figures": {"psi": 0.91},
        "pareto": [
            {"rank": int(r), "touchpoint": keys[r - 1], "cumulative": float(v), "low": float(max(0, v - 0.06 / r**0.5)), "high": float(min(1, v + 0.05 / r**0.5)),
             "baseline": float(r * (1 + (p - 1) * rho) / (p * (1 + (r - 1) * rho)))}
            for r, v in zip(rank, psi, strict=True)
        ],
    }  # fmt: skip
    (share / "verdict.json").write_text(json.dumps(verdict, ensure_ascii=False), encoding="utf-8")


def _quality(share, label):
    rejects = [
        ("survey", "exports/qualtrics.csv", None, "no-response", "unfinished", 6, "record 12, line 15, byte 8,412; record 40, line 43, byte 20,118; …"),
        ("phone", "exports/Master.csv", None, "bad-time", "start is no moment", 5, "record 1,204, line 1,204, byte 184,003"),
        ("survey", "exports/qualtrics.csv", label, "out-of-scale", "outside the scale 0 to 10 of item 'Q1'", 1, "record 3, line 6, byte 1,204"),
    ]  # fmt: skip
    pd.DataFrame(rejects, columns=["source", "file", "cell", "code", "reason", "n", "examples"]).to_csv(
        share / "rejects.csv", index=False
    )
    unmapped = [(label, 412, 0.01), ("phone: klachten", 91, 0.0022)]
    pd.DataFrame(unmapped, columns=["label", "events", "share"]).to_csv(share / "unmapped.csv", index=False)


def _inputs():
    out = []
    for source, name, read, rejected, duplicate, merged, context in [
        ("mail", "exports/mail.mbox", 6210, 3, 41, 0, 0),
        ("phone", "exports/Master.csv", 9120, 5, 0, 2611, 0),
        ("chat", "exports/zendesk.json", 4420, 0, 12, 0, 0),
        ("web and app", "exports/ga4.jsonl", 25511, 4, 120, 0, 0),
        ("crm", "exports/customers.csv", 2000, 0, 0, 0, 2000),
        ("survey", "exports/qualtrics.csv", 1757, 6, 0, 0, 0),
    ]:
        kept = read - rejected - duplicate - merged - context
        sha = hashlib.sha256(name.encode()).hexdigest()
        out.append({"source": source, "name": name, "bytes": read * 212, "sha256": sha, "read": read, "kept": kept, "rejected": rejected, "duplicate": duplicate, "merged": merged, "context": context})  # fmt: skip
    return out
