/** A function that tells whether an event's name fits one of these patterns: `*` is one word, `#` any number of words. */
export function eventMatcher(patterns: readonly string[]): (name: string) => boolean {
  const split = patterns.map((pattern) => pattern.split('.'));
  return (name) => {
    const words = name.split('.');
    return split.some((pattern) => fits(pattern, words));
  };
}

function fits(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') return words.some((_, n) => fits(rest, words.slice(n))) || fits(rest, []);
  return words.length > 0 && (first === '*' || first === words[0]) && fits(rest, words.slice(1));
}
