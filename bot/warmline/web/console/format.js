// Numbers and names as words. Pure.

/** Seconds as a short span: "12 s", "4 min", "2 h 05", "3 d". */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d`;
}

/**
 * How a row stands against its limit: *since* and *now* are Unix seconds, *urgencyMin* the minutes within which somebody should
 * answer. *level* is `calm`, `soon` (under a third is left) or `late`.
 */
export function due(since, urgencyMin, now) {
  const left = since + urgencyMin * 60 - now;
  if (left < 0) return { level: "late", text: `${span(-left)} late` };
  return { level: left < urgencyMin * 20 ? "soon" : "calm", text: `answer within ${span(Math.max(left, 1))}` };
}

export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

/** A rule's or signal's name as words: `repeated_failure` is "repeated failure". */
export function words(name) {
  return String(name ?? "").replaceAll(/[_-]+/g, " ");
}

const OWNERS = { bot: "With the assistant", queue: "Waiting", agent: "With a person", closed: "Closed" };

export function ownerWords(owner, agent) {
  return owner === "agent" && agent ? `With ${agent}` : (OWNERS[owner] ?? owner);
}

const OUTCOMES = {
  answered: "answered",
  asked: "asked back",
  unsure: "not understood",
  failed: "could not do it",
  handoff: "handed over",
};

export function outcomeWords(outcome) {
  return OUTCOMES[outcome] ?? words(outcome);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export function timeOf(at) {
  return clock.format(new Date(at * 1_000));
}

export function dateOf(at) {
  return date.format(new Date(at * 1_000));
}

/** "English" for "en" and "en-GB". */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(tag.split("-")[0]) ?? tag;
  } catch {
    return tag;
  }
}

/** Where a click on *contact* leads: the mail program for the address in it, else the phone for the number. */
export function contactLink(contact) {
  const parts = contact.split(", ");
  const mail = parts.find((part) => part.includes("@"));
  if (mail) return `mailto:${encodeURIComponent(mail)}`;
  const number = parts[0].startsWith("+") ? parts[0].replace("(0)", "") : parts[0];
  return `tel:${number.replace(/[^+\d]/g, "")}`;
}
