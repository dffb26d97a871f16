// Whether a key belongs to an input method. Pure.

/**
 * Safari ends a composition before it tells of the Enter that confirmed it: `isComposing` is false then, and only the old
 * keyCode 229 says whose key it was (WebKit bug 165004).
 */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}
