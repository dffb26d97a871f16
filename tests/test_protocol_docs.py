"""docs/protocol.md is the protocol: every frame is in it, every example decodes, every code is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from warmline.core import errors, frames

DOC = (Path(__file__).resolve().parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
DECODERS = {"customer": frames.decode_customer, "agent": frames.decode_agent, "bridge": frames.decode_bridge}
UNIONS = {"customer": frames.CustomerFrame, "agent": frames.AgentFrame, "bridge": frames.BridgeFrame}
EXAMPLES = [
    (peer, line)
    for peer, block in re.findall(r"```json (\w+)\n(.*?)```", DOC, flags=re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize(("peer", "line"), EXAMPLES)
def test_every_example_decodes_to_the_frame_it_shows(peer: str, line: str) -> None:
    """And encoding it again says the same, defaults aside."""
    frame = DECODERS[peer](line)
    again = json.loads(frames.encode(frame))
    shown = json.loads(line)
    assert {
        key: again[key] for key in shown if key not in ("messages", "waiting", "colleagues")
    }.items() <= again.items()
    assert DECODERS[peer](frames.encode(frame)) == frame


@pytest.mark.parametrize("peer", DECODERS)
def test_every_frame_has_an_example(peer: str) -> None:
    """A frame that is not in the document fails here."""
    known = {kind.__struct_config__.tag for kind in get_args(UNIONS[peer])}
    assert {json.loads(line)["type"] for who, line in EXAMPLES if who == peer} == known


def _codes(kind: type[errors.WarmlineError]) -> set[str]:
    """The codes of the tree in bot/warmline/core/errors.py; a command's own errors never reach the wire."""
    children = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return {kind.code}.union(*(_codes(child) for child in children))


def test_every_error_code_is_explained() -> None:
    """In the table at the end."""
    table = DOC.split("## Error codes")[1]
    missing = {code for code in _codes(errors.WarmlineError) - {"refused"} if f"`{code}`" not in table}
    assert not missing


def test_every_system_code_is_listed() -> None:
    """What bot/warmline/core/line.py and step.py may write as a code is in the document."""
    core = Path(frames.__file__).parent
    source = "".join((core / name).read_text(encoding="utf-8") for name in ("line.py", "step.py"))
    written = set(re.findall(r'code="(\w+)"', source)) | {"agent_lost", "transferred"}
    assert written
    assert {code for code in written if f"`{code}`" not in DOC} == set()


def test_the_limits_in_the_document_are_the_ones_in_the_code() -> None:
    """Bytes and characters."""
    assert f"{frames.MAX_FRAME_BYTES:,} bytes" in DOC
    assert f"{frames.MAX_TEXT_CHARS:,} characters" in DOC
