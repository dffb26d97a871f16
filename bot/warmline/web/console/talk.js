// The middle column: the conversation, with the turns that led here marked, and the actions on it.

import { initials, splitLinks } from "../widget/text.js";
import { languageName, ownerWords, timeOf } from "./format.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { Composer } from "./composer.js";
import { tip } from "./keys.js";

const NEAR_END_PX = 80;
const SPEAKERS = { customer: "Customer", bot: "Assistant" };

export function Talk({ desk, onBack, onPacket, onDialog, actions }) {
  const { talk } = desk;
  const { packet } = talk;
  const row = desk.row(talk.conversation);
  const owner = packet?.owner ?? row?.owner ?? "bot";
  const mine = desk.isMine(talk.conversation);
  const name = packet?.customer.name ?? talk.name ?? "Guest";
  const subject = (packet?.facts ?? []).filter((fact) => fact.role === "subject").map((fact) => `${fact.label} ${fact.value}`);
  const holder = row?.agent ?? talk.log.messages.findLast((message) => message.code === "agent_joined")?.name;
  const about = [...subject, packet?.language && languageName(packet.language), ownerWords(owner, mine ? "you" : holder)].filter(Boolean);
  return html`<header class="talk-head" data-test="talk" data-conversation=${talk.conversation} data-owner=${owner}>
      <button type="button" class="bar-button only-narrow" aria-label="Back to the list" onClick=${onBack}><${Icon} name="back" /></button>
      <div class="talk-who"><h2>${name}</h2><p class="quiet">${about.join(" · ")}</p></div>
      ${mine &&
      html`<div class="talk-actions">
        <button type="button" class="small" title=${tip("Give the conversation back to the assistant", "hand-back")} onClick=${() => onDialog("hand-back")} data-test="hand-back">Hand back</button>
        <button type="button" class="small plain" title=${tip("Pass it to another queue", "transfer")} onClick=${() => onDialog("transfer")} data-test="transfer">Transfer</button>
        <button type="button" class="small plain" title=${tip("End the conversation", "end")} onClick=${() => onDialog("end")} data-test="end">End</button>
      </div>`}
      <button type="button" class="bar-button only-two" aria-label="Context" title=${tip("Show or hide the context", "packet")} onClick=${onPacket} data-test="show-packet"><${Icon} name="panel" /></button>
    </header>
    <${Transcript} desk=${desk} talk=${talk} customer=${name} />
    <${Composer} key=${talk.conversation} ...${{ desk, talk, owner, mine, row, name, holder, actions }} />`;
}

function Transcript({ desk, talk, customer }) {
  const box = useRef(null);
  const stuck = useRef(true);
  const items = desk.outbox.items.filter((item) => item.lane === talk.conversation && item.frame.type === "reply");
  const rows = lines(talk, items, customer, desk.me);
  useLayoutEffect(() => {
    stuck.current = true;
  }, [talk.conversation]);
  const before = useRef({ first: 0, tall: 0 });
  useLayoutEffect(() => {
    const first = talk.log.messages[0]?.seq;
    const tall = box.current.scrollHeight;
    if (stuck.current) box.current.scrollTop = tall;
    // Who reads goes on reading where they were when earlier lines come in above.
    else if (first < before.current.first) box.current.scrollTop += tall - before.current.tall;
    before.current = { first, tall };
  });
  useEffect(() => {
    const watcher = new ResizeObserver(() => stuck.current && (box.current.scrollTop = box.current.scrollHeight));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    stuck.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  };
  return html`<div class="transcript" ref=${box} onScroll=${scrolled} role="log" aria-live="polite" aria-label="Conversation" tabindex="0" data-test="transcript">
    ${talk.log.more && html`<p class="center"><button type="button" class="small plain" disabled=${desk.phase !== "up"} onClick=${() => desk.earlier(talk.conversation)} data-test="earlier">Show earlier messages</button></p>`}
    ${rows.length === 0 && html`<p class="quiet center">${desk.phase === "up" ? "Opening the conversation…" : "The conversation opens when the connection is back."}</p>`}
    <ol>
      ${rows.map((row) => html`<${Line} key=${row.key} row=${row} desk=${desk} />`)}
    </ol>
    ${talk.typing && html`<p class="typing" data-test="typing">${customer} is typing<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span></p>`}
  </div>`;
}

/** Messages, notes and unsent replies in the order they happened. */
function lines(talk, items, customer, me) {
  const marked = new Set(talk.packet?.decision?.turns ?? []);
  const notes = [...(talk.packet?.notes ?? [])];
  const back = new Set(talk.log.messages.map((message) => message.id).filter(Boolean));
  const rows = [];
  let before = "";
  const put = (row) => {
    rows.push({ ...row, leads: row.who !== before });
    before = row.who;
  };
  const putNotes = (upTo) => {
    while (notes.length && notes[0].after_seq <= upTo) {
      const note = notes.shift();
      put({ key: `note ${note.id}`, kind: "note", who: `note ${note.agent}`, speaker: `Note by ${note.name}`, text: note.text, at: note.at });
    }
  };
  const first = talk.log.messages[0]?.seq ?? 1;
  putNotes(first - 1);
  for (const message of talk.log.messages) {
    const { author } = message;
    const speaker = author === "customer" ? customer : author === "agent" ? message.name : (SPEAKERS[author] ?? "");
    put({
      key: author === "agent" && message.id ? `own ${message.id}` : `seq ${message.seq}`,
      kind: author,
      who: `${author} ${message.name ?? ""}`,
      speaker,
      text: message.text,
      at: message.at,
      seq: message.seq,
      code: message.code,
      marked: marked.has(message.seq),
      buttons: message.buttons,
    });
    putNotes(message.seq);
  }
  putNotes(Infinity);
  for (const item of items) {
    if (back.has(item.id)) continue;
    put({ key: `own ${item.id}`, kind: "agent", who: `agent ${me?.name}`, speaker: me?.name ?? "You", text: item.frame.text, at: item.at / 1_000, item });
  }
  return rows;
}

function Line({ row, desk }) {
  if (row.kind === "system") {
    return html`<li class="line system" data-test="line" data-author="system" data-seq=${row.seq} data-code=${row.code}><span>${row.text}</span> <time>${timeOf(row.at)}</time></li>`;
  }
  const state = row.item?.state;
  const face = row.kind === "bot" ? html`<${Icon} name="mark" size=${16} />` : initials(row.speaker.replace(/^Note by /, ""));
  return html`<li
    class=${`line ${row.kind}${row.leads ? " leads" : ""}${row.marked ? " marked" : ""}`}
    id=${row.seq ? `turn-${row.seq}` : null}
    data-test=${row.kind === "note" ? "note-line" : "line"}
    data-author=${row.kind}
    data-seq=${row.seq}
    data-marked=${row.marked ? "true" : null}
    data-state=${state}
  >
    <span class="face" aria-hidden="true">${row.leads && face}</span>
    <div class="line-body">
      ${row.leads && html`<p class="speaker"><b>${row.speaker}</b> <time>${timeOf(row.at)}</time></p>`}
      <p class="words">${splitLinks(row.text).map((part) => (part.href ? html`<a href=${part.href} target="_blank" rel="noopener noreferrer">${part.text}</a>` : part.text))}</p>
      ${row.buttons?.length > 0 && html`<p class="offered">${row.buttons.map((title) => html`<span>${title}</span>`)}</p>`}
      ${row.marked && html`<p class="led">this turn led to the handover</p>`}
      ${state && html`<${Unsent} item=${row.item} desk=${desk} />`}
    </div>
  </li>`;
}

function Unsent({ item, desk }) {
  const [copied, setCopied] = useState(false);
  if (item.state === "refused") {
    const copy = () => navigator.clipboard?.writeText(item.frame.text).then(() => setCopied(true));
    return html`<p class="problem unsent" role="alert">
      ${item.problem?.text || "The desk did not answer."} Not sent.
      <button type="button" class="link" onClick=${() => desk.retry(item.id)} data-test="retry">Try again</button>
      <button type="button" class="link" onClick=${copy}>${copied ? "Copied" : "Copy"}</button>
      <button type="button" class="link" onClick=${() => desk.drop(item.id)}>Discard</button>
    </p>`;
  }
  const text = item.state === "kept" ? "" : desk.phase === "up" ? "Sending" : "Sends when you are connected again";
  return text && html`<p class="quiet unsent">${text}</p>`;
}
