"""What a customer's and an agent's session have in common: read frames, answer each, and turn errors into frames."""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from abc import ABC, abstractmethod
from typing import Any

import structlog
from websockets.exceptions import ConnectionClosed

from warmline.bridge import metrics
from warmline.bridge.connection import CLOSE_POLICY, CLOSE_TRY_LATER, Connection
from warmline.bridge.hub import message_frame
from warmline.bridge.session_context import SessionContext
from warmline.bridge.steps import OUR_FAULT
from warmline.core import frames
from warmline.core.conversation import Conversation
from warmline.core.errors import FrameError, PeerError, StoreError, TooFast, TooLarge, WarmlineError

FIRST_FRAME_LIMIT_S = 10.0
MOST_BAD_FRAMES = 10
BACKLOG = 200
STORE_RETRY_S = 2.0

log = structlog.get_logger()


class Session(ABC):
    """One socket from the first frame to the last."""

    kind = "nobody"

    def __init__(self, context: SessionContext, connection: Connection) -> None:
        self.context = context
        self.connection = connection
        self._bad = 0
        self._come_back_later = False

    @abstractmethod
    def decode(self, data: str | bytes) -> Any:
        """Read one frame of this kind of peer."""

    @abstractmethod
    async def begin(self, frame: Any) -> None:
        """Handle the first frame, which says who it is. Raises NotSignedIn."""

    @abstractmethod
    async def handle(self, frame: Any) -> None:
        """Handle any later frame."""

    async def leave(self) -> None:
        """The socket is gone."""
        self.context.hub.drop(self.connection)

    async def run(self) -> None:
        """Serve until the socket closes."""
        writer = asyncio.create_task(self.connection.write())
        try:
            with contextlib.suppress(ConnectionClosed):
                if await self._first():
                    await self._rest()
        finally:
            try:
                await self.leave()
            except WarmlineError as failure:
                # The timers notice an agent whose leaving could not be written down.
                log.error("leaving_not_kept", kind=self.kind, why=failure.text)
            finally:
                writer.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await writer

    async def _first(self) -> bool:
        for _ in range(MOST_BAD_FRAMES):
            try:
                async with asyncio.timeout(FIRST_FRAME_LIMIT_S):
                    data = await self.connection.socket.recv()
            except TimeoutError:
                await self.connection.socket.close(CLOSE_POLICY, "say hello first")
                return False
            if await self._guarded(self.begin, data):
                return True
            if self._come_back_later:
                await self.connection.flush()
                await self.connection.socket.close(CLOSE_TRY_LATER, "not now; come back later")
                return False
        await self.connection.socket.close(CLOSE_POLICY, "too many refused frames")
        return False

    async def _rest(self) -> None:
        async for data in self.connection.socket:
            await self._guarded(self.handle, data)
            if self._bad >= MOST_BAD_FRAMES:
                await self.connection.socket.close(CLOSE_POLICY, "too many refused frames")
                return

    async def _guarded(self, handler: Any, data: str | bytes) -> bool:
        """Decode and handle; the one place where an error becomes a frame. Returns whether it was handled."""
        frame = None
        try:
            frame = self.decode(data)
            if isinstance(frame, frames.Ping):
                self.connection.send(frames.Pong(time.time()))
                await self.heard()
                return False
            await handler(frame)
        except (FrameError, TooLarge) as wrong:
            self._bad += 1
            self.refuse(frame, wrong)
        except PeerError as wrong:
            self.refuse(frame, wrong)
        except StoreError as failure:
            log.error("store_failed", kind=self.kind, why=failure.text)
            self.refuse(frame, failure)
        except WarmlineError as failure:
            log.error("refused", kind=self.kind, code=failure.code)
            self.refuse(frame, failure)
        except ConnectionClosed:
            raise
        except Exception as failure:
            # The last edge: a defect of ours must neither reach the client nor end the connection. The words stay out
            # of the log.
            log.error(
                "defect",
                kind=self.kind,
                error=type(failure).__name__,
                frame=type(frame).__name__,
                where=traceback.format_tb(failure.__traceback__),
            )
            self.refuse(frame, WarmlineError(OUR_FAULT))
        else:
            return True
        return False

    async def heard(self) -> None:  # noqa: B027 (a customer has nothing to keep fresh)
        """The peer's heartbeat came."""

    def refuse(self, frame: Any, wrong: WarmlineError) -> None:
        """Answer *frame* with the error: a nack when it has an id, else an error frame."""
        metrics.REFUSED.labels(wrong.code).inc()
        retry = wrong.retry_after_s if isinstance(wrong, TooFast) else None
        if isinstance(wrong, StoreError):
            retry = STORE_RETRY_S
        self._come_back_later = retry is not None
        frame_id = getattr(frame, "id", None)
        if frame_id is not None:
            self.connection.send(frames.Nack(frame_id, wrong.code, wrong.text, retry))
        else:
            self.connection.send(frames.Error(wrong.code, wrong.text, retry))

    async def log_since(
        self, conversation: Conversation, seq: int, *, known_epoch: int | None
    ) -> list[frames.MessageFrame | frames.Snapshot]:
        """
        What the client does not have after *seq*, or a snapshot when that is too much or makes no sense.

        Called under the conversation's lock, and sent before the connection follows it: nothing falls between.
        """
        async with self.context.catching_up:
            return await self._log_since(conversation, seq, known_epoch)

    async def history(self, conversation: Conversation, before: int) -> frames.History:
        """The messages right before seq *before*, as many as a snapshot has."""
        async with self.context.catching_up:
            return frames.History(conversation.id, *await self._page(conversation.id, before))

    async def _page(
        self, conversation_id: str, before: int | None = None
    ) -> tuple[tuple[frames.MessageFrame, ...], bool]:
        """The newest messages before seq *before*, and whether there are earlier ones."""
        messages = await self.context.store.messages(conversation_id, before=before, limit=BACKLOG)
        return tuple(message_frame(m) for m in messages), bool(messages) and messages[0].seq > 1

    async def _log_since(
        self, conversation: Conversation, seq: int, known_epoch: int | None
    ) -> list[frames.MessageFrame | frames.Snapshot]:
        store = self.context.store
        missed = conversation.seq - seq
        plausible = known_epoch is None or known_epoch <= conversation.epoch
        if seq > 0 and 0 <= missed <= BACKLOG and plausible:
            found = await store.messages(conversation.id, after=seq, limit=BACKLOG) if missed else []
            return [message_frame(message) for message in found]
        messages, more = await self._page(conversation.id)
        return [frames.Snapshot(conversation.id, conversation.epoch, conversation.seq, messages, more)]
