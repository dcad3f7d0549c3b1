import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Path } from './problem.js';

/** A YAML text with its positions. */
export interface YamlFile {
  readonly value: unknown;
  /** What is wrong with the YAML itself, each as `line:column: what`. Nothing else can be told while there are any. */
  readonly syntaxErrors: readonly string[];
  /** `line:column` of what stands at a path, or of the nearest thing around it where nothing does. */
  position(path: Path, atKey?: boolean): string;
}

const starWords =
  "begins with * and has to be in quotes, such as '**': YAML takes it for the name of an alias";

const wordsFor: Readonly<Record<string, string>> = {
  BAD_ALIAS: starWords,
  MULTIPLE_DOCS: 'a second document begins here; one is allowed',
  TAB_AS_INDENT: 'is indented by a tab; YAML takes spaces alone',
};

// The parser calls itself at each level, and reports where the stack ended.
const wordsOf = (message: string): string =>
  message.includes('call stack') ? 'is nested too deeply' : message;

/** Reads YAML 1.2 with the place of each value, so that what is wrong can be pointed at. */
export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${line}:${col}`;
  };
  const position = (path: Path, atKey = false): string => at(offsetOf(document, path, atKey));
  const found = [...document.errors, ...document.warnings];
  const tabs = found.filter(({ code }) => code === 'TAB_AS_INDENT');
  // After a tab the parser misunderstands all that follows.
  const errors = (tabs.length > 0 ? tabs : found).map(
    (error) => `${at(error.pos[0])}: ${wordsFor[error.code] ?? wordsOf(error.message)}`,
  );
  if (errors.length === 0)
    errors.push(...danglingAliases(document).map((offset) => `${at(offset)}: ${starWords}`));
  if (errors.length === 0) {
    try {
      return { value: document.toJS() as unknown, syntaxErrors: [], position };
    } catch {
      // The one thing that is found out this late: aliases of aliases that would fill the memory.
      errors.push('1:1: has too many aliases');
    }
  }
  return { value: undefined, syntaxErrors: errors, position };
}

/** Where aliases are that name nothing: nearly always a pattern that somebody forgot to quote. */
function danglingAliases(document: Document): readonly number[] {
  const offsets: number[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias: (_, { source, range }) => {
      if (!anchors.has(source)) offsets.push(range?.[0] ?? 0);
    },
  });
  return offsets;
}

function offsetOf(document: Document, path: Path, atKey: boolean): number {
  for (let length = path.length; length > 0; length--) {
    const here = path.slice(0, length);
    const node = document.getIn(here, true);
    const key = keyOf(document, here);
    const missing = length < path.length;
    // What is missing is told at the name of the thing that lacks it.
    const chosen = (atKey || missing) && key ? key : isNode(node) ? node : undefined;
    if (chosen?.range) return chosen.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOf(document: Document, path: Path): Node | undefined {
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
  return isNode(pair?.key) ? pair.key : undefined;
}
