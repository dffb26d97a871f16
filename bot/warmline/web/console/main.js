// Starts the desk. ?bridge=... is not offered: the console talks to the bridge that served it, and to no other.

import { App } from "./app.js";
import { Desk } from "./desk.js";
import { html, render } from "./html.js";
import { Ringer } from "./ring.js";

const root = document.getElementById("app");
const ringer = new Ringer();
const desk = new Desk({
  bridge: new URL("../", document.baseURI).href,
  onChange: () => later(),
  onRing: (ring) => ringer.ring(ring),
});

let frame = 0;

/** A hidden page draws no frames but still has a title to change, so there a timer stands in. */
function later() {
  if (frame) return;
  frame = 1;
  const paint = () => {
    frame = 0;
    draw();
  };
  if (document.visibilityState === "visible") requestAnimationFrame(paint);
  else setTimeout(paint, 100);
}

function draw() {
  ringer.waiting(desk.rings.length);
  render(html`<${App} desk=${desk} ringer=${ringer} />`, root);
}

root.replaceChildren();
draw();
desk.start();
