"""A TCP proxy that does to connections what networks do: cut, swallow, delay, refuse."""

from __future__ import annotations

import asyncio
import contextlib
import random


class Proxy:
    """
    Between clients and 127.0.0.1:*target*. *delay_s* is the most each piece is held back, *refusing* drops new
    connections. :meth:`freeze` makes links half open: they take bytes and pass none on, and nobody hears of an end.
    """

    def __init__(self, target: int, luck: random.Random) -> None:
        self.target = target
        self.luck = luck
        self.port = 0
        self.delay_s = 0.0
        self.refusing = False
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._frozen: set[asyncio.Task[None]] = set()

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

    def freeze(self, share: float = 1.0) -> None:
        """From now on about *share* of the connections carry nothing, in neither direction, and stay open."""
        self._frozen |= {link for link in self._links if self.luck.random() < share}

    @property
    def open(self) -> int:
        """How many connections there are, half-open ones included."""
        return len(self._links)

    def heal(self) -> None:
        """All is well for new connections; half-open ones stay what they are."""
        self.refusing = False
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
                    asyncio.ensure_future(self._pump(task, reader, there_writer)),
                    asyncio.ensure_future(self._pump(task, there_reader, writer)),
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
            self._frozen.discard(task)
            writer.transport.abort()

    async def _pump(self, link: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65_536):
                if self.delay_s:
                    await asyncio.sleep(self.luck.random() * self.delay_s)
                if link not in self._frozen:
                    writer.write(piece)
                    await writer.drain()
        if link in self._frozen:
            # One end has given up; the other must not hear of it from us.
            await asyncio.get_running_loop().create_future()
