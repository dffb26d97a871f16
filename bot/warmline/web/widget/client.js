// What every client of the bridge has: a connection, what is on its way over it, who types. Widget and console build on it.

import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { TypingSignal } from "./typing.js";

const TYPING_SHOWN_MS = 8_000;

export class Client {
  /**
   * *link* is handed to Connection. *store* (storage.js) keeps what was not sent yet; *onChange()* is called after anything
   * that a view may show has changed. A subclass has take(frame) and moved(phase).
   */
  constructor({ store, onChange, ...link }) {
    this.onChange = onChange;
    this.timers = {};
    this.connection = new Connection({ ...link, onFrame: (frame) => this.#frame(frame), onPhase: (phase) => this.#phase(phase) });
    const send = (frame) => this.connection.send(frame);
    this.outbox = new Outbox({ send, store, onChange: () => this.onChange() });
    this.typingSignal = new TypingSignal(send);
  }

  get phase() {
    return this.connection.phase;
  }

  /** Whether a command of this type is on its way: in the conversation *lane*, or in any. */
  underWay(type, lane = null) {
    return this.outbox.items.some(
      (item) => item.frame.type === type && (lane === null || item.lane === lane) && item.state !== "refused",
    );
  }

  retry(id) {
    this.outbox.retry(id);
  }

  drop(id) {
    this.outbox.drop(id);
  }

  /** A key was pressed in the field. */
  typed(conversation) {
    this.typingSignal.typed(conversation);
  }

  stopTyping() {
    this.typingSignal.stop();
  }

  /** The bridge answered *nack*. Returns the item when it is refused for good, undefined when it goes again or was not ours. */
  givenUp(nack) {
    const item = this.outbox.refused(nack);
    return item?.state === "refused" ? item : undefined;
  }

  /** Somebody types in *conversation* (or nobody any more): *show(on)* now, and show(false) when nothing more is heard. */
  showTyping(conversation, on, show) {
    const timer = `typing ${conversation}`;
    clearTimeout(this.timers[timer]);
    show(on);
    if (!on) return;
    this.timers[timer] = setTimeout(() => {
      show(false);
      this.onChange();
    }, TYPING_SHOWN_MS);
  }

  /** Look again in *ms* milliseconds; a later call under the same *name* takes its place. */
  later(name, ms, look) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(look, ms);
  }

  #phase(phase) {
    // Before the outbox sends: what greets or opens a conversation goes first.
    this.moved(phase);
    if (phase === "up") this.outbox.linkUp();
    else this.outbox.linkDown();
    this.onChange();
  }

  #frame(frame) {
    if (frame.type === "ack") this.outbox.acked(frame);
    if (this.take(frame) !== false) this.onChange();
  }
}
