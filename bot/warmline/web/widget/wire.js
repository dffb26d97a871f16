// The protocol as a client sees it: frames to send, and the log that arrives. Pure. See bot/warmline/core/frames.py.

export const PROTOCOL = 1;
export const MAX_TEXT_CHARS = 4_000;

const ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** A fresh id: 22 letters of 6 random bits each. *fill* is `crypto.getRandomValues` or the like. */
export function newId(fill = (bytes) => crypto.getRandomValues(bytes)) {
  return Array.from(fill(new Uint8Array(22)), (byte) => ID_LETTERS[byte & 63]).join("");
}

/** Characters as the bridge counts them: code points, not UTF-16 units. */
export function countChars(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** *text* as it may travel: no lone surrogates (not JSON for the other side), no blank ends. */
export function cleanText(text) {
  const whole = text.toWellFormed ? text.toWellFormed() : text.replace(/\p{Surrogate}/gu, "\ufffd");
  return whole.trim();
}

/** Reads one frame; null when it is not one. Unknown types pass: a newer bridge may say more than we know. */
export function readFrame(data) {
  if (typeof data !== "string") return null;
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame === "object" && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}

function without(frame) {
  return Object.fromEntries(Object.entries(frame).filter(([, value]) => value !== undefined && value !== null));
}

// --- customer ---------------------------------------------------------------------------------------------------

const LANGUAGE_TAG = /^[A-Za-z0-9-]{1,35}$/;

/** First frame of a customer. *log* is what we hold; an empty one asks for everything. *language* is the browser's own. */
export function hello(ticket, log, language) {
  const known = log && log.conversation;
  return without({
    type: "hello",
    protocol: PROTOCOL,
    ticket: ticket || undefined,
    resume: known ? { conversation: log.conversation, epoch: log.epoch, seq: log.seq } : undefined,
    language: LANGUAGE_TAG.test(language ?? "") ? language : undefined,
  });
}

export const say = (id, text, choice) => without({ type: "say", id, text, choice });
export const askPerson = (id) => ({ type: "ask_person", id });
export const backToBot = (id) => ({ type: "back_to_bot", id });
export const leaveContact = (id, contact) => ({ type: "leave_contact", id, contact });
export const earlier = (before, conversation) => without({ type: "earlier", before, conversation });
export const end = (id, conversation, needed) => without({ type: "end", id, conversation, needed });
export const typing = (on, conversation) => without({ type: "typing", on, conversation });
export const ping = () => ({ type: "ping" });

// --- agent ------------------------------------------------------------------------------------------------------

export const signIn = (name, password) => ({ type: "sign_in", name, password });
export const helloAgent = (token) => ({ type: "hello_agent", token, protocol: PROTOCOL });
export const signOut = () => ({ type: "sign_out" });
export const presence = (status) => ({ type: "presence", status });
export const claim = (id, conversation) => ({ type: "claim", id, conversation });
export const takeOver = (id, conversation) => ({ type: "take_over", id, conversation });
export const open = (conversation, seq) => ({ type: "open", conversation, seq });
export const reply = (id, conversation, text) => ({ type: "reply", id, conversation, text });
export const addNote = (id, conversation, text) => ({ type: "add_note", id, conversation, text });
export const handBack = (id, conversation, note, needed) => without({ type: "hand_back", id, conversation, note, needed });
export const transfer = (id, conversation, queue, note) => ({ type: "transfer", id, conversation, queue, note });

// --- the log ----------------------------------------------------------------------------------------------------

/**
 * What a client holds of one conversation.
 *
 * *seq* is the last one up to which nothing is missing; *messages* are in order of seq; *early* are those that came
 * after a gap and are not shown yet; *more* says that earlier messages exist and were not sent.
 */
export function emptyLog(conversation = null) {
  return { conversation, epoch: 0, seq: 0, messages: [], early: [], more: false };
}

/** A log as it came out of storage, or an empty one when it is not a log. */
export function reviveLog(stored) {
  const sound =
    stored &&
    typeof stored.conversation === "string" &&
    Number.isInteger(stored.seq) &&
    Number.isInteger(stored.epoch) &&
    Array.isArray(stored.messages) &&
    stored.messages.every((m, i, all) => Number.isInteger(m?.seq) && (i === 0 || m.seq === all[i - 1].seq + 1)) &&
    (stored.messages.length === 0 || stored.messages.at(-1).seq === stored.seq);
  return sound ? { ...emptyLog(stored.conversation), ...stored, early: [] } : emptyLog();
}

/** The last *count* messages of *log*, fit for storage. */
export function shortenLog(log, count) {
  const messages = log.messages.slice(-count);
  return { ...log, messages, early: [], more: log.more || messages.length < log.messages.length };
}

/**
 * Take one `message` frame into the log.
 *
 * Returns `{log, added, gap}`: *added* are the messages that became visible, in order; *gap* is true when something
 * before this message is missing, and the client should resume. A duplicate or another conversation's message changes
 * nothing.
 */
export function mergeMessage(log, message) {
  if (log.conversation !== null && message.conversation !== log.conversation) return { log, added: [], gap: false };
  const known = message.seq <= log.seq || log.early.some((m) => m.seq === message.seq);
  if (known) return { log, added: [], gap: hasGap(log) };
  const early = [...log.early, message].sort((a, b) => a.seq - b.seq);
  const added = [];
  let seq = log.seq;
  while (early.length > 0 && early[0].seq === seq + 1) {
    added.push(early.shift());
    seq += 1;
  }
  const epoch = added.reduce((highest, m) => Math.max(highest, m.epoch), log.epoch);
  const conversation = log.conversation ?? message.conversation;
  const messages = added.length ? [...log.messages, ...added] : log.messages;
  const next = { ...log, conversation, epoch, seq, messages, early };
  return { log: next, added, gap: hasGap(next) };
}

/** Whether something is missing before what came last. */
export function hasGap(log) {
  return log.early.length > 0;
}

/** A `snapshot` replaces everything; messages that came early and lie after it are kept. */
export function applySnapshot(log, snapshot) {
  const messages = [...snapshot.messages].sort((a, b) => a.seq - b.seq);
  const base = {
    conversation: snapshot.conversation,
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    messages,
    early: [],
    more: Boolean(snapshot.more),
  };
  const early = log.conversation === snapshot.conversation ? log.early : [];
  return early.reduce((merged, message) => mergeMessage(merged, message).log, base);
}

/** A `history` goes before what is held, if it ends where that begins. */
export function prependHistory(log, history) {
  const { conversation, messages } = history;
  const fits = conversation === log.conversation && log.messages.length && messages.at(-1)?.seq === log.messages[0].seq - 1;
  return fits ? { ...log, messages: [...messages, ...log.messages], more: Boolean(history.more) } : log;
}

/**
 * What a `welcome` or `snapshot` of *conversation* at *seq* means for the log: another conversation, or a bridge that
 * knows less than we do (restored from a backup), make what we hold worthless.
 */
export function logFits(log, conversation, seq) {
  return log.conversation === null || (log.conversation === conversation && log.seq <= seq);
}

/** The newer of two `state` frames: one that left under an older epoch or seq is dropped, not obeyed. */
export function newerState(held, arrived) {
  if (!held || held.conversation !== arrived.conversation) return arrived;
  if (arrived.epoch !== held.epoch) return arrived.epoch > held.epoch ? arrived : held;
  return arrived.seq >= held.seq ? arrived : held;
}

/** The quick replies to offer: those of the last line of the bot, as long as the customer has not answered it. */
export function openButtons(log) {
  for (let i = log.messages.length - 1; i >= 0; i -= 1) {
    const message = log.messages[i];
    if (message.author === "system") continue;
    return message.author === "bot" && message.buttons?.length ? { seq: message.seq, titles: message.buttons } : null;
  }
  return null;
}
