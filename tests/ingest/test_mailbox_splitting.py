"""The hand-written splitter of mailboxes: nothing lost, nothing cut in two, whatever the bytes."""

from __future__ import annotations

import io
import mailbox
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxmining.errors import InputError
from cxmining.ingest.mail.split import LONGEST, split

LINE = b"From jan@a.nl Wed Jan  1 10:00:00 2025\n"
HEAD = b"From: jan@a.nl\nSubject: x\n\n"


def raws(box: bytes, block: int = 1 << 16) -> list[bytes]:
    return [chunk.raw for chunk in split(io.BytesIO(box), "box", block)]


def test_a_sentence_is_no_mail_and_a_mail_without_an_empty_line_before_it_is_one():
    body = b"Hoi\n\nFrom now on:\n\nFrom Monday 10:00 we are open, see 2025\nFrom a friend\n"
    box = LINE + HEAD + body + LINE + HEAD + b"second\n"
    assert raws(box) == [HEAD + body, HEAD + b"second\n"]


def test_where_a_mail_lies():
    box = b"\xef\xbb\xbf\n" + LINE + HEAD + b"1\n\n" + LINE + HEAD + b"2\n"
    second = box.index(LINE, 10)
    assert [(c.offset, c.first) for c in split(io.BytesIO(box), "box")] == [
        (4, 2),
        (second, 1 + box[:second].count(b"\n")),
    ]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_line_ends_of_all_systems(ends):
    box = (LINE + HEAD + b"1\n\n" + LINE + HEAD + b"2\n").replace(b"\n", ends)
    assert len(raws(box)) == 2


def test_mixed_line_ends():
    box = LINE + HEAD + b"1\r\n\r\n" + LINE.replace(b"\n", b"\r\n") + HEAD + b"2\n"
    assert [b"1" in raw for raw in raws(box)] == [True, False]


def test_a_date_in_another_order_and_none():
    # UUCP and Thunderbird ("From - "), Eudora, a mailer that writes a zone, and one that writes no date
    lines = (
        b"From - Mon Mar 03 10:00:00 2025\n",
        b"From ???@??? Mon Mar 03 10:00:00 2025\n",
        b"From a@b.nl Mon Mar  3 10:00:00 +0100 2025 remote from c\n",
        b"From a@b.nl\n",
    )
    assert len(raws(b"".join(line + HEAD + b"x\n\n" for line in lines))) == len(lines)


@pytest.mark.parametrize("junk", [b"Hallo\n", b"Subject: x\n\n", b"x" * 5000, b"\xff\xfeF\x00r\x00"])
def test_what_begins_otherwise_is_refused(junk):
    with pytest.raises(InputError, match="box: is "):
        raws(junk + b"\n\n" + LINE + HEAD)


def test_a_hundred_megabytes_in_one_line_are_held_in_part():
    class Long(io.RawIOBase):
        """A mail of 100 MB, and one after it, made as they are read."""

        left = 100 << 20
        parts = (LINE + HEAD, b"\n\n" + LINE + HEAD + b"2\n", b"")

        def read(self, n: int = -1) -> bytes:
            if self.parts[0].startswith(b"From") and self.left == 100 << 20:
                self.left -= n
                return self.parts[0] + b"x" * n
            if self.left > 0:
                self.left -= n
                return b"x" * n
            self.parts = self.parts[1:]
            return self.parts[0]

    first, second = split(Long(), "box")
    assert len(first.raw) == LONGEST < 100 << 20 <= first.size
    assert second.raw == HEAD + b"2\n"


pieces = st.lists(
    st.sampled_from([LINE, HEAD, b"From ", b"From x\n", b"\n", b"\r\n", b"\n\n", b">From ", b"a", b"To: b\n", b" 10:00 2025\n", b"\x00", b"\r"])
    | st.binary(max_size=8),
    max_size=30,
).map(b"".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(pieces, st.integers(1, 200))
@example(LINE + b"\n" + b"From ", 1)  # the file ends within a mark
@example(LINE[:-1], 3)  # a From_ line alone, without its end
@example(b"\n" * 40 + LINE + HEAD, 7)  # empty lines before the first mail
def test_blocks_change_nothing_and_every_byte_is_in_one_mail(tail, block):
    box = LINE + HEAD + tail
    whole = list(split(io.BytesIO(box), "box"))
    assert list(split(io.BytesIO(box), "box", block)) == whole
    assert sum(len(c.line) + c.size for c in whole) == len(box)
    assert b"".join(c.line + c.raw for c in whole) == box
    for chunk in whole:
        assert box[chunk.offset :].startswith(chunk.line)
        assert chunk.first == 1 + box[: chunk.offset].count(b"\n")


@settings(max_examples=200, deadline=None)
@given(pieces)
def test_any_bytes_are_mails_or_refused(box):
    try:
        found = list(split(io.BytesIO(box), "box"))
    except InputError:
        return
    assert sum(len(c.line) + c.size for c in found) == len(box.replace(b"\r", b"\n") if b"\n" not in box else box) - (
        found[0].offset
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["From x", "", "hallo", ">From y", "From a@b.nl Wed Jan  1 10:00:00 2025", "To: x"]), max_size=8), min_size=1, max_size=6))  # fmt: skip
def test_what_the_standard_library_writes_is_read_again(tmp_path_factory, bodies):
    path = tmp_path_factory.mktemp("box") / "m.mbox"
    box = mailbox.mbox(path)
    for i, lines in enumerate(bodies):
        mail = EmailMessage()
        mail["Subject"], mail["Message-ID"] = f"{i}", f"<{i}@x>"
        mail.set_content("\n".join([*lines, "end"]))
        box.add(mail)
    box.close()
    found = raws(path.read_bytes())
    assert [raw.split(b"Message-ID: <")[1].split(b"@")[0] for raw in found] == [b"%d" % i for i in range(len(bodies))]
