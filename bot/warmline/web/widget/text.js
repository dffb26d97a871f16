// Splitting a message into words and links. Pure: what it returns is put into the page by textContent and href alone.

// Curly and angle quotes, ideographic brackets and full stops end a link: no address is written with them.
const LINK = /\bhttps?:\/\/[^\s<>"'`\\^{}|\u2018-\u201f\u00ab\u00bb\u2039\u203a\u3001\u3002\u3008-\u3011\u3014-\u301b\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff61-\uff64]+/gi;
const PAIRS = { ")": "(", "]": "[" };
const MARKS = ".,;:!?*_~…،؛؟۔।॥";

const count = (text, letter) => text.split(letter).length - 1;

/** A link as written often drags the sentence's own marks along; a closing bracket belongs to it when it closes one of its own. */
function trimLink(raw) {
  let link = raw;
  for (;;) {
    const last = link.at(-1);
    const unopened = last in PAIRS && count(link, last) > count(link, PAIRS[last]);
    if (!unopened && !MARKS.includes(last)) return link;
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
