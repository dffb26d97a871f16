// Colours that can be read: from one accent colour, the fill for things with text on them and the ink for that text. Pure.

/** `#rgb` or `#rrggbb` as [r, g, b] 0..255, or null. */
export function parseHex(text) {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(text ?? "").trim());
  if (!match) return null;
  const digits = match[1].length === 3 ? [...match[1]].map((d) => d + d).join("") : match[1];
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

const toHex = (rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

/** Relative luminance, WCAG 2.2. */
function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two hex colours, 1..21. */
export function contrast(a, b) {
  const [high, low] = [luminance(parseHex(a)), luminance(parseHex(b))].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function towards(hex, target, share) {
  const from = parseHex(hex);
  const to = parseHex(target);
  return toHex(from.map((part, i) => part + (to[i] - part) * share));
}

/** *hex* moved towards *target* in small steps until it reaches *ratio* against *ground*. */
function until(hex, target, ground, ratio) {
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = towards(hex, target, share);
    if (contrast(mixed, ground) >= ratio) return mixed;
  }
  return target;
}

const AA_TEXT = 4.5;
const AA_SHAPE = 3;

/**
 * The colours made from *accent* for a page of colour *ground*: *shape* for outlines and icons (3:1), *text* for accent-coloured words
 * (4.5:1 on the ground), *fill* for surfaces and *ink* for the words on them (4.5:1). White ink unless the accent is so bright that
 * white would drag it far from itself.
 */
export function accentColours(accent, ground, dark) {
  const ink = contrast(accent, "#ffffff") >= AA_SHAPE && !dark ? "#ffffff" : "#1f0f09";
  const away = dark ? "#ffffff" : "#000000";
  return {
    shape: until(accent, away, ground, AA_SHAPE),
    text: until(accent, away, ground, AA_TEXT),
    fill: until(accent, ink === "#ffffff" ? "#000000" : "#ffffff", ink, AA_TEXT),
    ink,
  };
}
