/** What a registry wants to see (RFC 9110, 11.6.1; Docker token authentication specification). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const parameter = /([a-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;
/** A scheme is a word that no `=` follows; the parameters up to the next such word are its own. */
const scheme = /(?:^|,)\s*([a-z]+)(?=\s+[a-z_-]+\s*=|\s*(?:,|$))/gi;

/** The challenges of a WWW-Authenticate header, in its order. */
export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = (Array.isArray(header) ? header.join(', ') : ((header as string | undefined) ?? '')).slice(
    0,
    8192,
  );
  // Quoted text may hold commas and words: masked while the schemes are looked for.
  const masked = text.replace(
    /"(?:[^"\\]|\\.)*"/g,
    (quoted) => `"${'_'.repeat(Math.max(0, quoted.length - 2))}"`,
  );
  const starts = [...masked.matchAll(scheme)].map((match) => ({
    name: (match[1] ?? '').toLowerCase(),
    from: match.index + match[0].length,
  }));
  return starts.map(({ name, from }, index) => {
    const own = text.slice(from, starts[index + 1]?.from);
    const pairs = [...own.matchAll(parameter)].map(([, key = '', quoted, bare]) => [
      key.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
    ]);
    return { scheme: name, parameters: Object.fromEntries(pairs) as Record<string, string> };
  });
}
