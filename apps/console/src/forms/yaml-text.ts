import { LineCounter, parseDocument } from 'yaml';

/** What a person typed as YAML: what it says, or what is wrong with it and in which line. */
export type YamlText = { readonly value: unknown } | { readonly fault: string };

/** What stands in a specification where its text cannot be read yet: kept as it was typed, and refused by every schema. */
export class UnreadText {
  constructor(
    readonly text: string,
    readonly fault: string,
  ) {}
}

/** YAML 1.2, as slipway.yml is written, and JSON, which is YAML too. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong) return { fault: `line ${lines.linePos(wrong.pos[0]).line}: ${wrong.message}` };
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) };
  } catch {
    return { fault: 'what begins with * has to be in quotes: YAML takes it for the name of an alias' };
  }
}
