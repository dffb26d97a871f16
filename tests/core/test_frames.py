"""The wire vocabulary: what is in it decodes, and whatever else arrives is refused with a code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.core import frames
from warmline.core.errors import FrameError, TooLarge


def test_a_frame_decodes_to_what_was_encoded() -> None:
    """Both ways, for a customer's and the bridge's frames."""
    say = frames.Say("m1", "where is A1042", frames.Choice(3, 0))
    assert frames.decode_customer(frames.encode(say)) == say
    ack = frames.Ack("m1", 4)
    assert frames.decode_bridge(frames.encode(ack)) == ack


@pytest.mark.parametrize(
    "data",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"type":"nonsense"}',
        '{"type":"say","id":"m1"}',
        '{"type":"say","id":"","text":"x"}',
        '{"type":"say","id":"a b","text":"x"}',
        '{"type":"say","id":"m1","text":""}',
        '{"type":"say","id":"m1","text":"x","extra":1}',
        '{"type":"say","id":"m1","text":"x","choice":{"seq":-1,"index":0}}',
        '{"type":"claim","id":"m1","conversation":"c_1"}',
        "[" * 5_000,
        b"\x00\xff",
    ],
)
def test_what_a_customer_may_not_send_is_a_frame_error(data: str | bytes) -> None:
    """Not JSON, unknown, incomplete, out of range, an agent's, too deep or binary: one error, never a crash."""
    with pytest.raises(FrameError):
        frames.decode_customer(data)


def test_size_is_checked_before_parsing() -> None:
    """A frame over the limit is refused for its size even when it is not JSON at all."""
    with pytest.raises(TooLarge):
        frames.decode_customer("x" * (frames.MAX_FRAME_BYTES + 1))


def test_a_text_over_the_limit_is_refused() -> None:
    """4,000 characters pass, one more does not."""
    say = frames.Say("m1", "x" * frames.MAX_TEXT_CHARS)
    assert frames.decode_customer(frames.encode(say)) == say
    with pytest.raises(FrameError):
        frames.decode_customer(frames.encode(frames.Say("m1", "x" * (frames.MAX_TEXT_CHARS + 1))))


@given(st.text(max_size=300))
def test_no_text_makes_the_decoder_raise_anything_but_its_own_errors(data: str) -> None:
    """Any Unicode, lone surrogates included."""
    for decode in (frames.decode_customer, frames.decode_agent):
        with pytest.raises((FrameError, TooLarge)):
            decode(data)


@given(st.text(min_size=1, max_size=200).filter(lambda t: t.isprintable()))
def test_any_printable_text_survives_the_wire(text: str) -> None:
    """What a customer writes arrives as written."""
    frame = frames.decode_customer(frames.encode(frames.Say("m1", text)))
    assert isinstance(frame, frames.Say)
    assert frame.text == text
