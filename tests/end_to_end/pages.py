"""The two pages as their people use them: what is visible and what can be pressed. Waiting is Playwright's."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

LIMIT_MS = 30_000
expect.set_options(timeout=LIMIT_MS)


def hook(name: str) -> str:
    return f'[data-test="{name}"]'


def settle(page: Page) -> None:
    """Wait for the animations of *page*, shadow roots included."""
    page.evaluate("() => Promise.allSettled(document.getAnimations({ subtree: true }).map(a => a.finished))")
    page.evaluate(
        """() => Promise.allSettled([...document.querySelectorAll('*')].filter(e => e.shadowRoot)
            .flatMap(e => e.shadowRoot.getAnimations()).map(a => a.finished))"""
    )


class Seen:
    """Errors and blocked content of a page: a test asserts at its end that there were none."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._console)

    def _console(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        # The bridge's restart is part of the story; that the socket could not be opened meanwhile is no defect.
        if kind == "error" and "WebSocket connection" not in text and "net::ERR_" not in text:
            self.problems.append(f"{kind}: {text}")


class Shop:
    """The customer: the demo page with the chat."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page = self.context.new_page()
        self.page.set_default_timeout(LIMIT_MS)
        self.seen = Seen(self.page)
        self.page.goto(url)

    def open(self) -> None:
        if not self.page.locator(hook("panel")).is_visible():
            self.page.locator(hook("launcher")).click()
        expect(self.page.locator(hook("panel"))).to_be_visible()

    def reload(self) -> None:
        self.page.reload()
        self.open()

    def settle(self) -> None:
        """Until nothing moves any more: for a picture."""
        settle(self.page)

    def say(self, text: str) -> None:
        self.page.locator(hook("field")).fill(text)
        self.page.locator(hook("send")).click()
        expect(self.lines("customer").filter(has_text=text).last).to_be_visible()

    def press(self, title: str) -> None:
        """A quick reply."""
        self.page.locator(hook("quick")).get_by_role("button", name=title).click()

    def ask_person(self) -> None:
        self.page.locator(hook("person")).click()

    def lines(self, author: str) -> Locator:
        return self.page.locator(f'[data-author="{author}"]')

    def heard(self, author: str, text: str, *, limit_ms: int = LIMIT_MS) -> None:
        """Wait until a line of *author* with *text* is shown."""
        expect(self.lines(author).filter(has_text=text).last).to_be_visible(timeout=limit_ms)

    def seqs(self) -> list[int]:
        """The seq of every line of the log, in the order they are shown."""
        return [int(s) for s in self.page.eval_on_selector_all("[data-seq]", "all => all.map(e => e.dataset.seq)")]

    def texts(self) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all("[data-seq] .words", "all => all.map(e => e.innerText)")
        return found


class Console:
    """An agent: the console page."""

    def __init__(self, browser: Browser, url: str, name: str, password: str) -> None:
        self.name = name
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page = self.context.new_page()
        self.page.set_default_timeout(LIMIT_MS)
        self.seen = Seen(self.page)
        self.page.goto(f"{url}/console/")
        self.page.locator(hook("sign-in-name")).fill(name)
        self.page.locator(hook("sign-in-password")).fill(password)
        self.page.locator(hook("sign-in-submit")).click()
        expect(self.page.locator(hook("desk"))).to_be_visible()

    def row(self, text: str) -> Locator:
        return self.page.locator(f"{hook('row')}").filter(has_text=text)

    def open(self, text: str) -> None:
        self.row(text).first.click()
        expect(self.page.locator(hook("packet"))).to_be_visible()

    def claim_at(self, at_ms: float) -> None:
        """Press "Claim" of the open conversation at *at_ms* (Unix milliseconds): the same for two makes a race."""
        expect(self.page.locator(hook("claim-open"))).to_be_visible()
        self.page.evaluate(
            """([selector, at]) => { setTimeout(() => document.querySelector(selector).click(), at - Date.now()) }""",
            [hook("claim-open"), at_ms],
        )

    def reply(self, text: str) -> None:
        self.page.locator(hook("composer")).fill(text)
        self.page.locator(hook("composer-send")).click()

    def hand_back(self, note: str) -> None:
        self.page.locator(hook("hand-back")).click()
        self.page.locator(hook("hand-back-note")).fill(note)
        self.page.locator(hook("hand-back-confirm")).click()

    def settle(self) -> None:
        """Until nothing moves any more: for a picture."""
        settle(self.page)

    def heard(self, author: str, text: str) -> None:
        expect(self.page.locator(f'[data-author="{author}"]').filter(has_text=text).last).to_be_visible()

    def packet(self) -> str:
        return self.page.locator(hook("packet")).inner_text()

    def seqs(self) -> list[int]:
        return [int(s) for s in self.page.eval_on_selector_all("[data-seq]", "all => all.map(e => e.dataset.seq)")]
