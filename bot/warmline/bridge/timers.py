"""Ring the timers that are rows of the store, whoever set them, and notice agents who are gone without a word."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable

import structlog

from warmline.bridge.hub import Hub
from warmline.bridge.presence import Presence
from warmline.bridge.reading import slots_now, turns_now, with_words_read
from warmline.bridge.steps import NotNeeded, Steps
from warmline.core import inputs
from warmline.core.conversation import Conversation, Owner
from warmline.core.errors import StoreError, WarmlineError
from warmline.core.rules import Rules
from warmline.core.triggers import gone_silent, silences
from warmline.store import DueTimer, Store

LONGEST_SLEEP_S = 5.0
LOOK_AGAIN_S = 1.0
LOOK_FOR_THE_GONE_S = 3.0
AT_ONCE = 100
MOST = 100_000

log = structlog.get_logger()


class Timers:
    """
    :meth:`run` until cancelled; :meth:`wake` when a timer was set.

    *grace_s* is the longest the timer of a lost agent is ever set ahead: one that lies further in the future was set
    before the clock was set back, and begins anew. *rules* gives those in force: they say what a silence
    means.
    """

    def __init__(
        self,
        store: Store,
        steps: Steps,
        presence: Presence,
        hub: Hub,
        rules: Callable[[], Rules],
        *,
        grace_s: float = 30.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._steps = steps
        self._presence = presence
        self._hub = hub
        self._rules = rules
        self._grace_s = grace_s
        self._clock = clock
        self._wake = asyncio.Event()
        self._looked_at = float("-inf")

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            sleep_s = LOOK_AGAIN_S
            try:
                failed = await self.ring()
                if time.monotonic() - self._looked_at >= LOOK_FOR_THE_GONE_S:
                    await self.look_for_the_gone()
                    self._looked_at = time.monotonic()
                next_at = await self._store.next_timer_at()
                if not failed:
                    away_s = LONGEST_SLEEP_S if next_at is None else next_at - self._clock()
                    sleep_s = min(LONGEST_SLEEP_S, max(0.0, away_s))
            except StoreError as failure:
                log.error("timers_unreadable", why=failure.text)
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            try:
                async with asyncio.timeout(sleep_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def ring(self) -> int:
        """Ring what is due, each on its own: one that fails holds up no other. Returns how many failed."""
        due = await self._store.due_timers(self._clock(), AT_ONCE)
        return [await self._rings(each) for each in due].count(False)

    async def _rings(self, due: DueTimer) -> bool:
        """Whether there is nothing left to do about *due*."""
        try:
            await self._steps.step(due.conversation, self._still_due(due))
        except NotNeeded:
            pass
        except Exception as failure:
            log.error(
                "timer_refused",
                conversation=due.conversation,
                error=type(failure).__name__,
                where=traceback.format_tb(failure.__traceback__),
            )
            return False
        return True

    def _still_due(self, due: DueTimer) -> Callable[[Conversation], Awaitable[inputs.Input]]:
        """
        Looks again when the conversation is ours: the agent may have come back meanwhile. What happens after this look
        changes the version, and the step is taken anew.
        """

        async def rang(conversation: Conversation) -> inputs.Input:
            if await self._store.timer(due.conversation, due.name) != due.at:
                raise NotNeeded("The timer is gone.")
            if due.name == "silence":
                return await self._went_silent(conversation, due.at)
            return inputs.TimerRang(due.name, due.at, await self._presence.there())

        return rang

    async def _went_silent(self, conversation: Conversation, rang_at: float) -> inputs.CustomerWentSilent:
        rules = self._rules()
        turns = await with_words_read(await turns_now(self._store, conversation), rules)
        slots = await slots_now(self._store, conversation.id, rules)
        last_at = turns[-1].at if turns else rang_at
        # A timer may ring late, and the clock may have been set back meanwhile: it has been silent at least this long.
        silent_s = round(max(rang_at, self._clock()) - last_at, 3)
        decision = gone_silent(turns, rules, silent_s, handed_back_for=conversation.handed_back_for, slots=slots)
        longer = next((s for s in silences(rules) if s > silent_s), None)
        again_at = None if longer is None else last_at + longer
        return inputs.CustomerWentSilent(decision, await self._presence.there(), again_at)

    async def look_for_the_gone(self) -> None:
        """
        Start the grace of conversations whose agent has no open console and no timer: their leaving was never written
        down, because the disk refused or another bridge died. Start it anew where the clock was set back.
        """
        held = [c for c in await self._store.at_desk() if c.owner is Owner.AGENT and c.agent is not None]
        if not held:
            return
        due = await self._store.due_timers(float("inf"), MOST)
        timers = {timer.conversation: timer.at for timer in due if timer.name == "agent_grace"}
        here = await self._presence.here() | set(self._hub.agents)
        latest = self._clock() + self._grace_s
        for conversation in held:
            agent = conversation.agent
            assert agent is not None
            at = timers.get(conversation.id)
            if (at is None and agent.id not in here) or (at is not None and at > latest):
                try:
                    await self._steps.step(conversation.id, inputs.AgentVanished(agent.id, self._grace_s))
                except WarmlineError as failure:
                    log.error("grace_not_started", conversation=conversation.id, why=failure.text)
