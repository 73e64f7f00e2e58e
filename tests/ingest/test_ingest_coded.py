"""Columns of few texts as numbers give what columns of text give."""

import numpy as np
import pandas as pd
import pytest

from cxmining.ingest.records.coded import Coded, combined

TEXT = pd.Series(["a", None, "B", "a", " "], dtype="str")


@pytest.mark.parametrize("column", [TEXT, TEXT.astype("category"), pd.Series([None] * 5, dtype="str")])
def test_what_is_said_of_each_text_is_said_of_each_record(column):
    text = column.astype("str")
    coded = Coded.of(column)

    def shown(found):
        return pd.Series(found.text()).astype(object).where(lambda s: s.notna(), None).tolist()

    def told(series):
        return series.astype(object).where(series.notna(), None).tolist()

    assert shown(coded) == told(text)
    assert shown(coded.change(lambda words: words.str.strip().replace("", None))) == told(
        text.str.strip().replace("", None)
    )
    mine = np.array([True, True, False, False, True])
    assert shown(coded.where(mine)) == told(text.where(mine))
    other = Coded.of(pd.Series(list("vwxyz")))
    assert shown(coded.choose(mine, other)) == told(text.where(mine, pd.Series(list("vwxyz"), dtype="str")))
    assert shown(coded.fill(other)) == told(text.fillna(pd.Series(list("vwxyz"), dtype="str")))
    assert shown(coded.take(np.array([3, 0]))) == told(text.iloc[[3, 0]])
    assert coded.tells(lambda words: words == "a").tolist() == text.eq("a").fillna(False).tolist()
    folded = coded.change(lambda words: words.str.lower().replace("b", "a")).categories()
    assert folded.isna().tolist() == text.isna().tolist()  # two texts that became one are one category
    assert told(folded.astype("str")) == told(text.str.lower().replace("b", "a"))
    both = combined([coded, other], lambda x, y: x.fillna("-") + y)
    assert shown(both) == told(text.fillna("-") + pd.Series(list("vwxyz"), dtype="str"))
