"""
The only door of the engine: POST turn (an Ask) and understand (a text), with the bearer token, and GET health (open).

Every answer is an Answer with 200, or a Refusal with 4xx or 5xx: never an empty list, never a stack, never the
customer's words in a log.
"""

import hmac
from typing import Any, Awaitable, Callable, Dict, Optional, Text

import msgspec
import numpy as np
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from warmline.core.ask import Ask, Refusal, customer_words
from warmline.engine import tuning
from warmline.engine.commands import LIMIT_HEADER
from warmline.engine.turn import CHANNEL, MAX_TEXT_CHARS, Refused, Turns
from warmline.engine.understand import understand

MAX_BODY_BYTES = 512 * 1024
"""Twelve turns of 4,000 characters and a memory fit well; more is refused before it is parsed."""


class WarmlineChannel(InputChannel):
    """Mounted at /webhooks/warmline. *token* is what the bridge must show."""

    @classmethod
    def name(cls) -> Text:
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "WarmlineChannel":
        token = (credentials or {}).get("token")
        if not isinstance(token, str) or len(token) < 16:
            raise ValueError("credentials.yml must give the warmline channel a token of at least 16 characters.")
        return cls(token)

    def __init__(self, token: Text) -> None:
        self._token = token.encode()
        self._decoder = msgspec.json.Decoder(Ask)
        self._turns: Optional[Turns] = None
        tuning.apply()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. Rasa's own *on_new_message* is left aside: it hides failures."""
        door = Blueprint("warmline_channel")

        @door.get("/health")
        async def health(request: Request) -> HTTPResponse:
            turns = self._ready(request)
            body = {"ready": turns is not None, "model": request.app.ctx.agent.model_id if turns else None}
            return _json(body, 200 if turns else 503)

        @door.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            try:
                return _json(await self._turn(request), 200)
            except Refused as refused:
                return _json(Refusal(code=refused.code, text=refused.text), refused.status)

        @door.post("/understand")
        async def read(request: Request) -> HTTPResponse:
            try:
                return _json(await self._understand(request), 200)
            except Refused as refused:
                return _json(Refusal(code=refused.code, text=refused.text), refused.status)

        return door

    def _admit(self, request: Request) -> None:
        shown = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, b"Bearer " + self._token):
            raise Refused(401, "not_signed_in", "The bearer token is missing or wrong.")
        if len(request.body) > MAX_BODY_BYTES:
            raise Refused(413, "too_large", f"A question may have {MAX_BODY_BYTES} bytes.")

    async def _understand(self, request: Request) -> Any:
        """See :func:`warmline.engine.understand.understand`; the body is ``{"text": "..."}``."""
        self._admit(request)
        try:
            text = msgspec.json.decode(request.body, type=Dict[str, str]).get("text", "").strip()
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise Refused(400, "bad_ask", "This is not a text as JSON.") from None
        if not text or len(text) > MAX_TEXT_CHARS:
            raise Refused(422, "bad_ask", f"A text has 1 to {MAX_TEXT_CHARS} characters.")
        turns = self._ready(request)
        if turns is None:
            raise Refused(503, "not_ready", "No model is loaded.")
        return await understand(turns.processor, customer_words(text))

    async def _turn(self, request: Request) -> Any:
        self._admit(request)
        try:
            ask = self._decoder.decode(request.body)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise Refused(400, "bad_ask", "This is not an Ask as JSON.") from None
        turns = self._ready(request)
        if turns is None:
            raise Refused(503, "not_ready", "No model is loaded.")
        return await turns.answer(ask, _limit_s(request.headers.get(LIMIT_HEADER, "")))

    def _ready(self, request: Request) -> Optional[Turns]:
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return None
        if self._turns is None or self._turns.processor is not agent.processor:
            self._turns = Turns(agent.processor)
        return self._turns


def _limit_s(told: Text) -> Optional[float]:
    """The seconds that the bridge waits for the answer; None when it does not say."""
    try:
        limit_s = float(told)
    except ValueError:
        return None
    return limit_s if 0.0 < limit_s < 3_600.0 else None


def _json(body: Any, status: int) -> HTTPResponse:
    return raw(msgspec.json.encode(body, enc_hook=_plain), status=status, content_type="application/json")


def _plain(value: Any) -> Any:
    """
    What a component of Rasa's or the project's left behind, as JSON: LogisticRegressionClassifier names an intent by
    NumPy's own kind of text.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is nothing that can be sent.")
