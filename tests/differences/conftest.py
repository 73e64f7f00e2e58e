"""Small logs to compare, and the planted ones of the benchmark."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from cxmining.ingest import from_frame
from cxmining.journeys import build_journeys
from cxmining.schema import table


@pytest.fixture(scope="session")
def planted():
    """The benchmark's module: its planted logs are also the tests'."""
    path = Path(__file__).parents[2] / "benchmarks" / "differences.py"
    spec = importlib.util.spec_from_file_location("differences_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def journeys_of_steps():
    """(customer, "a b c") per journey → journeys; an hour between steps, a year between a customer's journeys."""

    def make(journeys, attributes=None, by="case", step_h=1):
        rows, seen = [], {}
        for number, (customer, steps) in enumerate(journeys):
            seen[customer] = seen.get(customer, -1) + 1
            for k, step in enumerate(steps.split()):
                hours = seen[customer] * 8_760 + k * step_h
                rows.append(
                    (customer, f"j{number}", step, pd.Timestamp("2020-01-06", tz="UTC") + pd.Timedelta(hours=hours))
                )
        frame = pd.DataFrame(rows, columns=["customer", "case", "step", "time"])
        data = from_frame(frame, customer="customer", case="case", touchpoint="step", timestamp="time")
        if attributes is not None:
            from dataclasses import replace

            ids = data.events["customer_id"].drop_duplicates()
            n = len(ids)
            customers = {"customer_id": ids, "record_id": ids, "source": ["crm"] * n, "seq": range(n)}
            extra = {name: [values.get(c) for c in ids] for name, values in attributes.items()}
            data = replace(data, customers=table("customers", {**customers, **extra}))
        return build_journeys(data, by=by)

    return make
