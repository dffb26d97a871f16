// The desk as a whole: what is shown when, and what the keys do.

import { plural, span } from "./format.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { EndDialog, HandBackDialog, HelpDialog, TransferDialog } from "./dialogs.js";
import { actionOf, tip } from "./keys.js";
import { PacketPanel } from "./packet.js";
import { PresenceSwitch, Queue } from "./queue.js";
import { SignIn } from "./signin.js";
import { Talk } from "./talk.js";

const DIALOGS = { "hand-back": HandBackDialog, transfer: TransferDialog, end: EndDialog, help: HelpDialog };
const CALM_MS = 1_500;
const RINGS_SHOWN = 2;

export function App({ desk, ringer }) {
  if (!desk.signedIn) return html`<${SignIn} desk=${desk} />`;
  if (!desk.me || !desk.lists) return html`<${Loading} desk=${desk} />`;
  return html`<${Board} desk=${desk} ringer=${ringer} />`;
}

function Loading({ desk }) {
  const lost = useTrouble(desk);
  return html`<main class="boot" data-test="loading">
    <${Icon} name="mark" size=${32} />
    <p role="status">${lost ? "The desk cannot be reached. Trying again…" : "Opening the desk…"}</p>
    ${lost && html`<button type="button" class="small" onClick=${() => desk.signOut()}>Sign in anew</button>`}
  </main>`;
}

/** Whether the link has been gone for longer than a blink. */
function useTrouble(desk) {
  const [lost, setLost] = useState(false);
  const up = desk.phase === "up";
  useEffect(() => {
    if (up) {
      setLost(false);
      return undefined;
    }
    const timer = setTimeout(() => setLost(true), CALM_MS);
    return () => clearTimeout(timer);
  }, [up]);
  return lost && !up;
}

/** Unix seconds by the bridge's clock, ticking. */
function useNow(desk) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return desk.now();
}

function Board({ desk, ringer }) {
  const now = useNow(desk);
  const lost = useTrouble(desk);
  const [view, setView] = useState(desk.selected ? "talk" : "list");
  const [packet, setPacket] = useState(false);
  const [dialog, setDialog] = useState(null);
  const [why, setWhy] = useState(null);
  const actions = useRef({});
  const { talk } = desk;
  const mine = talk && desk.isMine(talk.conversation);
  useEffect(() => {
    if (desk.selected) setView("talk");
  }, [desk.selected]);
  if (talk && document.visibilityState === "visible") talk.seen = talk.log.seq;
  if (dialog && dialog !== "help" && !mine) setDialog(null);

  const step = (by) => {
    const { rows } = desk;
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.conversation === desk.selected);
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by));
    desk.select(rows[next].conversation);
  };
  const run = {
    next: () => step(1),
    previous: () => step(-1),
    take: () => takeOpen(desk),
    claim: () => desk.lists.waiting.length && desk.claim(desk.lists.waiting[0].conversation),
    reply: () => mine && actions.current.reply?.(),
    note: () => mine && actions.current.note?.(),
    draft: () => mine && actions.current.draft?.(),
    "hand-back": () => mine && setDialog("hand-back"),
    transfer: () => mine && setDialog("transfer"),
    end: () => mine && setDialog("end"),
    why: () => setWhy(why === desk.selected ? null : desk.selected),
    packet: () => setPacket(!packet),
    presence: () => desk.presence(desk.me.status === "online" ? "away" : "online"),
    mute: () => mute(desk, ringer),
    help: () => setDialog(dialog === "help" ? null : "help"),
    close: () => (dialog ? setDialog(null) : packet ? setPacket(false) : document.activeElement?.blur()),
  };
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKey = (event) => {
      const name = actionOf(event);
      if (!name) return;
      if (name !== "close") event.preventDefault();
      latest.current[name]?.();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const Open = dialog ? DIALOGS[dialog] : null;
  return html`<div class="board" data-test="desk" data-view=${view} data-packet=${packet ? "open" : null} data-phase=${desk.phase}>
    <${Bar} ...${{ desk, ringer, now, onHelp: run.help }} />
    ${lost && html`<p class="strip bad" role="status" data-test="offline">${navigator.onLine === false ? "You are offline." : "The connection to the desk is lost."} What you write is kept and sent when it is back. If it takes more than half a minute, your conversations return to the front of the queue.</p>`}
    ${!desk.lists.botOk && html`<p class="strip" role="status" data-test="bot-down">The assistant is not answering. Everybody who writes comes straight to the queue.</p>`}
    ${desk.notice && html`<p class=${`strip ${desk.notice.level}`} role="alert" data-test="notice">${desk.notice.text} <button type="button" class="link" onClick=${() => desk.dismissNotice()}>Close</button></p>`}
    ${desk.rings.slice(0, RINGS_SHOWN).map((ring) => html`<${RingBanner} key=${ring.conversation} ...${{ desk, ring }} />`)}
    ${desk.rings.length > RINGS_SHOWN && html`<p class="strip">And ${desk.rings.length - RINGS_SHOWN} more are waiting.</p>`}
    <div class="columns">
      <nav class="col queue" aria-label="Conversations"><${Queue} ...${{ desk, now, why, onWhy: setWhy }} /></nav>
      <main class="col talk">
        ${talk
          ? html`<${Talk} ...${{ desk, actions, onBack: () => setView("list"), onPacket: () => setPacket(!packet), onDialog: setDialog }} />`
          : html`<div class="empty"><p><b>No conversation is open.</b></p><p>Choose one on the left. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> claims, <kbd>?</kbd> shows all keys.</p></div>`}
      </main>
      <aside class="col packet" aria-label="Context"><${PacketPanel} ...${{ desk, now, onClose: () => setPacket(false) }} /></aside>
    </div>
    ${Open && html`<${Open} desk=${desk} onClose=${() => setDialog(null)} />`}
  </div>`;
}

function takeOpen(desk) {
  const row = desk.row(desk.selected);
  const owner = desk.talk?.packet?.owner ?? row?.owner;
  if (owner === "queue") desk.claim(desk.selected);
  else if (owner === "bot") desk.takeOver(desk.selected);
}

function mute(desk, ringer) {
  ringer.muted = !ringer.muted;
  desk.onChange();
}

function Bar({ desk, ringer, now, onHelp }) {
  const { waiting, mine, botOk } = desk.lists;
  const longest = waiting.length ? Math.max(...waiting.map((row) => now - row.since)) : 0;
  const sound = ringer.muted ? "Sound is off" : "Sound is on";
  return html`<header class="bar">
    <h1><${Icon} name="mark" size=${22} /><span>Warmline desk</span></h1>
    <dl class="figures">
      <div><dt>waiting</dt><dd data-test="figure-waiting">${waiting.length}</dd></div>
      ${waiting.length > 0 && html`<div><dt>longest</dt><dd>${span(longest)}</dd></div>`}
      <div><dt>mine</dt><dd>${mine.length}</dd></div>
      <div class=${botOk ? "" : "bad"}><dt>assistant</dt><dd>${botOk ? "up" : "down"}</dd></div>
    </dl>
    <${PresenceSwitch} desk=${desk} />
    <button type="button" class="bar-button" aria-pressed=${ringer.muted ? "true" : "false"} aria-label=${sound} title=${tip(sound, "mute")} onClick=${() => mute(desk, ringer)} data-test="mute"><${Icon} name=${ringer.muted ? "mute" : "bell"} /></button>
    <button type="button" class="bar-button" aria-label="Keys" title=${tip("All keys", "help")} onClick=${onHelp} data-test="help"><${Icon} name="help" /></button>
  </header>`;
}

function RingBanner({ desk, ring }) {
  const open = () => desk.select(ring.conversation);
  return html`<div class="ring" role="alert" data-test="ring" data-conversation=${ring.conversation}>
    <${Icon} name="bell" />
    <p><b>${ring.customer} needs a person.</b> ${ring.why} <span class="quiet">Answer within ${plural(ring.urgency_min, "minute", "minutes")}.</span></p>
    <button type="button" class="small plain" onClick=${open} data-test="ring-open">Look</button>
    <button type="button" class="solid" onClick=${() => desk.claim(ring.conversation)} data-test="ring-claim">Claim</button>
    <button type="button" class="bar-button" aria-label="Dismiss" onClick=${() => desk.dismissRing(ring.conversation)}><${Icon} name="close" /></button>
  </div>`;
}
