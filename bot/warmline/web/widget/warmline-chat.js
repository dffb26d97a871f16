// <warmline-chat>: the embeddable chat, one custom element.
//
//   <script type="module" src="https://bridge.example/widget/warmline-chat.js"></script>
//   <warmline-chat name="Example" lang="en"></warmline-chat>
//
// Attributes: `bridge` (base address; by default where this file came from), `ticket` (who the customer is, signed by the site),
// `name` (how the assistant is called), `accent` (a hex colour), `theme` (light, dark; by default the reader's choice), `lang`, `open`.
// Events: `warmline-open`, `warmline-close`, `warmline-owner` (detail: {owner, agent}).

import { Chat } from "./chat.js";
import { composing } from "./composing.js";
import { make, setAttribute, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { stringsFor } from "./strings.js";
import { samePerson } from "./person.js";
import { RULES, sheet, themeText } from "./styles.js";
import { parseHex } from "./colour.js";
import { View } from "./view.js";

const HOME = new URL("../", import.meta.url).href;
let rules = null;

export class WarmlineChat extends HTMLElement {
  static observedAttributes = ["open", "accent", "ticket"];

  #chat = null;
  #view = null;
  #theme = sheet("");
  #frame = 0;
  #owner = null;
  #badge;
  #launcher;

  constructor() {
    super();
    rules ??= sheet(RULES);
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [this.#theme, rules];
  }

  connectedCallback() {
    if (!this.#view) this.#build();
    this.#start();
    addEventListener("pagehide", this.#leaving);
    addEventListener("storage", this.#elsewhere);
    globalThis.visualViewport?.addEventListener("resize", this.#fit);
    globalThis.visualViewport?.addEventListener("scroll", this.#fit);
    document.addEventListener("visibilitychange", this.#look);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#leaving);
    removeEventListener("storage", this.#elsewhere);
    globalThis.visualViewport?.removeEventListener("resize", this.#fit);
    globalThis.visualViewport?.removeEventListener("scroll", this.#fit);
    document.removeEventListener("visibilitychange", this.#look);
    this.#chat?.stop();
    this.#chat = null;
  }

  attributeChangedCallback(name, before, after) {
    if (name === "accent") this.#theme.replaceSync(themeText(parseHex(after) ? after : null));
    else if (!this.#view || before === after) return;
    else if (name === "open") this.#opened(after !== null && before === null);
    else if (name === "ticket" && this.#chat) {
      // The customer signed in or out on the page: the line greets again as whoever it is now.
      this.#chat.stop();
      this.#start();
    }
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(on) {
    this.toggleAttribute("open", Boolean(on));
  }

  #build() {
    if (!this.hasAttribute("accent")) this.#theme.replaceSync(themeText(null));
    const lang = this.getAttribute("lang") || document.documentElement.lang;
    const strings = stringsFor(lang);
    this.strings = strings;
    this.#badge = make("span", { class: "badge", "aria-hidden": "true", "data-test": "unread" });
    this.#launcher = make(
      "button",
      { class: "launcher", type: "button", "aria-haspopup": "dialog", "data-test": "launcher", onclick: () => (this.open = true) },
      icon("chat", 28),
      this.#badge,
    );
    this.#view = this.#newView();
    this.shadowRoot.append(this.#launcher, this.#view.panel);
    this.shadowRoot.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || composing(event)) return;
      event.stopPropagation();
      this.#close();
    });
  }

  #newView() {
    return new View({
      strings: this.strings,
      lang: this.getAttribute("lang") || document.documentElement.lang,
      name: this.getAttribute("name") || this.strings.defaultName,
      on: { close: () => this.#close() },
    });
  }

  #start(ticket = this.getAttribute("ticket")) {
    this.#chat = new Chat({
      bridge: new URL(this.getAttribute("bridge") || HOME, document.baseURI).href,
      siteTicket: ticket || null,
      onChange: () => this.#changed(),
    });
    if (this.#chat.forgot) {
      // A new panel: of the one before, nothing that was read or typed may be left.
      const old = this.#view.panel;
      this.#view = this.#newView();
      old.replaceWith(this.#view.panel);
    }
    this.#view.attach(this.#chat);
    if (this.open || this.#chat.known) this.#chat.start();
    this.#look();
    this.#show();
    if (this.open) this.#view.toEnd();
  }

  #opened(byPerson) {
    if (this.open) {
      this.#chat?.start();
      this.#fit();
      this.#show();
      this.#view.toEnd();
      if (byPerson) this.#view.focus();
    }
    this.#look();
    this.#show();
    this.dispatchEvent(new CustomEvent(this.open ? "warmline-open" : "warmline-close", { bubbles: true, composed: true }));
  }

  #close() {
    this.open = false;
    this.#launcher.focus();
  }

  /** Many frames may come at once; the page is changed once. A hidden page draws no frames, but its unread count is not seen either. */
  #changed() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#chat) this.#show();
    });
  }

  #show() {
    const chat = this.#chat;
    show(this.#view.panel, this.open);
    show(this.#launcher, !this.open);
    if (this.open) this.#view.update();
    const unread = chat?.unread ?? 0;
    show(this.#badge, unread > 0);
    setText(this.#badge, unread > 99 ? "99+" : String(unread));
    setAttribute(this.#launcher, "aria-label", this.strings.launcher(unread));
    const owner = `${chat?.owner} ${chat?.state?.agent ?? ""}`;
    if (chat && owner !== this.#owner) {
      this.#owner = owner;
      setAttribute(this, "data-owner", chat.owner);
      const detail = { owner: chat.owner, agent: chat.state?.agent ?? null };
      this.dispatchEvent(new CustomEvent("warmline-owner", { bubbles: true, composed: true, detail }));
    }
  }

  #look = () => this.#chat?.watch(this.open && document.visibilityState === "visible");

  /** In another tab the customer signed out of the site, or somebody else signed in: here too they are gone at once. */
  #elsewhere = (event) => {
    if (!this.#chat || event.key !== `${this.#chat.local.prefix}site` || !event.oldValue) return;
    const [before, now] = [event.oldValue, event.newValue].map((value) => value && JSON.parse(value));
    if (samePerson(before, now)) return;
    this.#chat.stop();
    // What this tab wrote since the other one cleared is cleared again.
    if (!now) this.#chat.local.clear();
    this.#start(now);
  };

  #leaving = () => this.#chat?.stopTyping();

  /** On a phone the keyboard covers part of the page; the panel takes what is left. */
  #fit = () => {
    const seen = globalThis.visualViewport;
    if (!seen) return;
    this.#view?.panel.style.setProperty("--wl-view-height", `${seen.height}px`);
    this.#view?.panel.style.setProperty("--wl-view-top", `${seen.offsetTop}px`);
  };
}

if (!customElements.get("warmline-chat")) customElements.define("warmline-chat", WarmlineChat);
