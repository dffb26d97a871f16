"""What must be true at the end, read from the store itself and from what each client wrote down."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warmline.core import frames
from warmline.core.conversation import TRANSITIONS, Event, Owner
from warmline.store.upkeep import check

from .clients import Agent, Client, Customer
from .silence import LIMIT_S, TOLD_FROM_S, Account, Ledger, Machine, account, story

SHOWN = 8
"""Of so many of the longest silences the story is printed."""

ACTS = {
    "reopened": Event.CUSTOMER_WROTE,
    "asked_for_human": Event.ASKED_FOR_HUMAN,
    "returned_to_bot": Event.RETURNED_TO_BOT,
    "ended": Event.ENDED,
    "escalated": Event.ESCALATED,
    "failed": Event.BOT_FAILED,
    "claimed": Event.CLAIMED,
    "taken_over": Event.TAKEN_OVER,
    "handed_back": Event.HANDED_BACK,
    "transferred": Event.TRANSFERRED,
    "agent_lost": Event.AGENT_LOST,
}


@dataclass
class Verdict:
    """
    The figures of a campaign. *wrong* holds a sentence for each broken promise, *slow* the story of each silence of
    more than ``TOLD_FROM_S`` seconds, and *longest* is the one of which most was the product's own.
    """

    rounds: int = 0
    messages: int = 0
    acknowledged: int = 0
    reported: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    longest_silence_s: float = 0.0
    longest: Account | None = None
    slow: list[tuple[float, str]] = field(default_factory=list)
    claims: int = 0
    resumed: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        return (
            f"rounds {self.rounds} ({faults}), messages {self.messages}, acknowledged frames {self.acknowledged}, "
            f"reported {self.reported}, lost {self.lost}, duplicated {self.duplicated}, reordered {self.reordered}, "
            f"claims {self.claims}, connections {self.resumed}, longest silence {self.longest_silence_s:.1f} s, "
            f"of the product's own at most {self.longest.own_s if self.longest else 0.0:.1f} s, "
            f"broken promises {len(self.wrong)}"
        )

    def show(self) -> None:
        """Print what made the silences, and every broken promise."""
        if self.longest is not None:
            print("  longest, of the product's own:", self.longest)
        for _, sentence in sorted(self.slow, reverse=True)[:SHOWN] if not self.wrong else ():
            print("  waited:", sentence)
        for sentence in self.wrong:
            print("  BROKEN:", sentence)


ACCEPTED = "SELECT sender, id, seq FROM accepted"
SAID = (
    "SELECT author, json_extract(rest, '$.client_id'), text FROM messages "
    "WHERE json_extract(rest, '$.client_id') IS NOT NULL"
)


def judge(
    path: Path,
    customers: Sequence[Customer],
    agents: Sequence[Agent],
    log: Path | None = None,
    measured: tuple[Ledger, Machine] | None = None,
) -> Verdict:
    """
    Compare the record in *path* with what everybody saw. With *measured*, nobody may have been without a word for more
    than ``LIMIT_S`` seconds beyond what the test took away and the time the processes waited for a core.
    """
    verdict = Verdict()
    verdict.wrong += [f"fsck: {finding}" for finding in check(path)]
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        accepted, said = _by_frame(db, ACCEPTED), _by_frame(db, SAID)
        for client in [*customers, *agents]:
            _frames_kept(accepted, said, client, verdict)
            _seen(db, client, verdict)
        for customer in customers:
            _order(db, customer, verdict)
            _answered(db, customer, verdict)
            verdict.longest_silence_s = max(verdict.longest_silence_s, *(s.seconds for s in customer.silences), 0.0)
            if measured is not None:
                _silences(customer, *measured, verdict)
        for (conversation,) in db.execute("SELECT id FROM conversations").fetchall():
            _one_owner(db, conversation, verdict)
        verdict.messages = db.execute("SELECT count(*) FROM messages").fetchone()[0]
        if left := db.execute("SELECT count(*) FROM outbox").fetchone()[0]:
            verdict.wrong.append(f"{left} questions are still in the outbox")
    verdict.claims = sum(len(agent.won) for agent in agents)
    verdict.resumed = sum(client.connections for client in [*customers, *agents])
    if log is not None and log.exists():
        text = log.read_text(errors="replace")
        for word in ("Traceback", '"event": "defect"', '"question_failed"', '"answer_refused"'):
            if word in text:
                line = next(n for n, row in enumerate(text.splitlines()) if word in row)
                verdict.wrong.append("the bridge's log says: " + "\n".join(text.splitlines()[line : line + 40])[:4_000])
    return verdict


def _silences(customer: Customer, ledger: Ledger, machine: Machine, verdict: Verdict) -> None:
    """Nobody was without a word for longer than what can be answered for."""
    for silence in customer.silences:
        made_of = account(silence, ledger, machine)
        if verdict.longest is None or made_of.own_s > verdict.longest.own_s:
            verdict.longest = made_of
        if silence.seconds > TOLD_FROM_S:
            verdict.slow.append((silence.seconds, f"{made_of}\n{story(silence, ledger)}"))
        if made_of.own_s > LIMIT_S:
            verdict.wrong.append(f"nobody said a word: {made_of}\n{story(silence, ledger)}")


def _texts(frame: frames.Frame) -> str | None:
    return frame.text if isinstance(frame, (frames.Say, frames.Reply)) else None


def _by_frame(db: sqlite3.Connection, query: str) -> dict[tuple[str, str], list[Any]]:
    """What *query* gives for each sender and id of a frame. Read once: an hour's frames looked up singly take hours."""
    found: dict[tuple[str, str], list[Any]] = {}
    for sender, frame_id, value in db.execute(query):
        found.setdefault((sender, frame_id), []).append(value)
    return found


def _frames_kept(
    accepted: dict[tuple[str, str], list[int]], said: dict[tuple[str, str], list[str]], client: Client, verdict: Verdict
) -> None:
    """Acknowledged: there, once, always under the same seq. Refused: not there."""
    sender = "customer" if isinstance(client, Customer) else client.name
    for frame_id, frame in client.sent.items():
        rows = accepted.get((sender, frame_id), [])
        acks = client.acks.get(frame_id, [])
        if acks:
            verdict.acknowledged += 1
            if rows != [acks[0]] or len(set(acks)) != 1:
                verdict.lost += not rows
                verdict.wrong.append(f"{frame_id} was acknowledged as {acks}, but the record says {rows}")
        elif frame_id in client.refused:
            verdict.reported += 1
            if rows:
                verdict.wrong.append(f"{frame_id} was refused, but the record has it")
        else:
            verdict.wrong.append(f"{frame_id} was neither acknowledged nor refused")
        text = _texts(frame)
        if text is None:
            continue
        author = "customer" if sender == "customer" else "agent"
        kept = said.get((author, frame_id), [])
        if acks and not kept:
            verdict.lost += 1
            verdict.wrong.append(f"{frame_id} was acknowledged and is not in the log")
        if len(kept) > 1:
            verdict.duplicated += 1
            verdict.wrong.append(f"{frame_id} is in the log {len(kept)} times")
        if any(words != text for words in kept):
            verdict.wrong.append(f"{frame_id} is in the log with other words")


def _seen(db: sqlite3.Connection, client: Client, verdict: Verdict) -> None:
    """
    What was shown is the log: from the first line to the last, each once, in order. Only what a whole snapshot left
    out, because the client was too far behind, may be missing.
    """
    for conversation, shown in client.shown.items():
        log = db.execute(
            "SELECT seq, author, text FROM messages WHERE conversation = ? ORDER BY seq", (conversation,)
        ).fetchall()
        saw = [(message.seq, message.author, message.text) for message in shown]
        seqs = [message.seq for message in shown]
        if len(set(seqs)) != len(seqs):
            verdict.duplicated += len(seqs) - len(set(seqs))
            verdict.wrong.append(f"{client.name} saw a line of {conversation} twice")
        if seqs != sorted(seqs):
            verdict.reordered += 1
            verdict.wrong.append(f"{client.name} saw lines of {conversation} out of order")
        skipped, last = client.skipped[conversation], 0 if not seqs else seqs[-1]
        until = log if isinstance(client, Customer) else [row for row in log if row[0] <= last]
        expected = [row for row in until if row[0] not in skipped]
        if saw != expected:
            missing = [row[0] for row in expected if row not in saw]
            verdict.lost += len(missing)
            verdict.wrong.append(f"{client.name} did not see {missing} of {conversation} ({len(saw)} of {len(log)})")


def _order(db: sqlite3.Connection, customer: Customer, verdict: Verdict) -> None:
    """A customer's own lines stand in the order they were said."""
    said = [frame_id for frame_id, frame in customer.sent.items() if isinstance(frame, frames.Say)]
    rows = db.execute(
        "SELECT json_extract(rest, '$.client_id') FROM messages WHERE conversation = ? AND author = 'customer' "
        "ORDER BY seq",
        (customer.conversation,),
    ).fetchall()
    kept = [row[0] for row in rows]
    if kept != [frame_id for frame_id in said if frame_id in customer.acks]:
        verdict.reordered += 1
        verdict.wrong.append(f"{customer.name}'s lines stand in another order than they were said")


def _answered(db: sqlite3.Connection, customer: Customer, verdict: Verdict) -> None:
    """No question has two answers of the bot (several lines of one step are one), and nobody still waits."""
    if customer.waits:
        verdict.wrong.append(f"{customer.name} never heard a word")
    doubles = db.execute(
        "SELECT json_extract(rest, '$.about'), count(*) FROM messages WHERE conversation = ? AND author = 'bot' "
        "AND json_extract(rest, '$.about') IS NOT NULL GROUP BY 1 HAVING count(DISTINCT at) > 1",
        (customer.conversation,),
    ).fetchall()
    if doubles:
        verdict.duplicated += len(doubles)
        verdict.wrong.append(f"{customer.name} was answered twice about {doubles}")


def _one_owner(db: sqlite3.Connection, conversation: str, verdict: Verdict) -> None:
    """The audit log tells one story of owners by the table, it ends where the record says, and only owners spoke."""
    owner, agent = Owner.BOT, None
    for act, actor in db.execute(
        "SELECT act, actor FROM audit WHERE conversation = ? ORDER BY number", (conversation,)
    ).fetchall():
        event = ACTS.get(act)
        if event is None:
            continue
        if event is Event.ENDED and owner is Owner.QUEUE:
            event = Event.LEFT
        after = TRANSITIONS.get((owner, event))
        if after is None:
            verdict.wrong.append(f"{conversation}: {act} while {owner.value} owned it")
            return
        if owner is Owner.AGENT and actor != agent:
            verdict.wrong.append(f"{conversation}: {actor} acted on what {agent} owned")
        agent = actor if after is Owner.AGENT else None
        owner = after
    now, holder = db.execute("SELECT owner, agent_id FROM conversations WHERE id = ?", (conversation,)).fetchone()
    if (owner.value, agent) != (now, holder):
        verdict.wrong.append(f"{conversation}: the audit log ends at {owner.value}, the record says {now}")
    speaker = "the bot"
    for author, rest in db.execute(
        "SELECT author, rest FROM messages WHERE conversation = ? ORDER BY seq", (conversation,)
    ).fetchall():
        about = json.loads(rest)
        code = about.get("code")
        if code == "agent_joined":
            speaker = about.get("name")
        elif code in ("queued", "nobody_there", "agent_lost", "transferred", "ended"):
            speaker = "nobody"
        elif code in ("handed_back", "back_with_bot", "reopened"):
            speaker = "the bot"
        elif author == "agent" and about.get("name") != speaker:
            verdict.wrong.append(f"{conversation}: {about.get('name')} spoke, but {speaker} had it")
        elif author == "bot" and about.get("about") is not None and speaker != "the bot":
            verdict.wrong.append(f"{conversation}: the bot spoke while {speaker} had it")
