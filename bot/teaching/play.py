"""Written conversations, played with a real engine; the README beside them says how they are written."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bot.core.ask import Answer, Ask
from bot.core.conversation import Customer
from bot.core.mood import Turn
from bot.teaching.corpus import TeachingError, read_yaml
from bot.teaching.private import Engine

AGAIN = "Once more: "
KEYS = frozenset({"say", "press", "intent", "bot", "has", "lacks", "handoff"})
LOOK_BACK = 12


class Conversation(msgspec.Struct, frozen=True):
    """One written conversation: its *name*, its *turns* as written, and the *file* it is in."""

    name: str
    turns: tuple[dict[str, Any], ...]
    file: str


class Played(msgspec.Struct, frozen=True):
    """*wrong* says, a sentence each, what did not go as written; empty when all did."""

    conversation: Conversation
    wrong: tuple[str, ...]


def read_conversations(directory: Path, only: str = "") -> list[Conversation]:
    """
    All conversations of the files in *directory*, those whose file or name holds *only*.

    Raises:
        TeachingError: a file is not written as the README there says.
    """
    found: list[Conversation] = []
    for path in sorted(directory.glob("*.yml")):
        tree = read_yaml(path)
        try:
            for written in tree["conversations"]:
                turns = tuple(dict(turn) for turn in written["turns"])
                found.append(Conversation(str(written["name"]), turns, path.stem))
        except (KeyError, TypeError, ValueError):
            raise TeachingError(f"{path}: expected 'conversations:', each with a 'name' and 'turns'.") from None
    return [one for one in found if only.lower() in f"{one.file} {one.name}".lower()]


class Player:
    """
    Plays conversations with *engine*, keeping log and memory as the bridge does. *responses* are the corpus', by which
    an answer's wording is named; *shop* is the demo shop's database, where mailed codes are read. It is put
    back to what it holds now before each conversation.
    """

    def __init__(self, engine: Engine, responses: Mapping[str, Sequence[str]], shop: Path) -> None:
        self._engine = engine
        self._shop = shop
        self._first_day = sqlite3.connect(":memory:")
        with contextlib.closing(sqlite3.connect(shop)) as now:
            now.backup(self._first_day)
        self._wordings = {name: [_pattern(text) for text in texts if text] for name, texts in responses.items()}

    async def play(self, conversation: Conversation, number: int) -> Played:
        """The whole conversation, or up to the turn that the engine refused."""
        with contextlib.closing(sqlite3.connect(self._shop)) as now:
            self._first_day.backup(now)
        name = f"play-{number}"
        wrong: list[str] = []
        turns: list[Turn] = []
        memory: dict[str, Any] | None = None
        buttons: dict[str, str] = {}
        for written in conversation.turns:
            if unknown := written.keys() - KEYS:
                wrong.append(f"the turn {written} has a key that is not known here: {', '.join(sorted(unknown))}")
                break
            text = self._said(str(written.get("press") or written.get("say") or ""))
            seq = len(turns) + 1
            turns.append(Turn("customer", text, seq, float(seq)))
            ask = Ask(
                id=f"{name}:{seq}",
                conversation=name,
                epoch=1,
                seq=seq,
                text=text,
                customer=Customer(f"g_{name}"),
                turns=tuple(turns[-LOOK_BACK:]),
                payload=buttons.get(text) if "press" in written else None,
                memory=memory,
            )
            try:
                answer = await self._engine.turn(ask)
            except TeachingError as refused:
                wrong.append(f"after {text!r}: {refused.text}")
                break
            wrong += [f"after {text!r}: {sentence}" for sentence in self._compare(written, answer)]
            memory = answer.memory
            said = "\n".join(message.text for message in answer.messages)
            turns.append(Turn("bot", said, seq + 1, float(seq + 1), answer.analysis.outcome))
            buttons = {button.title: button.payload for message in answer.messages for button in message.buttons}
        return Played(conversation, tuple(wrong))

    def _compare(self, written: Mapping[str, Any], answer: Answer) -> list[str]:
        texts = [message.text for message in answer.messages]
        whole = "\n".join(texts)
        found: list[str] = []
        intent = answer.analysis.intent
        if "intent" in written and intent != written["intent"]:
            found.append(f"understood {intent} ({answer.analysis.confidence:.2f}), not {written['intent']}")
        for at, name in enumerate(written.get("bot") or ()):
            if at >= len(texts) or not self.is_wording(texts[at], name):
                found.append(f"expected {name}, heard {texts[at] if at < len(texts) else 'nothing more'!r}")
        heard, has, lacks = whole.lower(), written.get("has") or (), written.get("lacks") or ()
        found += [f"expected {piece!r} in {whole!r}" for piece in has if str(piece).lower() not in heard]
        found += [f"{piece!r} should not be in {whole!r}" for piece in lacks if str(piece).lower() in heard]
        if "handoff" in written:
            rule = answer.decision.rule if answer.decision else None
            allowed = list(written["handoff"] or ())
            if (rule is not None or allowed) and rule not in allowed:
                found.append(f"handed over by {rule or 'no rule'}, expected {' or '.join(allowed) or 'none'}")
        return found

    def is_wording(self, text: str, name: str) -> bool:
        """Whether *text* is one of the wordings of the response *name*, its slots filled in."""
        bare = text.removeprefix(AGAIN)
        return any(pattern.fullmatch(bare) for pattern in self._wordings.get(name, ()))

    def _said(self, text: str) -> str:
        return text.replace("{code}", self._newest_code()) if "{code}" in text else text

    def _newest_code(self) -> str:
        with contextlib.closing(sqlite3.connect(f"file:{self._shop}?mode=ro", uri=True)) as db:
            for (mail,) in db.execute("select text from outbox order by id desc"):
                if code := re.search(r"\b\d{6}\b", str(mail)):
                    return code[0]
        return "000000"


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", text.strip())
    return re.compile(r"[\s\S]*?".join(re.escape(part) for part in parts))
