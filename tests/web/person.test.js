// Whom a site's ticket names, and what is left when it is somebody else's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { personOf, samePerson } from "../../bot/warmline/web/widget/person.js";

const ticket = (body, sign = "aQ.x") => `${Buffer.from(JSON.stringify(body)).toString("base64url")}.${sign}`;

test("a ticket names its customer, whatever the signature", () => {
  assert.equal(personOf(ticket({ id: "käthe-42", name: "Käthe" })), "käthe-42");
  for (const odd of ["", "x", ".eJyrVspMUbJSSkxKVqoFABqBBBk.a.b", "e30.a.b", null, undefined, ticket({ id: 7 })]) assert.equal(personOf(odd), null);
});

test("a renewed ticket is the same person; another's, none, or one that cannot be read is not", () => {
  const mara = ticket({ id: "mara" });
  assert.ok(samePerson(mara, ticket({ id: "mara" }, "bR.y")));
  assert.ok(samePerson(null, null));
  for (const other of [ticket({ id: "ben" }), null, "", "unreadable"]) assert.ok(!samePerson(mara, other));
  assert.ok(!samePerson("unreadable", "unreadable too"));
});
