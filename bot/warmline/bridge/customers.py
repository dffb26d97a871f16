"""A customer's session: one conversation, by ticket."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence

import msgspec

from warmline.bridge.connection import Connection
from warmline.bridge.meanwhile import told_meanwhile
from warmline.bridge.reading import alarm_in, heard_later, slots_now, turns_now, with_words_read
from warmline.bridge.session import Session
from warmline.bridge.session_context import SessionContext
from warmline.bridge.tickets import GUEST
from warmline.core import access, frames, inputs
from warmline.core.access import Act, Who
from warmline.core.contact import contact, contact_in
from warmline.core.conversation import Conversation, Customer, Message, Owner
from warmline.core.errors import FrameError, NotFound, NotSignedIn
from warmline.core.features import Turn
from warmline.core.limits import Buckets
from warmline.core.step import CUSTOMER
from warmline.core.triggers import asked_for_person

LONG_CHARS = 1_000
"""A text counts once more for an address with every so many characters: it takes as much longer to read."""


class CustomerSession(Session):
    """See docs/protocol.md, "The customer"."""

    kind = "customer"

    def __init__(self, context: SessionContext, connection: Connection) -> None:
        super().__init__(context, connection)
        self._who: Who | None = None
        self._conversation = ""

    def decode(self, data: str | bytes) -> frames.CustomerFrame:
        return frames.decode_customer(data)

    async def begin(self, frame: frames.CustomerFrame) -> None:
        if not isinstance(frame, frames.Hello):
            raise NotSignedIn("Say hello first.")
        conversation = await self._conversation_of(frame)
        self._who = Who("customer", conversation.customer.id)
        self._conversation = conversation.id
        resume = frame.resume
        async with self.context.steps.alone(conversation.id):
            conversation = await self.context.store.conversation(conversation.id)
            if resume is not None and resume.conversation == conversation.id:
                missed = await self.log_since(conversation, resume.seq, known_epoch=resume.epoch)
            else:
                missed = await self.log_since(conversation, 0, known_epoch=None)
            # From here on nothing can fail: who is welcomed hears everything.
            self.connection.send(
                frames.Welcome(
                    ticket=self.context.tickets.ticket(conversation.customer, conversation.id),
                    ticket_s=self.context.tickets.ticket_s,
                    conversation=conversation.id,
                    epoch=conversation.epoch,
                    seq=conversation.seq,
                )
            )
            for part in missed:
                self.connection.send(part)
            self.context.hub.welcome(conversation.id, self.connection)
        self.context.refresh.touch(conversation.id)

    async def _conversation_of(self, frame: frames.Hello) -> Conversation:
        """The conversation of the ticket, or a new guest's. A ticket that has expired is told, and a new one begins."""
        if frame.ticket is None:
            return await self._new(Customer(GUEST + secrets.token_urlsafe(9), language=frame.language))
        try:
            customer, conversation_id = self.context.tickets.read_ticket(frame.ticket)
        except NotSignedIn as expired:
            self.connection.send(frames.Error(expired.code, expired.text))
            return await self._new(Customer(GUEST + secrets.token_urlsafe(9), language=frame.language))
        if conversation_id is None:
            latest = await self.context.store.latest_of_customer(customer.id)
            return latest or await self._new(msgspec.structs.replace(customer, language=frame.language))
        try:
            conversation = await self.context.store.conversation(conversation_id)
        except NotFound:
            return await self._new(msgspec.structs.replace(customer, language=frame.language))
        access.require(Who("customer", customer.id), "read", conversation)
        return conversation

    async def _new(self, customer: Customer) -> Conversation:
        self.context.openings.take(self.connection.address, time.monotonic())
        return await self.context.steps.start(f"c_{secrets.token_urlsafe(12)}", customer)

    async def handle(self, frame: frames.CustomerFrame) -> None:
        match frame:
            case frames.Say():
                self._take(self.context.writing, tokens=1 + len(frame.text) // LONG_CHARS)
                await self._say(frame)
            case frames.AskPerson():
                self._take(self.context.acting)
                await self._ask_person(frame)
            case frames.BackToBot():
                self._take(self.context.acting)
                await self._go_back(frame)
            case frames.LeaveContact():
                self._take(self.context.acting)
                await self._step(
                    frame.id, "leave_contact", inputs.CustomerLeftContact(frame.id, contact(frame.contact))
                )
            case frames.End():
                self._take(self.context.acting)
                await self._step(frame.id, "end", inputs.CustomerEnded(frame.id))
            case frames.Typing():
                self.context.hub.tell_typing(self._conversation, "customer", frame.on)
            case frames.Earlier():
                self._take(self.context.acting)
                conversation = await self.context.store.conversation(self._conversation)
                access.require(self._me(), "read", conversation)
                self.connection.send(await self.history(conversation, frame.before))
            case _:
                raise FrameError("That frame does not belong here.")

    def _take(self, own: Buckets, *, tokens: int = 1) -> None:
        """
        One of *own* for the conversation, *tokens* for the address it comes from. Raises TooFast.
        """
        now = time.monotonic()
        own.take(self._conversation, now)
        self.context.clients.take(self.connection.address, now, tokens)

    async def _say(self, frame: frames.Say) -> None:
        async def wrote(conversation: Conversation) -> inputs.Input:
            access.require(self._me(), "write", conversation)
            if frame.choice is not None:
                offered, payload = await self._pressed(frame.choice)
                return inputs.CustomerWrote(frame.id, frame.text, payload, offered=offered)
            alarm = await alarm_in(
                conversation, frame.text, self.context.rules, self._late(), client=self.connection.address
            )
            given = contact_in(frame.text) if conversation.owner is Owner.QUEUE else ""
            return inputs.CustomerWrote(frame.id, frame.text, alarm=alarm, contact=given)

        seq = await self.context.steps.step(self._conversation, wrote, sender=CUSTOMER, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))
        self.context.meanwhile.look(self._conversation, frame.id)

    async def _step(self, frame_id: str, act: Act, happened: inputs.Input) -> None:
        async def checked(conversation: Conversation) -> inputs.Input:
            access.require(self._me(), act, conversation)
            return happened

        seq = await self.context.steps.step(self._conversation, checked, sender=CUSTOMER, frame_id=frame_id)
        self.connection.send(frames.Ack(frame_id, seq))

    async def _go_back(self, frame: frames.BackToBot) -> None:
        async def went_back(conversation: Conversation) -> inputs.Input:
            access.require(self._me(), "go_back", conversation)
            told = await told_meanwhile(
                self.context.store, conversation, self.context.identifiers, self.context.rules.facts
            )
            return inputs.CustomerWentBackToBot(frame.id, told)

        seq = await self.context.steps.step(self._conversation, went_back, sender=CUSTOMER, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    async def _ask_person(self, frame: frames.AskPerson) -> None:
        """Straight to the queue: no NLU; the rules only say how urgent it is."""

        async def asked(conversation: Conversation) -> inputs.Input:
            access.require(self._me(), "ask_person", conversation)
            turns: tuple[Turn, ...] = ()
            if (
                conversation.owner is not Owner.CLOSED
            ):  # else a new episode begins, and the earlier one says nothing of it
                turns = await turns_now(self.context.store, conversation)
            rules = self.context.rules
            read = await with_words_read(turns, rules, client=self.connection.address, late=self._late())
            slots = await slots_now(self.context.store, conversation.id, rules) if turns else None
            again = conversation.handed_back_for
            decision = asked_for_person(read, rules, handed_back_for=again, slots=slots)
            return inputs.CustomerAskedForPerson(frame.id, decision, await self.context.presence.there())

        seq = await self.context.steps.step(self._conversation, asked, sender=CUSTOMER, frame_id=frame.id)
        self.connection.send(frames.Ack(frame.id, seq))

    async def _pressed(self, choice: frames.Choice) -> tuple[Message, str]:
        """The message whose button was pressed, and the payload that the bot offered with it. Raises NotFound."""
        message = await self.context.store.message(self._conversation, choice.seq)
        if message.author != "bot" or choice.index >= len(message.buttons):
            raise NotFound("There is no such button. Please write instead.")
        return message, message.buttons[choice.index].payload

    def _late(self) -> Callable[[Sequence[Turn]], None]:
        return heard_later(self.context.steps, self._conversation, self.context.rules)

    def _me(self) -> Who:
        assert self._who is not None
        return self._who
