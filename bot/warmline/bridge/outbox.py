"""Carry the questions in the outbox to the engine, one at a time for each conversation, and its answers home."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable

import structlog

from warmline.bridge import metrics
from warmline.bridge.deadlines import LEAST_S, Deadlines, Wait
from warmline.bridge.engine import EngineBroke
from warmline.bridge.engines import Engines
from warmline.bridge.hub import Hub
from warmline.bridge.presence import Presence
from warmline.bridge.quarantine import Gate, Quarantine
from warmline.bridge.reading import heard_later, slots_now, turns_now, with_words_read
from warmline.bridge.steps import Steps
from warmline.core import frames, inputs
from warmline.core.ask import Answer, Ask, customer_words
from warmline.core.contact import contact_in
from warmline.core.errors import EngineUnavailable, StaleVersion, StoreError, StoreUnavailable, WarmlineError
from warmline.core.fairness import Shares, in_turns
from warmline.core.features import Turn
from warmline.core.rules import Rules
from warmline.core.triggers import engine_down, silences
from warmline.store import PendingAsk, Store

AT_ONCE = 16
MOST_WAITING = 500
TELL_AFTER = 0.5
GRACE_S = 1.0
"""A question that an earlier life of the bridge left behind gets so long before its customer is told that it takes."""

LOOK_AGAIN_S = 1.0
TICK_S = 0.25
ALONE_LIMIT_S = 3.0
LOOK_AT = 5_000

log = structlog.get_logger()

NOT_KEPT = frames.Error(
    StoreUnavailable.code,
    "Something on our side isn't working. Your message is safe; the answer takes a little longer.",
    LOOK_AGAIN_S,
)


class Outbox:
    """
    :meth:`run` until cancelled; :meth:`wake` when a question was added.

    Nobody hears nothing for longer than *limit_s* seconds, counted from the moment of writing. Whoever has waited for
    half of it is told so: a question that cannot be put to the engine is handed to a person when the limit has passed
    again, one that the engine has when the limit is over. Clients take turns, and each has at most *each_at_once*
    questions at the engine. Beyond ``MOST_WAITING`` questions those whose turn comes last go to a person at once.
    """

    def __init__(
        self,
        store: Store,
        steps: Steps,
        engine: Engines,
        hub: Hub,
        presence: Presence,
        rules: Callable[[], Rules],
        *,
        limit_s: float = 8.0,
        each_at_once: int = AT_ONCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._steps = steps
        self._engine = engine
        self._hub = hub
        self._presence = presence
        self._rules = rules
        self._clock = clock
        self._deadlines = Deadlines(limit_s)
        self._quarantine = Quarantine()
        self._gate = Gate()
        self._wake = asyncio.Event()
        self._busy: set[str] = set()
        self._being_told: set[str] = set()
        self._asking = 0
        self._shares = Shares(each_at_once)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Questions left from before a restart are asked too."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    look_at = AT_ONCE + len(self._busy)
                    waiting = await self._store.pending_asks(look_at)
                    if len(waiting) == look_at:  # there are more, and another client's turn may come before these
                        waiting = await self._store.pending_asks(LOOK_AT)
                    unasked = [pending for pending in waiting if pending.conversation not in self._busy]
                    self._start_in_turn(group, unasked)
                    crowded = bool(unasked)
                    if crowded:
                        await self._admit(group)
                except StoreError as failure:
                    log.error("outbox_unreadable", why=failure.text)
                    await asyncio.sleep(LOOK_AGAIN_S)
                    continue
                try:
                    async with asyncio.timeout(TICK_S if crowded else None):
                        await self._wake.wait()
                except TimeoutError:
                    pass

    def _start_in_turn(self, group: asyncio.TaskGroup, unasked: list[PendingAsk]) -> None:
        """Ask as many of *unasked* as may be asked, clients in turn; what is left stays there."""
        clients = [self._hub.client_of(pending.conversation) for pending in unasked]
        while self._asking < AT_ONCE and (place := self._shares.next(clients)) is not None:
            self._start(group, unasked.pop(place), clients.pop(place))

    def _start(self, group: asyncio.TaskGroup, pending: PendingAsk, client: str) -> None:
        wait = self._deadlines.look(pending, time.monotonic(), self._clock())
        self._shares.began(client)
        self._busy.add(pending.conversation)
        self._asking += 1
        group.create_task(self._carry(pending, wait, client))

    async def _admit(self, group: asyncio.TaskGroup) -> None:
        """Everything that can be asked now is: tell those who wait behind, or hand them over."""
        now = time.monotonic()
        waiting = await self._store.pending_asks(LOOK_AT)
        metrics.OUTBOX.set(len(waiting))
        self._deadlines.forget_all_but({pending.conversation for pending in waiting}, now)
        behind = [pending for pending in waiting if pending.conversation not in self._busy]
        order = in_turns([self._hub.client_of(pending.conversation) for pending in behind])
        for place, pending in enumerate(behind[at] for at in order):
            wait = self._deadlines.look(pending, now, self._clock())
            left_s = self._deadlines.left_s(wait, now)
            if place >= MOST_WAITING or left_s <= 0:
                self._busy.add(pending.conversation)
                group.create_task(self._give_up(pending))
            elif (
                not wait.told
                and left_s <= self._deadlines.limit_s * TELL_AFTER
                and pending.conversation not in self._being_told
            ):
                self._being_told.add(pending.conversation)
                group.create_task(self._tell_delay(pending))

    async def _tell_delay(self, pending: PendingAsk) -> None:
        try:
            delayed = inputs.BotDelayed(pending.seq, pending.epoch, self._deadlines.limit_s)
            await self._steps.step(pending.conversation, delayed)
            self._deadlines.look(pending, time.monotonic(), self._clock())
            self._deadlines.tell(pending.conversation, time.monotonic())
        except WarmlineError as failure:
            log.error("delay_not_told", conversation=pending.conversation, why=failure.text)
        finally:
            self._being_told.discard(pending.conversation)

    async def _give_up(self, pending: PendingAsk) -> None:
        metrics.ANSWERS.labels("saturated").inc()
        log.warning("handed_over_unasked", conversation=pending.conversation, seq=pending.seq)
        try:
            await self._bring_home(pending, await self._failed(pending, "engine_saturated"))
        finally:
            self._done(pending)

    async def _carry(self, pending: PendingAsk, wait: Wait, client: str) -> None:
        self._hub.tell_typing(pending.conversation, "bot", True)
        telling = asyncio.create_task(self._tell_slow(pending, wait))
        try:
            await self._bring_home(pending, await self._ask(pending, wait))
        except StoreError as failure:
            log.error("question_unreadable", conversation=pending.conversation, why=failure.text)
            await asyncio.sleep(LOOK_AGAIN_S)
        finally:
            telling.cancel()
            self._hub.tell_typing(pending.conversation, "bot", False)
            self._asking -= 1
            self._shares.ended(client)
            self._done(pending)

    async def _tell_slow(self, pending: PendingAsk, wait: Wait) -> None:
        """Half of the limit is over and the engine still thinks, or what came of it cannot be kept: say so, once."""
        if wait.told:
            return
        left_s = self._deadlines.left_s(wait, time.monotonic())
        await asyncio.sleep(
            max(min(GRACE_S, self._deadlines.limit_s / 4), left_s - self._deadlines.limit_s * TELL_AFTER)
        )
        within_s = max(LEAST_S, self._deadlines.left_s(wait, time.monotonic()))
        try:
            await self._steps.step(
                pending.conversation, inputs.BotDelayed(pending.seq, pending.epoch, within_s, crowded=False)
            )
        except WarmlineError as failure:
            log.error("delay_not_told", conversation=pending.conversation, why=failure.text)

    def _done(self, pending: PendingAsk) -> None:
        self._deadlines.settle(pending.conversation, time.monotonic())
        self._busy.discard(pending.conversation)
        self._wake.set()

    async def _bring_home(self, pending: PendingAsk, happened: inputs.Input) -> None:
        """Keep what came of the question, however long the disk refuses; an answer that cannot be kept is a failure."""
        while True:
            try:
                await self._steps.step(pending.conversation, happened)
                return
            except (StoreUnavailable, StaleVersion) as failure:  # noqa: PERF203 (each turn is a new attempt)
                log.error("answer_not_kept", conversation=pending.conversation, seq=pending.seq, why=failure.text)
                for connection in self._hub.customers.get(pending.conversation, ()):
                    connection.send(NOT_KEPT, key="not_kept", droppable=True)
                await asyncio.sleep(LOOK_AGAIN_S)
            except Exception as failure:
                log.error(
                    "answer_refused",
                    conversation=pending.conversation,
                    seq=pending.seq,
                    error=type(failure).__name__,
                    where=traceback.format_tb(failure.__traceback__),
                )
                if isinstance(happened, inputs.BotFailed):
                    await asyncio.sleep(LOOK_AGAIN_S)
                    return
                happened = await self._failed(pending, "error")

    async def _failed(
        self, pending: PendingAsk, error: str, turns: tuple[Turn, ...] = (), again: tuple[str, ...] = ()
    ) -> inputs.BotFailed:
        there = await self._presence.there()
        rules, client = self._rules(), self._hub.client_of(pending.conversation)
        late = heard_later(self._steps, pending.conversation, rules)
        decision = engine_down(
            await with_words_read(turns, rules, client=client, late=late),
            rules,
            handed_back_for=again,
            slots=await slots_now(self._store, pending.conversation, rules),
        )
        return inputs.BotFailed(pending.seq, pending.epoch, error, decision, there)

    async def _ask(self, pending: PendingAsk, wait: Wait) -> inputs.Input:
        """What came of the question. The bot's failure, or ours over this one message, leads to a person."""
        turns: tuple[Turn, ...] = ()
        again: tuple[str, ...] = ()
        try:
            conversation = await self._store.conversation(pending.conversation)
            again = conversation.handed_back_for
            turns = await turns_now(self._store, conversation, until=pending.seq)
            message = await self._store.message(pending.conversation, pending.seq)
            ask = Ask(
                id=f"{pending.conversation}:{pending.seq}",
                conversation=pending.conversation,
                epoch=pending.epoch,
                seq=pending.seq,
                text=customer_words(message.text),
                customer=conversation.customer,
                turns=turns,
                payload=pending.payload,
                memory=await self._store.memory(pending.conversation),
                handed_back_for=again,
                facts=conversation.facts,
                open_request=conversation.handoff.decision.rule if conversation.handoff else "",
                listed=self._rules().facts,
            )
            answer = await self._put(ask, wait)
            there = await self._presence.there()
            handed = answer.decision is not None and answer.decision.escalate
            contact = contact_in(message.text) if handed else ""
            silent_s = next(iter(silences(self._rules())), None)
            return inputs.BotAnswered(pending.seq, pending.epoch, answer, there, silent_s, contact)
        except EngineUnavailable as failure:
            return await self._failed(pending, failure.code, turns, again)
        except StoreError:
            raise
        except Exception as failure:
            # One message that we cannot handle must not end the bridge, which would ask it again for ever.
            log.error(
                "question_failed",
                conversation=pending.conversation,
                seq=pending.seq,
                error=type(failure).__name__,
                where=traceback.format_tb(failure.__traceback__),
            )
            return await self._failed(pending, "error", turns, again)

    async def _put(self, ask: Ask, wait: Wait) -> Answer:
        """Ask the engine, a suspect alone. Raises EngineUnavailable."""
        now = time.monotonic()
        if self._quarantine.is_quarantined(ask.text, ask.payload, now):
            log.warning("message_quarantined", ask=ask.id)
            raise EngineUnavailable("This message broke the assistant twice; it is not asked again.")
        alone = self._quarantine.is_suspected(ask.text, ask.payload, now)
        limit_s = max(LEAST_S, self._deadlines.left_s(wait, now))
        began = False
        try:
            async with asyncio.timeout(limit_s), self._gate.alone() if alone else self._gate.together():
                began = True
                left_s = max(0.1, limit_s - (time.monotonic() - now))
                answer = await self._engine.ask(ask, limit_s=min(left_s, ALONE_LIMIT_S) if alone else left_s)
        except (EngineBroke, TimeoutError) as failure:
            if began:
                strikes = self._quarantine.strike(ask.text, ask.payload, time.monotonic(), well_at=self._engine.well_at)
                log.warning("engine_broke", ask=ask.id, strikes=strikes)
            raise EngineUnavailable("The assistant did not answer in time.") from failure
        self._quarantine.clear(ask.text, ask.payload)
        return answer
