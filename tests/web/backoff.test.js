// How long a client waits before it comes back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BASE_MS, CAP_MS, delayMs } from "../../bot/warmline/web/widget/backoff.js";

const most = () => 1 - Number.EPSILON;
const least = () => 0;

test("the longest wait doubles with each attempt until the cap", () => {
  const ceilings = [0, 1, 2, 3, 20, 1_000].map((attempt) => delayMs(attempt, most) + 1);
  assert.deepEqual(ceilings, [BASE_MS, 2 * BASE_MS, 4 * BASE_MS, 8 * BASE_MS, CAP_MS, CAP_MS]);
});

test("the jitter is full: the shortest wait is none", () => {
  assert.equal(delayMs(9, least), 0);
});

test("a thousand clients do not come back in step", () => {
  const buckets = new Array(10).fill(0);
  for (let i = 0; i < 1_000; i += 1) buckets[Math.floor((delayMs(5, Math.random) / Math.min(CAP_MS, BASE_MS * 32)) * 10)] += 1;
  assert.ok(Math.max(...buckets) < 250, `no tenth of the time holds a quarter of the clients: ${buckets}`);
});

test("what the bridge asked for is waited out whatever the dice say", () => {
  assert.equal(delayMs(0, least, { floorMs: 5_000 }), 5_000);
  assert.ok(delayMs(20, most, { floorMs: 2_000 }) > 2_000);
});

test("a strange attempt number still gives a finite wait", () => {
  for (const attempt of [-3, 0.5, 1e9]) assert.ok(Number.isFinite(delayMs(attempt, most)));
});
