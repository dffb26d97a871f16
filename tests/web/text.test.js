// Words, links, names and colours.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ACCENT } from "../../bot/warmline/web/widget/styles.js";
import { accentColours, contrast, parseHex } from "../../bot/warmline/web/widget/colour.js";
import { contactLink, due, span } from "../../bot/warmline/web/console/format.js";
import { composing } from "../../bot/warmline/web/widget/composing.js";
import { initials, splitLinks } from "../../bot/warmline/web/widget/text.js";
import { strings, stringsFor } from "../../bot/warmline/web/widget/strings.js";

const links = (text) => splitLinks(text).filter((part) => part.href).map((part) => part.text);

test("http and https become links, nothing else does", () => {
  assert.deepEqual(links("see https://a.example/x?y=1#z and http://b.example"), ["https://a.example/x?y=1#z", "http://b.example"]);
  for (const text of ["javascript:alert(1)", "data:text/html,x", "xhttps://a.example", "www.a.example", "https://", "file:///etc"]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("a link does not swallow the sentence's own punctuation", () => {
  assert.deepEqual(links("Is it https://a.example/x? Yes (https://b.example/y)."), ["https://a.example/x", "https://b.example/y"]);
  assert.deepEqual(links("https://a.example/wiki/X_(y)"), ["https://a.example/wiki/X_(y)"]);
});

test("a link ends where other scripts' marks, quotes and brackets of the sentence begin", () => {
  const wiki = "https://en.wikipedia.org/wiki/Curtain_(disambiguation)";
  for (const [text, link] of [
    [`(see ${wiki})`, wiki],
    [`((${wiki}))`, wiki],
    ["[https://a.example/x[1]]", "https://a.example/x[1]"],
    ["“https://example.com/a”", "https://example.com/a"],
    ["‘https://example.com/a’", "https://example.com/a"],
    ["«https://example.com/a»", "https://example.com/a"],
    ["https://example.com/a。", "https://example.com/a"],
    ["「https://example.com/a」", "https://example.com/a"],
    ["（https://example.com/a）", "https://example.com/a"],
    ["https://example.com/a؟", "https://example.com/a"],
    ["https://example.com/a…", "https://example.com/a"],
    ["https://example.com/käse/日本", "https://example.com/käse/日本"],
  ]) assert.deepEqual(links(text), [link], text);
});

test("the Enter that confirms a composition is not ours, also as Safari tells it", () => {
  assert.ok(composing({ isComposing: true, keyCode: 13 }));
  assert.ok(composing({ isComposing: false, keyCode: 229 }));
  assert.ok(!composing({ isComposing: false, keyCode: 13 }));
});

test("the parts of a text are the text", () => {
  for (const text of ["", "plain", "https://a.example", "<b>https://a.example/<i></b>", "a https://a.example. b https://b.example! c", "https://[broken"]) {
    assert.equal(splitLinks(text).map((part) => part.text).join(""), text);
  }
});

test("initials come from the first and the last name", () => {
  assert.equal(initials("Anna"), "A");
  assert.equal(initials("anna maria berg"), "AB");
  assert.equal(initials(" ß x"), "SSX");
  assert.equal(initials(null), "?");
});

test("any accent colour becomes readable on both grounds", () => {
  for (const accent of [ACCENT.light, ACCENT.dark, "#ffd400", "#000", "#fff", "#7f7f7f", "#00f", "#0a7"]) {
    for (const [ground, dark] of [["#fffdfb", false], ["#1b1917", true]]) {
      const { shape, text, fill, ink } = accentColours(accent, ground, dark);
      assert.ok(contrast(ink, fill) >= 4.5, `${accent} ink on fill`);
      assert.ok(contrast(text, ground) >= 4.5, `${accent} text on ${ground}`);
      assert.ok(contrast(shape, ground) >= 3, `${accent} shape on ${ground}`);
    }
  }
});

test("what is not a hex colour is refused", () => {
  for (const text of ["red", "#12", "#1234", "url(x)", "", null, "#12345g"]) assert.equal(parseHex(text), null);
  assert.deepEqual(parseHex("#E4572E"), [228, 87, 46]);
});

test("every language has every sentence, of the same kind", () => {
  for (const [name, table] of Object.entries(strings)) {
    assert.deepEqual(Object.keys(table).sort(), Object.keys(strings.en).sort(), name);
    for (const key of Object.keys(table)) assert.equal(typeof table[key], typeof strings.en[key], `${name}.${key}`);
  }
  assert.equal(stringsFor("de-AT"), strings.de);
  assert.equal(stringsFor("tlh"), strings.en);
  assert.equal(stringsFor(null), strings.en);
});

test("spans are short and never negative", () => {
  assert.deepEqual([0, 59, 60, 3_599, 3_600, 7_500, 200_000, -5].map(span), ["0 s", "59 s", "1 min", "59 min", "1 h 00", "2 h 05", "2 d", "0 s"]);
});

test("a row is calm, then soon, then late", () => {
  const levels = [0, 399, 401, 599, 601].map((after) => due(1_000, 10, 1_000 + after).level);
  assert.deepEqual(levels, ["calm", "calm", "soon", "soon", "late"]);
  assert.equal(due(1_000, 10, 1_720).text, "2 min late");
});

test("what a customer left to be answered at opens the mail program, or the phone", () => {
  assert.equal(contactLink("mara@example.com, 0151 2345678"), "mailto:mara%40example.com");
  assert.equal(contactLink("+49 (0)151 2345678"), "tel:+491512345678");
});
