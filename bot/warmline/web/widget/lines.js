// The log as elements: one per message or unsent text, kept in step with the model.

import { make, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { initials, splitLinks } from "./text.js";

/** Lines of one speaker within this time stand together. */
const GROUP_S = 300;

/** A line the customer wrote keeps its element when it comes back from the bridge: both go by the sender's id. */
function keyOf(message) {
  return message.author === "customer" && message.id ? `own ${message.id}` : `seq ${message.seq}`;
}

function fill(paragraph, text) {
  paragraph.replaceChildren(
    ...splitLinks(text).map(({ text: words, href }) =>
      href ? make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, words) : words,
    ),
  );
}

export class Lines {
  constructor(list, strings, { onRetry, lang }) {
    this.list = list;
    this.strings = strings;
    this.onRetry = onRetry;
    // "en" alone would mean the American way of writing times; the reader's own locale of that language comes first.
    const locale = globalThis.navigator?.languages?.find((own) => own.startsWith(lang || own)) ?? (lang || undefined);
    this.clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
    this.elements = new Map();
  }

  /** Bring the list in step. Returns whether lines were added at its end. */
  update(log, items, link) {
    const wanted = this.#wanted(log, items);
    const keys = new Set(wanted.map((line) => line.key));
    for (const [key, element] of this.elements) {
      if (keys.has(key)) continue;
      element.remove();
      this.elements.delete(key);
    }
    const lastBefore = this.list.lastElementChild;
    let at = this.list.firstElementChild;
    for (const line of wanted) {
      let element = this.elements.get(line.key);
      if (!element) {
        element = line.divider ? this.#divider(line) : this.#line(line);
        this.elements.set(line.key, element);
      }
      if (element === at) at = at.nextElementSibling;
      else this.list.insertBefore(element, at);
      if (!line.divider) this.#refresh(element, line, link);
    }
    return this.list.lastElementChild !== lastBefore;
  }

  #wanted(log, items) {
    const shown = new Set(log.messages.map((m) => m.author === "customer" && m.id).filter(Boolean));
    const unsent = items
      .filter((item) => item.frame.type === "say" && !shown.has(item.id))
      .map((item) => ({ author: "customer", id: item.id, text: item.frame.text, at: item.at / 1_000, item }));
    const wanted = [];
    let before = null;
    for (const message of [...log.messages, ...unsent]) {
      const day = new Date(message.at * 1_000).toDateString();
      if (before && day !== before.day) wanted.push({ key: `day ${day}`, divider: true, at: message.at });
      const who = `${message.author} ${message.name ?? ""}`;
      const leads = !before || before.who !== who || before.day !== day || message.at - before.at > GROUP_S;
      if (leads && wanted.length && !wanted.at(-1).divider) wanted.at(-1).trails = true;
      wanted.push({ ...message, key: keyOf(message), leads, trails: false });
      before = { who, day, at: message.at };
    }
    if (wanted.length) wanted.at(-1).trails = true;
    return wanted;
  }

  #divider(line) {
    return make("li", { class: "divider", role: "presentation" }, make("span", {}, this.day.format(new Date(line.at * 1_000))));
  }

  #line(line) {
    const { author } = line;
    if (author === "system") {
      return make("li", { class: "line system" }, make("p", { class: "words" }));
    }
    const speaker = author === "customer" ? this.strings.you : author === "bot" ? this.strings.assistant : (line.name ?? "");
    const face =
      author === "customer"
        ? null
        : make("span", { class: "face", "aria-hidden": "true" }, author === "bot" ? icon("mark", 18) : initials(line.name));
    return make(
      "li",
      { class: `line ${author}` },
      face,
      make(
        "div",
        { class: "body" },
        make("span", { class: author === "agent" ? "speaker" : "speaker unseen" }, speaker),
        make("p", { class: "words" }),
        make("span", { class: "meta" }),
      ),
    );
  }

  #refresh(element, line, link) {
    const words = element.querySelector(".words");
    if (element.shownText !== line.text) {
      fill(words, line.text);
      element.shownText = line.text;
    }
    setAttribute(element, "data-test", line.author === "system" ? "line-system" : "line");
    setAttribute(element, "data-seq", line.seq ?? null);
    setAttribute(element, "data-author", line.author);
    setAttribute(element, "data-code", line.code ?? null);
    element.classList.toggle("leads", line.leads);
    element.classList.toggle("trails", line.trails);
    if (line.author === "system") return;
    this.#meta(element, line, link);
  }

  #meta(element, line, link) {
    const meta = element.querySelector(".meta");
    const state = line.item?.state ?? null;
    setAttribute(element, "data-state", state);
    element.classList.toggle("held", state === "waiting" && link !== "up");
    const { strings } = this;
    if (state === "refused") {
      if (meta.firstElementChild?.tagName !== "BUTTON") {
        const retry = make("button", { type: "button", class: "retry", "data-test": "retry", onclick: () => this.onRetry(line.id) });
        meta.replaceChildren(retry);
      }
      const why = line.item.problem?.text;
      setText(meta.firstElementChild, why ? `${why} ${strings.notSent}` : strings.notSent);
      return;
    }
    let text = line.trails ? this.clock.format(new Date(line.at * 1_000)) : "";
    if (state === "waiting") text = link === "up" ? (line.item.problem ? strings.retrying : strings.sending) : strings.heldBack;
    if (state === "sent") text = strings.sending;
    setText(meta, text);
  }
}
