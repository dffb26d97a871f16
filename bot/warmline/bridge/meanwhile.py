"""
While no bot listens: what is said to somebody who waits, and what the bot is to know when it has the conversation back.

A line to somebody who waits is a step of its own after the one that kept their message: nothing of it holds up an ack,
and one that a dying bridge did not write is no loss. The engine is asked only what a text means, and how it would
answer a general question; it takes no turn and no deed is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import structlog

from warmline.bridge.engine import Understood
from warmline.bridge.engines import Engines
from warmline.bridge.presence import Presence
from warmline.bridge.reading import alarm_understood
from warmline.bridge.refresh import Refresh
from warmline.bridge.steps import NotNeeded, Steps
from warmline.core import inputs
from warmline.core.contact import contact_in, with_contact
from warmline.core.conversation import Conversation, Fact, Message, Owner
from warmline.core.errors import EngineUnavailable, SettingsError, WarmlineError
from warmline.core.fact_list import FactList
from warmline.core.identifiers import Identifier
from warmline.core.rules import Rules
from warmline.core.step import BURST_S
from warmline.language.told import told
from warmline.language.waiting import said_in
from warmline.store import Store

LOG = 200
"""Messages that are read back for what was told."""
LAST = 24
"""Messages among which what the customer wrote since the last line is looked for."""
NO_LINES = frozenset({"done_before", "delayed"})
"""System lines that are no answer to what stands before them."""
PAUSE_S = BURST_S
"""A line waits so long for the rest of a thought that comes in pieces; one of danger does not."""
OPENING_HOURS = "What are your opening hours?"
"""Asked of the assistant for somebody who asks how long, when nobody is there and no hours are set."""
_FIRST_SENTENCE = re.compile(r".+?[.!](?=\s|$)", re.DOTALL)
DANGER = ("crisis", "danger", "threat")
"""Topics that are answered before anything else; escalation.yml says which intents mean them."""
SURE_OF_DANGER = 0.5
"""What the assistant reads in a text by itself. More than it asks in a talk of its own (0.35): pieces are told here."""
AT_ONCE = 8
"""Messages of waiting customers that are answered side by side; the engine's turns come first."""

Identifiers = Callable[[], tuple[Identifier, ...]]
"""What identifiers look like in the project, as its files say it now."""

log = structlog.get_logger()


class Unanswered(NamedTuple):
    """Messages of a customer who waits, oldest first; *warned* when what to do in danger was said to the newest."""

    messages: tuple[Message, ...]
    warned: bool


class Meanwhile:
    """Answers customers who wait. :meth:`look` never waits itself; :meth:`close` gives up what is not yet said."""

    def __init__(
        self,
        store: Store,
        steps: Steps,
        engine: Engines,
        presence: Presence,
        refresh: Refresh,
        rules: Callable[[], Rules],
    ) -> None:
        self._store = store
        self._steps = steps
        self._engine = engine
        self._presence = presence
        self._refresh = refresh
        self._rules = rules
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._answering: set[asyncio.Task[None]] = set()

    def look(self, conversation_id: str, client_id: str) -> None:
        """The customer's message *client_id* was kept; when nobody has the conversation, say what can be said."""
        task = asyncio.get_running_loop().create_task(self._look(conversation_id, client_id))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def close(self) -> None:
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _look(self, conversation_id: str, client_id: str) -> None:
        try:
            await self._unanswered(await self._store.conversation(conversation_id), client_id)
            await asyncio.sleep(PAUSE_S)
            async with self._gate:
                understood = await self._heed_danger(conversation_id, client_id)
                found = await self._unanswered(await self._store.conversation(conversation_id), client_id)
                waits = await self._waits(conversation_id, found, client_id, understood)
                await self._steps.step(conversation_id, waits)
        except NotNeeded:
            pass
        except WarmlineError as failure:
            log.error("waiting_not_answered", conversation=conversation_id, why=failure.text)

    async def _heed_danger(self, conversation_id: str, client_id: str) -> Understood:
        """
        Danger that no phrase names ("I have written letters to my children") and the assistant understands. Returns
        what it understood, nothing when it was not asked.
        """
        before = await self._store.conversation(conversation_id)
        found = await self._unanswered(before, client_id)
        texts = [message.text for message in found.messages]
        if found.warned or said_in(texts) not in ("question", "more"):
            return Understood()
        text = " ".join(texts)
        understood = await self._understood(conversation_id, text)
        likely, rules = understood.intents[:1], self._rules()
        topic = rules.topic_of.get(likely[0].name, "") if likely else ""
        if topic not in DANGER or likely[0].confidence < SURE_OF_DANGER:
            return understood

        async def heard(conversation: Conversation) -> inputs.Input:
            await self._unanswered(conversation, client_id)
            alarm = await alarm_understood(conversation, text, topic, rules)
            if alarm is None:
                raise NotNeeded("There is nothing to tell.")
            return inputs.AlarmHeard(alarm)

        with contextlib.suppress(NotNeeded):  # what else there is to say is said
            await self._steps.step(conversation_id, heard)
        return understood

    async def _waits(
        self, conversation_id: str, found: Unanswered, client_id: str, understood: Understood
    ) -> Callable[[Conversation], Coroutine[Any, Any, inputs.Input]]:
        texts = [message.text for message in found.messages]
        said, contact = said_in(texts), ""
        for text in texts:
            contact = with_contact(contact, contact_in(text))
        answer = hours = ""
        if found.warned:
            if not contact:
                raise NotNeeded("What must be said was said.")
            said = "more"
        elif said in ("number", "address") and not contact:
            contact = await self._given_before(conversation_id)
        elif said in ("question", "more") and not contact:
            answer = understood.faq
            if not answer and len(texts) > 1:  # not together: the last of them may be the question
                answer = (await self._understood(conversation_id, texts[-1])).faq
        elif said in ("wait", "open"):
            hours = await self._hours(conversation_id)

        async def waits(conversation: Conversation) -> inputs.Input:
            newest = (await self._unanswered(conversation, client_id)).messages[-1]  # much may have happened meanwhile
            place, wait_min = await self._refresh.wait_of(conversation_id)
            there = await self._presence.there()
            return inputs.CustomerWaits(newest.seq, said, place, wait_min, there, answer, contact, hours)

        return waits

    async def _unanswered(self, conversation: Conversation, client_id: str) -> Unanswered:
        """
        What the customer wrote since the last line, the message *client_id* the newest. Raises NotNeeded when somebody
        has come, the customer has written more since (the newest is answered), or a line to it is there already (a
        frame that was sent twice).
        """
        found: list[Message] = []
        warned = False
        if conversation.owner is Owner.QUEUE:
            for message in reversed(await self._store.messages(conversation.id, limit=LAST)):
                if message.author == "customer":
                    found.append(message)
                    if warned:
                        break
                elif message.code == "told" and not found:
                    warned = True
                elif message.code not in NO_LINES:
                    break
        if not found or found[0].client_id != client_id:
            raise NotNeeded("There is nothing to say.")
        return Unanswered(tuple(reversed(found)), warned)

    async def _given_before(self, conversation_id: str) -> str:
        """The address and number for the answer that the customer gave in this conversation before waiting."""
        conversation = await self._store.conversation(conversation_id)
        contact = ""
        for message in await self._store.messages(conversation_id, after=conversation.opened_seq - 1, limit=LOG):
            if message.author == "customer":
                contact = with_contact(contact, contact_in(message.text))
        return contact

    async def _hours(self, conversation_id: str) -> str:
        there = await self._presence.there()
        if there.anyone or there.back:
            return ""
        said = _FIRST_SENTENCE.match((await self._understood(conversation_id, OPENING_HOURS)).faq)
        return said.group() if said else ""

    async def _understood(self, conversation_id: str, text: str) -> Understood:
        if not self._engine.ok:
            return Understood()
        try:
            return await self._engine.understood(conversation_id, text)
        except EngineUnavailable as failure:
            log.info("waiting_not_understood", conversation=conversation_id, why=failure.text)
            return Understood()


async def told_meanwhile(
    store: Store, conversation: Conversation, identifiers: Identifiers, listed: FactList, note: str = ""
) -> tuple[Fact, ...]:
    """
    What was told since the bot was last asked, for a bot that gets *conversation* back; *note* is the agent's. What was
    written before that is read too for facts that are missing: the bot may have failed over it.
    """
    messages = await store.messages(conversation.id, after=conversation.opened_seq - 1, limit=LOG)
    unread = [message for message in messages if message.seq > conversation.settled_seq]
    read = [message for message in messages if message.seq <= conversation.settled_seq and message.author == "customer"]
    return await asyncio.to_thread(_told, conversation, unread, read, note, identifiers, listed)


def _told(
    conversation: Conversation,
    unread: list[Message],
    read: list[Message],
    note: str,
    identifiers: Identifiers,
    listed: FactList,
) -> tuple[Fact, ...]:
    try:
        forms = identifiers()
    except SettingsError as missing:
        log.warning("identifiers_not_known", why=missing.text)
        forms = ()
    new = told(unread, note, forms, listed)
    known = {fact.name for fact in (*conversation.facts, *new)}
    return (*new, *(fact for fact in told(read, "", forms, listed) if fact.name not in known))
