// What was said and is not yet known to be kept: a queue of frames with ids. Pure.
//
// An item is {id, lane, frame, at, state, tries, notBefore, sentAt, seq, problem}. Lanes (conversations) keep their order: the
// next frame of a lane leaves when the one before it was kept or refused for good. *state*:
//   waiting   to be sent, not before *notBefore*
//   sent      on the wire since *sentAt*, no answer yet
//   kept      acknowledged up to *seq*; its line has not come back yet
//   refused   will not be tried again by itself; *problem* says why
// The id never changes, so sending an item again is harmless.

/** After so many answers "later" or silences a person has to decide ("not sent, tap to retry"). */
export const MAX_TRIES = 6;
export const ANSWER_MS = 12_000;

/** Frames that come back as a line of the log. All others are done once they are acknowledged. */
const SHOWN = new Set(["say", "reply"]);

export function addItem(items, frame, lane, at) {
  const item = { id: frame.id, lane, frame, at, state: "waiting", tries: 0, notBefore: 0, sentAt: 0, seq: 0, problem: null };
  return [...items, item];
}

function change(items, id, what) {
  return items.map((item) => (item.id === id ? { ...item, ...what } : item));
}

/** The items that may leave now: the first unfinished one of each lane, if its time has come. */
export function dueItems(items, now) {
  const seen = new Set();
  return items.filter((item) => {
    if (item.state === "kept" || item.state === "refused" || seen.has(item.lane)) return false;
    seen.add(item.lane);
    return item.state === "waiting" && item.notBefore <= now;
  });
}

/** Milliseconds until something has to be done (an item becomes due, or an answer is overdue); null when nothing has. */
export function nextDueIn(items, now) {
  const seen = new Set();
  let soonest = null;
  for (const item of items) {
    if (item.state === "kept" || item.state === "refused" || seen.has(item.lane)) continue;
    seen.add(item.lane);
    const at = item.state === "sent" ? item.sentAt + ANSWER_MS : item.notBefore;
    soonest = soonest === null ? at : Math.min(soonest, at);
  }
  return soonest === null ? null : Math.max(0, soonest - now);
}

export function markSent(items, id, now) {
  return change(items, id, { state: "sent", sentAt: now });
}

/** The bridge kept it. */
export function markKept(items, id, seq) {
  const item = items.find((each) => each.id === id);
  if (!item) return items;
  return SHOWN.has(item.frame.type) ? change(items, id, { state: "kept", seq, problem: null }) : dropItem(items, id);
}

/** The bridge did not keep it: again after `retry_after_s`, or refused for good. */
export function markRefused(items, nack, now) {
  const item = items.find((each) => each.id === nack.id);
  if (!item || item.state === "kept") return items;
  const tries = item.tries + 1;
  const problem = { code: nack.code, text: nack.text };
  const later = typeof nack.retry_after_s === "number" && tries < MAX_TRIES;
  return change(items, nack.id, {
    state: later ? "waiting" : "refused",
    notBefore: later ? now + nack.retry_after_s * 1_000 : 0,
    tries,
    problem,
  });
}

/** Silence for too long although the link is alive: send again under the same id, in the end give up. */
export function markOverdue(items, now) {
  return items.map((item) => {
    if (item.state !== "sent" || item.sentAt + ANSWER_MS > now) return item;
    const tries = item.tries + 1;
    return tries < MAX_TRIES
      ? { ...item, state: "waiting", tries, notBefore: 0 }
      : { ...item, state: "refused", tries, problem: { code: "no_answer", text: "" } };
  });
}

/** The link is gone: whatever was on the wire may or may not have arrived, so it goes again. */
export function markUnsent(items) {
  return items.map((item) => (item.state === "sent" ? { ...item, state: "waiting", notBefore: 0 } : item));
}

/** A person asked to try again: same id, fresh count. */
export function retryItem(items, id) {
  return change(items, id, { state: "waiting", tries: 0, notBefore: 0, problem: null });
}

export function dropItem(items, id) {
  return items.filter((item) => item.id !== id);
}

/**
 * Drop what the log of *lane* now shows: lines that came back under their id, and kept ones the log has gone past. A lost `ack`
 * is thereby made good.
 */
export function settle(items, log, lane) {
  const mine = items.filter((item) => item.lane === lane);
  if (mine.length === 0) return items;
  const back = new Set(log.messages.map((message) => message.id).filter(Boolean));
  return items.filter((item) => item.lane !== lane || !(back.has(item.id) || (item.state === "kept" && item.seq <= log.seq)));
}

/** Items from storage: sound ones, oldest first, none of them on the wire any more. */
export function reviveItems(stored) {
  const sound = stored.filter(
    (item) => typeof item?.id === "string" && typeof item.lane === "string" && item.frame?.id === item.id && item.at > 0,
  );
  return markUnsent(sound.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)));
}
