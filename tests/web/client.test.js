// What widget and console share: they send, settle and give up by the same code.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { beforeEach, mock, test } from "node:test";

import { Desk } from "../../bot/warmline/web/console/desk.js";
import { Chat } from "../../bot/warmline/web/widget/chat.js";
import { Client } from "../../bot/warmline/web/widget/client.js";
import { claim, reply } from "../../bot/warmline/web/widget/wire.js";

const WEB = new URL("../../bot/warmline/web/", import.meta.url);

class FakeSocket {
  readyState = 1;
  sent = [];
  send(data) {
    this.sent.push(JSON.parse(data));
  }
  close() {}
}

class Recorder extends Client {
  seen = [];
  moved(phase) {
    this.seen.push(phase);
  }
  take(frame) {
    if (frame.type === "hello_back") this.connection.welcomed(20);
    return frame.type !== "unknown";
  }
}

function connected() {
  const socket = new FakeSocket();
  const kept = new Map();
  const store = { all: () => [...kept.values()], set: (key, value) => kept.set(key, value), remove: (key) => kept.delete(key) };
  let changes = 0;
  const client = new Recorder({ url: "ws://x", greet: () => ({ type: "hello" }), makeSocket: () => socket, store, onChange: () => changes++ });
  client.connection.start();
  socket.onopen();
  const says = (frame) => socket.onmessage({ data: JSON.stringify(frame) });
  says({ type: "hello_back" });
  return { client, socket, kept, says, changes: () => changes };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});

test("an acknowledged command is done, and words wait until they are in the log", () => {
  const { client, says, kept } = connected();
  client.outbox.add(claim("a", "c_1"), "c_1");
  client.outbox.add(reply("b", "c_1", "hello"), "c_1");
  assert.equal(client.underWay("claim", "c_1"), true);
  assert.equal(client.underWay("claim", "c_2"), false);
  assert.equal(client.underWay("claim"), true);
  says({ type: "ack", id: "a", seq: 3 });
  says({ type: "ack", id: "b", seq: 4 });
  assert.deepEqual([...kept.keys()], ["pending.b"]);
  client.outbox.settle({ messages: [{ id: "b" }], seq: 4 }, "c_1");
  assert.equal(kept.size, 0);
});

test("only what is refused for good is given up", () => {
  const { client, kept } = connected();
  client.outbox.add(claim("a", "c_1"), "c_1");
  assert.equal(client.givenUp({ id: "a", code: "busy", text: "", retry_after_s: 1 }), undefined);
  assert.equal(client.givenUp({ id: "z", code: "not_allowed", text: "" }), undefined);
  assert.equal(client.givenUp({ id: "a", code: "not_allowed", text: "No." }).problem.text, "No.");
  client.drop("a");
  assert.equal(kept.size, 0);
});

test("somebody who types no more is forgotten after a while, in each conversation by itself", () => {
  const { client, changes } = connected();
  const shown = {};
  for (const id of ["c_1", "c_2"]) client.showTyping(id, true, (on) => (shown[id] = on));
  client.showTyping("c_2", false, (on) => (shown.c_2 = on));
  const before = changes();
  mock.timers.tick(8_000);
  assert.deepEqual(shown, { c_1: false, c_2: false });
  assert.equal(changes(), before + 1);
});

test("a lost link puts what was on the wire back, after the subclass was told", () => {
  const { client, socket } = connected();
  client.outbox.add(claim("a", "c_1"), "c_1");
  assert.equal(client.outbox.items[0].state, "sent");
  socket.onclose({ code: 1006 });
  assert.equal(client.outbox.items[0].state, "waiting");
  assert.equal(client.seen.at(-1), "retrying");
});

test("widget and console are clients, and have no outbox, connection or typing signal of their own", () => {
  assert.ok(Chat.prototype instanceof Client && Desk.prototype instanceof Client);
  for (const folder of ["widget/", "console/"]) {
    for (const file of readdirSync(new URL(folder, WEB)).filter((name) => name.endsWith(".js") && name !== "client.js")) {
      const text = readFileSync(new URL(folder + file, WEB), "utf8");
      assert.doesNotMatch(text, /new (Outbox|Connection|TypingSignal)\(|outbox\.(linkUp|linkDown\(\);\n\s+this\.on|acked|refused)/, file);
    }
  }
});
