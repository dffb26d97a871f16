// The look of the widget. Every colour, radius and the font is a custom property that a page may set on <warmline-chat>.

import { accentColours } from "./colour.js";

export const ACCENT = { light: "#E4572E", dark: "#FF8A65" };

const LIGHT = {
  "--wl-bg": "#fffdfb",
  "--wl-surface": "#f5f0ec",
  "--wl-text": "#26211e",
  "--wl-text-soft": "#6b625c",
  "--wl-line": "#e6ded8",
  "--wl-line-strong": "#8f857e",
  "--wl-bot-line": "#cbc0b8",
  "--wl-bot-bg": "transparent",
  "--wl-agent-bg": "#efe8e2",
  "--wl-danger": "#b3261e",
  "--wl-shadow": "0 10px 32px rgb(60 40 30 / 16%), 0 2px 6px rgb(60 40 30 / 8%)",
};

const DARK = {
  "--wl-bg": "#1b1917",
  "--wl-surface": "#262320",
  "--wl-text": "#f3eeea",
  "--wl-text-soft": "#b0a69f",
  "--wl-line": "#3a3531",
  "--wl-line-strong": "#857a73",
  "--wl-bot-line": "#57504a",
  "--wl-bot-bg": "transparent",
  "--wl-agent-bg": "#332e2a",
  "--wl-danger": "#ff8a80",
  "--wl-shadow": "0 10px 32px rgb(0 0 0 / 50%), 0 2px 6px rgb(0 0 0 / 40%)",
};

const SHARED = {
  "--wl-font": 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  "--wl-radius": "12px",
  "--wl-radius-panel": "16px",
  "--wl-radius-small": "8px",
  "--wl-width": "360px",
  "--wl-height": "560px",
  "--wl-gap": "20px",
  "--wl-layer": "2147483000",
};

function accentOf(accent, dark) {
  const { shape, text, fill, ink } = accentColours(accent, dark ? DARK["--wl-bg"] : LIGHT["--wl-bg"], dark);
  return { "--wl-accent": shape, "--wl-accent-text": text, "--wl-accent-fill": fill, "--wl-accent-ink": ink };
}

const declare = (table) => Object.entries(table).map(([name, value]) => `${name}: ${value};`).join(" ");

/** The rules that set the colours, for an accent of the page's choice or the default ones. */
export function themeText(accent) {
  const light = declare({ ...LIGHT, ...accentOf(accent ?? ACCENT.light, false) });
  const dark = declare({ ...DARK, ...accentOf(accent ?? ACCENT.dark, true) });
  return `
    :host { ${declare(SHARED)} ${light} color-scheme: light; }
    @media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${dark} color-scheme: dark; } }
    :host([theme="dark"]) { ${dark} color-scheme: dark; }
  `;
}

export const RULES = `
:host { display: block; position: fixed; inset: auto var(--wl-gap) var(--wl-gap) auto; z-index: var(--wl-layer);
  font: 400 15px/1.45 var(--wl-font); color: var(--wl-text); text-align: start; -webkit-text-size-adjust: 100%; }
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea, input { font: inherit; color: inherit; margin: 0; }
button { cursor: pointer; background: none; border: 0; padding: 0; text-align: inherit; touch-action: manipulation; }
button:disabled { cursor: default; opacity: .55; }
p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
svg { display: block; flex: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--wl-accent-text); outline-offset: 2px; }

.launcher { position: relative; display: grid; place-items: center; width: 56px; height: 56px; margin-left: auto; border-radius: 50%;
  background: var(--wl-accent-fill); color: var(--wl-accent-ink); box-shadow: var(--wl-shadow); transition: transform 140ms ease; }
.launcher:hover { transform: scale(1.04); }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: var(--wl-text); color: var(--wl-bg); border: 2px solid var(--wl-bg); font-size: 13px; line-height: 18px; font-weight: 600; text-align: center; }

.panel { display: flex; flex-direction: column; width: var(--wl-width); height: min(var(--wl-height), calc(100dvh - 2 * var(--wl-gap)));
  background: var(--wl-bg); border: 1px solid var(--wl-line); border-radius: var(--wl-radius-panel); box-shadow: var(--wl-shadow);
  overflow: hidden; animation: rise 160ms ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }

.head { display: flex; align-items: center; gap: 8px; padding: 12px 4px 12px 12px; border-bottom: 1px solid var(--wl-line); }
.head .face { width: 32px; height: 32px; font-size: 13px; margin: 0; }
.who { flex: 1; min-width: 0; display: flex; flex-direction: column; line-height: 1.25; }
.who b { font-size: 15px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who span { font-size: 13px; color: var(--wl-text-soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pill { flex: none; display: inline-flex; align-items: center; gap: 6px; min-height: 36px; padding: 0 12px; border: 1px solid var(--wl-line-strong);
  border-radius: 18px; font-size: 13px; font-weight: 600; line-height: 1.2; white-space: nowrap; transition: background 120ms; }
button.pill:hover:not(:disabled), .quick button:hover, .icon:hover { background: var(--wl-surface); }
span.pill { border-color: transparent; background: var(--wl-agent-bg); font-weight: 500; max-width: 130px; overflow: hidden; text-overflow: ellipsis; display: block; line-height: 36px; }
.icon { flex: none; display: grid; place-items: center; width: 32px; height: 36px; border-radius: 50%; color: var(--wl-text-soft); }

.logbox { position: relative; flex: 1; min-height: 0; display: flex; }
.log { flex: 1; overflow-y: auto; overflow-anchor: none; overscroll-behavior: contain; padding: 16px 12px 8px; outline-offset: -2px; scrollbar-width: thin; }
.log ul { display: flex; flex-direction: column; gap: 4px; min-height: 100%; justify-content: flex-end; }
.early { display: block; margin: 0 auto 12px; }
.early:disabled { opacity: 0.5; }
.line { position: relative; display: flex; gap: 8px; align-items: flex-end; max-width: 100%; animation: appear 140ms ease-out; }
@keyframes appear { from { opacity: 0; transform: translateY(4px); } }
.line.leads { margin-top: 8px; }
.line .body { display: flex; flex-direction: column; align-items: flex-start; min-width: 0; max-width: calc(100% - 60px); position: relative; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; padding: 8px 12px; border-radius: var(--wl-radius); }
.words a { color: inherit; text-underline-offset: 2px; }
.face { flex: none; display: grid; place-items: center; width: 28px; height: 28px; border-radius: 50%; font-size: 13px; font-weight: 600; letter-spacing: .01em; }
.line .face { visibility: hidden; }
.line.trails .face { visibility: visible; margin-bottom: 20px; }
.bot .face, .head .face.bot { border: 1px solid var(--wl-bot-line); color: var(--wl-accent-text); background: var(--wl-bg); }
.agent .face, .head .face.agent { background: var(--wl-text); color: var(--wl-bg); }
.head .face.queue { background: var(--wl-agent-bg); color: var(--wl-text); }
.bot .words { border: 1px solid var(--wl-bot-line); background: var(--wl-bot-bg); }
.bot.trails .words { border-end-start-radius: 4px; }
.agent .words { background: var(--wl-agent-bg); }
.agent.trails .words { border-end-start-radius: 4px; }
.speaker { font-size: 13px; font-weight: 600; padding: 0 4px 4px; }
.agent:not(.leads) .speaker { display: none; }
.customer { justify-content: flex-end; }
.customer .body { align-items: flex-end; }
.customer .words { background: var(--wl-accent-fill); color: var(--wl-accent-ink); }
.customer.trails .words { border-end-end-radius: 4px; }
.customer.held .words { background: transparent; color: var(--wl-text); border: 1px solid var(--wl-accent); }
.customer[data-state="refused"] .words { background: transparent; color: var(--wl-text); border: 1px dashed var(--wl-danger); }
.meta { font-size: 13px; line-height: 20px; color: var(--wl-text-soft); padding: 0 4px; }
.meta:empty { display: none; }
.retry { color: var(--wl-danger); text-decoration: underline; text-underline-offset: 2px; text-align: end; }
.system { justify-content: center; margin: 8px 16px; }
.system .words { padding: 0; text-align: center; font-size: 13px; color: var(--wl-text-soft); }
.divider { display: flex; justify-content: center; margin: 12px 0 4px; font-size: 13px; color: var(--wl-text-soft); }
.typing { display: flex; align-items: center; gap: 8px; padding: 4px 12px 8px; font-size: 13px; color: var(--wl-text-soft); min-height: 28px; }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 5px; height: 5px; border-radius: 50%; background: currentColor; animation: breathe 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .15s; } .dots i:nth-child(3) { animation-delay: .3s; }
@keyframes breathe { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
.below { position: absolute; bottom: 8px; left: 50%; translate: -50% 0; display: inline-flex; align-items: center; gap: 4px; padding: 6px 12px 6px 8px;
  border-radius: 16px; background: var(--wl-text); color: var(--wl-bg); font-size: 13px; font-weight: 600; }

.card { margin: 0 12px 8px; padding: 8px 12px; background: var(--wl-surface); border-radius: var(--wl-radius-small); font-size: 13px; max-height: 40%; overflow-y: auto; flex: none; }
.card .place { font-size: 15px; font-weight: 600; }
.card .soft { color: var(--wl-text-soft); }
.card details { margin-top: 4px; }
.card summary { cursor: pointer; padding: 4px 0; font-weight: 600; border-radius: 4px; }
.card dl { display: grid; grid-template-columns: minmax(72px, auto) 1fr; gap: 4px 12px; padding: 4px 0; }
.card dt { color: var(--wl-text-soft); }
.card dd { overflow-wrap: anywhere; }
.contact { display: flex; gap: 8px; margin-top: 8px; }
.contact input { flex: 1; min-width: 0; height: 36px; padding: 0 8px; border: 1px solid var(--wl-line-strong); border-radius: var(--wl-radius-small); background: var(--wl-bg); font-size: 15px; }
.solid { height: 36px; padding: 0 12px; border-radius: var(--wl-radius-small); background: var(--wl-accent-fill); color: var(--wl-accent-ink); font-weight: 600; font-size: 13px; }
.plain { text-decoration: underline; text-underline-offset: 2px; color: var(--wl-text-soft); font-size: 13px; padding: 4px; border-radius: 4px; }
.plain:hover { color: var(--wl-text); }
.wrong { color: var(--wl-danger); margin-top: 4px; }

.quick { display: flex; flex-wrap: wrap; gap: 8px; padding: 0 12px 8px; max-height: 176px; overflow-y: auto; flex: none; }
.quick button { min-height: 36px; padding: 6px 12px; border: 1px solid var(--wl-accent); border-radius: 18px; color: var(--wl-accent-text); font-weight: 600; font-size: 13px; line-height: 1.3; }
.status { display: flex; align-items: center; gap: 8px; padding: 6px 12px; font-size: 13px; color: var(--wl-text-soft); background: var(--wl-surface); flex: none; }
.status::before { content: ""; flex: none; width: 7px; height: 7px; border-radius: 50%; background: var(--wl-accent); }
.status.bad { color: var(--wl-danger); } .status.bad::before { background: var(--wl-danger); }
.writing { display: flex; align-items: flex-end; gap: 8px; padding: 8px; border-top: 1px solid var(--wl-line); flex: none; }
.fieldbox { flex: 1; min-width: 0; position: relative; }
textarea { display: block; width: 100%; resize: none; border: 1px solid var(--wl-line-strong); border-radius: var(--wl-radius); background: var(--wl-bg);
  padding: 8px 12px; line-height: 22px; min-height: 40px; max-height: 128px; overflow-y: auto; font-size: 15px; scrollbar-width: thin; }
textarea::placeholder { color: var(--wl-text-soft); opacity: 1; }
textarea:focus-visible, .contact input:focus-visible { outline-width: 1px; outline-offset: 0; border-color: var(--wl-accent-text); }
.send { flex: none; display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; background: var(--wl-accent-fill); color: var(--wl-accent-ink); transition: opacity 120ms; }
.count { font-size: 13px; color: var(--wl-text-soft); padding: 4px 4px 0; } .count.over { color: var(--wl-danger); font-weight: 600; }
.foot { display: flex; align-items: center; justify-content: center; gap: 8px; min-height: 28px; padding: 0 12px 4px; font-size: 13px; color: var(--wl-text-soft); flex: none; }

@media (max-width: 480px) {
  :host([open]) { inset: 0; }
  .panel { position: fixed; left: 0; top: var(--wl-view-top, 0); width: 100%; height: var(--wl-view-height, 100dvh); border: 0; border-radius: 0; animation: none;
    padding-bottom: env(safe-area-inset-bottom); }
  textarea, .contact input { font-size: 17px; }
  .icon, .pill { min-height: 44px; } .icon { width: 44px; height: 44px; } .pill { border-radius: 22px; } span.pill { line-height: 44px; } .send { width: 44px; height: 44px; }
  .quick button { min-height: 44px; border-radius: 22px; padding-inline: 16px; font-size: 15px; }
  textarea { min-height: 44px; padding-block: 10px; }
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; } }
@media (forced-colors: active) { .customer .words, .agent .words, .send, .solid, .launcher { border: 1px solid; } }
`;

/** One stylesheet shared by all chats of a page; strict CSPs allow constructed ones and refuse style elements. */
export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
