// Lets the other side know that somebody types: often enough to stay shown, and once more when it ends.

import { typing } from "./wire.js";

const AGAIN_MS = 3_000;
const IDLE_MS = 5_000;

export class TypingSignal {
  /** *send(frame)* returns whether the frame left. */
  constructor(send, now = () => Date.now()) {
    this.send = send;
    this.now = now;
    this.sentAt = 0;
    this.conversation = undefined;
    this.idle = null;
  }

  /** A key was pressed; agents name the *conversation*. */
  typed(conversation) {
    if (conversation !== this.conversation) this.stop();
    this.conversation = conversation;
    if (this.now() - this.sentAt >= AGAIN_MS && this.send(typing(true, conversation))) this.sentAt = this.now();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.stop(), IDLE_MS);
  }

  stop() {
    clearTimeout(this.idle);
    if (this.sentAt) this.send(typing(false, this.conversation));
    this.sentAt = 0;
  }
}
