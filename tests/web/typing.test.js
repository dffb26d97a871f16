// Which typing frames leave, and when.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TypingSignal } from "../../bot/warmline/web/widget/typing.js";

function typist({ up = true } = {}) {
  const sent = [];
  const clock = { ms: 10_000, up };
  const signal = new TypingSignal(
    (frame) => {
      if (clock.up) sent.push(frame);
      return clock.up;
    },
    () => clock.ms,
  );
  return { sent, clock, signal };
}

test("keys within three seconds are told once, and stopping once", () => {
  const { sent, clock, signal } = typist();
  signal.typed();
  clock.ms += 2_900;
  signal.typed();
  clock.ms += 200;
  signal.typed();
  signal.stop();
  signal.stop();
  assert.deepEqual(sent.map((frame) => frame.on), [true, true, false]);
});

test("a pause ends it by itself", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { sent, signal } = typist();
  signal.typed();
  t.mock.timers.tick(4_999);
  assert.equal(sent.length, 1);
  t.mock.timers.tick(1);
  assert.deepEqual(sent.map((frame) => frame.on), [true, false]);
});

test("another conversation ends the one before", () => {
  const { sent, signal } = typist();
  signal.typed("a");
  signal.typed("b");
  signal.stop();
  assert.deepEqual(
    sent.map(({ on, conversation }) => [on, conversation]),
    [[true, "a"], [false, "a"], [true, "b"], [false, "b"]],
  );
});

test("what did not leave is told at the next key, and its end is not told", () => {
  const { sent, clock, signal } = typist({ up: false });
  signal.typed();
  signal.stop();
  clock.up = true;
  signal.typed();
  signal.stop();
  assert.deepEqual(sent.map((frame) => frame.on), [true, false]);
});
