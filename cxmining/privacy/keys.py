"""The pseudonym key, its fingerprint, and pseudonyms made with it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress as ignoring
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import StudyError

try:  # Python's own: OpenSSL's takes longer to set up than to hash what is as short as an address
    from _sha256 import sha256 as _sha256  # type: ignore[import-not-found]
except ImportError:
    from hashlib import sha256 as _sha256

if TYPE_CHECKING:
    from cxmining.study import Study

__all__ = ["ENVIRONMENT", "fingerprint", "keyed_digests", "load_key", "pseudonyms"]

ENVIRONMENT: Final = "CXMINING_KEY"
_SHORTEST: Final = 16
_PUBLIC: Final = b"public-"  # a key that says of itself that it guards nobody: simulated customers
_HEX: Final = 16  # 64 bits: among 10 million people the odds of one collision are 3 in a million
_log = logging.getLogger("cxmining")


def load_key(study: Study) -> bytes:
    """Return the key that pseudonyms are made with; make one when the study has none yet.

    The environment variable ``CXMINING_KEY`` wins over the file ``privacy.key_file`` beside the
    study. The same text gives the same key from either. A new key is 256 random bits, readable by
    its owner only; a run that creates it says so in one line.

    Parameters
    ----------
    study : Study
        Its `root` and ``privacy.key_file`` say where the key is.

    Returns
    -------
    bytes
        At least 16 bytes.

    Raises
    ------
    StudyError
        When the key is shorter than 16 bytes, or the file cannot be read or made.

    Examples
    --------
    >>> import os, tempfile, pathlib
    >>> from cxmining.study import parse_study
    >>> _ = os.environ.pop("CXMINING_KEY", None)
    >>> values = {"name": "s", "source": [{"name": "a", "path": "a.csv"}]}
    >>> study = parse_study(values, root=pathlib.Path(tempfile.mkdtemp()))
    >>> load_key(study) == load_key(study)
    True
    """
    given = os.environ.get(ENVIRONMENT)
    if given is not None:
        return _long_enough(
            given.strip().encode(), f"the environment variable {ENVIRONMENT}", "unset it or lengthen it"
        )
    file = study.root / study.privacy.key_file
    try:
        if not file.exists():
            _create(file)
        raw = file.read_bytes()
        mode = file.stat().st_mode
    except OSError as error:
        raise StudyError(
            f"privacy.key_file = {study.privacy.key_file!r}: cannot be read or made ({error.strerror}); "
            f"expected a file of at least {_SHORTEST} bytes, or a key in {ENVIRONMENT}"
        ) from None
    if os.name == "posix" and mode & 0o077 and not raw.startswith(_PUBLIC):
        _log.warning("pseudonym key %s can be read by others; chmod 600 it", study.privacy.key_file)
    return _long_enough(raw.strip(), f"privacy.key_file = {study.privacy.key_file!r}", "delete it to get a new one")


def _long_enough(key: bytes, where: str, remedy: str) -> bytes:
    if len(key) < _SHORTEST:
        raise StudyError(f"{where}: the key has {len(key)} bytes, expected at least {_SHORTEST}; {remedy}")
    return key


def _create(file: Path) -> None:
    """Make the key file so that no reader ever sees half of it and two runs agree on one key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(draft, flags, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            # A hard link, not a rename: it fails when another run was first, whose key then stands.
            os.link(draft, file)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            draft.replace(file)
        _log.warning(
            "made a new pseudonym key, %s: keep it to get the same pseudonyms again, share it with nobody", file.name
        )
    finally:
        with ignoring(FileNotFoundError):
            draft.unlink()


def fingerprint(key: bytes) -> str:
    """Return 12 hex digits by which two runs can tell that they used the same key.

    Examples
    --------
    >>> fingerprint(b"0123456789abcdef")
    '806c06c5f097'
    """
    return hmac.digest(key, b"cxmining key fingerprint 1", "sha256").hex()[:12]


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """Return what HMAC (RFC 2104) hashes before the text, and before the hash of that."""
    block = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def keyed_digests(texts: Sequence[str], key: bytes, head: bytes) -> bytes:
    """Return HMAC-SHA256 of `head` + text for each text, 32 bytes each, one behind the other.

    Examples
    --------
    >>> two = keyed_digests(["a", "b"], b"0123456789abcdef", b"c")
    >>> len(two), two[:32] == hmac.digest(b"0123456789abcdef", b"ca", "sha256")
    (64, True)
    """
    inside, outside = _pads(key)
    begin, end = _sha256(inside + head).copy, _sha256(outside).copy
    out = []
    for text in texts:  # all in one loop: a call of our own per text costs as much as the hash
        i, o = begin(), end()
        i.update(text.encode("utf-8", "surrogatepass"))
        o.update(i.digest())
        out.append(o.digest())
    return b"".join(out)


def pseudonyms(values: pd.Series, key: bytes, prefix: str) -> pd.Series:
    """Replace each value by `prefix` and 16 hex digits of its keyed hash (HMAC-SHA256).

    The prefix is hashed too, so that an agent and a ticket that happen to have the same number
    cannot be recognised as such. Missing values stay missing.

    Parameters
    ----------
    values : Series
        Text, or what turns into it.
    key : bytes
        See `load_key`.
    prefix : str
        One letter per kind of thing: ``c`` customer, ``a`` agent, ``k`` case, ``t`` thread.

    Returns
    -------
    Series of str
        On the index of `values`.

    Examples
    --------
    >>> import pandas as pd
    >>> p = pseudonyms(pd.Series(["anna", "ben", "anna", None]), b"0123456789abcdef", "c")
    >>> p[0] == p[2], p[0] == p[1], len(p[0])
    (True, False, 17)
    """
    codes, unique = pd.factorize(values)
    hashes = keyed_digests([str(v) for v in unique], key, prefix.encode() + b"\0").hex()
    hashed = [prefix + hashes[i : i + _HEX] for i in range(0, len(hashes), 64)]
    lookup = pd.array([*hashed, None], dtype="str")  # code -1, missing, takes the last
    return pd.Series(lookup.take(codes), index=values.index, name=values.name)
