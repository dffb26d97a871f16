// Whom a site's ticket names. Pure. Nothing is proved here: the bridge checks the signature, this only tells persons apart.

/** The customer's id in *ticket* (docs/extending.md), or null when it cannot be read. */
export function personOf(ticket) {
  try {
    const [body] = String(ticket).split(".");
    const bytes = Uint8Array.from(atob(body.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    const { id } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof id === "string" && id ? id : null;
  } catch {
    return null;
  }
}

/** Whether two tickets are of one person. When that cannot be read they are not: what the last one wrote must not be shown. */
export function samePerson(one, other) {
  if (!one || !other) return !one && !other;
  return one === other || (personOf(one) !== null && personOf(one) === personOf(other));
}
