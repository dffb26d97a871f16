// The console's few pictures.

import { html } from "./html.js";

const SHAPES = {
  mark: html`<path d="M4 13.5c0-4.7 3.6-8 8-8s8 3.3 8 8" /><path d="M8.5 13.500c0-2.3 1.5-3.8 3.5-3.800s3.5 1.5 3.5 3.8" /><circle cx="12" cy="17.6" r="1.7" fill="currentColor" stroke="none" />`,
  bell: html`<path d="M6 16.500V11a6 6 0 0 1 12 0v5.500l1.5 2h-15zM10 20.500h4" />`,
  mute: html`<path d="M6 16.500V11a6 6 0 0 1 9-5.200M18 11v5.500l1.5 2h-11M10 20.500h4M4.5 4.500l15 15" />`,
  help: html`<circle cx="12" cy="12" r="8.5" /><path d="M9.8 9.800c.2-1.3 1.1-2 2.3-2 1.3 0 2.3.8 2.3 2 0 1.6-2.3 1.8-2.3 3.500M12.1 16.200v.1" />`,
  check: html`<path d="M5.5 12.500l4.5 4.5 8.5-9.5" />`,
  back: html`<path d="M14.5 5.500L8 12l6.5 6.5" />`,
  panel: html`<rect x="4" y="5" width="16" height="14" rx="2" /><path d="M14.5 5v14" />`,
  close: html`<path d="M6.5 6.500l11 11M17.5 6.500l-11 11" />`,
  send: html`<path d="M12 19V5.500M6 11l6-6 6 6" />`,
};

export function Icon({ name, size = 18 }) {
  return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    ${SHAPES[name]}
  </svg>`;
}
