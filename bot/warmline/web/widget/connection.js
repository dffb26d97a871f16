// One WebSocket that keeps coming back: greeting, heartbeat, dead-link detection, retry with full jitter. It knows frames
// only as far as it must; what they mean is its owner's business.

import { delayMs } from "./backoff.js";
import { ping, readFrame } from "./wire.js";

// Patience for a socket to open and to be welcomed: short at first, since a stopped bridge lets sockets hang; longer when
// nothing else works, for a slow line.
const OPEN_LIMIT_MS = 4_000;
const OPEN_LIMIT_LATER_MS = 12_000;
const PATIENT_FROM = 3;
const PONG_LIMIT_MS = 4_000;
const WAKE_LIMIT_MS = 3_000;
// While something was sent or heard a moment ago, somebody waits for the next word: a link that looks open and is dead
// must be found within seconds, not within a whole heartbeat.
const LIVELY_MS = 3_000;
const LIVELY_FOR_MS = 30_000;

/** Close codes (RFC 6455 and IANA) after which the same greeting would only be refused again. */
export const FOR_GOOD = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** `https://shop.example/chat/` and `ws/customer` make `wss://shop.example/chat/ws/customer`. */
export function socketUrl(base, path) {
  const url = new URL(path, base.endsWith("/") ? base : `${base}/`);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Phases: `off`, `connecting`, `up` (the bridge has answered the greeting), `retrying` (waiting for the next attempt).
 *
 * *greet()* gives the first frame of each connection, or null to stay away. *onFrame(frame)* gets every frame but `pong`s; the owner
 * calls `welcomed()` when its greeting was accepted. *onPhase(phase)* is told of changes.
 * *onSentAway(code)* is called when the bridge closed for good (FOR_GOOD); the link is off then, until it is started again.
 */
export class Connection {
  constructor({ url, greet, onFrame, onPhase, onPong = () => {}, onSentAway = () => {}, makeSocket = (to) => new WebSocket(to), random = Math.random, now = () => Date.now() }) {
    Object.assign(this, { url, greet, onFrame, onPhase, onPong, onSentAway, makeSocket, random, now });
    this.phase = "off";
    this.socket = null;
    this.attempt = 0;
    this.floorMs = 0;
    this.heartbeatMs = 20_000;
    this.busyAt = 0;
    this.beganAt = 0;
    this.timers = {};
    this.onOnline = () => this.wake();
    this.onVisible = () => document.visibilityState === "visible" && this.wake();
  }

  start() {
    if (this.phase !== "off") return;
    globalThis.addEventListener?.("online", this.onOnline);
    globalThis.document?.addEventListener("visibilitychange", this.onVisible);
    this.attempt = 0;
    this.#connect();
  }

  stop() {
    globalThis.removeEventListener?.("online", this.onOnline);
    globalThis.document?.removeEventListener("visibilitychange", this.onVisible);
    this.#letGo(1000);
    this.#enter("off");
  }

  /** The greeting was accepted: the link counts as good, and the next failure starts counting from the beginning. */
  welcomed(heartbeatS) {
    clearTimeout(this.timers.open);
    this.attempt = 0;
    this.floorMs = 0;
    if (heartbeatS > 0) this.heartbeatMs = heartbeatS * 1_000;
    this.#enter("up");
    this.#busy();
  }

  /** Returns whether the frame was handed to the socket; only greetings leave before the link is up. */
  send(frame) {
    if (this.phase !== "up" || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    if (frame.type !== "ping") this.#busy();
    return true;
  }

  /** Drop this socket and greet anew: after a gap, or with another ticket. Patience grows until the next welcome. */
  again() {
    if (this.phase === "off") return;
    this.#letGo(1000);
    this.#retry();
  }

  /** The bridge asked us to stay away for a while. */
  notBefore(seconds) {
    this.floorMs = Math.max(this.floorMs, seconds * 1_000);
  }

  /** The device woke up or came back online: a socket that looks open may be long dead. */
  wake() {
    if (this.phase === "retrying" && this.floorMs === 0) {
      this.#connect();
    } else if (this.phase === "up") {
      this.#beat(WAKE_LIMIT_MS);
    }
  }

  #enter(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    this.onPhase(phase);
  }

  #connect() {
    clearTimeout(this.timers.retry);
    this.floorMs = 0;
    const first = this.greet();
    if (!first) return;
    this.#enter("connecting");
    this.beganAt = this.now();
    let socket;
    try {
      socket = this.makeSocket(this.url);
    } catch {
      this.#retry();
      return;
    }
    this.socket = socket;
    this.timers.open = setTimeout(() => this.#lost(socket), this.attempt < PATIENT_FROM ? OPEN_LIMIT_MS : OPEN_LIMIT_LATER_MS);
    socket.onopen = () => socket === this.socket && socket.send(JSON.stringify(first));
    socket.onmessage = (event) => socket === this.socket && this.#heard(event.data);
    socket.onclose = (event) => (FOR_GOOD.has(event?.code) ? this.#sentAway(socket, event.code) : this.#lost(socket));
    socket.onerror = () => {};
  }

  #heard(data) {
    clearTimeout(this.timers.pong);
    this.timers.pong = null;
    const frame = readFrame(data);
    if (!frame) return;
    if (frame.type === "pong") {
      this.onPong(frame);
      return;
    }
    this.onFrame(frame);
    if (this.phase === "up") this.#busy();
  }

  /** Something that matters was sent or heard: the next heartbeat comes soon. */
  #busy() {
    const wasLively = this.#lively();
    this.busyAt = this.now();
    if (!wasLively || !this.timers.beat) this.#beatLater();
  }

  #lively() {
    return Math.abs(this.now() - this.busyAt) < LIVELY_FOR_MS;
  }

  #beatLater() {
    clearTimeout(this.timers.beat);
    const wait = this.#lively() ? Math.min(LIVELY_MS, this.heartbeatMs) : this.heartbeatMs;
    this.timers.beat = setTimeout(() => this.#beat(PONG_LIMIT_MS), wait);
  }

  #beat(limitMs) {
    const socket = this.socket;
    if (!this.send(ping())) return;
    // A heartbeat that still waits for its answer keeps its own limit.
    this.timers.pong ??= setTimeout(() => this.#lost(socket), limitMs);
    this.#beatLater();
  }

  #lost(socket) {
    if (socket !== this.socket || this.phase === "off") return;
    this.#letGo(4000);
    this.#retry();
  }

  #sentAway(socket, code) {
    if (socket !== this.socket || this.phase === "off") return;
    this.stop();
    this.onSentAway(code);
  }

  #letGo(code) {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.timers = {};
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close(code);
    } catch {
      // Some sockets that never opened refuse to be closed.
    }
  }

  #retry() {
    // An attempt that hung for a while has had its wait already.
    const spentMs = this.phase === "connecting" ? Math.max(0, this.now() - this.beganAt) : 0;
    const wait = Math.max(this.floorMs, delayMs(this.attempt, this.random) - spentMs);
    this.attempt += 1;
    this.#enter("retrying");
    clearTimeout(this.timers.retry);
    this.timers.retry = setTimeout(() => this.#connect(), wait);
  }
}
