// How long to wait before trying again. Pure: luck is handed in.

export const BASE_MS = 250;
// Who wrote must hear a word within 10 s: a bridge that is back after a while must not wait long for its clients. (An agent
// who lost the link has 30 s before a conversation goes back to the queue, which leaves room for several attempts.)
export const CAP_MS = 3_000;

/**
 * Milliseconds to wait before attempt number *attempt* (0 is the first retry).
 *
 * Exponential with full jitter (Brooker, "Exponential Backoff And Jitter"): uniform in [0, min(cap, base * 2^attempt)), so
 * that a thousand clients of a restarted bridge do not come back in step. Never below *floorMs*, which carries the
 * bridge's own `retry_after_s`.
 */
export function delayMs(attempt, random, { baseMs = BASE_MS, capMs = CAP_MS, floorMs = 0 } = {}) {
  const step = Math.max(0, Math.floor(attempt));
  // 2^31 is far past any cap, and keeps the product finite.
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(step, 31));
  return Math.max(floorMs, Math.floor(random() * ceiling));
}
