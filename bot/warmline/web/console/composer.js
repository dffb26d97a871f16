// Where an agent writes: a reply or a private note, with drafts at hand.

import { composing } from "../widget/composing.js";
import { MAX_TEXT_CHARS, cleanText, countChars } from "../widget/wire.js";
import { contactLink } from "./format.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { tip } from "./keys.js";

const COUNT_FROM = MAX_TEXT_CHARS - 200;

export function Composer({ desk, talk, owner, mine, row, name, holder, actions }) {
  const { conversation } = talk;
  const [mode, setMode] = useState("reply");
  const [text, setText] = useState(desk.draft(conversation));
  const field = useRef(null);
  const drafts = talk.packet?.drafts ?? [];
  const count = countChars(cleanText(text));
  const sendable = count > 0 && count <= MAX_TEXT_CHARS;

  const write = (value) => {
    setText(value);
    desk.keepDraft(conversation, value);
  };
  const focus = (as) => {
    setMode(as);
    requestAnimationFrame(() => field.current?.focus());
  };
  const use = (draft) => {
    write(text.trim() ? `${text.trimEnd()}\n${draft}` : draft);
    focus("reply");
  };
  actions.current = {
    reply: () => focus("reply"),
    note: () => focus("note"),
    draft: () => drafts.length && use(drafts[0]),
  };
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [text, mine, mode]);
  useEffect(() => {
    if (mine) field.current?.focus({ preventScroll: true });
  }, [mine]);

  if (!mine) return html`<${Taking} ...${{ desk, conversation, owner, row, holder, packet: talk.packet }} />`;

  const send = () => {
    if (!sendable) return;
    if (mode === "note") desk.note(conversation, text);
    else desk.reply(conversation, text);
    write("");
    if (mode === "note") setMode("reply");
  };
  const input = (event) => {
    write(event.target.value);
    if (mode === "reply" && event.target.value.trim()) desk.typed(conversation);
    else desk.stopTyping();
  };
  const key = (event) => {
    if (composing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      field.current.blur();
    } else if (event.key === "/" && text === "" && drafts.length) {
      event.preventDefault();
      use(drafts[0]);
    }
  };
  const toggle = (as, label, action) =>
    html`<button type="button" role="tab" aria-selected=${mode === as ? "true" : "false"} title=${tip(label, action)} onClick=${() => focus(as)} data-test=${`mode-${as}`}>${as === "reply" ? "Reply" : "Note"}</button>`;
  return html`<div class=${`composer ${mode}`} data-test="composer-box" data-mode=${mode}>
    ${drafts.length > 0 &&
    mode === "reply" &&
    text === "" &&
    html`<div class="drafts" aria-label="Drafts">
      ${drafts.map((draft, i) => html`<button type="button" title=${i === 0 ? `${draft}\n${tip("Use this draft", "draft")}` : draft} onClick=${() => use(draft)} data-test="draft">${draft}</button>`)}
    </div>`}
    <div class="modes" role="tablist" aria-label="What you write">
      ${toggle("reply", "Write to the customer", "reply")} ${toggle("note", "Write a private note", "note")}
      <span class="quiet">${mode === "note" ? "Only agents see notes." : `To ${name}`}</span>
      ${count >= COUNT_FROM && html`<span class=${count > MAX_TEXT_CHARS ? "problem" : "quiet"} role="status">${MAX_TEXT_CHARS - count} left</span>`}
    </div>
    <div class="writing">
      <textarea ref=${field} rows="1" value=${text} onInput=${input} onKeyDown=${key} aria-label=${mode === "note" ? "Private note" : `Reply to ${name}`} placeholder=${mode === "note" ? "A note for whoever comes next" : drafts.length ? "Write a reply, or / for a draft" : "Write a reply"} data-test="composer"></textarea>
      <button type="button" class="solid send" disabled=${!sendable} title="Send (Enter; Shift+Enter for a new line)" onClick=${send} data-test="composer-send"><${Icon} name="send" /><span>${mode === "note" ? "Keep note" : "Send"}</span></button>
    </div>
  </div>`;
}

/** In place of the field while the conversation is not mine: what I can do about that. */
function Taking({ desk, conversation, owner, row, holder, packet }) {
  const busy = desk.underWay("claim", conversation) || desk.underWay("take_over", conversation);
  const off = busy || desk.phase !== "up";
  if (!packet && !row) return html`<div class="taking"><p class="quiet">Opening…</p></div>`;
  if (owner === "queue") {
    return html`<div class="taking">
      <p>This customer is waiting for a person.</p>
      <button type="button" class="solid" disabled=${off} title=${tip("Take this conversation", "take")} onClick=${() => desk.claim(conversation)} data-test="claim-open">${busy ? "Claiming…" : "Claim"}</button>
    </div>`;
  }
  if (owner === "bot") {
    return html`<div class="taking">
      <p>The assistant is answering.</p>
      <button type="button" class="small" disabled=${off} title=${tip("Take it from the assistant", "take")} onClick=${() => desk.takeOver(conversation)} data-test="take-over-open">${busy ? "Taking over…" : "Take over"}</button>
    </div>`;
  }
  const contact = packet?.contact ?? row?.contact;
  if (owner === "closed") {
    return html`<div class="taking">
      <p>This conversation is closed. It goes on when the customer writes again.</p>
      ${contact && html`<a class="small" href=${contactLink(contact)}>Answer at ${contact}</a>`}
    </div>`;
  }
  return html`<div class="taking"><p>${holder ?? "A colleague"} has this conversation.</p></div>`;
}
