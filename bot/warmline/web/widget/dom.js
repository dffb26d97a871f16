// Making elements without markup: text goes in as text, whatever it holds.

/** *make("button", {class: "x", type: "button", onclick: f}, "text", child)*; null and false attributes and children are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

export function setAttribute(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value === null || value === false || value === undefined) element.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Changes the text only when it differs, so that screen readers are not told twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, on) {
  if (element.hidden === on) element.hidden = !on;
}
