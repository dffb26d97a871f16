// What was said and is not yet known to be kept.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as pending from "../../bot/warmline/web/widget/pending.js";
import { askPerson, emptyLog, mergeMessage, say } from "../../bot/warmline/web/widget/wire.js";

const NOW = 1_000_000;
const LANE = "c_1";
const said = (...ids) => ids.reduce((items, id, i) => pending.addItem(items, say(id, `text ${id}`), LANE, NOW + i), []);
const due = (items, now = NOW) => pending.dueItems(items, now).map((item) => item.id);
const states = (items) => Object.fromEntries(items.map((item) => [item.id, item.state]));
const line = (seq, id) => ({ conversation: LANE, seq, epoch: 1, at: seq, author: "customer", text: "x", id });

test("only the first of a lane leaves; the next waits for its answer", () => {
  let items = said("a", "b");
  assert.deepEqual(due(items), ["a"]);
  items = pending.markSent(items, "a", NOW);
  assert.deepEqual(due(items), []);
  items = pending.markKept(items, "a", 4);
  assert.deepEqual(due(items), ["b"]);
});

test("lanes do not wait for each other", () => {
  const items = pending.addItem(said("a"), say("z", "hi"), "c_2", NOW);
  assert.deepEqual(due(items), ["a", "z"]);
});

test("a lost link puts what was on the wire back, under the same id", () => {
  const items = pending.markUnsent(pending.markSent(said("a", "b"), "a", NOW));
  assert.deepEqual(due(items), ["a"]);
  assert.equal(items[0].frame.id, "a");
});

test("an acknowledged text stays until its line is back, a command does not", () => {
  let items = pending.addItem(said("a"), askPerson("p"), "c_2", NOW);
  items = pending.markKept(pending.markKept(items, "a", 5), "p", 6);
  assert.deepEqual(states(items), { a: "kept" });
});

test("a line that is back under its id settles it, even when the ack was lost", () => {
  const { log } = mergeMessage(emptyLog(LANE), line(1, "a"));
  assert.deepEqual(states(pending.settle(pending.markSent(said("a", "b"), "a", NOW), log, LANE)), { b: "waiting" });
});

test("a kept text is settled when the log has gone past it, and not before", () => {
  const items = pending.markKept(said("a"), "a", 2);
  const one = mergeMessage(emptyLog(LANE), line(1, "other")).log;
  assert.equal(pending.settle(items, one, LANE).length, 1);
  assert.equal(pending.settle(items, mergeMessage(one, line(2, "another")).log, LANE).length, 0);
});

test("another lane's log settles nothing here", () => {
  const { log } = mergeMessage(emptyLog("c_2"), { ...line(1, "a"), conversation: "c_2" });
  assert.equal(pending.settle(said("a"), log, "c_2").length, 1);
});

test("'later' waits as long as the bridge asked, and holds the lane", () => {
  let items = pending.markSent(said("a", "b"), "a", NOW);
  items = pending.markRefused(items, { id: "a", code: "too_fast", text: "Slow down.", retry_after_s: 2 }, NOW);
  assert.deepEqual(due(items, NOW + 1_999), []);
  assert.deepEqual(due(items, NOW + 2_000), ["a"]);
  assert.equal(pending.nextDueIn(items, NOW), 2_000);
  assert.deepEqual(items[0].problem, { code: "too_fast", text: "Slow down." });
});

test("a refusal without 'later' is final, keeps its reason and lets the lane go on", () => {
  const items = pending.markRefused(said("a", "b"), { id: "a", code: "bad_frame", text: "No.", retry_after_s: null }, NOW);
  assert.deepEqual(states(items), { a: "refused", b: "waiting" });
  assert.deepEqual(due(items), ["b"]);
});

test("'later' does not go on for ever", () => {
  let items = said("a");
  for (let i = 0; i < pending.MAX_TRIES; i += 1) {
    assert.equal(items[0].state, "waiting");
    items = pending.markRefused(items, { id: "a", code: "too_fast", text: "", retry_after_s: 1 }, NOW);
  }
  assert.equal(items[0].state, "refused");
});

test("silence is answered by sending again, in the end by asking the person", () => {
  let items = said("a");
  let now = NOW;
  for (let i = 1; i < pending.MAX_TRIES; i += 1) {
    items = pending.markSent(items, "a", now);
    assert.equal(pending.nextDueIn(items, now), pending.ANSWER_MS);
    now += pending.ANSWER_MS;
    items = pending.markOverdue(items, now);
    assert.deepEqual(due(items, now), ["a"]);
  }
  items = pending.markOverdue(pending.markSent(items, "a", now), now + pending.ANSWER_MS);
  assert.equal(items[0].state, "refused");
});

test("trying again starts with the same id and a fresh count", () => {
  const refused = pending.markRefused(said("a"), { id: "a", code: "bad_frame", text: "No." }, NOW);
  const [item] = pending.retryItem(refused, "a");
  assert.deepEqual([item.id, item.state, item.tries, item.problem], ["a", "waiting", 0, null]);
});

test("a late refusal does not undo what was kept, and strangers' answers change nothing", () => {
  const items = pending.markKept(said("a"), "a", 3);
  assert.equal(pending.markRefused(items, { id: "a", code: "x", text: "" }, NOW), items);
  assert.equal(pending.markKept(items, "unknown", 3), items);
});

test("a reload brings items back in the order they were said, none of them on the wire", () => {
  const items = pending.markSent(said("a", "b", "c"), "a", NOW);
  const stored = JSON.parse(JSON.stringify([items[2], items[0], { id: "broken" }, null, items[1]]));
  const back = pending.reviveItems(stored);
  assert.deepEqual(back.map((item) => item.id), ["a", "b", "c"]);
  assert.deepEqual(due(back), ["a"]);
});

test("there is nothing to wait for when all is settled", () => {
  assert.equal(pending.nextDueIn([], NOW), null);
  assert.equal(pending.nextDueIn(pending.markKept(said("a"), "a", 1), NOW), null);
});
