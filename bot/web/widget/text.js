// Splitting a message into words and links. Pure: what it returns is put into the page by textContent and href alone.

const LINK = /\bhttps?:\/\/[^\s<>"'`\\^{}|]+/gi;

/** A link as written often drags the sentence's own punctuation along; a bracket belongs to it only when opened inside. */
function trimLink(raw) {
  let link = raw;
  for (;;) {
    const last = link.at(-1);
    const unopened = (last === ")" && !link.includes("(")) || (last === "]" && !link.includes("["));
    if (!unopened && !".,;:!?*_~".includes(last)) return link;
    link = link.slice(0, -1);
  }
}

/** Returns `[{text, href?}]`, whose texts joined are *text* again. Only http and https become links. */
export function splitLinks(text) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimLink(match[0]);
    let href;
    try {
      href = new URL(shown).href;
    } catch {
      continue;
    }
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    parts.push({ text: shown, href });
    at = match.index + shown.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

/** Up to two letters for a person without a picture. */
export function initials(name) {
  const words = String(name ?? "").trim().split(/[\s@._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  return letters.map((word) => [...word][0].toLocaleUpperCase()).join("") || "?";
}
