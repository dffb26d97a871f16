"""The real engine, our action server, and behind it a team's server that fails as it is told: what a turn comes to."""

import http.server
import json
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from warmline.engine import commands, tuning

from .conftest import ROOT, TOKEN, Conversation, Engine, Process, free_port
from .test_channel import an_ask

pytestmark = pytest.mark.engine
WATCH = ("action_watch", "action_warmline_watch")
LIMIT_S = 1.0


class Team:
    """Passes calls on to the shop's actions at *port*, unless *mode* says how to fail all but the one of every turn."""

    def __init__(self, port: int) -> None:
        self.mode = ""
        self.calls: list[str] = []
        self.leave = threading.Event()
        team = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                name = json.loads(body)["next_action"]
                team.calls.append(name)
                mode = "" if name in WATCH else team.mode
                if mode == "hangs":
                    team.leave.wait(20)
                if mode in ("hangs", "hangs up"):
                    self.close_connection = True
                    return
                status, said = (200, b"<html>") if mode == "garbage" else (500, b"{}")
                if mode == "redirects":
                    status, said = 307, b""
                if not mode:
                    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
                    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhook", body, headers)
                    with urllib.request.urlopen(request, timeout=20) as answer:
                        status, said = answer.status, answer.read()
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.send_header("Location", f"http://127.0.0.1:{port}/webhook")
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/webhook"


@pytest.fixture(scope="module")
def team(actions_port: int) -> Iterator[Team]:
    team = Team(actions_port)
    yield team
    team.leave.set()
    team.server.shutdown()


@pytest.fixture(scope="module")
def behind(model: Path, team: Team, tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Engine]:
    """An engine whose action server passes on to *team*; its logs lie in the home of its own."""
    logs = tmp_path_factory.mktemp("behind")
    port, actions_port = free_port(), free_port()
    command = commands.actions(
        python=ROOT / ".venv" / "bin" / "python",
        root=ROOT,
        port=actions_port,
        settings={
            **{"WARMLINE_ROOT": str(ROOT), "WARMLINE_HOME": str(home), "WARMLINE_ACTIONS_PORT": str(actions_port)},
            **{"WARMLINE_ACTIONS_URL": team.url, "WARMLINE_ACTIONS_LIMIT_S": str(LIMIT_S)},
        },
        token=TOKEN,
    )
    actions = Process(command, f"http://127.0.0.1:{actions_port}{commands.ACTIONS_HEALTH}", logs / "actions.log")
    command = commands.engine(
        python=Path(sys.executable), root=ROOT, model=model, port=port, actions_port=actions_port, token=TOKEN
    )
    address = f"http://127.0.0.1:{port}"
    engine = Process(command, address + commands.ENGINE_HEALTH, logs / "engine.log")
    yield Engine(address, logs)
    engine.stop()
    actions.stop()


def turn(engine: Engine, text: str, limit_s: "float | None" = None) -> Any:
    headers = {"authorization": f"Bearer {TOKEN}"}
    if limit_s is not None:
        headers[commands.LIMIT_HEADER] = str(limit_s)
    body = msgspec.json.encode(an_ask(text=text))
    try:
        with urllib.request.urlopen(
            urllib.request.Request(engine.address + commands.ENGINE_TURN, body, headers), timeout=20
        ) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def test_what_the_team_s_actions_say_and_do_arrives(behind: Engine, team: Team) -> None:
    """A form over two turns, events, responses and buttons, all through the server in between."""
    team.mode = ""
    talk = Conversation(behind, "through")
    assert talk.say("where is order A1042")["analysis"]["outcome"] == "asked"
    answer = talk.say("mara@example.com")
    assert "A1042" in answer["messages"][0]["text"]
    assert answer["facts"]
    assert len(team.calls) > 2


@pytest.mark.parametrize("mode", ["fails", "garbage", "redirects", "hangs up", "hangs"])
def test_only_the_turn_that_needs_it_fails(behind: Engine, team: Team, mode: str) -> None:
    """It is told as failed, and calls nothing more after the action that failed; a turn that needs none is answered."""
    team.mode = mode
    team.calls.clear()
    status, answer = turn(behind, "where is order A1042, zanzibar")
    assert (status, answer["analysis"]["outcome"]) == (200, "failed")
    assert "isn't working" in answer["messages"][-1]["text"]
    assert len([name for name in team.calls if name not in WATCH]) == 1
    status, answer = turn(behind, "hello")
    assert (status, answer["analysis"]["intent"]) == (200, "greet")
    team.mode = ""
    assert turn(behind, "where is order A1042")[0] == 200


def test_the_engine_refuses_before_nobody_waits_any_more(behind: Engine, team: Team) -> None:
    """Told how long the bridge waits, it says that the turn is too slow, instead of being silent until then."""
    team.mode = "hangs"
    status, refusal = turn(behind, "where is order A1042", limit_s=LIMIT_S / 2)
    assert (status, refusal["code"]) == (504, "too_slow")
    team.mode = ""
    for odd in (float("nan"), -1.0, 0.0, 1e9):
        assert turn(behind, "hello", limit_s=odd)[0] == 200


def test_no_log_holds_what_was_written(behind: Engine, team: Team) -> None:
    """Only the action's name and how it failed."""
    logged = "".join(path.read_text() for path in behind.home.iterdir())
    assert "it answered with status 500" in logged
    assert "zanzibar" not in logged
    assert TOKEN not in logged


@pytest.mark.parametrize(
    ("action", "selective", "has_it"),
    [
        ("action_warmline_watch", False, False),
        ("action_of_the_team", False, True),
        ("validate_of_the_team", False, True),
        ("action_of_the_team", True, False),
    ],
)
def test_a_team_s_action_gets_the_domain_unless_endpoints_yml_leaves_it_out(
    action: str, selective: bool, has_it: bool
) -> None:
    """rasa-sdk's forms find their slots in it; Warmline's own read none. A call never has no domain at all."""
    tuning.apply()
    domain = Domain.from_dict({"slots": {"seen": {"type": "any", "mappings": [{"type": "custom"}]}}})
    endpoint = EndpointConfig("http://127.0.0.1:1/webhook", **({"enable_selective_domain": True} if selective else {}))
    call = RemoteAction(action, endpoint)._action_call_format(DialogueStateTracker("c", domain.slots), domain)
    assert ("seen" in call["domain"].get("slots", {})) is has_it
