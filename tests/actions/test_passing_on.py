"""The action server passes the team's actions on, and what the team's server does harms nobody else: real processes."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from warmline.actions.server import MAX_ANSWER_BYTES, MAX_CALL_BYTES, PAUSE_AFTER, PAUSE_S, Failed, Pauses

from .passing import TOKEN, WORDS, Request, Running, Socket, call_of, free_port, ours, rasa_sdk, response

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
FINE = response(b'{"events": [], "responses": []}')


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has rules and says nothing of actions yet."""
    (tmp_path / "warmline.toml").write_text('queues = ["support", "billing", "complaints", "security", "safety"]\n')
    (tmp_path / "escalation.yml").write_text((ROOT / "escalation.yml").read_text())
    return tmp_path


@asynccontextmanager
async def both(project: Path, script: object, **variables: str) -> AsyncIterator[tuple[Running, Socket]]:
    async with (
        Socket(script) as team,  # type: ignore[arg-type]
        ours(project, WARMLINE_ACTIONS_URL=team.url, **variables) as server,
    ):
        yield server, team


async def test_events_responses_and_rejections_of_the_team_come_back_as_they_are(project: Path) -> None:
    """By rasa-sdk's own server: with ours in between, the answers are the same bytes of meaning; a 404 stays one."""
    team = await rasa_sdk(project, free_port())
    try:
        async with ours(project, WARMLINE_ACTIONS_URL=f"http://127.0.0.1:{team.port}") as server:
            for action in ("action_team_greet", "action_team_reject"):
                direct, passed = await team.run(action), await server.run(action)
                assert (passed.status_code, passed.json()) == (direct.status_code, direct.json())
            greeted = (await server.run("action_team_greet")).json()
            assert greeted["responses"][0]["text"] == "From the team."
            assert [event["value"] for event in greeted["events"]] == [WORDS, ["seen"]]
            rejected = await server.run("action_team_reject")
            assert (rejected.status_code, rejected.json()["action_name"]) == (400, "action_team_reject")
            assert (await server.run("action_nobody_has")).status_code == 404
            broken = await server.run("action_team_break")
            assert (broken.status_code, WORDS in broken.text) == (500, False)
    finally:
        await team.close()
    assert "zanzibar" not in server.log.read_text()


async def test_a_team_that_is_killed_fails_its_own_calls_and_is_heard_again_when_it_is_back(project: Path) -> None:
    """At once and with 503; the server itself is well, and nothing has to be started again with it."""
    port = free_port()
    team = await rasa_sdk(project, port)
    async with ours(project, WARMLINE_ACTIONS_URL=f"http://127.0.0.1:{port}/webhook") as server:
        assert (await server.run("action_team_greet")).status_code == 200
        await team.close()
        down = await server.run("action_team_greet")
        assert down.status_code == 503
        assert "cannot be reached" in down.json()["error"]
        assert (await server.http.get("/health")).status_code == 200
        team = await rasa_sdk(project, port)
        try:
            assert (await server.run("action_team_greet")).status_code == 200
        finally:
            await team.close()


async def test_the_call_goes_on_as_it_is_with_what_endpoints_yml_sends_along(project: Path) -> None:
    """The same bytes, on one kept connection; headers and token with the environment's values; not our own token."""
    (project / "endpoints.yml").write_text(
        "action_endpoint:\n  url: http://127.0.0.1:${TEAM_PORT}/webhook\n  token: ${TEAM_TOKEN}\n"
        '  headers:\n    X-Team: before ${TEAM_TOKEN}\n    X-Quoted: "${TEAM_TOKEN}"\n'
    )
    async with (
        Socket(lambda request: FINE) as team,
        ours(project, TEAM_PORT=str(team.port), TEAM_TOKEN="s3cret") as server,
    ):
        body = json.dumps(call_of("action_team", odd=[1.0, "ä\u2028"]), indent=3).encode()
        for _ in range(3):
            answer = await server.http.post("/webhook", content=body, headers={"content-type": "application/json"})
            assert (answer.status_code, answer.content) == (200, b'{"events": [], "responses": []}')
        packed = {"content-type": "application/json", "content-encoding": "deflate"}
        await server.http.post("/webhook", content=zlib.compress(body), headers=packed)
        assert [request.body for request in team.seen] == [body] * 3 + [zlib.compress(body)]
        assert {request.connection for request in team.seen} == {1}
        first = team.seen[0]
        assert first.target == "/webhook?token=s3cret"
        assert (first.headers["x-team"], first.headers["x-quoted"]) == ("before s3cret", "${TEAM_TOKEN}")
        assert team.seen[3].headers["content-encoding"] == "deflate"
        assert not any(TOKEN in value for request in team.seen for value in request.headers.values())
    assert "s3cret" not in server.log.read_text()


async def test_only_the_engine_is_served(project: Path) -> None:
    """Without the token nothing is passed on, and nothing of it is read."""
    async with both(project, lambda request: FINE) as (server, team):
        for headers in ({"authorization": ""}, {"authorization": "Bearer another"}):
            answer = await server.http.post("/webhook", content=b"{", headers=headers)
            assert answer.status_code == 401
        assert team.seen == []


GARBAGE = {
    "no JSON": response(b"<html>"),
    "no object": response(b"[]"),
    "null": response(b"null"),
    "events are no list": response(b'{"events": {}}'),
    "events of text": response(b'{"events": ["x"]}'),
    "responses are text": response(b'{"events": [], "responses": "hello"}'),
    "deep": response(b'{"events": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "no UTF-8": response(b"\xff\xfe"),
    "nothing": response(b"", 204),
    "a redirect": response(b"", 307, {"Location": "/elsewhere"}),
    "a rejection without a name": response(b'{"error": "Invalid body request"}', 400),
    "compressed": response(zlib.compress(b"{}"), 200, {"Content-Encoding": "deflate"}),
    "too large": response(b'{"events": [], "x": "' + b"x" * MAX_ANSWER_BYTES + b'"}'),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "cut short": response(b"{}", 200, {"Content-Length": "100"}),
}


async def test_garbage_is_a_failed_call_and_never_an_answer(project: Path) -> None:
    """Each kind of it; after all of them the next good answer is heard, and nothing was asked twice or followed."""
    said = {"next": FINE}

    def script(request: Request) -> bytes:
        return said["next"]

    async with both(project, script) as (server, team):
        for kind, answer in GARBAGE.items():
            said["next"] = answer
            if kind == "cut short":
                team_closes = asyncio.create_task(_hang_up(team))
            failed = await server.run("action_team")
            assert (kind, failed.status_code, list(failed.json())) == (kind, 502, ["error", "action_name"])
            if kind == "cut short":
                await team_closes
        said["next"] = FINE
        assert (await server.run("action_team")).status_code == 200
        assert len(team.seen) == len(GARBAGE) + 1
        assert {request.target for request in team.seen} == {"/webhook"}


async def _hang_up(team: Socket) -> None:
    team.asked.clear()
    await team.asked.wait()
    await asyncio.sleep(0.05)
    for writer in list(team._open):
        writer.close()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_status_of_the_team_s_comes_back_without_its_body(project: Path, status: int) -> None:
    """rasa-sdk's own 500 repeats the whole call, which is nobody's business but the team's."""
    async with both(project, lambda request: response(request.body, status)) as (server, _team):
        answer = await server.run("action_team")
        assert (answer.status_code, "zanzibar" in answer.text) == (status, False)
    assert f"answered with status {status}" in server.log.read_text()
    assert "zanzibar" not in server.log.read_text()


async def test_a_slow_action_is_left_after_its_time_and_delays_no_other(project: Path) -> None:
    """While one is waited for, others are answered; after three times it is not asked for a while, the others are."""

    def script(request: Request) -> bytes | None:
        return None if json.loads(request.body)["next_action"] == "action_slow" else FINE

    async with both(project, script, WARMLINE_ACTIONS_LIMIT_S="0.6") as (server, team):
        waiting = asyncio.create_task(server.run("action_slow"))
        await team.asked.wait()
        assert (await server.run("action_quick")).status_code == 200
        assert not waiting.done()
        assert (await waiting).status_code == 504
        for _ in range(PAUSE_AFTER - 1):
            assert (await server.run("action_slow")).status_code == 504
        asked = len(team.seen)
        assert (await server.run("action_slow")).status_code == 503
        assert len(team.seen) == asked
        assert (await server.run("action_quick")).status_code == 200


async def test_bodies_are_limited_before_they_are_read(project: Path) -> None:
    """Too large as it comes or once unpacked, no JSON, too deep, without an action: refused, never passed on."""
    packed = {"content-encoding": "deflate"}
    bodies: list[tuple[bytes, dict[str, str], int]] = [
        (zlib.compress(b"x" * (4 * MAX_CALL_BYTES)), packed, 413),
        (b"no deflate", packed, 400),
        (b"{", {}, 400),
        (b"[" * 200_000, {}, 400),
        (b"[]", {}, 400),
        (b'{"next_action": 3}', {}, 400),
    ]
    async with both(project, lambda request: FINE) as (server, team):
        for body, headers, status in bodies:
            answer = await server.http.post("/webhook", content=body, headers=headers)
            assert (body[:10], answer.status_code) == (body[:10], status)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            b"POST /webhook HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
            % (TOKEN.encode(), MAX_CALL_BYTES + 1)
        )
        async with asyncio.timeout(5):  # before anything of it was sent
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()
        assert team.seen == []


async def test_a_name_of_ours_is_never_passed_on(project: Path) -> None:
    """A team's server does not get to answer for one that this version does not have."""
    async with both(project, lambda request: FINE) as (server, team):
        assert (await server.run("action_warmline_of_another_version")).status_code == 404
        assert team.seen == []


async def test_the_project_s_own_package_runs_here_when_nothing_else_is_said(project: Path) -> None:
    """Rejections and failures as rasa-sdk answers them, a call without a domain is none; no words in the log."""
    team = await rasa_sdk(project, free_port())  # writes the package
    await team.close()
    async with ours(project) as server:
        call = call_of("action_team_greet")
        del call["domain"]
        answer = await server.http.post("/webhook", json=call)
        assert (answer.status_code, answer.json()["responses"][0]["text"]) == (200, "From the team.")
        rejected = await server.run("action_team_reject")
        assert (rejected.status_code, rejected.json()) == (
            400,
            {"error": "not now", "action_name": "action_team_reject"},
        )
        assert (await server.run("action_team_break")).status_code == 500
        assert (await server.run("action_nobody_has")).status_code == 404
    assert "action_team_break failed with ValueError" in server.log.read_text()
    assert "zanzibar" not in server.log.read_text()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import a_library_that_is_not_here", "actions/mine.py, line 1: ModuleNotFoundError"),
        ("def broken(:", "actions/mine.py, line 1: SyntaxError"),
        ("\n1 / 0", "actions/mine.py, line 2: ZeroDivisionError"),
        (
            "from rasa_sdk import Action\nclass Mine(Action):\n    def name(self): return 'action_warmline_mine'\n"
            "    def run(self, dispatcher, tracker, domain): return []",
            "action_warmline_mine: such names are Warmline's own",
        ),
    ],
)
async def test_a_package_that_cannot_be_imported_is_one_sentence(project: Path, source: str, said: str) -> None:
    """With file and line, and what to do about a library that is missing."""
    (project / "actions").mkdir()
    (project / "actions" / "mine.py").write_text(source)
    with pytest.raises(AssertionError, match="The actions cannot start: ") as ended:
        async with ours(project):
            pass
    text = str(ended.value)
    assert said in text
    assert "Traceback" not in text
    assert ("actions_requirements" in text) == ("a_library" in source)


async def test_a_package_that_runs_elsewhere_is_not_imported_here(project: Path) -> None:
    """Its libraries need not be here; with "here" it is, whatever endpoints.yml says."""
    (project / "actions").mkdir()
    (project / "actions" / "mine.py").write_text("import a_library_that_is_not_here")
    (project / "endpoints.yml").write_text("action_endpoint:\n  url: http://localhost:5055/webhook\n")
    async with ours(project) as server:
        assert (await server.http.get("/health")).status_code == 200
    with pytest.raises(AssertionError, match="a_library_that_is_not_here"):
        async with ours(project, WARMLINE_ACTIONS_URL="here"):
            pass


def test_after_the_pause_one_may_try() -> None:
    """And its result decides; another action is not concerned."""
    pauses = Pauses()
    for _ in range(PAUSE_AFTER):
        pauses.check("a", 0.0)
        pauses.failed("a", 0.0)
    with pytest.raises(Failed):
        pauses.check("a", PAUSE_S - 0.1)
    pauses.check("b", 0.0)
    pauses.check("a", PAUSE_S)
    with pytest.raises(Failed):
        pauses.check("a", PAUSE_S + 0.1)
    pauses.succeeded("a")
    pauses.check("a", PAUSE_S + 0.1)
