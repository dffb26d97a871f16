// localStorage and sessionStorage behind one small face. A browser may refuse them (private mode, full, blocked): then
// memory has to do, and the chat works until the page is left.

export function openStore(area, prefix) {
  const memory = new Map();
  let backing = null;
  try {
    backing = globalThis[area];
    backing.getItem(prefix);
  } catch {
    backing = null;
  }
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };
  return {
    prefix,
    get(key) {
      const text = memory.get(key) ?? (backing ? backing.getItem(prefix + key) : null);
      return text === null ? null : parse(text);
    },
    set(key, value) {
      const text = JSON.stringify(value);
      try {
        if (!backing) throw new Error("no storage");
        backing.setItem(prefix + key, text);
        memory.delete(key);
      } catch {
        memory.set(key, text);
      }
    },
    remove(key) {
      memory.delete(key);
      if (backing) backing.removeItem(prefix + key);
    },
    /** Remove everything whose key starts with *prefix*. */
    clear() {
      memory.clear();
      const keys = [];
      for (let i = 0; backing && i < backing.length; i += 1) keys.push(backing.key(i));
      for (const key of keys) if (key.startsWith(prefix)) backing.removeItem(key);
    },
    /** All values whose key starts with *start*. */
    all(start) {
      const keys = new Set([...memory.keys()].filter((key) => key.startsWith(start)));
      for (let i = 0; backing && i < backing.length; i += 1) {
        const key = backing.key(i);
        if (key?.startsWith(prefix + start)) keys.add(key.slice(prefix.length));
      }
      return [...keys].map((key) => this.get(key)).filter((value) => value !== null);
    },
  };
}
