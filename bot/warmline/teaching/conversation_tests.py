"""Written conversations, played with a real engine; the README beside them says how they are written."""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from warmline.core.ask import Answer, Ask
from warmline.core.conversation import Customer, Fact
from warmline.core.fact_list import FactList
from warmline.core.features import Turn
from warmline.plugins import TestData
from warmline.teaching.corpus import read_yaml
from warmline.teaching.errors import TeachingError
from warmline.teaching.layout import talk_folders
from warmline.teaching.sandbox import Engine

AGAIN = "Once more: "
KEYS = frozenset(
    {"say", "press", "intent", "outcome", "says", "bot", "never", "buttons", "facts", "proved", "unproved", "handoff"}
    | {"customer", "agent", "handed_back_for", "told", "back", "open_request"}
)
LISTS = frozenset({"says", "bot", "never", "buttons", "proved", "unproved", "handed_back_for"})
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
        TeachingError: a file is not written as the README there says, or none holds *only*.
    """
    found: list[Conversation] = []
    for path in sorted(directory.glob("*.yml")):
        tree = read_yaml(path)
        try:
            found += [Conversation(str(name), tuple(map(_turn, turns)), path.stem) for name, turns in tree.items()]
        except (AttributeError, TypeError, ValueError) as wrong:
            raise TeachingError(f"{path}: expected conversations by name, each a list of turns ({wrong}).") from None
    return _holding(only, found)


def _holding(only: str, found: list[Conversation]) -> list[Conversation]:
    wanted = [one for one in found if only.lower() in f"{one.file} {one.name}".lower()]
    if only and not wanted:
        raise TeachingError(f"No conversation has '{only}' in its file or its name. {_there_is(found)}")
    return wanted


def conversations_of(root: Path, only: str = "") -> list[Conversation]:
    """
    Those of the project at *root* whose file or name holds *only*, wherever it keeps them.

    Raises:
        TeachingError: as :func:`read_conversations`.
    """
    found = [one for folder in talk_folders(root) for one in read_conversations(folder)]
    return _holding(only, found)


def _there_is(found: Sequence[Conversation]) -> str:
    if not found:
        return "There are none at all: write one, or make an intent with its test by 'warmline intent new'."
    files = Counter(one.file for one in found)
    return f"There are {len(found)}, in {', '.join(f'{file} ({count})' for file, count in files.items())}."


def _turn(written: Any) -> dict[str, Any]:
    turn = dict(written)
    if unknown := turn.keys() - KEYS:
        raise ValueError(f"a turn has the unknown key {', '.join(sorted(unknown))}")
    if len(turn.keys() & {"say", "press", "customer", "agent", "back"}) != 1:
        raise ValueError("a turn has one of say, press, customer, agent and back")
    for key in turn.keys() & LISTS:
        if not isinstance(turn[key], list):
            raise ValueError(f"{key} is a list")
    return turn


class _Talk:
    """One conversation while it is played: log, memory and buttons, as the bridge keeps them."""

    def __init__(self, name: str, now: float, listed: FactList) -> None:
        self.name, self.now, self.listed = name, now, listed
        self.customer = Customer(f"g_{name}")
        self.turns: list[Turn] = []
        self.memory: dict[str, Any] | None = None
        self.buttons: dict[str, str] = {}
        self.handed_back_for: tuple[str, ...] = ()
        self.open_request = ""
        self.epoch = 1
        self.facts: tuple[Fact, ...] = ()
        self.said: set[str] = set()

    def log(self, role: Literal["customer", "bot", "agent"], text: str, **more: Any) -> int:
        seq = len(self.turns) + 1
        self.turns.append(Turn(role, text, seq, self.now + seq, **more))
        return seq

    def ask(self, text: str, payload: str | None) -> Ask:
        """What the bridge would ask for the customer's *text*; a pressed button says nothing about how they feel."""
        seq = self.log("customer", text, features={}) if payload else self.log("customer", text)
        return Ask(
            id=f"{self.name}:{seq}",
            conversation=self.name,
            epoch=self.epoch,
            seq=seq,
            text=text,
            customer=self.customer,
            turns=tuple(self.turns[-LOOK_BACK:]),
            payload=payload,
            memory=self.memory,
            handed_back_for=self.handed_back_for,
            facts=self.facts,
            open_request=self.open_request,
            listed=self.listed,
        )

    def keep(self, answer: Answer) -> None:
        self.memory, self.facts = answer.memory, answer.facts
        self.said = {message.text for message in answer.messages}
        for message in answer.messages:
            self.log("bot", message.text, outcome=answer.analysis.outcome)
        self.buttons = {button.title: button.payload for message in answer.messages for button in message.buttons}


class TestRunner:
    """
    Plays conversations with *engine*. *responses* are the corpus', by which an answer's wording is named. *data*
    is put back before each conversation, and knows the codes that were sent; None: the project has nothing to put back.
    Messages are written from *now* on (Unix seconds; the clock's when None), one a second. *listed* says which slots
    are facts; without it the project lists none.
    """

    def __init__(
        self,
        engine: Engine,
        responses: Mapping[str, Sequence[str]],
        data: TestData | None = None,
        *,
        now: float | None = None,
        listed: FactList | None = None,
    ) -> None:
        self._engine = engine
        self._data, self._listed = data, listed or FactList()
        self._now = time.time() if now is None else now
        self._wordings = {name: [_pattern(text) for text in texts if text] for name, texts in responses.items()}

    async def play(self, conversation: Conversation, number: int) -> Played:
        """The whole conversation, or up to the turn that the engine refused."""
        if self._data is not None:
            self._data.reset()
        talk = _Talk(f"play-{number}", self._now, self._listed)
        wrong: list[str] = []
        for written in conversation.turns:
            if "customer" in written:
                talk.customer = msgspec.convert(written["customer"], Customer)
                continue
            if "agent" in written:
                talk.log("agent", written["agent"])
                talk.handed_back_for = tuple(written.get("handed_back_for") or ())
            if "back" in written:
                talk.open_request = str(written.get("open_request") or "")
            if "agent" in written or "back" in written:
                talk.epoch += 1
                told = (written.get("told") or {}).items()
                talk.facts = (*(f for f in talk.facts if f.name not in dict(told)), *(Fact(n, n, v) for n, v in told))
                continue
            text = self._with_codes(str(written.get("press") or written.get("say") or ""))
            if "press" in written and text not in talk.buttons:
                wrong.append(f"there is no button {text!r}, only {sorted(talk.buttons)}")
                break
            try:
                answer = await self._engine.turn(talk.ask(text, talk.buttons[text] if "press" in written else None))
            except TeachingError as refused:
                wrong.append(f"after {text!r}: {refused.text}")
                break
            wrong += [f"after {text!r}: {sentence}" for sentence in self._compare(written, answer, talk)]
            talk.keep(answer)
        return Played(conversation, tuple(wrong))

    def _compare(self, written: Mapping[str, Any], answer: Answer, talk: _Talk) -> list[str]:
        texts = [message.text for message in answer.messages]
        whole, found = "\n".join(texts), list[str]()
        analysis = answer.analysis
        if "intent" in written and analysis.intent != written["intent"]:
            found.append(f"understood {analysis.intent} ({analysis.confidence:.2f}), not {written['intent']}")
        if "outcome" in written and analysis.outcome != written["outcome"]:
            found.append(f"it came out as {analysis.outcome}, not {written['outcome']}: {whole!r}")
        if "says" in written:
            names = written["says"]
            for text, name in itertools.zip_longest(texts, names):
                if text is None or name is None or not self.is_wording(text, name):
                    found.append(f"expected {name or 'nothing more'}, heard {text!r}")
        heard = whole.lower()
        found += [
            f"expected {part!r} in {whole!r}" for part in written.get("bot", ()) if str(part).lower() not in heard
        ]
        found += [f"{part!r} is in {whole!r}" for part in written.get("never", ()) if str(part).lower() in heard]
        titles = {button.title for message in answer.messages for button in message.buttons}
        found += [
            f"no button {title!r}, only {sorted(titles)}" for title in written.get("buttons", ()) if title not in titles
        ]
        facts = {fact.label: fact for fact in answer.facts}
        for label, value in (written.get("facts") or {}).items():
            if label not in facts or facts[label].value != str(value):
                found.append(f"the fact {label!r} is {facts.get(label)}, not {value!r}")
        found += [f"{label!r} is not proved" for label in written.get("proved", ()) if not _proved(facts, label)]
        found += [f"{label!r} is proved" for label in written.get("unproved", ()) if _proved(facts, label)]
        rule, may = answer.decision.rule if answer.decision else None, written.get("handoff")
        if rule not in (may if isinstance(may, list) else [may]):
            found.append(f"handed over by {rule or 'no rule'}, expected {may or 'none'}")
        found += [f"the same as before: {text!r}" for text in texts if text in talk.said]
        found += [f"an exclamation mark: {text!r}" for text in texts if "!" in text]
        return found

    def is_wording(self, text: str, name: str) -> bool:
        """Whether *text* is one of the wordings of the response *name*, its slots filled in."""
        bare = text.removeprefix(AGAIN)
        return any(pattern.fullmatch(bare) for pattern in self._wordings.get(name, ()))

    def _with_codes(self, text: str) -> str:
        return re.sub(r"\{code of ([^}]+)\}", lambda found: self._newest_code(found[1]), text)

    def _newest_code(self, email: str) -> str:
        return (self._data.code_for(email) if self._data is not None else None) or "000000"


def _proved(facts: Mapping[str, Fact], label: str) -> bool:
    return label in facts and facts[label].verified


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", text.strip())
    return re.compile(r"[\s\S]*?".join(re.escape(part) for part in parts))
