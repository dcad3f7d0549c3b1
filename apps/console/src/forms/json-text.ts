/** What a person typed as JSON: what it says, or what is wrong with it and in which line. */
export type JsonText = { readonly value: unknown } | { readonly fault: string };

/** What stands in a specification where its text is no JSON yet: kept as it was typed, and refused by every schema. */
export class UnreadText {
  constructor(
    readonly text: string,
    readonly fault: string,
  ) {}
}

/** By a reader of our own: browsers tell of a fault each in its own words, some without a line, and of doubled names not. */
export function readJson(text: string): JsonText {
  const fault = new FaultFinder(text).find();
  return fault === undefined ? { value: JSON.parse(text) } : { fault };
}

interface Token {
  /** Empty at the end. */
  readonly text: string;
  readonly index: number;
}

/** Texts, also those that do not end in their line; signs that have a meaning; words, which are all else. */
const tokenPattern = /"(?:[^"\\\n]|\\.)*"?|[{}[\]:,]|[^ \t\r\n"{}[\]:,]+/g;

/** Reads on token by token: what goes on gives nothing, what is wrong gives words. */
class FaultFinder {
  private readonly tokens: readonly Token[];
  private readonly end: Token;
  private at = 0;

  constructor(private readonly text: string) {
    this.tokens = [...text.matchAll(tokenPattern)].map((match) => ({ text: match[0], index: match.index }));
    this.end = { text: '', index: text.trimEnd().length };
  }

  find(): string | undefined {
    return this.faultOfValue() ?? (this.next === this.end ? undefined : this.expected('the end', this.next));
  }

  private get next(): Token {
    return this.tokens[this.at] ?? this.end;
  }

  private take(): Token {
    const token = this.next;
    this.at += 1;
    return token;
  }

  private faultOfValue(): string | undefined {
    const token = this.take();
    if (token.text === '[') return this.faultOfList(']', () => this.faultOfValue());
    if (token.text === '{') {
      const names = new Set<string>();
      return this.faultOfList('}', () => this.faultOfMember(names));
    }
    if (scalarOf(token) !== undefined) return undefined;
    return this.expected('a value: text in double quotes, a number, true or false', token);
  }

  private faultOfList(end: ']' | '}', ofItem: () => string | undefined): string | undefined {
    if (this.next.text === end) {
      this.take();
      return undefined;
    }
    for (;;) {
      const fault = ofItem();
      if (fault !== undefined) return fault;
      const token = this.take();
      if (token.text === end) return undefined;
      if (token.text !== ',') return this.expected(`a comma or ${end}`, token);
    }
  }

  private faultOfMember(names: Set<string>): string | undefined {
    const token = this.take();
    const name = scalarOf(token);
    if (typeof name !== 'string') return this.expected('a name in double quotes', token);
    if (names.has(name)) return this.said(`${shown(token)} is there twice`, token);
    names.add(name);
    const colon = this.take();
    return colon.text === ':' ? this.faultOfValue() : this.expected(`a colon after ${shown(token)}`, colon);
  }

  private expected(what: string, token: Token): string {
    if (token.text.startsWith('"') && scalarOf(token) === undefined)
      return this.said(`${shown(token)} does not end, or has a backslash that means nothing in JSON`, token);
    return this.said(`expected ${what}, got ${shown(token)}`, token);
  }

  private said(words: string, { index }: Token): string {
    return `line ${this.text.slice(0, index).split('\n').length}: ${words}`;
  }
}

/** Text, a number, true, false or null; undefined where it is none of them. */
function scalarOf({ text }: Token): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As much of it as is recognized again. */
const shown = ({ text }: Token): string =>
  text === '' ? 'the end' : text.length > 40 ? `${text.slice(0, 40)}…` : text;
