// What the keyboard can do: one table, used for the handler, the tooltips and the help.

import { composing } from "../widget/composing.js";

export const KEYS = [
  ["j", "next", "Next conversation in the list"],
  ["k", "previous", "Previous conversation in the list"],
  ["Enter", "take", "Claim or take over the open conversation"],
  ["c", "claim", "Claim the most urgent one"],
  ["r", "reply", "Write to the customer"],
  ["n", "note", "Write a private note"],
  ["d", "draft", "Put the first draft into the field"],
  ["b", "hand-back", "Hand back to the assistant"],
  ["x", "transfer", "Transfer to a queue"],
  ["e", "end", "End the conversation"],
  ["w", "why", "Show why the open conversation is here"],
  ["i", "packet", "Show or hide the context"],
  ["p", "presence", "Take new conversations, or be away"],
  ["m", "mute", "Sound on or off"],
  ["?", "help", "This list"],
  ["Esc", "close", "Close what is open, or leave the field"],
];

const BY_NAME = new Map(KEYS.map(([key, name]) => [name, key]));
const BY_KEY = new Map(KEYS.map(([key, name]) => [key === "Esc" ? "Escape" : key, name]));

/** A tooltip that ends in the action's key. */
export function tip(text, name) {
  return `${text} (${BY_NAME.get(name)})`;
}

/** The action a key event asks for, or null. In a field only Escape is not a letter; a dialog has its own keys. */
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || composing(event)) return null;
  const name = BY_KEY.get(event.key) ?? null;
  if (name === "close") return name;
  const target = event.composedPath?.()[0] ?? event.target;
  if (target.closest?.("input, textarea, select, dialog, [contenteditable]")) return null;
  // On a button or a link Enter presses it.
  if (name === "take" && target.closest?.("button, a, summary")) return null;
  return name;
}
