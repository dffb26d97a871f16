"""
The action server: runs Warmline's actions and the project's, and passes the others on to the team's own server.

It listens on loopback only, in one process, and serves whoever shows the engine's token. (``python -m rasa_sdk`` would
serve the same actions from two processes, cold, to anybody, and with the customers' words in its log.)

An action is Warmline's when ``warmline.actions`` has it. Where a team's server is known (:func:`find_team`), every
other one is that server's, and the package ``actions`` is not imported here; where none is, it is the project's package
``actions``. What the team's server answers goes back as it is; when it is down, slow, or answers with something else,
the engine gets an error status: it takes that one turn as failed, and the customer is told and offered a person.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import importlib
import importlib.util
import json
import logging
import pkgutil
import re
import ssl
import sys
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from warmline import settings
from warmline.actions.services import WRITTEN_AT, keep_looking, services
from warmline.core.errors import BackendError, SettingsError
from warmline.endpoints_file import ActionEndpoint, load_action_endpoint
from warmline.language import read

LISTEN_ON = "127.0.0.1"
WEBHOOK = "/webhook"
OURS, PROJECT = "warmline.actions", "actions"
OUR_NAMES = "action_warmline_"
"""No action of this name is ever another's."""

MAX_CALL_BYTES = 8 * 1024 * 1024
"""A call carries the whole domain and the events kept: some 100 KB, of which a large bot's domain is the most."""

MAX_ANSWER_BYTES = 1024 * 1024
CONNECT_LIMIT_S = 2.0
KEEP_ALIVE_S = 3.0
"""Less than the 5 s after which Sanic and uvicorn close a connection: one that closes under a call loses it, for what
may have been done is not asked again."""

PAUSE_AFTER = 3
PAUSE_S = 5.0
PASSED_ON = frozenset({401, 403, 404, 413, 429, 449})
"""Statuses of the team's server that go back as they are, beside 200, 400 and those from 500."""

logger = logging.getLogger(__name__)


class Passed(msgspec.Struct, frozen=True):
    """What goes back to the engine: an HTTP *status* and JSON."""

    status: int
    body: bytes


class Failed(Exception):
    """The team's server is of no use for this call: a *status* for the engine, and *why* without a customer's words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Pauses:
    """
    After ``PAUSE_AFTER`` failures in a row a server that cannot be reached, or an action that does not answer in time,
    is not asked for ``PAUSE_S`` seconds: else those who wait for it would keep the engine from everybody else. Then one
    call may try.
    """

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, float]] = {}

    def check(self, what: str, now: float) -> None:
        """Raises Failed while *what* is given a pause at *now* (seconds that only go forward)."""
        count, until = self._failed.get(what, (0, 0.0))
        if count >= PAUSE_AFTER:
            if now < until:
                raise Failed(503, "it failed several times in a row and is given a pause")
            self._failed[what] = (count, now + PAUSE_S)

    def failed(self, what: str, now: float) -> None:
        self._failed[what] = (self._failed.get(what, (0, 0.0))[0] + 1, now + PAUSE_S)

    def succeeded(self, what: str) -> None:
        self._failed.pop(what, None)


class Team:
    """The team's own action server at *endpoint*; a call may take *limit_s* seconds. Nothing is asked twice."""

    def __init__(self, endpoint: ActionEndpoint, *, limit_s: float) -> None:
        self.endpoint = endpoint
        self._limit_s = limit_s
        self._pauses = Pauses()
        self._client: httpx.AsyncClient | None = None

    def open(self) -> None:
        """Within the loop that will ask. Raises SettingsError when the authority's file is no certificate."""
        try:
            verify = ssl.create_default_context(cafile=self.endpoint.cafile) if self.endpoint.cafile else True
        except (OSError, ssl.SSLError):
            raise SettingsError(f"{self.endpoint.cafile} holds no certificate.") from None
        self._client = httpx.AsyncClient(
            auth=self.endpoint.basic_auth,
            verify=verify,
            timeout=httpx.Timeout(self._limit_s, connect=min(CONNECT_LIMIT_S, self._limit_s)),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=KEEP_ALIVE_S),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def run(self, action: str, body: bytes, headers: Mapping[str, str]) -> Passed:
        """
        Have *action* run by a call's *body*, with the *headers* that say what the body is.

        Returns its answer with 200, its rejection with 400, or an error status of its own. Raises Failed.
        """
        self._pauses.check("", time.monotonic())
        self._pauses.check(action, time.monotonic())
        try:
            async with asyncio.timeout(self._limit_s):
                passed = await self._exchange(body, headers)
        except (TimeoutError, httpx.TimeoutException) as late:
            connecting = isinstance(late, (httpx.ConnectTimeout, httpx.PoolTimeout))
            self._pauses.failed("" if connecting else action, time.monotonic())
            if connecting:
                raise Failed(503, "it cannot be reached") from None
            raise Failed(504, f"it did not answer within {self._limit_s:g} seconds") from None
        except httpx.ConnectError:
            self._pauses.failed("", time.monotonic())
            raise Failed(503, "it cannot be reached") from None
        except httpx.TransportError as wrong:
            raise Failed(502, f"the connection broke ({type(wrong).__name__})") from None
        self._pauses.succeeded("")
        self._pauses.succeeded(action)
        return _checked(passed)

    async def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Passed:
        assert self._client is not None, "open() comes first"
        sent = {"Accept-Encoding": "identity", **headers, **self.endpoint.headers}
        answer = bytearray()
        async with self._client.stream(
            "POST", self.endpoint.url, content=body, headers=sent, params=self.endpoint.params or None
        ) as response:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise Failed(502, "its answer is compressed, which was not asked for")
            async for piece in response.aiter_raw():
                answer += piece
                if len(answer) > MAX_ANSWER_BYTES:
                    raise Failed(502, f"its answer has more than {MAX_ANSWER_BYTES} bytes")
        return Passed(response.status_code, bytes(answer))


def _checked(passed: Passed) -> Passed:
    """*passed* when the engine may have it. Raises Failed when it is neither an answer nor a refusal."""
    status = passed.status
    if status not in (200, 400):
        # Without its body: rasa-sdk's holds the whole call, the customer's words included. And no status of a redirect,
        # which the engine's client would follow.
        raise Failed(
            status if status in PASSED_ON or 500 <= status <= 599 else 502, f"it answered with status {status}"
        )
    try:
        said = json.loads(passed.body)
    except (ValueError, RecursionError):
        raise Failed(502, "its answer is no JSON") from None
    if not isinstance(said, dict):
        raise Failed(502, "its answer is no object")
    if status == 400 and not isinstance(said.get("action_name"), str):
        raise Failed(502, "it found the call malformed")
    for part in ("events", "responses") if status == 200 else ():
        items = said.get(part, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Failed(502, f"its answer's {part} are no list of objects")
    return passed


def find_team(chosen: settings.Settings, engine_token: str = "") -> ActionEndpoint | None:
    """
    Where the team's own action server is: the process own-actions, or the setting *actions_url*, else endpoints.yml
    when that names another one than ours. None: the project's actions run here. What endpoints.yml sends along goes to
    the latter two.

    Raises:
        SettingsError: endpoints.yml cannot be read.
    """
    if chosen.actions_requirements is not None:
        return ActionEndpoint(f"http://{LISTEN_ON}:{chosen.own_actions_port}{WEBHOOK}")
    if chosen.actions_url == "here":
        return None
    written = load_action_endpoint(chosen, engine_token=engine_token)
    if not chosen.actions_url:
        return written
    if written is None:
        return ActionEndpoint(chosen.actions_url)
    return msgspec.structs.replace(written, url=chosen.actions_url)


def load_actions(*, own: bool) -> Any:
    """
    An executor with Warmline's actions and, with *own*, those of the project's package ``actions`` where it has one.

    Raises:
        SettingsError: an action cannot be imported, or takes one of Warmline's names; says where.
    """
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    executor.domain = {}  # what an action gets when no call brought a domain; else None
    executor.register_package(OURS)
    # rasa-sdk takes every action that was imported, a plugin's too
    executor.actions = {name: run for name, run in executor.actions.items() if _module(run).startswith(OURS)}
    if not own or not _is_project_s(PROJECT):
        return executor
    try:
        _import_all(PROJECT)
        executor.register_package(PROJECT)
    except Exception as wrong:  # whatever a team's module raises when it is imported
        raise SettingsError(_not_imported(wrong)) from None
    for name, function in executor.actions.items():
        if name.startswith(OUR_NAMES) and not _module(function).startswith(OURS):
            raise SettingsError(f"{_module(function)} has an action called {name}: such names are Warmline's own.")
    return executor


def _module(run: Any) -> str:
    """Where the action is made whose method *run* is."""
    return type(run.__self__).__module__


def _is_project_s(package: str) -> bool:
    """Whether *package* lies where we were started, and not somewhere among the libraries."""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return False
    places = [found.origin, *(found.submodule_search_locations or ())] if found is not None else []
    return any(place and Path(place).resolve().is_relative_to(Path.cwd().resolve()) for place in places)


def _import_all(package: str) -> None:
    """As rasa-sdk does, which however ends the process at the first module that cannot be imported."""
    module = importlib.import_module(package)
    for one in pkgutil.iter_modules(getattr(module, "__path__", ()), prefix=module.__name__ + "."):
        if one.name.rpartition(".")[2] != "__main__":
            importlib.import_module(one.name)
            if one.ispkg:
                _import_all(one.name)


def _not_imported(wrong: BaseException) -> str:
    here, place = Path.cwd().resolve(), ""
    step = wrong.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        if file.is_relative_to(here / PROJECT):
            place = f"{file.relative_to(here)}, line {step.tb_lineno}"
        step = step.tb_next
    if isinstance(wrong, SyntaxError) and wrong.filename:
        file = Path(wrong.filename)
        place = f"{file.relative_to(here) if file.is_relative_to(here) else file}, line {wrong.lineno}"
    reason = f"{type(wrong).__name__}: {wrong}" if str(wrong) else type(wrong).__name__
    hint = ""
    if isinstance(wrong, ImportError) and (wrong.name or "").partition(".")[0] != PROJECT:
        hint = (
            " When your actions need libraries of their own, name a requirements file by actions_requirements in"
            " warmline.toml, or your own action server by actions_url."
        )
    return f"your package 'actions' cannot be imported ({place or PROJECT}: {reason.splitlines()[0]}).{hint}"


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m {OURS}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--guarded", action="store_true", help="serve only who shows WARMLINE_ENGINE_TOKEN")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        services()
        chosen = settings.load()
        token = settings.load_secrets(chosen).engine_token if options.guarded else None
        endpoint = find_team(chosen, token or "")
        executor = load_actions(own=endpoint is None)
        team = Team(endpoint, limit_s=chosen.actions_limit_s) if endpoint is not None else None
        app = make_app(executor, token, team)
    except (SettingsError, BackendError) as wrong:
        print(f"The actions cannot start: {wrong.text}", file=sys.stderr)  # noqa: T201 (the supervisor shows it)
        return 1
    app.run(host=LISTEN_ON, port=options.port, single_process=True, access_log=False, motd=False)
    return 0


def make_app(executor: Any, token: str | None, team: Team | None) -> Any:
    """
    The Sanic application: POST /webhook as Rasa calls it, and GET /health. With a *token*, calls without it get 401. It
    reads a text and looks for what the actions need before it serves.
    """
    from sanic import Sanic
    from sanic.exceptions import SanicException
    from sanic.response import json as as_json
    from sanic.response import raw

    app = Sanic("warmline_actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_CALL_BYTES

    async def webhook(request: Any) -> Any:
        shown = request.headers.get("authorization", "").encode()
        if token and not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            return as_json({"error": "The engine's token is missing."}, status=401)
        try:
            call = _read(request.body, request.headers.get("content-encoding", ""))
        except Failed as refused:
            return _raw(Passed(refused.status, _problem(refused.why)))
        action = call["next_action"]
        if action in executor.actions:
            return _raw(await _run(executor, call))
        if team is None or action.startswith(OUR_NAMES):
            logger.error("There is no action %s here.", _safe(action))
            return _raw(Passed(404, _problem("There is no such action here.", action)))
        kept = {name: request.headers[name] for name in ("content-type", "content-encoding") if name in request.headers}
        try:
            return _raw(await team.run(action, request.body, kept))
        except Failed as failed:
            logger.warning("%s at %s: %s", _safe(action), team.endpoint.where, failed.why)
            return _raw(Passed(failed.status, _problem(f"The team's action server: {failed.why}.", action)))

    def _raw(passed: Passed) -> Any:
        return raw(passed.body, status=passed.status, content_type="application/json")

    async def health(_request: Any) -> Any:
        return as_json({"status": "ok"})

    async def anything_else(_request: Any, wrong: Exception) -> Any:
        status = wrong.status_code if isinstance(wrong, SanicException) else 500
        if status == 500:
            logger.error("A call failed with %s at %s", type(wrong).__name__, _place(wrong))
        return as_json({"error": f"The call failed with status {status}."}, status=status)

    async def begin(_app: Any) -> None:
        if team is not None:
            team.open()
        read("where is my order")
        try:
            await services().check()
        except BackendError as wrong:  # customers are told honestly, and it may come back
            logger.warning("The assistant starts without what its actions need. %s", wrong.text)

    async def end(_app: Any) -> None:
        if team is not None:
            await team.close()

    app.add_route(webhook, WEBHOOK, methods=["POST"])
    app.add_route(health, "/health", methods=["GET"])
    app.exception(Exception)(anything_else)

    async def watch_rules(running: Any) -> None:
        running.add_task(keep_looking())

    app.register_listener(begin, "before_server_start")
    app.register_listener(watch_rules, "after_server_start")
    app.register_listener(end, "after_server_stop")
    return app


async def _run(executor: Any, call: dict[str, Any]) -> Passed:
    """Run one of the actions here; the answer has the form of rasa-sdk's."""
    from rasa_sdk.interfaces import ActionExecutionRejection

    call.setdefault("domain", {})  # Rasa leaves it out for who needs none, and rasa-sdk would answer 449
    try:
        WRITTEN_AT.set(written_at(call))
        result = await executor.run(call)
    except ActionExecutionRejection as rejected:
        return Passed(400, _problem(rejected.message, rejected.action_name))
    except Exception as wrong:  # an action may raise anything, and the text of it may hold what the customer wrote
        logger.error("%s failed with %s at %s", call["next_action"], type(wrong).__name__, _place(wrong))
        return Passed(500, _problem(f"The action failed with {type(wrong).__name__}.", call["next_action"]))
    return Passed(200, json.dumps(result.model_dump()).encode())


def written_at(call: Any) -> float:
    """When the message of Rasa's *call* was kept, in Unix seconds; 0.0 when the call does not say."""
    try:
        return float(call["tracker"]["latest_message"]["metadata"]["turns"][-1]["at"])
    except (KeyError, IndexError, TypeError, ValueError):
        return 0.0


def _read(body: bytes, encoding: str) -> dict[str, Any]:
    """A call with a ``next_action``. Raises Failed: not JSON, too large once unpacked, or without one."""
    if encoding == "deflate":
        unpacking = zlib.decompressobj()
        try:
            body = unpacking.decompress(body, MAX_CALL_BYTES)
        except zlib.error:
            raise Failed(400, "The body cannot be unpacked.") from None
        if unpacking.unconsumed_tail:
            raise Failed(413, f"A call may have {MAX_CALL_BYTES} bytes.")
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        raise Failed(400, "The body is no JSON.") from None
    if not isinstance(call, dict) or not isinstance(call.get("next_action"), str):
        raise Failed(400, "The body names no action.")
    return call


def _problem(text: str, action: str | None = None) -> bytes:
    return json.dumps({"error": text} if action is None else {"error": text, "action_name": action}).encode()


def _safe(action: str) -> str:
    """The action's name for a log, if it is one."""
    return action if re.fullmatch(r"[\w.-]{1,100}", action) else "an action with an odd name"


def _place(wrong: BaseException) -> str:
    step = wrong.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}" if step is not None else "?"
