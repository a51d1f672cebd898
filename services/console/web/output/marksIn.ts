/** Where a text stands in a line, in capitals or not: pairs of its first place and the one after its last. */
export function marksIn(plain: string, find: string): [number, number][] {
  const marks: [number, number][] = [];
  const lower = inSmallLetters(plain);
  const wanted = inSmallLetters(find);
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
    marks.push([at, at + wanted.length]);
  }
  return marks;
}

/** Letter for letter, so that places stay: a few capitals, such as İ, are longer as small letters, and stay as they are. */
function inSmallLetters(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/\p{Lu}/gu, smallLetter);
}

function smallLetter(capital: string): string {
  const small = capital.toLowerCase();
  return small.length === capital.length ? small : capital;
}
