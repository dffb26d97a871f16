"""A TCP proxy that does to connections what networks do: cut, swallow, delay, refuse."""

from __future__ import annotations

import asyncio
import contextlib
import random


class Proxy:
    """
    Between clients and 127.0.0.1:*target*. *delay_s* is the most each piece is held back, *refusing* drops new
    connections, *swallowing* takes bytes and passes none on: the half-open link, where nobody hears of the end.
    """

    def __init__(self, target: int, luck: random.Random) -> None:
        self.target = target
        self.luck = luck
        self.port = 0
        self.delay_s = 0.0
        self.refusing = False
        self.swallowing = False
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._links, return_exceptions=True)

    def cut(self, share: float = 1.0) -> None:
        """Break about *share* of the connections, in the middle of whatever they carry."""
        for link in list(self._links):
            if self.luck.random() < share:
                link.cancel()

    def heal(self) -> None:
        self.refusing = self.swallowing = False
        self.delay_s = 0.0

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        try:
            if self.refusing:
                return
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
            try:
                pumps = {
                    asyncio.ensure_future(self._pump(reader, there_writer)),
                    asyncio.ensure_future(self._pump(there_reader, writer)),
                }
                try:
                    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for pump in pumps:
                        pump.cancel()
                    await asyncio.gather(*pumps, return_exceptions=True)
            finally:
                there_writer.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._links.discard(task)
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65_536):
                if self.delay_s:
                    await asyncio.sleep(self.luck.random() * self.delay_s)
                if not self.swallowing:
                    writer.write(piece)
                    await writer.drain()
