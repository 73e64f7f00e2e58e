"""How ``data/sentiment-nl.tsv`` was made; kept so that it can be made again.

The Dutch lexicon of Pattern (De Smedt and Daelemans, public domain, see ``data/NOTICE.txt``) lists
adjectives per sense as XML of 780 kB. What scoring needs is one line per word: the mean over its
senses of polarity, subjectivity and intensity. ``python -m cxmining.text.convert IN.xml OUT.tsv``
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

__all__ = ["convert", "main"]

_FIGURES = ["polarity", "subjectivity", "intensity"]


def convert(xml: bytes) -> str:
    r"""Return the lexicon as tab-separated text: ``form``, ``polarity``, ``subjectivity``, ``intensity``.

    Parameters
    ----------
    xml : bytes
        ``nl-sentiment.xml`` of Pattern.

    Returns
    -------
    str
        One line per word, lower case, sorted; words that carry no feeling and strengthen none are left out.

    Examples
    --------
    >>> xml = b'''<sentiment><word form="fijn" polarity="0.8" subjectivity="1.0" intensity="1.0"/>
    ... <word form="fijn" polarity="0.4" subjectivity="0.6" intensity="1.0"/></sentiment>'''
    >>> convert(xml).splitlines()[1].split("\t")
    ['fijn', '0.6', '0.8', '1']
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    words = [dict(w.attrib) for w in etree.fromstring(xml, parser).iter("word")]
    senses = pd.DataFrame(words)
    senses[_FIGURES] = senses[_FIGURES].astype(float)
    means = senses.groupby(senses["form"].str.lower())[_FIGURES].mean().round(3).sort_index()
    means = means[(means["polarity"] != 0) | (means["intensity"] != 1)]
    lines = ["\t".join(["form", *_FIGURES])]
    lines += [
        "\t".join([str(form), *(f"{v:g}" for v in row)])
        for form, row in zip(means.index, means.to_numpy(), strict=True)
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Convert the file named first into the file named second."""
    source, target = arguments
    Path(target).write_text(convert(Path(source).read_bytes()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
