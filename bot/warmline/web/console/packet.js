// The right column: everything to know before the first word.

import { contactLink, dateOf, due, outcomeWords, timeOf, words } from "./format.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";
import { MoodChart } from "./charts.js";

function Section({ title, name, children, hint }) {
  return html`<section class="packet-section" data-test=${`packet-${name}`}>
    <h3>${title}${hint && html` <span class="quiet">${hint}</span>`}</h3>
    ${children}
  </section>`;
}

/** Bring a turn of the transcript into view and point at it. */
function showTurn(seq) {
  const line = document.getElementById(`turn-${seq}`);
  if (!line) return;
  line.scrollIntoView({ block: "center" });
  line.classList.remove("pointed");
  requestAnimationFrame(() => line.classList.add("pointed"));
}

export function PacketPanel({ desk, now, onClose }) {
  const packet = desk.talk?.packet;
  if (!packet) {
    return html`<div class="packet-scroll"><p class="quiet center">The context appears here.</p></div>`;
  }
  const { customer, decision, facts, tried, mood, earlier, notes } = packet;
  const limit = decision && packet.asked_at && packet.owner === "queue" ? due(packet.asked_at, packet.urgency_min ?? decision.urgency_min, now) : null;
  return html`<div class="packet-scroll" data-test="packet" data-conversation=${packet.conversation}>
    <div class="packet-top">
      <h2>Context</h2>
      ${limit && html`<span class=${`due ${limit.level}`}>${limit.text}</span>`}
      <button type="button" class="bar-button only-two" aria-label="Hide the context" onClick=${onClose}><${Icon} name="close" /></button>
    </div>
    <${Section} title="Wants" name="wants">
      <p class="wants">${packet.wants}</p>
      ${packet.words && html`<blockquote data-test="packet-words">${packet.words}</blockquote>`}
    <//>
    <${Section} title="Who" name="who">
      <p>${customer.name ?? desk.talk.name ?? "Guest"}${customer.email ? ` · ${customer.email}` : ""}</p>
      <p class="quiet">${customer.sure === "signed" ? "Signed in on the site." : "Not signed in: nothing proved but what is ticked below."}</p>
      ${packet.contact && html`<p>Wants the answer at <a href=${contactLink(packet.contact)}>${packet.contact}</a></p>`}
    <//>
    <${Section} title="Given" name="given">
      ${facts.length === 0 && html`<p class="quiet">Nothing yet.</p>`}
      <dl class="facts">
        ${facts.map(
          (fact) => html`<div key=${fact.name} data-test="fact" data-verified=${fact.verified ? "true" : "false"}>
            <dt>${fact.label}</dt>
            <dd>${fact.value}${fact.verified ? html`<span class="verified" title="Verified"><${Icon} name="check" size=${14} /><span class="unseen">confirmed</span></span>` : html`<span class="quiet"> as told</span>`}</dd>
          </div>`,
        )}
      </dl>
    <//>
    <${Section} title="Tried" name="tried">
      ${tried.length === 0 && html`<p class="quiet">The assistant has not tried anything.</p>`}
      <ul class="tried">
        ${tried.map((attempt) => html`<li key=${attempt.seq}><button type="button" class="turn" title="Show the turn" onClick=${() => showTurn(attempt.seq)}>${attempt.did}</button><span class=${`outcome ${attempt.outcome}`}>${outcomeWords(attempt.outcome)}</span></li>`)}
      </ul>
    <//>
    <${Section} title="Mood" name="mood" hint="frustration, 0 to 100, by turn">
      <${MoodChart} key=${packet.conversation} points=${mood} marked=${new Set(decision?.turns ?? [])} limits=${decision?.limits} onTurn=${showTurn} />
    <//>
    <${Section} title="Why a person" name="why">
      ${decision ? html`<${Why} decision=${decision} />` : html`<p class="quiet">Nobody asked for one; the assistant has it.</p>`}
    <//>
    ${packet.next.length > 0 && html`<${Section} title="Next" name="next"><ol class="next">${packet.next.map((step) => html`<li>${step}</li>`)}</ol><//>`}
    ${earlier.length > 0 &&
    html`<${Section} title="Earlier" name="earlier"><ul class="earlier">
      ${earlier.map((episode) => html`<li key=${episode.seq}><time>${dateOf(episode.at)} ${timeOf(episode.at)}</time> ${episode.text}</li>`)}
    </ul><//>`}
    <${Section} title="Notes" name="notes">
      ${notes.length === 0 && html`<p class="quiet">No notes yet.</p>`}
      <ul class="notes">
        ${notes.map((note) => html`<li key=${note.id}><p>${note.text}</p><p class="quiet">${note.name}, ${dateOf(note.at)} ${timeOf(note.at)}</p></li>`)}
      </ul>
    <//>
  </div>`;
}

function Why({ decision }) {
  const widest = Math.max(...decision.signals.map((signal) => Math.abs(signal.weight)), 0.01);
  return html`<p><b>${words(decision.rule)}</b>${decision.cause === "mood" && html`<span class="quiet"> · of ten who write like this, about ${Math.min(9, Math.round(decision.confidence * 10))} are frustrated</span>`}</p>
    ${decision.turns.length > 0 &&
    html`<p class="quiet">Turns that did it: ${decision.turns.map((seq) => html`<button type="button" class="turn" onClick=${() => showTurn(seq)}>${seq}</button> `)}</p>`}
    <ul class="signals">
      ${decision.signals.map(
        (signal) => html`<li key=${signal.name} class=${signal.weight < 0 ? "against" : "for"}>
          <span>${signal.text}</span>
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label=${`weight ${signal.weight.toFixed(2)}`}>
            <rect class="track" width="100" height="6" rx="3" /><rect class="bar" width=${Math.max(2, (Math.abs(signal.weight) / widest) * 100)} height="6" rx="3" />
          </svg>
        </li>`,
      )}
    </ul>
    ${decision.counterfactual && html`<p class="counter">${decision.counterfactual}</p>`}`;
}
