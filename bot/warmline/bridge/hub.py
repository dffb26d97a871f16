"""Who is connected to this bridge, and who should hear what. Memory only: after a restart clients connect again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping

from warmline.bridge.connection import Connection
from warmline.core import frames
from warmline.core.conversation import Message

MOST_FOLLOWED = 50
"""Conversations that one agent's connection hears beside its agent's own; the one opened longest ago gives way."""

MOST_CLIENTS = 20_000
"""Conversations of which it is remembered from which address they come; the one heard of longest ago gives way."""


class Hub:
    """Connections by what they follow. Nothing here waits."""

    def __init__(self) -> None:
        self.customers: dict[str, set[Connection]] = defaultdict(set)
        self.viewers: dict[str, set[Connection]] = defaultdict(set)
        self.agents: dict[str, set[Connection]] = defaultdict(set)
        self._opened: dict[Connection, dict[str, None]] = {}
        self._clients: OrderedDict[str, str] = OrderedDict()
        self._sessions: dict[Connection, int] = {}

    def follow(self, conversation_id: str, connection: Connection, own: Collection[str] = ()) -> None:
        """
        An agent's *connection* hears this conversation from now on, beside the last it opened and those of its *own*.
        """
        opened = self._opened.setdefault(connection, {})
        opened.pop(conversation_id, None)
        opened[conversation_id] = None
        self.viewers[conversation_id].add(connection)
        others = [other for other in opened if other not in own]
        for oldest in others[: max(len(others) - MOST_FOLLOWED, 0)]:
            del opened[oldest]
            _leave(self.viewers, oldest, connection)

    def welcome(self, conversation_id: str, connection: Connection) -> None:
        """A customer's *connection* hears this conversation from now on."""
        self.customers[conversation_id].add(connection)
        self._clients[conversation_id] = connection.address
        self._clients.move_to_end(conversation_id)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)

    def client_of(self, conversation_id: str) -> str:
        """
        The address that the customer's last connection came from, for fair turns. All of whom it is not known, after a
        restart for example, are one client.
        """
        return self._clients.get(conversation_id, "")

    def seat(self, agent_id: str, connection: Connection, sessions: int) -> None:
        """An agent's *connection*, let in under the account's number *sessions*, hears the desk from now on."""
        self.agents[agent_id].add(connection)
        self._sessions[connection] = sessions

    def voided(self, sessions: Mapping[str, int]) -> list[Connection]:
        """The agents' connections that began under another number than *sessions* has for their account now."""
        return [
            connection
            for agent_id, members in self.agents.items()
            for connection in members
            if self._sessions[connection] != sessions.get(agent_id)
        ]

    def drop(self, connection: Connection) -> None:
        """Forget *connection* everywhere."""
        self._opened.pop(connection, None)
        self._sessions.pop(connection, None)
        for table in (self.customers, self.viewers, self.agents):
            for key in [key for key, members in table.items() if connection in members]:
                _leave(table, key, connection)

    def at_desk(self) -> Iterable[Connection]:
        """The connections of all agents."""
        return [connection for members in self.agents.values() for connection in members]

    def tell_message(self, message: Message) -> None:
        """Everybody who follows the conversation hears *message*."""
        frame = message_frame(message)
        for connection in [*self.customers.get(message.conversation, ()), *self.viewers.get(message.conversation, ())]:
            connection.send(frame)

    def tell_typing(self, conversation_id: str, author: str, on: bool) -> None:
        """
        The other side of the conversation sees that *author* (``customer``, ``bot``, ``agent``) is typing, or
        stopped.
        """
        frame = frames.TypingFrame(conversation_id, author, on)  # type: ignore[arg-type]
        customers = () if author == "customer" else self.customers.get(conversation_id, ())
        viewers = () if author == "agent" else self.viewers.get(conversation_id, ())
        for connection in [*customers, *viewers]:
            connection.send(frame, droppable=True)


def _leave(table: dict[str, set[Connection]], key: str, connection: Connection) -> None:
    table[key].discard(connection)
    if not table[key]:
        del table[key]


def message_frame(message: Message) -> frames.MessageFrame:
    """The wire form of *message*: buttons lose their payload."""
    return frames.MessageFrame(
        conversation=message.conversation,
        seq=message.seq,
        epoch=message.epoch,
        at=message.at,
        author=message.author,
        text=message.text,
        name=message.name,
        code=message.code,
        id=message.client_id,
        buttons=tuple(button.title for button in message.buttons),
    )
