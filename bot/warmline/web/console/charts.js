// The mood as pictures: a sparkline for a row, a chart with its reasons for the packet.

import { html, useState } from "./html.js";

const clamp = (value) => Math.max(0, Math.min(1, value));

/** A spark of the mood, turn by turn. High is frustrated. */
export function Spark({ curve, width = 52, height = 18 }) {
  if (!curve?.length) return html`<svg class="spark" width=${width} height=${height} aria-hidden="true" />`;
  const step = curve.length > 1 ? (width - 6) / (curve.length - 1) : 0;
  const at = curve.map((value, i) => [3 + i * step, 3 + (1 - clamp(value)) * (height - 6)]);
  const [x, y] = at.at(-1);
  const last = curve.at(-1);
  return html`<svg class="spark" width=${width} height=${height} role="img" aria-label=${`Mood: frustration ${Math.round(last * 100)} of 100`}>
    <polyline points=${at.map((point) => point.join(",")).join(" ")} />
    <circle cx=${x} cy=${y} r="2.5" class=${last >= 0.5 ? "hot" : ""} />
  </svg>`;
}

const WIDTH = 300;
const HEIGHT = 96;
const PAD = { left: 24, right: 8, top: 8, bottom: 18 };

/**
 * The mood after each of the customer's turns, with the reasons of the one that is pointed at (the last by default). *limits* are the
 * moods that count as upset and as angry.
 */
export function MoodChart({ points, marked, limits, onTurn }) {
  const [chosen, choose] = useState(null);
  if (!points.length) return html`<p class="quiet">Nothing was written to the assistant yet.</p>`;
  const x = (i) => PAD.left + (points.length > 1 ? (i * (WIDTH - PAD.left - PAD.right)) / (points.length - 1) : (WIDTH - PAD.left - PAD.right) / 2);
  const y = (value) => PAD.top + (1 - clamp(value)) * (HEIGHT - PAD.top - PAD.bottom);
  const shown = points[chosen ?? points.length - 1] ?? points.at(-1);
  const floor = HEIGHT - PAD.bottom;
  const line = points.map((point, i) => `${x(i)},${y(point.value)}`).join(" ");
  return html`<figure class="mood">
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label=${`Frustration by turn: ${points.map((p) => Math.round(p.value * 100)).join(", ")} of 100`}>
      ${[0, 1].map(
        (level) => html`<g key=${level}>
          <line class="grid" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${y(level)} y2=${y(level)} />
          <text x=${PAD.left - 6} y=${y(level) + 4} text-anchor="end">${level * 100}</text>
        </g>`,
      )}
      ${(limits ?? []).map(
        (limit, i) => html`<g key=${`limit ${i}`} class="limit">
          <line x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${y(limit)} y2=${y(limit)} />
          <text x=${PAD.left + 2} y=${y(limit) - 2}>${i ? "angry" : "upset"}</text>
        </g>`,
      )}
      ${points.length > 1 && html`<polygon class="area" points=${`${x(0)},${floor} ${line} ${x(points.length - 1)},${floor}`} />`}
      <polyline class="line" points=${line} />
      ${points.map(
        (point, i) => html`<g
          key=${point.seq}
          class=${`dot${marked.has(point.seq) ? " marked" : ""}${point === shown ? " shown" : ""}`}
          tabindex="0"
          role="button"
          aria-label=${`Turn ${i + 1}: ${Math.round(point.value * 100)} of 100. ${point.reasons.join(". ")}`}
          onMouseEnter=${() => choose(i)}
          onFocus=${() => choose(i)}
          onClick=${() => onTurn(point.seq)}
          onKeyDown=${(event) => event.key === "Enter" && onTurn(point.seq)}
        >
          <rect x=${x(i) - 8} y="0" width="16" height=${HEIGHT} fill="transparent" />
          <circle cx=${x(i)} cy=${y(point.value)} r=${marked.has(point.seq) ? 5 : 3.5} />
          <text x=${x(i)} y=${HEIGHT - 4} text-anchor="middle">${i + 1}</text>
        </g>`,
      )}
    </svg>
    <figcaption>
      <b>Turn ${points.indexOf(shown) + 1}: ${Math.round(shown.value * 100)}</b>
      ${shown.reasons.length ? shown.reasons.map((reason) => html`<span>${reason}</span>`) : html`<span>No signs either way</span>`}
    </figcaption>
  </figure>`;
}
