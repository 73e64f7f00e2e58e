"""What keeps people out of the results: pseudonyms, masking, small cells, harmless CSV.

Examples
--------
>>> import pandas as pd
>>> pseudonyms(pd.Series(["account:1", None]), b"0123456789abcdef", "c").isna().tolist()
[False, True]
"""

from __future__ import annotations

from cxmining.privacy.cells import read_safe_csv, safe_csv, suppress
from cxmining.privacy.keys import fingerprint, load_key, pseudonyms
from cxmining.privacy.masking import KINDS, mask
from cxmining.privacy.normalise import normalise

__all__ = [
    "KINDS",
    "fingerprint",
    "load_key",
    "mask",
    "normalise",
    "pseudonyms",
    "read_safe_csv",
    "safe_csv",
    "suppress",
]
