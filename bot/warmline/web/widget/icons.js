// The few pictures of the widget, as SVG elements made without markup.

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  // The mark: a line of speech that bends towards a person.
  mark: [["path", { d: "M4 13.5c0-4.7 3.6-8 8-8s8 3.3 8 8" }], ["path", { d: "M8.5 13.5c0-2.3 1.5-3.8 3.5-3.8s3.5 1.5 3.5 3.8" }], ["circle", { cx: 12, cy: 17.6, r: 1.7, fill: "currentColor", stroke: "none" }]],
  chat: [["path", { d: "M20.5 11.6c0 4-3.8 7.1-8.5 7.1-1.1 0-2.2-.2-3.1-.5L4.2 20l1.1-3.9c-1.2-1.2-1.8-2.8-1.8-4.5 0-4 3.8-7.1 8.5-7.1s8.5 3.1 8.5 7.1Z" }]],
  close: [["path", { d: "M6.5 6.5l11 11M17.5 6.5l-11 11" }]],
  send: [["path", { d: "M12 19V5.5M6 11l6-6 6 6" }]],
  down: [["path", { d: "M12 5v13.5M6 13l6 6 6-6" }]],
  person: [["circle", { cx: 12, cy: 8.2, r: 3.7 }], ["path", { d: "M4.8 19.5c.8-3.6 3.6-5.5 7.2-5.5s6.4 1.9 7.2 5.5" }]],
};

export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  const set = (element, attributes) => {
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  };
  set(svg, {
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": 1.9,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  });
  for (const [tag, attributes] of SHAPES[name]) {
    const shape = document.createElementNS(SVG, tag);
    set(shape, attributes);
    svg.append(shape);
  }
  return svg;
}
