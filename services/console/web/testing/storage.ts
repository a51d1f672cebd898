/** A browser's storage, which may be full. */
export function aStorage(isFull = false): Storage {
  const items = new Map<string, string>();
  const methods = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (isFull) {
        throw new DOMException("full", "QuotaExceededError");
      }
      items.set(key, value);
      Object.assign(made, { [key]: value });
    },
    removeItem: (key: string) => {
      items.delete(key);
      Reflect.deleteProperty(made, key);
    },
  };
  const made = Object.create(methods) as Storage;
  return made;
}
