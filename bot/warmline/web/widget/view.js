// The panel of the chat: builds its elements once and brings them in step with the model (chat.js).

import { composing } from "./composing.js";
import { make, setAttribute, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { Lines } from "./lines.js";
import { initials } from "./text.js";
import { MAX_TEXT_CHARS, cleanText, countChars } from "./wire.js";

const COUNT_FROM = MAX_TEXT_CHARS - 200;
/** Only what cannot be meant is stopped here; the bridge decides, and its sentence is shown. */
const CONTACT = /^[^\s@]+@[^\s@]+\.[^\s@]+$|^[+(\d][\d\s()/.-]{5,}$/;
const NEAR_END_PX = 60;
/** A link that comes back within this time was not worth a word. */
const CALM_MS = 1_500;

export class View {
  /** *on* holds what a person can do here: close(). All else goes to *chat*. */
  constructor({ strings, lang, name, on }) {
    this.strings = strings;
    this.name = name;
    this.on = on;
    this.chat = null;
    this.troubleSince = null;
    this.contactOpen = false;
    this.stuck = true;
    this.#build(lang);
  }

  attach(chat) {
    this.chat = chat;
    this.field.value = chat.draft();
    this.#measure();
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** Show the end of the log. */
  toEnd() {
    this.stuck = true;
    this.log.scrollTop = this.log.scrollHeight;
    show(this.below, false);
  }

  #build(lang) {
    const t = this.strings;
    this.face = make("span", { class: "face bot", "aria-hidden": "true" });
    this.title = make("b", { id: "title", "data-test": "speaker" });
    this.kind = make("span", { "data-test": "kind" });
    this.personButton = make("button", { class: "pill", type: "button", "data-test": "person", onclick: () => this.#personPressed() });
    this.withPerson = make("span", { class: "pill", "data-test": "with-person" });
    const close = make("button", { class: "icon", type: "button", "aria-label": t.close, title: t.close, "data-test": "close", onclick: () => this.on.close() }, icon("close"));
    this.header = make("div", { class: "head", "data-test": "owner" }, this.face, make("div", { class: "who" }, this.title, this.kind), this.personButton, this.withPerson, close);

    this.list = make("ul", {});
    this.early = make("button", { class: "early plain", type: "button", "data-test": "earlier", onclick: () => this.chat.earlier() }, t.earlier);
    this.log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": t.log, tabindex: "0", "data-test": "log" }, this.early, this.list);
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // Whoever reads the end goes on reading the end when a card, the keyboard or a growing field takes room away.
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.log);
    this.below = make("button", { class: "below", type: "button", hidden: true, onclick: () => this.toEnd() }, icon("down", 16), t.newBelow);
    this.lines = new Lines(this.list, t, { onRetry: (id) => this.chat.retry(id), lang });

    this.typing = make("div", { class: "typing", "data-test": "typing" });
    this.typingText = make("span", {});
    this.typing.append(this.typingText, make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")));

    this.#buildCard();
    this.quick = make("div", { class: "quick", role: "group", "data-test": "quick" });
    this.status = make("div", { class: "status", role: "status", "data-test": "status" });

    this.field = make("textarea", { rows: "1", "aria-label": t.field, "data-test": "field", enterkeyhint: "send", autocomplete: "off" });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => this.#input());
    this.count = make("div", { class: "count", role: "status" });
    this.sendButton = make("button", { class: "send", type: "button", "aria-label": t.send, title: t.send, "data-test": "send", onclick: () => this.#send() }, icon("send"));
    const writing = make("div", { class: "writing" }, make("div", { class: "fieldbox" }, this.field, this.count), this.sendButton);

    this.#buildFooter();
    this.panel = make(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", "data-test": "panel" },
      this.header,
      make("div", { class: "logbox" }, this.log, this.below),
      this.typing,
      this.card,
      this.quick,
      this.status,
      writing,
      this.footer,
    );
  }

  #buildCard() {
    const t = this.strings;
    this.place = make("p", { class: "place", role: "status", "data-test": "queue-line" });
    this.placeHint = make("p", { class: "soft" });
    this.contactInput = make("input", { type: "text", "aria-label": t.contact, placeholder: t.contact, autocomplete: "email", inputmode: "email", maxlength: "200", "data-test": "contact" });
    this.contactInput.addEventListener("keydown", (event) => event.key === "Enter" && !composing(event) && this.#leaveContact());
    this.contactWrong = make("p", { class: "wrong", role: "alert" }, t.badContact);
    this.contactForm = make(
      "div",
      {},
      make("div", { class: "contact" }, this.contactInput, make("button", { class: "solid", type: "button", "data-test": "leave-contact", onclick: () => this.#leaveContact() }, t.leaveContact)),
      this.contactWrong,
    );
    this.contactKept = make("span", { "data-test": "contact-kept" });
    this.contactLine = make("p", {}, this.contactKept, " ", make("button", { class: "plain", type: "button", onclick: () => this.#changeContact() }, t.change));
    this.knownList = make("dl", {});
    this.known = make("details", { "data-test": "known" }, make("summary", {}, t.known), this.knownList, make("p", { class: "soft" }, t.correct));
    this.card = make("div", { class: "card", "data-test": "queue" }, this.place, this.placeHint, this.contactForm, this.contactLine, this.known);
  }

  #buildFooter() {
    const t = this.strings;
    const ask = make("button", { class: "plain", type: "button", "data-test": "end" }, t.end);
    const yes = make("button", { class: "plain", type: "button", "data-test": "end-yes" }, t.yes);
    const no = make("button", { class: "plain", type: "button" }, t.no);
    const sure = make("span", {}, t.endSure);
    const asked = (on) => {
      show(ask, !on);
      for (const element of [sure, yes, no]) show(element, on);
    };
    asked(false);
    ask.addEventListener("click", () => (asked(true), no.focus()));
    no.addEventListener("click", () => (asked(false), this.focus()));
    yes.addEventListener("click", () => (asked(false), this.chat.end(), this.focus()));
    this.footer = make("div", { class: "foot" }, ask, sure, yes, no);
  }

  // --- what is shown --------------------------------------------------------------------------------------------

  update() {
    const { chat } = this;
    this.#header(chat);
    const tall = this.log.scrollHeight;
    show(this.early, chat.log.more);
    this.early.disabled = chat.fetching || chat.phase !== "up";
    // Old lines that come in a bundle are not read out one by one.
    setAttribute(this.log, "aria-busy", chat.phase !== "up" && chat.log.messages.length === 0 ? "true" : null);
    const grown = this.lines.update(chat.log, chat.outbox.items, chat.phase);
    const first = chat.log.messages[0]?.seq;
    // Who reads goes on reading where they were when earlier lines come in above.
    if (first < this.firstShown && !this.stuck) this.log.scrollTop += this.log.scrollHeight - tall;
    this.firstShown = first;
    this.#typingLine(chat);
    this.#queueCard(chat);
    this.#quickReplies(chat);
    this.#statusLine(chat);
    show(this.footer, chat.owner !== "closed" && chat.log.seq > 1);
    setAttribute(this.field, "placeholder", chat.owner === "agent" && chat.state.agent ? this.strings.placeholderPerson(chat.state.agent) : this.strings.placeholder);
    if (this.stuck) this.toEnd();
    else if (grown) show(this.below, true);
  }

  #header(chat) {
    const t = this.strings;
    const { owner } = chat;
    const person = owner === "agent" ? (chat.state.agent ?? t.person) : null;
    const title = person ?? (owner === "queue" ? t.waitingTitle : this.name);
    setText(this.title, title);
    setText(this.kind, owner === "agent" ? t.person : t.ai);
    setAttribute(this.header, "data-owner", owner);
    if (this.faceFor !== title) {
      this.faceFor = title;
      this.face.className = `face ${owner === "closed" ? "bot" : owner}`;
      this.face.replaceChildren(person ? initials(person) : icon(owner === "queue" ? "person" : "mark", 20));
    }
    const asking = chat.underWay("ask_person");
    const label = owner === "queue" ? t.backToBot : asking ? t.asking : t.askPerson;
    show(this.personButton, owner !== "agent");
    show(this.withPerson, owner === "agent");
    setText(this.personButton, label);
    this.personButton.disabled = asking || chat.underWay("back_to_bot");
    setText(this.withPerson, person ? t.withPerson(person) : "");
  }

  #typingLine(chat) {
    const name = chat.typist === "agent" ? chat.state?.agent : chat.typist === "bot" ? this.strings.assistant : null;
    show(this.typing, Boolean(name));
    if (name) setText(this.typingText, this.strings.typing(name));
  }

  #queueCard(chat) {
    const t = this.strings;
    const { state, owner } = chat;
    const waiting = owner === "queue";
    // A request left while nobody was there stays in sight even when the customer goes on with the assistant.
    const request = owner === "bot" && Boolean(state?.contact);
    show(this.card, waiting || request);
    if (!waiting && !request) return;
    if (request) {
      setText(this.place, "");
      setText(this.placeHint, t.contactKept(state.contact));
    } else if (state.offline) {
      setText(this.place, t.nobody);
      setText(this.placeHint, state.contact ? "" : t.leave);
    } else {
      const place = state.position === 1 ? t.next : state.position ? t.position(state.position) : t.waitingTitle;
      setText(this.place, state.wait_min ? `${place} ${t.wait(state.wait_min)}` : place);
      setText(this.placeHint, t.canWrite);
    }
    show(this.place, this.place.textContent !== "");
    show(this.placeHint, this.placeHint.textContent !== "");
    const asks = waiting && state.offline && (!state.contact || this.contactOpen);
    show(this.contactForm, asks);
    if (!this.contactTouched) show(this.contactWrong, false);
    show(this.contactLine, waiting && Boolean(state.contact) && !asks);
    setText(this.contactKept, state.contact ? t.contactKept(state.contact) : "");
    show(this.known, waiting && state.known.length > 0);
    const key = JSON.stringify(state.known);
    if (this.knownKey !== key) {
      this.knownKey = key;
      this.knownList.replaceChildren(...state.known.flatMap(([label, value]) => [make("dt", {}, label), make("dd", {}, value)]));
    }
  }

  #quickReplies(chat) {
    const buttons = chat.buttons;
    const key = buttons ? `${buttons.seq} ${buttons.titles.join("\u0000")}` : "";
    show(this.quick, Boolean(buttons));
    if (this.quickKey === key) return;
    this.quickKey = key;
    const press = (title, index) => () => {
      this.chat.say(title, { seq: buttons.seq, index });
      this.focus();
    };
    const made = buttons?.titles.map((title, index) => make("button", { type: "button", "data-test": "quick-reply", onclick: press(title, index) }, title));
    this.quick.replaceChildren(...(made ?? []));
  }

  #statusLine(chat) {
    const t = this.strings;
    const offline = globalThis.navigator?.onLine === false;
    const trouble = chat.phase !== "up" && chat.phase !== "off";
    if (!trouble) this.troubleSince = null;
    else this.troubleSince ??= performance.now();
    const patient = trouble && performance.now() - this.troubleSince < CALM_MS && !offline;
    if (patient) setTimeout(() => this.update(), CALM_MS);
    let text = "";
    if (chat.refusal) text = chat.refusal === 1009 ? t.tooLarge : t.sentAway;
    else if (trouble && !patient) text = offline ? t.offline : chat.log.messages.length ? t.reconnecting : t.connecting;
    else if (chat.notice) text = chat.notice.text ?? t.expired;
    else if (!chat.log.messages.length && !chat.state) text = t.starting;
    else if (chat.owner === "closed") text = t.ended;
    show(this.status, text !== "");
    this.status.classList.toggle("bad", Boolean(chat.refusal || chat.notice?.text) && !trouble);
    setText(this.status, text);
  }

  // --- what a person does ---------------------------------------------------------------------------------------

  #personPressed() {
    if (this.chat.owner === "queue") this.chat.backToBot();
    else this.chat.askPerson();
    this.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    this.#send();
  }

  #input() {
    this.#measure();
    this.chat.keepDraft(this.field.value);
    if (this.field.value.trim()) this.chat.typed();
    else this.chat.stopTyping();
  }

  /** One to five lines, and the count when the end comes near. */
  #measure() {
    const { field } = this;
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
    const count = countChars(cleanText(field.value));
    const left = MAX_TEXT_CHARS - count;
    show(this.count, count >= COUNT_FROM);
    if (count >= COUNT_FROM) setText(this.count, this.strings.left(left));
    this.count.classList.toggle("over", left < 0);
    this.sendButton.disabled = count === 0 || left < 0;
  }

  #send() {
    if (this.sendButton.disabled) return;
    this.chat.say(this.field.value);
    this.field.value = "";
    this.chat.keepDraft("");
    this.#measure();
    this.toEnd();
    this.focus();
  }

  #leaveContact() {
    const contact = this.contactInput.value.trim();
    const sound = contact.split(", ").every((part) => CONTACT.test(part));
    this.contactTouched = !sound;
    show(this.contactWrong, !sound);
    setAttribute(this.contactInput, "aria-invalid", sound ? null : "true");
    if (!sound) {
      this.contactInput.focus();
      return;
    }
    this.contactOpen = false;
    this.chat.leaveContact(contact);
    this.focus();
  }

  #changeContact() {
    this.contactOpen = true;
    this.contactInput.value = this.chat.state?.contact ?? "";
    this.update();
    this.contactInput.focus();
  }

  #scrolled() {
    this.stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
    if (this.stuck) show(this.below, false);
  }
}
