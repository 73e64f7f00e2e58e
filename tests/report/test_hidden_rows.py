"""What was hidden is listed in words, also where it has no name."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cxmining.report.suppression import _rows


@pytest.mark.parametrize(("language", "about"), [("en", "no stage"), ("nl", "geen fase")])
def test_a_cell_about_what_stands_in_no_stage_is_listed(language, about):
    """A table on disk has an empty field there, which reads back as nothing: small companies have such cells."""
    hidden = {"file": "cx_map.csv", "key": np.nan, "column": "stage", "reason": "fewer than 10 customers"}
    listed = _rows(SimpleNamespace(suppressed=pd.DataFrame([hidden])), {}, language)
    assert listed[["about", "n"]].to_numpy().tolist() == [[about, 1]]
