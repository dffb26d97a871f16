"""The story of the README, with every real process and two real browsers' worth of pages."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from .conftest import Warmline
from .pages import Console, Shop, hook

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

ANGRY = "this is ridiculous, you are useless, nothing has arrived and nobody cares"


def wait_for_new(warmline: Warmline, name: str, old_pid: int, *, engine: bool | None = None) -> None:
    """Until the supervisor runs another process *name*, and /health answers (with the engine as told)."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            health = httpx.get(f"{warmline.url}/health", timeout=2).json()
            if warmline.pid(name) != old_pid and (engine is None or health["engine"] is engine):
                return
        except (httpx.HTTPError, KeyError, FileNotFoundError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"{name} did not come back:\n{warmline.logs()}")


def agent(browser: Browser, warmline: Warmline, number: int) -> Console:
    name = sorted(warmline.agents)[number]
    return Console(browser, warmline.url, name, warmline.agents[name])


def only_one_has_it(consoles: list[Console]) -> tuple[Console, Console]:
    """The winner of the race, and the other."""
    first, second = consoles
    expect(first.page.locator(f"{hook('composer')}:enabled, {hook('notice')}").first).to_be_visible()
    expect(second.page.locator(f"{hook('composer')}:enabled, {hook('notice')}").first).to_be_visible()
    winners = [c for c in consoles if c.page.locator(hook("hand-back")).is_visible()]
    assert len(winners) == 1, "exactly one agent wins a race"
    return winners[0], next(c for c in consoles if c is not winners[0])


def dense(seqs: list[int]) -> bool:
    return seqs == list(range(1, len(seqs) + 1))


def test_the_story_from_the_first_question_to_the_hand_back(
    browser: Browser, warmline: Warmline, pictures: Path | None
) -> None:
    """Order, password, two failures and anger, the race, the packet, talking, reloads, a restart, and the bot again."""
    anna, ben = agent(browser, warmline, 0), agent(browser, warmline, 1)
    shop = Shop(browser, warmline.url)
    shop.open()

    # 1. It says what it is, and answers from the shop's database.
    shop.heard("bot", "an AI")
    expect(shop.page.locator(hook("kind"))).to_contain_text("AI assistant")
    expect(shop.page.locator(hook("person"))).to_be_visible()
    shop.say("where is my order?")
    shop.heard("bot", "Which order is it")
    shop.say("A1042")
    shop.heard("bot", "e-mail address")
    shop.say("mara@example.com")
    shop.heard("bot", "A1042 is two days late")
    if pictures:
        shop.settle()
        shop.page.screenshot(path=pictures / "customer.png")

    # 2. The reset flow, with the code from the mailbox that the demo shows; a wrong code is counted.
    shop.say("I forgot my password")
    shop.heard("bot", "six digits here")
    mail = shop.page.locator(hook("mail")).filter(has_text="code").first
    expect(mail).to_be_visible()
    code = re.search(r"\b\d{6}\b", mail.inner_text())
    assert code is not None, mail.inner_text()
    wrong = "000000" if code[0] != "000000" else "111111"
    shop.say(wrong)
    shop.heard("bot", "left")
    shop.say(code[0])
    shop.heard("bot", "new password")

    # 3. Two failures, then anger without a word about a person: the bot stops and says why.
    for nonsense in ("what about the blue thing with the stuff", "hmpf the wobbly whatsit thing"):
        answered = shop.lines("bot").count()
        shop.say(nonsense)
        expect(shop.lines("bot").nth(answered)).to_be_visible()
    shop.reload()
    shop.say(ANGRY)
    expect(shop.page.locator(hook("queue-line"))).to_be_visible()
    shop.heard("bot", "urgent")

    # 4. It rings; both claim; one wins and reads the packet.
    for console in (anna, ben):
        expect(console.page.locator(hook("ring"))).to_be_visible()
        console.row("Mara").first.locator(hook("open")).click()
        expect(console.page.locator(hook("packet"))).to_be_visible()
    at_ms = time.time() * 1_000 + 500
    for console in (anna, ben):
        console.claim_at(at_ms)
    winner, loser = only_one_has_it([anna, ben])
    expect(loser.page.locator(hook("notice"))).to_contain_text("already")
    packet = winner.packet()
    for expected in ("A1042", "mara@example.com", "told where A1042 is", "password"):
        assert expected.lower() in packet.lower(), f"{expected} is missing in the packet:\n{packet}"
    expect(winner.page.locator(hook("packet-mood")).locator("svg").first).to_be_visible()
    expect(winner.page.locator(hook("packet-why"))).not_to_be_empty()
    expect(winner.page.locator('[data-marked="true"], [data-marked=""]').first).to_be_visible()
    winner.heard("customer", ANGRY)

    # Both ways, with typing signs both ways.
    winner.page.locator(hook("composer")).press_sequentially("Hello Mara, I", delay=20)
    expect(shop.page.locator(hook("typing"))).to_contain_text("typing")
    winner.reply("Hello Mara, I'm looking at A1042 now.")
    shop.heard("agent", "I'm looking at A1042 now.")
    shop.page.locator(hook("field")).press_sequentially("thanks, f", delay=20)
    expect(winner.page.locator(hook("typing"))).to_contain_text("typing")
    shop.say("thanks, finally somebody")
    winner.heard("customer", "thanks, finally somebody")

    if pictures:
        winner.settle()
        winner.page.screenshot(path=pictures / "agent.png")

    # 6. Reloads, and the bridge is restarted in the middle: once in order, once without warning.
    shop.reload()
    winner.page.reload()
    shop.heard("agent", "I'm looking at A1042 now.")
    for number, words in ((signal.SIGTERM, "while it restarts"), (signal.SIGKILL, "while it is killed")):
        old = warmline.signal("bridge", number)
        shop.say(f"are you there {words}")
        wait_for_new(warmline, "bridge", old)
        winner.heard("customer", f"are you there {words}")
        winner.reply(f"I am, {words}")
        shop.heard("agent", f"I am, {words}")

    # 5. Hand back: the bot says so, knows what it knew, and speaks under a new epoch. It never spoke in between.
    winner.hand_back("Carrier confirms delivery tomorrow; promised to watch it.")
    shop.heard("bot", "I'm the assistant again")
    before = shop.lines("bot").count()
    shop.say("where is my order?")
    expect(shop.lines("bot")).to_have_count(before + 1)
    assert "A1042" in shop.lines("bot").last.inner_text()
    assert "watch it" not in " ".join(shop.texts())

    assert dense(shop.seqs()), shop.seqs()
    authors = shop.page.eval_on_selector_all(
        "[data-seq]", "all => all.map(e => [e.dataset.author, e.dataset.code ?? ''])"
    )
    joined = authors.index(["system", "agent_joined"])
    back = next(i for i, (author, code) in enumerate(authors) if author == "bot" and i > joined)
    assert not any(author == "bot" for author, _ in authors[joined:back])
    assert len(set(shop.texts())) >= len(shop.texts()) - 2  # "where is my order?" was asked twice
    assert shop.seen.problems == []
    assert anna.seen.problems == []
    assert ben.seen.problems == []
    for page in (shop, anna, ben):
        page.context.close()


def test_the_person_button_goes_straight_to_the_queue(browser: Browser, warmline: Warmline) -> None:
    """No question back, no NLU: place in the queue at once, and an agent hears it ring."""
    console = agent(browser, warmline, 0)
    shop = Shop(browser, warmline.url)
    shop.open()
    shop.heard("bot", "an AI")
    shop.ask_person()
    expect(shop.page.locator(hook("queue-line"))).to_be_visible()
    expect(console.page.locator(hook("ring"))).to_be_visible()
    console.page.locator(hook("ring-claim")).click()
    shop.heard("system", "has joined")
    assert shop.lines("bot").count() == 1
    console.context.close()
    shop.context.close()


def test_with_nobody_at_the_desk_the_customer_hears_it_and_the_request_is_seen_later(
    browser: Browser, warmline: Warmline
) -> None:
    """An honest sentence, an address left, the bot again; the next agent who signs in finds the request."""
    shop = Shop(browser, warmline.url)
    shop.open()
    shop.heard("bot", "an AI")
    shop.ask_person()
    shop.heard("system", "Nobody from our team is here right now")
    shop.page.locator(hook("contact")).fill("visitor@example.com")
    shop.page.locator(hook("leave-contact")).click()
    shop.heard("system", "visitor@example.com")
    shop.page.locator(hook("person")).click()
    shop.heard("system", "Your request for a person stays open")
    console = agent(browser, warmline, 0)
    expect(console.page.locator(hook("list-requests"))).to_contain_text("visitor@example.com")
    console.context.close()
    shop.context.close()


def test_an_engine_killed_in_mid_conversation_is_told_within_three_seconds(
    browser: Browser, warmline: Warmline
) -> None:
    """An honest sentence and the human path; and when the engine is back, a new conversation is answered again."""
    console = agent(browser, warmline, 0)
    shop = Shop(browser, warmline.url)
    shop.open()
    shop.heard("bot", "an AI")
    shop.say("what are your opening hours?")
    expect(shop.lines("bot")).to_have_count(2)
    old = warmline.signal("engine", signal.SIGKILL)
    shop.say("and do you deliver to Norway?")
    shop.heard("system", "Your message is safe", limit_ms=3_000)
    expect(shop.page.locator(hook("queue-line"))).to_be_visible()
    expect(console.page.locator(hook("ring"))).to_be_visible()
    wait_for_new(warmline, "engine", old, engine=True)
    again = Shop(browser, warmline.url)
    again.open()
    again.say("what are your opening hours?")
    expect(again.lines("bot")).to_have_count(2)
    for page in (shop, again, console):
        page.context.close()


def test_ctrl_c_leaves_no_process_behind(warmline: Warmline) -> None:
    """Runs last in this file: every child is gone, and the exit code is 0."""
    pids = [warmline.pid(name) for name in ("bridge", "engine", "actions")]
    assert warmline.stop() == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
