// Sends pending items over a link and keeps them in storage until they are known to be kept. The rules are in pending.js.

import * as pending from "./pending.js";

export class Outbox {
  /**
   * *send(frame)* returns false when the link is not up. *store* is from storage.js; every item has a key of its own, so
   * that two tabs of one customer do not overwrite each other's.
   */
  constructor({ send, store, onChange, now = () => Date.now() }) {
    this.send = send;
    this.store = store;
    this.onChange = onChange;
    this.now = now;
    this.up = false;
    this.timer = null;
    this.items = pending.reviveItems(store.all("pending."));
  }

  add(frame, lane) {
    this.#replace(pending.addItem(this.items, frame, lane, this.now()));
    this.#pump();
  }

  linkUp() {
    this.up = true;
    this.#replace(pending.markUnsent(this.items));
    this.#pump();
  }

  linkDown() {
    this.up = false;
    clearTimeout(this.timer);
    this.#replace(pending.markUnsent(this.items));
  }

  acked(ack) {
    this.#replace(pending.markKept(this.items, ack.id, ack.seq));
    this.#pump();
  }

  /** Returns the item as it now stands, or undefined when it was not ours. */
  refused(nack) {
    this.#replace(pending.markRefused(this.items, nack, this.now()));
    this.#pump();
    return this.items.find((item) => item.id === nack.id);
  }

  settle(log, lane) {
    this.#replace(pending.settle(this.items, log, lane));
    this.#pump();
  }

  retry(id) {
    this.#replace(pending.retryItem(this.items, id));
    this.#pump();
  }

  drop(id) {
    this.#replace(pending.dropItem(this.items, id));
    this.#pump();
  }

  clear() {
    this.#replace([]);
  }

  /** Rewrites items, for example to bind them to a conversation. */
  rewrite(change) {
    this.#replace(this.items.map(change));
  }

  #replace(items) {
    if (items.length === this.items.length && items.every((item, i) => item === this.items[i])) return;
    const before = new Map(this.items.map((item) => [item.id, item]));
    for (const item of items) {
      if (before.get(item.id) !== item) this.store.set(`pending.${item.id}`, item);
      before.delete(item.id);
    }
    for (const id of before.keys()) this.store.remove(`pending.${id}`);
    this.items = items;
    this.onChange();
  }

  #pump() {
    clearTimeout(this.timer);
    if (!this.up) return;
    const now = this.now();
    let items = pending.markOverdue(this.items, now);
    for (const item of pending.dueItems(items, now)) {
      if (!this.send(item.frame)) break;
      items = pending.markSent(items, item.id, now);
    }
    this.#replace(items);
    const wait = pending.nextDueIn(this.items, now);
    if (wait !== null) this.timer = setTimeout(() => this.#pump(), Math.max(wait, 50));
  }
}
