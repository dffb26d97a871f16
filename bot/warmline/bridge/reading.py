"""
The turns of a conversation as they stand in the log, and what the rules need to know of their words.

Reading words loads models on first use and takes milliseconds a turn: it runs in a thread, is warmed at the start,
and has a limit, so that it can hold up neither the event loop nor a customer who asks for a person.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import structlog

from warmline.bridge.steps import NotNeeded, Steps
from warmline.bridge.turns import FairTurns
from warmline.core import inputs
from warmline.core.ask import slots_in
from warmline.core.conversation import Conversation, Owner
from warmline.core.errors import WarmlineError
from warmline.core.escalation import Decision
from warmline.core.features import Features, Turn, read_features
from warmline.core.rules import Rules
from warmline.core.triggers import alarmed
from warmline.core.turns import turns_of
from warmline.core.waiting import gravity
from warmline.language import warm as load_language
from warmline.language import with_features
from warmline.language.language_detection import other_language
from warmline.language.peril import peril
from warmline.store import Store

LOG = 60
"""Messages read to find the last turns: bubbles and system lines are more than turns."""

READ_LIMIT_S = 1.5

log = structlog.get_logger()


_language = ThreadPoolExecutor(1, thread_name_prefix="warmline-language")
"""
One thread for all reading of texts: the first reading loads the language tables, which takes seconds, and the event
loop must not stand still meanwhile. Started by the first use.
"""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, FairTurns] = WeakKeyDictionary()
"""Who is read next: clients in turn. Whoever sends a hundred long texts waits for them; the others do not."""


async def _read_in_turn(client: str, read: Callable[[], tuple[Turn, ...]]) -> tuple[Turn, ...]:
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, FairTurns())
    await turns.begin(client)

    def over(_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits there any more
            loop.call_soon_threadsafe(turns.end, client)

    reading = _language.submit(read)
    reading.add_done_callback(over)  # not when the caller gives up: the thread reads on
    return await asyncio.wrap_future(reading)


async def warm() -> None:
    """Load what reading needs, off the event loop, before the first message wants it."""
    await asyncio.get_running_loop().run_in_executor(_language, load_language)


async def turns_now(store: Store, conversation: Conversation, *, until: int | None = None) -> tuple[Turn, ...]:
    """The last turns of the present episode up to seq *until* (default: all)."""
    messages = await store.messages(conversation.id, limit=LOG)
    analyses = (await store.analyses([conversation.id], newest=LOG)).get(conversation.id, {})
    last = conversation.seq if until is None else until
    return tuple(turns_of(messages, analyses, until=last, since=conversation.opened_seq))


async def slots_now(store: Store, conversation_id: str, rules: Rules) -> dict[str, Any]:
    """What the bot knows in the conversation, by slot, as its last answer left it; read only where *rules* ask."""
    return slots_in(await store.memory(conversation_id)) if rules.asks_about_slots else {}


async def with_words_read(
    turns: Sequence[Turn],
    rules: Rules,
    *,
    client: str = "",
    late: Callable[[Sequence[Turn]], None] | None = None,
) -> tuple[Turn, ...]:
    """
    *turns* with the features of their words, for *rules*; without any when that takes longer than ``READ_LIMIT_S``:
    then *late* gets them once they are read. *client* is for whom they are read: clients take turns.
    """
    if not any(turn.role == "customer" and turn.features is None for turn in turns):
        return tuple(turns)
    reading = asyncio.ensure_future(_read_in_turn(client, partial(with_features, turns, own=rules.phrases)))
    try:
        async with asyncio.timeout(READ_LIMIT_S):
            return await (asyncio.shield(reading) if late else reading)
    except TimeoutError:
        log.warning("words_not_read_in_time", turns=len(turns))
        if late:
            reading.add_done_callback(partial(_when_read, late))
        return tuple(t if t.features else msgspec.structs.replace(t, features=Features()) for t in turns)


def _when_read(late: Callable[[Sequence[Turn]], None], reading: asyncio.Future[tuple[Turn, ...]]) -> None:
    if reading.cancelled():
        return
    failure = reading.exception()
    if failure is None:
        late(reading.result())
    else:  # its own text may hold the customer's words
        log.error("words_not_read", error=type(failure).__name__)


async def alarm_in(
    conversation: Conversation, text: str, rules: Rules, late: Callable[[Sequence[Turn]], None], *, client: str = ""
) -> Decision | None:
    """What *text*, written now, changes for those who are waited for or are there; None while the bot listens."""
    if conversation.owner not in (Owner.QUEUE, Owner.AGENT):
        return None
    turn = Turn("customer", text, seq=conversation.seq + 1)
    return _alarm(conversation, await with_words_read((turn,), rules, client=client, late=late), rules)


async def alarm_understood(
    conversation: Conversation, text: str, topic: str, rules: Rules, *, client: str = ""
) -> Decision | None:
    """As :func:`alarm_in`, of a *text* of which something else than its words knows that it speaks of *topic*."""
    turn = Turn("customer", text, seq=conversation.wrote_seq)
    (read,) = await with_words_read((turn,), rules, client=client)
    features = read_features(read)
    language = features.language or other_language(text) or ""
    known = msgspec.structs.replace(
        features,
        crisis=features.crisis or topic == "crisis",
        topics=features.topics if topic == "crisis" or topic in features.topics else (topic, *features.topics),
        language=language,
    )
    return _alarm(conversation, (msgspec.structs.replace(read, features=known),), rules)


def heard_later(steps: Steps, conversation_id: str, rules: Rules) -> Callable[[Sequence[Turn]], None]:
    """
    For *late* above: danger in the customer's last words is told and raised as soon as they are read, by a step of its
    own. While the bot has the conversation, its own rules read them.
    """

    async def tell(turns: Sequence[Turn]) -> None:
        async def heard(conversation: Conversation) -> inputs.Input:
            alarm = _alarm(conversation, turns, rules)
            if alarm is None:
                raise NotNeeded("There is nothing to tell.")
            return inputs.AlarmHeard(alarm)

        try:
            await steps.step(conversation_id, heard)
        except NotNeeded:
            pass
        except WarmlineError as failure:
            log.error("alarm_not_kept", conversation=conversation_id, why=failure.text)

    def late(turns: Sequence[Turn]) -> None:
        telling = asyncio.get_running_loop().create_task(tell(turns))
        _telling.add(telling)
        telling.add_done_callback(_telling.discard)

    return late


_telling: set[asyncio.Task[None]] = set()


def _alarm(conversation: Conversation, turns: Sequence[Turn], rules: Rules) -> Decision | None:
    words = [turn for turn in turns if turn.role == "customer"]
    if conversation.owner not in (Owner.QUEUE, Owner.AGENT) or not words:
        return None
    if conversation.owner is Owner.AGENT:
        return alarmed(words[-1], rules, with_person=True)
    return alarmed(_as_heard_in_waiting(words[-1], conversation), rules, with_person=False)


def _as_heard_in_waiting(turn: Turn, conversation: Conversation) -> Turn:
    """*turn* with what its words mean to whoever knows why this customer waits."""
    handoff = conversation.handoff
    kind, language = peril(turn.text, gravity(handoff.decision) if handoff else "")
    read = read_features(turn)
    if not kind:
        return turn
    heard = msgspec.structs.replace(
        read,
        crisis=read.crisis or kind == "crisis",
        topics=read.topics if kind == "crisis" or kind in read.topics else (kind, *read.topics),
        language=read.language or language,
    )
    return msgspec.structs.replace(turn, features=heard)
