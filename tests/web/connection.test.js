// A link that keeps coming back, over a socket that does what the test says.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Connection, socketUrl } from "../../bot/warmline/web/widget/connection.js";
import { CAP_MS } from "../../bot/warmline/web/widget/backoff.js";

class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];
  constructor() {
    FakeSocket.all.push(this);
  }
  send(data) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.onopen();
  }
  says(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  dies(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  FakeSocket.all = [];
});

function make({ random = () => 0.5, greet = () => ({ type: "hello" }) } = {}) {
  const heard = { phases: [], frames: [] };
  const link = new Connection({
    url: "ws://x",
    greet,
    random,
    makeSocket: () => new FakeSocket(),
    onPhase: (phase) => heard.phases.push(phase),
    onFrame: (frame) => {
      heard.frames.push(frame.type);
      if (frame.type === "welcome") link.welcomed(frame.heartbeat_s);
    },
  });
  return { link, heard };
}

function up(link) {
  link.start();
  FakeSocket.all.at(-1).opens();
  FakeSocket.all.at(-1).says({ type: "welcome", heartbeat_s: 20 });
  return FakeSocket.all.at(-1);
}

test("the greeting is the first frame, and nothing else leaves before the welcome", () => {
  const { link } = make();
  link.start();
  const [socket] = FakeSocket.all;
  socket.opens();
  assert.equal(link.send({ type: "say" }), false);
  assert.deepEqual(socket.sent, [{ type: "hello" }]);
  socket.says({ type: "welcome", heartbeat_s: 20 });
  assert.equal(link.send({ type: "say" }), true);
});

test("a lost link is tried again, each time with more patience, until a welcome", () => {
  const { link } = make({ random: () => 0.999 });
  up(link).dies();
  const waits = [];
  for (let i = 0; i < 8; i += 1) {
    const before = FakeSocket.all.length;
    let waited = 0;
    while (FakeSocket.all.length === before) {
      mock.timers.tick(100);
      waited += 100;
    }
    waits.push(waited);
    FakeSocket.all.at(-1).dies();
  }
  assert.deepEqual(waits, [...waits].sort((a, b) => a - b));
  assert.ok(waits.at(-1) > waits[0] * 4 && waits.at(-1) <= CAP_MS + 100, `${waits}`);
});

/** Let *ms* pass; every ping on the way is answered when *answer* says so. Returns how many there were. */
function pass(link, socket, ms, { answer = true } = {}) {
  let pings = 0;
  for (let at = 0; at < ms; at += 500) {
    const before = socket.sent.length;
    mock.timers.tick(500);
    for (const frame of socket.sent.slice(before)) {
      if (frame.type !== "ping") continue;
      pings += 1;
      if (answer) socket.says({ type: "pong", at: 1 });
    }
  }
  return pings;
}

test("a heartbeat without an answer means that the link is dead", () => {
  const { link, heard } = make();
  const socket = up(link);
  pass(link, socket, 60_000);
  assert.equal(link.phase, "up");
  pass(link, socket, 24_500, { answer: false });
  assert.deepEqual(heard.phases.slice(0, 3), ["connecting", "up", "retrying"]);
  assert.equal(socket.readyState, 3);
});

test("a link that was used a moment ago and is dead is noticed within seconds", () => {
  const { link, heard } = make();
  const socket = up(link);
  pass(link, socket, 60_000);
  link.send({ type: "say", id: "m1" });
  pass(link, socket, 7_500, { answer: false });
  assert.deepEqual(heard.phases.slice(0, 3), ["connecting", "up", "retrying"]);
});

test("a quiet link beats at the bridge's pace, a lively one faster", () => {
  const { link } = make();
  const socket = up(link);
  assert.ok(pass(link, socket, 30_000) >= 9);
  pass(link, socket, 10_000);
  assert.ok(pass(link, socket, 60_000) <= 3);
  socket.says({ type: "message" });
  assert.ok(pass(link, socket, 15_000) >= 4);
});

test("a socket that never opens, or never welcomes, is given up; later ones get more time", () => {
  const { link, heard } = make();
  link.start();
  FakeSocket.all[0].opens();
  mock.timers.tick(4_000);
  assert.deepEqual(heard.phases.slice(0, 2), ["connecting", "retrying"]);
  mock.timers.tick(1_000);
  assert.equal(FakeSocket.all.length, 2);
  for (let at = 0; at < 20_000; at += 100) mock.timers.tick(100);
  const before = FakeSocket.all.length;
  assert.ok(before >= 4, `${before}`);
  for (let at = 0; at < 5_000; at += 100) mock.timers.tick(100);
  assert.equal(FakeSocket.all.length, before);
});

test("an old socket's words are dropped", () => {
  const { link, heard } = make();
  const old = up(link);
  const onmessage = old.onmessage;
  link.again();
  onmessage({ data: '{"type":"message"}' });
  assert.deepEqual(heard.frames, ["welcome"]);
});

test("waking up tries at once, but not before the bridge allows it", () => {
  const { link } = make({ random: () => 0.999 });
  const socket = up(link);
  socket.dies();
  link.wake();
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.all.at(-1).opens();
  link.notBefore(30);
  link.again();
  link.wake();
  mock.timers.tick(29_000);
  assert.equal(FakeSocket.all.length, 2);
  mock.timers.tick(1_500);
  assert.equal(FakeSocket.all.length, 3);
});

test("a link that was stopped stays away", () => {
  const { link } = make();
  up(link);
  link.stop();
  mock.timers.tick(120_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(link.phase, "off");
});

test("who is sent away does not come back by itself, and is told why; any other close is tried again", () => {
  for (const code of [1002, 1003, 1007, 1008, 1009, 1010]) {
    FakeSocket.all = [];
    const codes = [];
    const { link } = make();
    link.onSentAway = (why) => codes.push(why);
    up(link).dies(code);
    mock.timers.tick(120_000);
    assert.deepEqual([FakeSocket.all.length, link.phase, codes], [1, "off", [code]]);
  }
  for (const code of [1000, 1001, 1006, 1011, 1012, 1013, 4008]) {
    FakeSocket.all = [];
    const { link } = make();
    up(link).dies(code);
    mock.timers.tick(5_000);
    assert.equal(FakeSocket.all.length, 2, `${code}`);
    link.stop();
  }
});

test("an address of a page becomes the address of its socket", () => {
  assert.equal(socketUrl("https://shop.example/chat", "ws/customer"), "wss://shop.example/chat/ws/customer");
  assert.equal(socketUrl("http://127.0.0.1:8750/", "ws/agent"), "ws://127.0.0.1:8750/ws/agent");
});
