/** Letters that turn the order in which what follows is shown (UAX 9), and print nothing themselves. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** A text shown in the order in which it is written, as a shell reads it: what would turn that is told by its number. */
export function inOrder(text: string): string {
  return text.replace(TURNING, (letter) => `<U+${letter.charCodeAt(0).toString(16).toUpperCase()}>`);
}
