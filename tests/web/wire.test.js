// The log of a conversation as a client holds it.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as wire from "../../bot/warmline/web/widget/wire.js";

const C = "c_1";
const message = (seq, more = {}) => ({ type: "message", conversation: C, seq, epoch: 1, at: seq, author: "bot", text: `line ${seq}`, ...more });
const fill = (log, ...seqs) => seqs.reduce((held, seq) => wire.mergeMessage(held, message(seq)).log, log);
const seqs = (log) => log.messages.map((m) => m.seq);

/** A small generator, so that a failing order can be run again. */
function luck(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test("messages in order are shown as they come", () => {
  const log = fill(wire.emptyLog(C), 1, 2, 3);
  assert.deepEqual(seqs(log), [1, 2, 3]);
  assert.equal(log.seq, 3);
});

test("a duplicate changes nothing, not even the object", () => {
  const log = fill(wire.emptyLog(C), 1, 2);
  const again = wire.mergeMessage(log, message(2, { text: "changed" }));
  assert.equal(again.log, log);
  assert.deepEqual(again.added, []);
  assert.equal(again.gap, false);
});

test("a message after a gap is kept back and reported", () => {
  const { log, added, gap } = wire.mergeMessage(fill(wire.emptyLog(C), 1), message(3));
  assert.equal(gap, true);
  assert.deepEqual(added, []);
  assert.deepEqual(seqs(log), [1]);
  assert.equal(log.seq, 1, "resume asks for what is missing, not for what came early");
});

test("what fills the gap brings the early ones with it, in order", () => {
  const log = fill(wire.emptyLog(C), 1, 4, 3);
  const { log: whole, added, gap } = wire.mergeMessage(log, message(2));
  assert.deepEqual(added.map((m) => m.seq), [2, 3, 4]);
  assert.deepEqual(seqs(whole), [1, 2, 3, 4]);
  assert.equal(gap, false);
});

test("an early message that comes twice is held once", () => {
  const log = fill(wire.emptyLog(C), 1, 3, 3);
  assert.equal(log.early.length, 1);
  assert.deepEqual(seqs(fill(log, 2)), [1, 2, 3]);
});

test("any order with any repeats ends in the same log", () => {
  const whole = fill(wire.emptyLog(C), 1, 2, 3, 4, 5, 6, 7, 8);
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = luck(seed);
    const deck = Array.from({ length: 24 }, (_, i) => (i % 8) + 1).sort(() => random() - 0.5);
    assert.deepEqual(fill(wire.emptyLog(C), ...deck), whole, `seed ${seed}`);
  }
});

test("another conversation's message does not get in", () => {
  const log = fill(wire.emptyLog(C), 1);
  assert.equal(wire.mergeMessage(log, message(2, { conversation: "c_2" })).log, log);
});

test("a new epoch is remembered for the next resume", () => {
  const { log } = wire.mergeMessage(fill(wire.emptyLog(C), 1), message(2, { epoch: 2 }));
  assert.equal(log.epoch, 2);
  assert.deepEqual(wire.hello("t", log).resume, { conversation: C, epoch: 2, seq: 2 });
});

test("a snapshot replaces the log and says that more exists", () => {
  const log = fill(wire.emptyLog(C), 1, 2);
  const snapshot = { type: "snapshot", conversation: C, epoch: 3, seq: 41, messages: [message(41), message(40)], more: true };
  const replaced = wire.applySnapshot(log, snapshot);
  assert.deepEqual(seqs(replaced), [40, 41]);
  assert.deepEqual([replaced.seq, replaced.epoch, replaced.more], [41, 3, true]);
});

test("earlier lines go before what is held, if they end where that begins", () => {
  const log = wire.applySnapshot(wire.emptyLog(C), { conversation: C, epoch: 1, seq: 6, messages: [message(5), message(6)], more: true });
  const page = { conversation: C, messages: [message(3), message(4)], more: true };
  const longer = wire.prependHistory(log, page);
  assert.deepEqual([seqs(longer), longer.seq, longer.more], [[3, 4, 5, 6], 6, true]);
  const whole = wire.prependHistory(longer, { conversation: C, messages: [message(1), message(2)], more: false });
  assert.deepEqual([seqs(whole), whole.more], [[1, 2, 3, 4, 5, 6], false]);
  for (const wrong of [page, { ...page, conversation: "c_2" }, { ...page, messages: [] }]) assert.equal(wire.prependHistory(longer, wrong), longer);
  assert.equal(wire.prependHistory(wire.emptyLog(C), page).messages.length, 0);
});

test("old snapshot and the messages after it make the new snapshot", () => {
  const lines = [1, 2, 3, 4, 5].map((seq) => message(seq));
  const snapshot = (upTo) => ({ conversation: C, epoch: 1, seq: upTo, messages: lines.slice(0, upTo) });
  const grown = lines.slice(3).reduce((log, m) => wire.mergeMessage(log, m).log, wire.applySnapshot(wire.emptyLog(), snapshot(3)));
  assert.deepEqual(grown, wire.applySnapshot(wire.emptyLog(), snapshot(5)));
});

test("a message that came before its snapshot is not lost by it", () => {
  const early = fill(wire.emptyLog(C), 6);
  const whole = wire.applySnapshot(early, { conversation: C, epoch: 1, seq: 5, messages: [1, 2, 3, 4, 5].map((seq) => message(seq)) });
  assert.deepEqual(seqs(whole), [1, 2, 3, 4, 5, 6]);
});

test("a log does not fit another conversation, nor a bridge that knows less", () => {
  const log = fill(wire.emptyLog(C), 1, 2, 3);
  assert.equal(wire.logFits(log, C, 3), true);
  assert.equal(wire.logFits(log, C, 9), true);
  assert.equal(wire.logFits(log, C, 2), false);
  assert.equal(wire.logFits(log, "c_2", 9), false);
  assert.equal(wire.logFits(wire.emptyLog(), "c_2", 0), true);
});

test("a state of an older epoch or seq is dropped", () => {
  const state = (epoch, seq, owner) => ({ conversation: C, epoch, seq, owner });
  const held = state(2, 10, "bot");
  assert.equal(wire.newerState(held, state(1, 12, "agent")), held);
  assert.equal(wire.newerState(held, state(2, 9, "queue")), held);
  assert.equal(wire.newerState(held, state(2, 10, "queue")).owner, "queue");
  assert.equal(wire.newerState(held, state(3, 4, "queue")).owner, "queue");
  assert.equal(wire.newerState(null, held), held);
});

test("quick replies stand until the customer answers", () => {
  const offer = message(1, { buttons: ["A", "B"] });
  const log = wire.mergeMessage(wire.emptyLog(C), offer).log;
  assert.deepEqual(wire.openButtons(log), { seq: 1, titles: ["A", "B"] });
  const noted = wire.mergeMessage(log, message(2, { author: "system" })).log;
  assert.deepEqual(wire.openButtons(noted), { seq: 1, titles: ["A", "B"] });
  const answered = wire.mergeMessage(log, message(2, { author: "customer" })).log;
  assert.equal(wire.openButtons(answered), null);
});

test("a log survives storage, and what is not a log becomes an empty one", () => {
  const log = fill(wire.emptyLog(C), 1, 2, 3, 4, 6);
  const back = wire.reviveLog(JSON.parse(JSON.stringify(wire.shortenLog(log, 2))));
  assert.deepEqual([seqs(back), back.seq, back.more, back.early], [[3, 4], 4, true, []]);
  assert.deepEqual(wire.reviveLog(null), wire.emptyLog());
  assert.deepEqual(wire.reviveLog({ ...back, messages: [message(3), message(5)] }), wire.emptyLog());
  assert.deepEqual(wire.reviveLog({ ...back, seq: 9 }), wire.emptyLog());
});

test("a first greeting holds no ticket and no resume, and only a sound language tag", () => {
  assert.deepEqual(wire.hello(null, wire.emptyLog()), { type: "hello", protocol: 1 });
  assert.equal(wire.hello(null, null, "de-AT").language, "de-AT");
  assert.equal("language" in wire.hello(null, null, "de_AT; q=1"), false);
});

test("frames leave out what is not said", () => {
  assert.deepEqual(wire.say("a", "hi", undefined), { type: "say", id: "a", text: "hi" });
  assert.deepEqual(wire.end("a"), { type: "end", id: "a" });
  assert.deepEqual(wire.handBack("a", "c", "", undefined), { type: "hand_back", id: "a", conversation: "c", note: "" });
  assert.deepEqual(wire.end("a", "c", false), { type: "end", id: "a", conversation: "c", needed: false });
  assert.deepEqual(wire.typing(false), { type: "typing", on: false });
});

test("characters are counted as the bridge counts them", () => {
  assert.equal(wire.countChars("👍🏽é"), 3);
  assert.equal(wire.countChars("x".repeat(wire.MAX_TEXT_CHARS)), 4_000);
});

test("a lone surrogate never reaches the wire", () => {
  assert.equal(wire.cleanText("  a\ud800 b "), "a\ufffd b");
});

test("ids have the letters the bridge allows and do not repeat", () => {
  const ids = new Set(Array.from({ length: 500 }, () => wire.newId()));
  assert.equal(ids.size, 500);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_.:-]{1,64}$/);
});

test("only objects with a type are frames", () => {
  assert.equal(wire.readFrame("{"), null);
  assert.equal(wire.readFrame("[]"), null);
  assert.equal(wire.readFrame("null"), null);
  assert.equal(wire.readFrame(new ArrayBuffer(1)), null);
  assert.deepEqual(wire.readFrame('{"type":"pong","at":1}'), { type: "pong", at: 1 });
});
