"""What people write: its language and how it feels, offline.

Examples
--------
>>> import pandas as pd
>>> score_sentiment(pd.Series(["Top service!"]))["score"].tolist()
[0.6]
"""

from __future__ import annotations

from cxmining.text.language import guess_language
from cxmining.text.marks import find_elements, find_emotions, find_motives, find_outcomes, find_perceptions
from cxmining.text.sentiment import score_sentiment
from cxmining.text.trained import SentimentModel, train_sentiment

__all__ = [
    "SentimentModel",
    "find_elements",
    "find_emotions",
    "find_motives",
    "find_outcomes",
    "find_perceptions",
    "guess_language",
    "score_sentiment",
    "train_sentiment",
]
