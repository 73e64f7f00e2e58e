"""How much of planted personal data masking finds, how much it takes that it should not, and how fast it is.

``python benchmarks/masking.py`` prints recall and precision per kind with 95% intervals for the shapes
masking was built on (``open``) and for those kept apart (``apart``), and the seconds for 100,000 comments
and for hostile texts of one megabyte. Goals: recall at least .99 and precision at least .95 over all on
both books, 100,000 comments under 20 s of processor time.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from cxmining.privacy import mask
from cxmining.privacy._people import People
from cxmining.privacy.masking import find_personal
from cxmining.simulate.planted import APART, CRM, OPEN, plant
from cxmining.simulate.planted.judge import judge
from cxmining.simulate.texts import Writer

MEGABYTE = 1_000_000
HOSTILE = (
    "a",
    "1 ",
    "06-",
    "a@",
    "a@a.",
    "NL91 ",
    "straat ",
    "Van De ",
    "J.",
    " at ",
    "1234AB ",
    "AB-12-",
    "meneer ",
    "-1",
    ".",
    "é",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=int, default=0, help="how many misses of the open book to show")
    options = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 20)
    people = People(CRM)
    for name, book in (("open", OPEN), ("apart", APART)):
        verdict = judge(plant(options.texts, book, seed=options.seed), lambda text: find_personal(text, people))
        print(f"\n{name}: {options.texts:,} texts of {book.shapes:,} shapes")
        print(verdict.summary.round(4).to_string())
        if name == "open":
            for kind, _, left, text in verdict.missed[: options.misses]:
                print(f"  {kind}: {left!r} stays in {text!r}")
    writer = Writer(np.random.default_rng(options.seed))
    topics = ["asks about invoice", "yearly statement", "checks usage", "reports move"]
    comments = [writer.comment(1 + k % 5, topics, month=1 + k % 12) for k in range(90_000)]
    comments += [one.text for one in plant(10_000, OPEN, seed=options.seed)]
    begin = time.process_time()
    mask(pd.Series(comments), CRM)
    print(f"\n100,000 comments, a tenth of them with personal data: {time.process_time() - begin:.1f} s")
    for piece in HOSTILE:
        begin = time.process_time()
        mask(pd.Series([piece * (MEGABYTE // len(piece))]), CRM)
        print(f"1 MB of {piece!r}: {time.process_time() - begin:.1f} s")


if __name__ == "__main__":
    main()
