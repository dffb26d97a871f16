// The questions asked before a conversation leaves an agent's hands, and the list of keys.

import { composing } from "../widget/composing.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { KEYS } from "./keys.js";

function Dialog({ title, onClose, children, name }) {
  const element = useRef(null);
  useEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return html`<dialog ref=${element} onCancel=${onClose} onClick=${(event) => event.target === element.current && onClose()} aria-label=${title} data-test=${`dialog-${name}`}>
    <div class="dialog-body">
      <h2>${title}</h2>
      ${children}
    </div>
  </dialog>`;
}

/** Enter sends from the note field, as everywhere else. */
function onEnter(act) {
  return (event) => {
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    act();
  };
}

/** The agent's verdict on the handoff: `warmline tune` learns from it. Nothing is chosen for them. */
function Verdict({ value, onChange }) {
  const choice = (needed, text) => html`<label class="choice"><input type="radio" name="needed" checked=${value === needed} onChange=${() => onChange(needed)} data-test=${`needed-${needed ? "yes" : "no"}`} /> ${text}</label>`;
  return html`<fieldset class="verdict"><legend>Did this need a person? <span class="quiet">helps to decide when to hand over</span></legend>${choice(true, "Yes")}${choice(false, "No, the assistant could have gone on")}</fieldset>`;
}

export function HandBackDialog({ desk, onClose }) {
  const [note, setNote] = useState("");
  const [needed, setNeeded] = useState(undefined);
  const { conversation } = desk.talk;
  const confirm = () => {
    desk.handBack(conversation, note, needed);
    onClose();
  };
  return html`<${Dialog} title="Hand back to the assistant" name="hand-back" onClose=${onClose}>
    <p>The assistant goes on with what it knows. The customer is told that you have left.</p>
    <label>Note for whoever comes next <span class="quiet">only agents see it</span><textarea rows="3" maxlength="1000" value=${note} onInput=${(e) => setNote(e.target.value)} onKeyDown=${onEnter(confirm)} autofocus data-test="hand-back-note"></textarea></label>
    <${Verdict} value=${needed} onChange=${setNeeded} />
    <div class="dialog-actions"><button type="button" class="small plain" onClick=${onClose}>Keep it</button><button type="button" class="solid" onClick=${confirm} data-test="hand-back-confirm">Hand back</button></div>
  <//>`;
}

export function TransferDialog({ desk, onClose }) {
  const queues = desk.me.queues.length ? desk.me.queues : ["support"];
  const [queue, setQueue] = useState(queues[0]);
  const [note, setNote] = useState("");
  const { conversation } = desk.talk;
  const confirm = () => {
    desk.transfer(conversation, queue, note);
    onClose();
  };
  return html`<${Dialog} title="Transfer" name="transfer" onClose=${onClose}>
    <p>The conversation goes back into a queue. The customer keeps their waiting time and repeats nothing.</p>
    <label>Queue<select value=${queue} onChange=${(e) => setQueue(e.target.value)} data-test="transfer-queue">${queues.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
    <label>Note for whoever comes next <span class="quiet">only agents see it</span><textarea rows="3" maxlength="1000" value=${note} onInput=${(e) => setNote(e.target.value)} onKeyDown=${onEnter(confirm)} data-test="transfer-note"></textarea></label>
    <div class="dialog-actions"><button type="button" class="small plain" onClick=${onClose}>Keep it</button><button type="button" class="solid" onClick=${confirm} data-test="transfer-confirm">Transfer</button></div>
  <//>`;
}

export function EndDialog({ desk, onClose }) {
  const { conversation } = desk.talk;
  const [needed, setNeeded] = useState(undefined);
  const confirm = () => {
    desk.end(conversation, needed);
    onClose();
  };
  return html`<${Dialog} title="End the conversation" name="end" onClose=${onClose}>
    <p>The customer is told that it is closed, and can write again at any time.</p>
    <${Verdict} value=${needed} onChange=${setNeeded} />
    <div class="dialog-actions"><button type="button" class="small plain" onClick=${onClose}>Keep it</button><button type="button" class="solid" autofocus onClick=${confirm} data-test="end-confirm">End it</button></div>
  <//>`;
}

export function HelpDialog({ onClose }) {
  return html`<${Dialog} title="Keys" name="help" onClose=${onClose}>
    <dl class="keys">${KEYS.map(([key, , text]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}</dl>
    <p class="quiet">In the field: Enter sends, Shift+Enter makes a new line, / takes the first draft.</p>
    <div class="dialog-actions"><button type="button" class="small" autofocus onClick=${onClose}>Close</button></div>
  <//>`;
}
