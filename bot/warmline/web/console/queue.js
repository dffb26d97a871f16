// The left column: what is mine, who waits, requests left while nobody was there, and who else is here.

import { due, span, words } from "./format.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Spark } from "./charts.js";
import { tip } from "./keys.js";

export function Queue({ desk, now, why, onWhy }) {
  const { mine, waiting, requests, colleagues } = desk.lists;
  const free = colleagues.filter((colleague) => colleague.status === "online").length;
  const nothing = !mine.length && !waiting.length && !requests.length;
  const section = (title, list, rows, hint) =>
    html`<section class="list" aria-labelledby=${`list-${list}`} data-test=${`list-${list}`}>
      <h2 id=${`list-${list}`}>${title} <span class="count">${rows.length}</span></h2>
      ${rows.length === 0 && hint && html`<p class="quiet">${hint}</p>`}
      <ul>
        ${rows.map((row) => html`<${Row} key=${row.conversation} ...${{ desk, row, list, now, why: why === row.conversation, onWhy }} />`)}
      </ul>
    </section>`;
  return html`<div class="queue-scroll">
      ${nothing &&
      html`<div class="empty" data-test="empty-queue">
        <p><b>Nobody is waiting.</b></p>
        <p>When the assistant needs a person, the conversation appears here, and rings.</p>
      </div>`}
      ${mine.length > 0 && section("Mine", "mine", mine)}
      ${!nothing && section("Waiting", "waiting", waiting, "Nobody is waiting.")}
      ${requests.length > 0 && section("Requests", "requests", requests)}
    </div>
    <details class="colleagues" data-test="colleagues">
      <summary>Colleagues <span class="count">${free} online</span></summary>
      <ul>
        ${colleagues.map(
          (colleague) => html`<li key=${colleague.agent}>
            <span class=${`presence ${colleague.status}`} aria-hidden="true"></span>
            <span>${colleague.name}${colleague.agent === desk.me?.agent ? " (you)" : ""}</span>
            <span class="quiet">${colleague.status === "offline" ? "not here" : colleague.status} · ${colleague.open} open</span>
          </li>`,
        )}
      </ul>
    </details>`;
}

function Row({ desk, row, list, now, why, onWhy }) {
  const element = useRef(null);
  const selected = desk.selected === row.conversation;
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const waits = list === "waiting";
  const limit = waits ? due(row.since, row.urgency_min, now) : null;
  const unread = row.unread || (list === "mine" && hasNews(desk, row.conversation));
  const canClaim = row.owner === "queue";
  const canTake = list === "requests" && row.owner === "bot";
  const claiming = desk.underWay("claim", row.conversation) || desk.underWay("take_over", row.conversation);
  return html`<li ref=${element} class=${`row${selected ? " selected" : ""}`} data-test="row" data-conversation=${row.conversation} data-list=${list}>
    <button type="button" class="row-main" aria-current=${selected ? "true" : null} onClick=${() => desk.select(row.conversation)} data-test="open">
      <span class="row-top">
        <span class="age" title="Since the customer needed a person">${span(now - row.since)}</span>
        <b>${row.customer}</b>
        ${unread && html`<span class="unread" title="Something new">new</span>`}
        <${Spark} curve=${row.curve} />
      </span>
      <span class="row-wants">${row.wants}</span>
      <span class="row-foot">
        ${limit && html`<span class=${`due ${limit.level}`} data-test="urgency">${limit.text}</span>`}
        ${waits && row.contact && html`<span class="quiet"> · answer to ${row.contact}</span>`}
        ${list === "requests" && html`<span class="quiet">${row.contact ? `answer to ${row.contact}` : row.owner === "bot" ? "went on with the assistant" : "nobody was there"}</span>`}
        ${list === "mine" && html`<span class="quiet">${talkLine(desk, row)}</span>`}
      </span>
    </button>
    <div class="row-actions">
      <button type="button" class="link" aria-expanded=${why ? "true" : "false"} title=${tip("Why this conversation needs a person", "why")} onClick=${() => onWhy(why ? null : row.conversation)} data-test="why-here">
        Why here ${why ? "▾" : "▸"}
      </button>
      ${(canClaim || canTake) &&
      html`<button type="button" class="small" disabled=${claiming || desk.phase !== "up"} title=${tip(canClaim ? "Take this conversation" : "Take it from the assistant", "take")} onClick=${() => (canClaim ? desk.claim(row.conversation) : desk.takeOver(row.conversation))} data-test=${canClaim ? "claim" : "take-over"}>
        ${claiming ? "Claiming…" : canClaim ? "Claim" : "Take over"}
      </button>`}
    </div>
    ${why && html`<p class="row-why" data-test="why-text">${row.why || "No reason was given."} <span class="quiet">Rule: ${words(row.rule)}.</span></p>`}
  </li>`;
}

/** Lines that came after the last time this talk was looked at. */
function hasNews(desk, conversation) {
  const talk = desk.talks.get(conversation);
  return Boolean(talk && desk.selected !== conversation && talk.log.seq > (talk.seen ?? 0));
}

function talkLine(desk, row) {
  const talk = desk.talks.get(row.conversation);
  if (talk?.typing) return "is typing…";
  const last = talk?.log.messages.findLast((message) => message.author === "customer" || message.author === "agent");
  if (!last) return "with you";
  return last.author === "customer" ? `“${last.text.slice(0, 60)}”` : "you wrote last";
}

/** A narrow switch of presence: taking new conversations, or away. */
export function PresenceSwitch({ desk }) {
  const [open, setOpen] = useState(false);
  const online = desk.me.status === "online";
  const choose = (status) => {
    setOpen(false);
    if (status !== desk.me.status) desk.presence(status);
  };
  return html`<div class="presence-switch">
    <button type="button" class="bar-button" aria-haspopup="true" aria-expanded=${open ? "true" : "false"} title=${tip("Take new conversations, or be away", "presence")} onClick=${() => setOpen(!open)} data-test="presence" data-status=${desk.me.status}>
      <span class=${`presence ${desk.me.status}`} aria-hidden="true"></span>${online ? "Online" : "Away"} ▾
    </button>
    ${open &&
    html`<div class="menu" role="menu">
      <button type="button" role="menuitemradio" aria-checked=${online ? "true" : "false"} onClick=${() => choose("online")} data-test="presence-online"><span class="presence online"></span>Online: conversations ring here</button>
      <button type="button" role="menuitemradio" aria-checked=${online ? "false" : "true"} onClick=${() => choose("away")} data-test="presence-away"><span class="presence away"></span>Away: yours stay, new ones do not count on you</button>
      <hr />
      <p class="quiet">${desk.me.name} · ${desk.me.role}</p>
      <button type="button" role="menuitem" onClick=${() => desk.signOut()} data-test="sign-out">Sign out: your conversations go back to the queue's front</button>
    </div>`}
  </div>`;
}
