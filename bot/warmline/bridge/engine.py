"""The client of the engine: one question, one answer, a limit on both, and a breaker for when it keeps failing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx
import msgspec
import structlog

from warmline.bridge import metrics
from warmline.core.ask import Answer, Ask, Refusal
from warmline.core.errors import EngineUnavailable

MAX_ANSWER_BYTES = 262_144
HEALTH_EVERY_S = 2.0
HEALTH_LIMIT_S = 2.0
UNDERSTAND = "/webhooks/warmline/understand"
LIMIT_HEADER = "Warmline-Limit-S"
"""Tells the engine how many seconds we wait (warmline.engine.commands)."""

REFUSE_BEFORE_S = 0.5
FAQ_LIMIT_S = 3.0
BREAK_AFTER = 3
BREAK_FOR_S = 5.0

log = structlog.get_logger()


class Likely(msgspec.Struct, frozen=True):
    """An intent, and how likely it is, 0..1."""

    name: str
    confidence: float


class Understood(msgspec.Struct, frozen=True):
    """
    What is of use here of warmline.engine.understand's answer: *faq* is the answer to a general question, for which
    nothing has to be done or looked up (empty: the text is none), *intents* are the likeliest first.
    """

    faq: str = ""
    intents: tuple[Likely, ...] = ()


class EngineBroke(EngineUnavailable):
    """It had the question and then hung, or its connection died: the question itself may be why."""


class EngineRefused(EngineUnavailable):
    """It answered, but not with an answer to this question. That says nothing about any other question."""


class EngineNotReached(EngineUnavailable):
    """It never had the question: it cannot be reached, or is given a pause. Another engine may be asked."""


class Breaker:
    """
    Open for *break_s* seconds after *failures* in a row; then one question may try, and its result decides.

    A failure is an engine that cannot be reached, breaks off or does not answer in time. An engine that refuses a
    question is well: else one customer with a text that it refuses could take the bot from everybody.
    """

    def __init__(self, failures: int = BREAK_AFTER, break_s: float = BREAK_FOR_S) -> None:
        self._limit = failures
        self._break_s = break_s
        self._failed = 0
        self._open_until = 0.0

    def check(self, now: float) -> None:
        """
        Raise EngineNotReached while open; the first caller after that is the trial, the others wait for its result.
        """
        if now < self._open_until:
            raise EngineNotReached("The assistant failed several times in a row and is given a pause.")
        if self._failed >= self._limit:
            self._open_until = now + self._break_s

    def succeeded(self) -> None:
        self._failed = 0
        self._open_until = 0.0

    def failed(self, now: float) -> None:
        self._failed += 1
        if self._failed >= self._limit:
            self._open_until = now + self._break_s


class Engine:
    """
    Talks to the engine at *url* with the bearer *token*; an answer may take *limit_s* seconds.

    *well_at* is when it last answered anything (monotonic seconds).
    """

    def __init__(self, url: str, token: str, *, limit_s: float) -> None:
        self.url = url
        self._limit_s = limit_s
        self._breaker = Breaker()
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(limit_s, connect=2.0),
            trust_env=False,
        )
        self.ok = False
        self.well_at = 0.0
        self.changed: Callable[[], None] = lambda: None

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, ask: Ask, *, limit_s: float | None = None) -> Answer:
        """
        Put one question; the answer may take *limit_s* seconds when that is less than the engine's own limit.

        Raises:
            EngineUnavailable: ``EngineRefused`` when what it answered is a refusal, larger than ``MAX_ANSWER_BYTES``,
                empty, or not the answer to this question; ``EngineNotReached`` when it never had it, ``EngineBroke``
                when it died or hung over it. Only the last two count for the breaker.
        """
        self._breaker.check(time.monotonic())
        limit_s = self._limit_s if limit_s is None else min(limit_s, self._limit_s)
        try:
            async with asyncio.timeout(limit_s):
                with metrics.ANSWER_SECONDS.time():
                    answer = await self._exchange(ask, limit_s)
        except (httpx.HTTPError, TimeoutError, EngineRefused) as failure:
            if isinstance(failure, (httpx.TransportError, TimeoutError)):
                self._breaker.failed(time.monotonic())
            else:
                self._breaker.succeeded()
                self.well_at = time.monotonic()
            if isinstance(failure, httpx.TransportError):
                self._became(False)
            metrics.ANSWERS.labels("failed").inc()
            log.warning("engine_failed", engine=self.url, ask=ask.id, kind=type(failure).__name__, why=_safe(failure))
            if isinstance(failure, EngineUnavailable):
                raise
            if isinstance(failure, (httpx.ConnectError, httpx.ConnectTimeout)):
                raise EngineNotReached("The assistant cannot be reached.") from failure
            raise EngineBroke("The assistant did not answer in time.") from failure
        self._breaker.succeeded()
        self.well_at = time.monotonic()
        metrics.ANSWERS.labels(answer.analysis.outcome).inc()
        return answer

    async def understood(self, text: str) -> Understood:
        """
        What *text* means by itself; no turn is taken.

        Raises:
            EngineUnavailable: there is no answer within ``FAQ_LIMIT_S``.
        """
        self._breaker.check(time.monotonic())
        try:
            body = msgspec.json.encode({"text": text})
            response = await self._client.post(UNDERSTAND, content=body, timeout=FAQ_LIMIT_S)
            return msgspec.json.decode(response.content, type=Understood)
        except (httpx.HTTPError, msgspec.DecodeError) as failure:
            raise EngineUnavailable("The assistant did not say whether it knows that.") from failure

    async def _exchange(self, ask: Ask, limit_s: float) -> Answer:
        # An engine that waits for an action is well, and says in time that the turn is too slow. One that does not even
        # say that hangs: only such a silence counts for the breaker, else one slow action would take the bot from all.
        told_s = max(limit_s - REFUSE_BEFORE_S, limit_s / 2)
        body = bytearray()
        async with self._client.stream(
            "POST",
            "/webhooks/warmline/turn",
            content=msgspec.json.encode(ask),
            headers={"Content-Type": "application/json", LIMIT_HEADER: f"{told_s:.2f}"},
        ) as response:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise EngineRefused("The assistant's answer is too large.")
        return read_answer(ask, response.status_code, bytes(body))

    async def watch(self) -> None:
        """Ask for its health every ``HEALTH_EVERY_S`` seconds, for ever; *changed* is called when ``ok`` does."""
        while True:
            ok = await self._is_healthy()
            if ok:
                self.well_at = time.monotonic()
            self._became(ok)
            await asyncio.sleep(HEALTH_EVERY_S)

    def _became(self, ok: bool) -> None:
        if ok != self.ok:
            self.ok = ok
            log.info("engine_health", engine=self.url, ok=ok)
            self.changed()

    async def _is_healthy(self) -> bool:
        try:
            response = await self._client.get("/webhooks/warmline/health", timeout=HEALTH_LIMIT_S)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK


def read_answer(ask: Ask, status: int, body: bytes) -> Answer:
    """The answer to *ask* out of an HTTP response. Raises EngineRefused when it is none."""
    if status != httpx.codes.OK:
        try:
            refusal = msgspec.json.decode(body, type=Refusal)
        except msgspec.DecodeError:
            raise EngineRefused(f"The assistant answered with status {status}.") from None
        raise EngineRefused(f"The assistant refused: {refusal.code}.")
    try:
        answer = msgspec.json.decode(body, type=Answer)
    except msgspec.DecodeError:
        raise EngineRefused("The assistant answered with something that is no answer.") from None
    if (answer.id, answer.conversation, answer.epoch) != (ask.id, ask.conversation, ask.epoch):
        raise EngineRefused("The assistant answered another question.")
    if not any(message.text.strip() for message in answer.messages):
        raise EngineRefused("The assistant's answer is empty.")
    return answer


def _safe(failure: BaseException) -> str:
    """What may be logged of *failure*: our own sentences hold none of the customer's words."""
    return failure.text if isinstance(failure, EngineUnavailable) else ""
