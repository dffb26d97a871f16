// One customer's side of the line, without a picture: what is known, what is on its way, who answers. view.js shows it.

import { Client } from "./client.js";
import { socketUrl } from "./connection.js";
import { samePerson } from "./person.js";
import { openStore } from "./storage.js";
import * as wire from "./wire.js";

const KEPT_LINES = 200;
const STALLED_LINE_MS = 4_000;
const UNBOUND = "new";

/**
 * Who signed out of the site, or is not who signed in now (*given*, the ticket), leaves nothing behind for the next one at this
 * machine. Returns whether there was anything.
 */
function forgetOthers(local, tab, given) {
  const session = local.get("session");
  let forgot = false;
  for (const [store, last] of [[local, local.get("site") ?? session?.site], [tab, tab.get("site")]]) {
    if (last && !samePerson(last, given)) {
      store.clear();
      forgot = true;
    }
    if (given) store.set("site", given);
  }
  if (forgot) tab.clear();
  if (forgot && given) tab.set("site", given);
  return forgot;
}

export class Chat extends Client {
  /** *onChange()* is called after anything that a view may show has changed, at most once per frame of the page. */
  constructor({ bridge, siteTicket = null, onChange, random = Math.random }) {
    const local = openStore("localStorage", `warmline ${bridge} `);
    const tab = openStore("sessionStorage", `warmline ${bridge} `);
    // Before the outbox reads the store: nothing of somebody else may be sent.
    const forgot = forgetOthers(local, tab, siteTicket);
    super({
      url: socketUrl(bridge, "ws/customer"),
      greet: () => wire.hello(this.#ticket(), this.#ticket() ? this.log : null, globalThis.navigator?.language),
      onSentAway: (code) => {
        this.refusal = code;
        this.onChange();
      },
      random,
      store: local,
      onChange,
    });
    this.siteTicket = siteTicket;
    this.given = siteTicket;
    this.local = local;
    this.tab = tab;
    this.forgot = forgot;
    this.session = this.local.get("session") ?? {};
    this.log = wire.reviveLog(this.tab.get("log"));
    if (this.log.conversation !== (this.session.conversation ?? null)) this.log = wire.emptyLog();
    this.state = null;
    this.notice = null;
    this.refusal = null;
    this.typist = null;
    this.seen = this.session.seen ?? 0;
    this.watching = false;
    this.fetching = false;
  }

  get owner() {
    return this.state?.owner ?? "bot";
  }

  /** Whether this browser has talked here before: only then is a closed chat worth a connection. */
  get known() {
    return Boolean(this.session.ticket) || this.outbox.items.length > 0;
  }

  /** Lines by others that were not looked at yet. */
  get unread() {
    return this.log.messages.filter((m) => m.seq > this.seen && m.author !== "customer").length;
  }

  get buttons() {
    const busy = this.outbox.items.some((item) => item.frame.type === "say" && item.state !== "refused");
    return this.owner === "bot" && !busy ? wire.openButtons(this.log) : null;
  }

  start() {
    // Sent away by the bridge: not again in this page's life.
    if (!this.refusal) this.connection.start();
  }

  stop() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.stopTyping();
    this.outbox.linkDown();
    this.connection.stop();
  }

  say(text, choice) {
    this.stopTyping();
    this.#put(wire.say(wire.newId(), wire.cleanText(text), choice));
  }

  askPerson() {
    if (!this.underWay("ask_person")) this.#put(wire.askPerson(wire.newId()));
  }

  backToBot() {
    if (!this.underWay("back_to_bot")) this.#put(wire.backToBot(wire.newId()));
  }

  leaveContact(contact) {
    this.#put(wire.leaveContact(wire.newId(), contact));
  }

  end() {
    this.#put(wire.end(wire.newId()));
  }

  /** Ask for the lines before the first one that is held. */
  earlier() {
    const [first] = this.log.messages;
    if (!first || this.fetching) return;
    this.fetching = this.connection.send(wire.earlier(first.seq));
    this.onChange();
  }

  retry(id) {
    this.notice = null;
    this.#bindOne(id);
    super.retry(id);
  }

  /** The log is in sight (or no longer): what is there counts as read. */
  watch(on) {
    this.watching = on;
    if (on) this.#read();
  }

  keepDraft(text) {
    if (text) this.tab.set("draft", text);
    else this.tab.remove("draft");
  }

  draft() {
    return this.tab.get("draft") ?? "";
  }

  /** A ticket of the site that was not used yet says who the customer is now; otherwise the bridge's own, renewed each time. */
  #ticket() {
    const fresh = this.siteTicket && this.siteTicket !== this.session.site;
    return fresh ? this.siteTicket : (this.session.ticket ?? null);
  }

  #lane() {
    return this.session.conversation ?? UNBOUND;
  }

  #put(frame) {
    this.notice = null;
    this.outbox.add(frame, this.#lane());
  }

  moved(phase) {
    if (phase !== "up") this.#typing(null);
    this.fetching = false;
  }

  take(frame) {
    switch (frame.type) {
      case "welcome":
        this.#welcomed(frame);
        break;
      case "message":
        this.#line(frame);
        break;
      case "snapshot":
        this.#store(wire.applySnapshot(this.log, frame));
        break;
      case "history":
        this.fetching = false;
        this.#store(wire.prependHistory(this.log, frame));
        break;
      case "state":
        if (frame.conversation !== this.session.conversation) return false;
        this.state = wire.newerState(this.state, frame);
        if (this.owner === "queue" || this.owner === "closed") this.#typing(null);
        break;
      case "typing_seen":
        if (frame.conversation === this.session.conversation) this.#typing(frame.on ? frame.author : null);
        break;
      case "ack":
        this.#expectLine(frame.seq);
        break;
      case "nack":
        this.#refused(frame);
        break;
      case "error":
        this.#error(frame);
        break;
      default:
        return false;
    }
    return true;
  }

  #welcomed(frame) {
    const moved = this.log.messages.length > 0 && this.log.conversation !== frame.conversation;
    if (!wire.logFits(this.log, frame.conversation, frame.seq)) {
      this.log = wire.emptyLog();
      this.seen = 0;
    }
    if (this.log.conversation === null) this.log = wire.emptyLog(frame.conversation);
    this.session = {
      ticket: frame.ticket,
      conversation: frame.conversation,
      site: this.given ?? undefined,
      seen: this.seen,
    };
    this.local.set("session", this.session);
    this.state = null;
    // What was written before there was a conversation goes into this one. What was meant for another conversation must
    // not slip into this one by itself: the customer decides.
    this.outbox.rewrite((item) => {
      if (item.lane === UNBOUND) return { ...item, lane: frame.conversation };
      if (item.lane === frame.conversation || item.state === "refused") return item;
      return { ...item, state: "refused", problem: { code: "other_conversation", text: "" } };
    });
    if (moved) this.notice = { code: "expired", text: null };
    this.connection.welcomed(frame.heartbeat_s);
    if (frame.seq > this.log.seq) this.#expectLine(frame.seq);
  }

  #bindOne(id) {
    const lane = this.#lane();
    this.outbox.rewrite((item) => (item.id === id ? { ...item, lane } : item));
  }

  #line(frame) {
    const { log, added, gap } = wire.mergeMessage(this.log, frame);
    if (added.some((message) => message.author === this.typist)) this.#typing(null);
    this.#store(log);
    if (gap) this.#expectLine(frame.seq);
  }

  #store(log) {
    this.log = log;
    this.tab.set("log", wire.shortenLog(log, KEPT_LINES));
    this.outbox.settle(log, this.#lane());
    if (this.watching) this.#read();
  }

  /** Lines up to *seq* exist. If they do not come by themselves, ask again. */
  #expectLine(seq) {
    if (this.log.seq >= seq) return;
    this.later("stalled", STALLED_LINE_MS, () => {
      if (this.log.seq < seq && this.phase === "up") this.connection.again();
    });
  }

  #read() {
    if (this.log.seq === this.seen) return;
    this.seen = this.log.seq;
    this.session = { ...this.session, seen: this.seen };
    this.local.set("session", this.session);
  }

  #typing(author) {
    this.showTyping("here", Boolean(author), (on) => (this.typist = on ? author : null));
  }

  #refused(frame) {
    const item = this.givenUp(frame);
    if (!item) return;
    // Pressing the button of an earlier question again cannot help; words can be sent again.
    if (item.frame.type === "say" && frame.code !== "not_offered") return;
    // A command has no line to show its failure on: say it once and forget it.
    this.outbox.drop(item.id);
    this.notice = { code: frame.code, text: frame.text };
  }

  #error(frame) {
    if (typeof frame.retry_after_s === "number") this.connection.notBefore(frame.retry_after_s);
    if (this.phase === "connecting") {
      this.#greetingRefused(frame);
      return;
    }
    this.fetching = false;
    this.notice = { code: frame.code, text: frame.text };
  }

  #greetingRefused(frame) {
    const ticketOfSite = this.siteTicket && this.siteTicket !== this.session.site;
    if (frame.code === "not_signed_in") {
      // A ticket has expired. The bridge begins anew by itself; only when there is another ticket is that worth asking.
      const another = ticketOfSite && this.session.ticket;
      if (ticketOfSite) this.siteTicket = null;
      else this.session = { site: this.session.site };
      if (another) this.connection.again();
      return;
    }
    // The ticket is good, but not for what we hold.
    if (frame.code === "not_allowed" || frame.code === "not_found") this.session = { site: this.session.site };
    this.connection.again();
  }
}
