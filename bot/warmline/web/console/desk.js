// The agent's side of the line, without a picture: session, desk, open conversations, what is on its way.

import { Client } from "../widget/client.js";
import { socketUrl } from "../widget/connection.js";
import { openStore } from "../widget/storage.js";
import * as wire from "../widget/wire.js";

const GAP_MS = 1_000;
const NOTICE_MS = 12_000;

export class Desk extends Client {
  constructor({ bridge, onChange, onRing }) {
    const tab = openStore("sessionStorage", `warmline desk ${bridge} `);
    super({
      url: socketUrl(bridge, "ws/agent"),
      greet: () => this.#greeting(),
      onSentAway: () => {
        this.credentials = null;
        this.signingIn = false;
        this.#forget("The desk closed this connection. Sign in again to go on.");
      },
      onPong: (pong) => (this.clockOffset = pong.at - Date.now() / 1_000),
      store: tab,
      onChange,
    });
    this.onRing = onRing;
    this.tab = tab;
    this.token = this.tab.get("token");
    this.credentials = null;
    this.me = null;
    this.lists = null;
    this.talks = new Map();
    this.selected = this.tab.get("selected");
    this.notice = null;
    this.signInError = null;
    this.signingIn = false;
    this.rings = [];
    this.clockOffset = 0;
    this.wish = null;
  }

  /** Unix seconds by the bridge's clock. */
  now() {
    return Date.now() / 1_000 + this.clockOffset;
  }

  get signedIn() {
    return this.me !== null || Boolean(this.token);
  }

  /** The lists in the order they are shown, as one. */
  get rows() {
    return this.lists ? [...this.lists.mine, ...this.lists.waiting, ...this.lists.requests] : [];
  }

  get talk() {
    return this.selected ? this.#talkOf(this.selected) : null;
  }

  row(conversation) {
    return this.rows.find((row) => row.conversation === conversation) ?? null;
  }

  isMine(conversation) {
    return Boolean(this.lists?.mine.some((row) => row.conversation === conversation));
  }

  start() {
    if (this.token) this.connection.start();
  }

  signIn(name, password) {
    this.credentials = { name, password };
    this.signInError = null;
    this.signingIn = true;
    this.connection.stop();
    this.connection.start();
    this.onChange();
  }

  signOut() {
    this.connection.send(wire.signOut());
    this.#forget(null);
  }

  presence(status) {
    this.me = { ...this.me, status };
    this.wish = this.connection.send(wire.presence(status)) ? null : status;
    this.onChange();
  }

  select(conversation) {
    this.rings = this.rings.filter((ring) => ring.conversation !== conversation);
    if (this.selected !== conversation) {
      this.stopTyping();
      this.selected = conversation;
      if (conversation) this.tab.set("selected", conversation);
      else this.tab.remove("selected");
    }
    if (conversation) this.#open(conversation);
    this.onChange();
  }

  claim(conversation) {
    this.#command(wire.claim(wire.newId(), conversation), conversation);
    this.select(conversation);
  }

  takeOver(conversation) {
    this.#command(wire.takeOver(wire.newId(), conversation), conversation);
    this.select(conversation);
  }

  reply(conversation, text) {
    this.stopTyping();
    this.outbox.add(wire.reply(wire.newId(), conversation, wire.cleanText(text)), conversation);
  }

  note(conversation, text) {
    this.outbox.add(wire.addNote(wire.newId(), conversation, wire.cleanText(text)), conversation);
  }

  /** *needed*: whether this needed a person, undefined when the agent did not say. */
  handBack(conversation, note, needed) {
    this.#command(wire.handBack(wire.newId(), conversation, wire.cleanText(note), needed), conversation);
  }

  transfer(conversation, queue, note) {
    this.#command(wire.transfer(wire.newId(), conversation, queue, wire.cleanText(note)), conversation);
  }

  end(conversation, needed) {
    this.#command(wire.end(wire.newId(), conversation, needed), conversation);
  }

  /** Ask for the lines before the first one that is held. */
  earlier(conversation) {
    const talk = this.#talkOf(conversation);
    const [first] = talk.log.messages;
    if (first) this.connection.send(wire.earlier(first.seq, conversation));
  }

  draft(conversation) {
    return this.tab.get(`draft.${conversation}`) ?? "";
  }

  keepDraft(conversation, text) {
    if (text) this.tab.set(`draft.${conversation}`, text);
    else this.tab.remove(`draft.${conversation}`);
  }

  dismissRing(conversation) {
    this.rings = this.rings.filter((ring) => ring.conversation !== conversation);
    this.onChange();
  }

  dismissNotice() {
    this.notice = null;
    this.onChange();
  }

  #greeting() {
    if (this.credentials) return wire.signIn(this.credentials.name, this.credentials.password);
    return this.token ? wire.helloAgent(this.token) : null;
  }

  #talkOf(conversation) {
    let talk = this.talks.get(conversation);
    if (!talk) {
      talk = { conversation, log: wire.emptyLog(conversation), packet: null, state: null, typing: false, name: null };
      this.talks.set(conversation, talk);
    }
    return talk;
  }

  #open(conversation) {
    const talk = this.#talkOf(conversation);
    this.connection.send(wire.open(conversation, talk.log.seq));
  }

  #command(frame, conversation) {
    this.notice = null;
    if (!this.underWay(frame.type, conversation)) this.outbox.add(frame, conversation);
  }

  moved(phase) {
    if (phase === "up") {
      this.connection.send(wire.ping());
      if (this.wish) this.presence(this.wish);
      // Whatever was open is followed again; what is missing comes by seq.
      if (this.selected) this.#open(this.selected);
    } else {
      for (const talk of this.talks.values()) talk.typing = false;
    }
  }

  take(frame) {
    switch (frame.type) {
      case "signed_in":
        this.#welcomed(frame);
        break;
      case "desk":
        this.#desk(frame);
        break;
      case "message":
        this.#line(frame);
        break;
      case "snapshot": {
        const talk = this.#talkOf(frame.conversation);
        this.#store(talk, wire.applySnapshot(talk.log, frame));
        break;
      }
      case "history": {
        const talk = this.#talkOf(frame.conversation);
        talk.log = wire.prependHistory(talk.log, frame);
        break;
      }
      case "packet":
        this.#talkOf(frame.conversation).packet = frame.packet;
        break;
      case "state": {
        const talk = this.#talkOf(frame.conversation);
        talk.state = wire.newerState(talk.state, frame);
        break;
      }
      case "typing_seen":
        if (frame.author === "customer") this.#typing(this.#talkOf(frame.conversation), frame.on);
        break;
      case "ack":
        break;
      case "nack":
        this.#refused(frame);
        break;
      case "ring":
        this.#ring(frame);
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
    this.credentials = null;
    this.signingIn = false;
    this.signInError = null;
    this.token = frame.token;
    this.tab.set("token", frame.token);
    // Somebody else signed in on this tab: nothing of the one before may be sent under a new name.
    if (this.tab.get("agent") !== null && this.tab.get("agent") !== frame.agent) this.outbox.clear();
    this.tab.set("agent", frame.agent);
    this.me = { agent: frame.agent, name: frame.name, role: frame.role, status: frame.status, queues: frame.queues ?? [] };
    this.connection.welcomed(frame.heartbeat_s);
  }

  #desk(frame) {
    this.lists = { waiting: frame.waiting, mine: frame.mine, requests: frame.requests, colleagues: frame.colleagues, botOk: frame.bot_ok };
    for (const row of this.rows) this.#talkOf(row.conversation).name = row.customer;
    const own = frame.colleagues.find((colleague) => colleague.agent === this.me?.agent);
    if (own && own.status !== "offline") this.me = { ...this.me, status: own.status };
    const waiting = new Set(frame.waiting.map((row) => row.conversation));
    this.rings = this.rings.filter((ring) => waiting.has(ring.conversation));
  }

  #line(frame) {
    const talk = this.#talkOf(frame.conversation);
    const { log, added, gap } = wire.mergeMessage(talk.log, frame);
    if (added.some((message) => message.author === "customer")) this.#typing(talk, false);
    this.#store(talk, log);
    if (!gap) return;
    this.later(`gap ${frame.conversation}`, GAP_MS, () => wire.hasGap(talk.log) && this.#open(frame.conversation));
  }

  #store(talk, log) {
    talk.log = log;
    this.outbox.settle(log, talk.conversation);
  }

  #typing(talk, on) {
    this.showTyping(talk.conversation, on, (now) => (talk.typing = now));
  }

  #ring(frame) {
    this.rings = [...this.rings.filter((ring) => ring.conversation !== frame.conversation), frame];
    this.onRing(frame);
  }

  #refused(frame) {
    const item = this.givenUp(frame);
    if (!item || item.frame.type === "reply" || item.frame.type === "add_note") return;
    this.drop(item.id);
    const takes = item.frame.type === "claim" || item.frame.type === "take_over";
    const lost = takes && (frame.code === "illegal_transition" || frame.code === "stale_version");
    this.#say("bad", lost ? `Somebody was faster. ${frame.text}` : frame.text);
    if (takes) this.#open(item.lane);
  }

  #say(level, text) {
    this.notice = { level, text };
    this.later("notice", NOTICE_MS, () => this.dismissNotice());
  }

  #error(frame) {
    if (typeof frame.retry_after_s === "number") this.connection.notBefore(frame.retry_after_s);
    if (this.phase === "up") {
      if (frame.code === "not_signed_in") this.#forget("You were signed out. Sign in again to go on.");
      else this.#say("bad", frame.text);
      return;
    }
    if (this.credentials) {
      this.connection.stop();
      this.credentials = null;
      this.signingIn = false;
      this.signInError = frame.text;
    } else if (frame.code === "not_signed_in") {
      this.#forget("Your session has ended. Sign in again to go on.");
    } else {
      this.connection.again();
    }
  }

  /** Back to the sign-in page. Unsent replies stay for the same agent. */
  #forget(why) {
    this.connection.stop();
    this.tab.remove("token");
    this.token = null;
    this.me = null;
    this.lists = null;
    this.talks.clear();
    this.rings = [];
    this.signInError = why;
    this.onChange();
  }
}
