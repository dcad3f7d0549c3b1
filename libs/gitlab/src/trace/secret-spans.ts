/** Bytes that belong together: `from` up to `to`, of which those from `secret` on are masked. */
export interface Span {
  readonly from: number;
  readonly secret: number;
  readonly to: number;
}

/** What was found in a piece, and from where on more bytes are needed to judge. */
export interface Found {
  readonly spans: readonly Span[];
  readonly open: number;
}

/** Looks for one kind of secret. Each look is at a whole piece: what is found depends on nothing before it. */
export type Finder = (bytes: Buffer) => Found;

/** Every place where this text stands, overlapping ones too. */
export function phraseFinder(phrase: Buffer): Finder {
  const partial = unfinished(phrase);
  return (bytes) => {
    const spans: Span[] = [];
    for (let at = bytes.indexOf(phrase); at !== -1; at = bytes.indexOf(phrase, at + 1))
      spans.push({ from: at, secret: at, to: at + phrase.length });
    return { spans, open: partial(bytes) };
  };
}

/** Tokens that are known by how they begin: the beginning stays, so that one sees what it was. */
export function tokenFinder(prefix: Buffer): Finder {
  const partial = unfinished(prefix);
  return (bytes) => {
    const spans: Span[] = [];
    for (let at = bytes.indexOf(prefix); at !== -1;) {
      const secret = at + prefix.length;
      const to = runEnd(bytes, secret, ofToken);
      if (to > secret) spans.push({ from: at, secret, to });
      if (to === bytes.length) return { spans, open: at };
      at = bytes.indexOf(prefix, to);
    }
    return { spans, open: partial(bytes) };
  };
}

/** Parameters of addresses that are secrets by their names, as GitLab's own runner masks them. */
const parameters = [
  'private_token',
  'authenticity_token',
  'rss_token',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
];
const parameter = new RegExp(`[?&](?:${parameters.join('|')})=`, 'gi');
const longestParameter = Math.max(...parameters.map(({ length }) => length)) + 2;

export const parameterFinder: Finder = (bytes) => {
  const spans: Span[] = [];
  if (!bytes.includes(0x3f) && !bytes.includes(0x26)) return { spans, open: bytes.length };
  const text = bytes.toString('latin1');
  for (const match of text.matchAll(parameter)) {
    const secret = match.index + match[0].length;
    const to = runEnd(bytes, secret, ofParameter);
    spans.push({ from: match.index, secret, to });
    if (to === bytes.length) return { spans, open: match.index };
  }
  return { spans, open: unfinishedParameter(text) };
};

function unfinishedParameter(text: string): number {
  const tail = text.slice(-longestParameter + 1).toLowerCase();
  for (let at = 0; at < tail.length; at++) {
    const key = tail.slice(at + 1);
    if (/^[?&]$/.test(tail.charAt(at)) && parameters.some((name) => `${name}=`.startsWith(key)))
      return text.length - tail.length + at;
  }
  return text.length;
}

/**
 * Where the longest end of the bytes begins that this text may go on from (Knuth, Morris and Pratt): no byte is looked at
 * twice, whatever the text repeats.
 */
function unfinished(text: Buffer): (bytes: Buffer) => number {
  const borders = bordersOf(text);
  return (bytes) => {
    let matched = 0;
    for (let at = Math.max(0, bytes.length - text.length + 1); at < bytes.length; at++) {
      while (matched > 0 && text[matched] !== bytes[at]) matched = borders[matched - 1] ?? 0;
      if (text[matched] === bytes[at]) matched++;
    }
    return bytes.length - matched;
  };
}

/** For each beginning of the text, how long its longest border is. */
function bordersOf(text: Buffer): readonly number[] {
  const borders = [0];
  let matched = 0;
  for (let at = 1; at < text.length; at++) {
    while (matched > 0 && text[matched] !== text[at]) matched = borders[matched - 1] ?? 0;
    if (text[matched] === text[at]) matched++;
    borders.push(matched);
  }
  return borders;
}

const bytesWhere = (test: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0));

const ofToken = bytesWhere((byte) => /[A-Za-z0-9_\-.=]/.test(String.fromCharCode(byte)));
/** All but what ends a parameter: another one, white space, a control character. */
const ofParameter = bytesWhere((byte) => byte > 0x20 && byte !== 0x7f && byte !== 0x3f && byte !== 0x26);

function runEnd(bytes: Buffer, from: number, members: Uint8Array): number {
  let at = from;
  while (at < bytes.length && members[bytes[at] ?? 0] === 1) at++;
  return at;
}
