import { groupItem, groupItemOf, mostJobsOfGroup, reasonsOf, variableName } from '#contracts';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { type Item, isRefusal, type ListFormat, type Refusal } from './fan-out.js';
import { readSeparated } from './read-csv.js';

/** How many bytes a list may have: with keys and variables it still is one message of the bus. */
export const mostListBytes = 4 * 2 ** 20;

/** What one entry says: a text, or variables by name. */
type Entry = string | Readonly<Record<string, string>>;

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const entries = z.array(z.union([scalar, z.record(variableName, scalar)]));

/**
 * The items of a list. `place` is how it is called in what is refused: "SLIPWAY_FANOUT", "datasets.txt". An item has its
 * text as $ITEM, or its own variables; what it is called is its text, its variable ITEM, or all its variables.
 */
export function readList(text: string, format: ListFormat, place: string): readonly Item[] | Refusal {
  if (Buffer.byteLength(text) > mostListBytes)
    return { refused: `${place} has more than ${mostListBytes / 2 ** 20} MiB` };
  const read = readEntries(text, format, place);
  if (isRefusal(read)) return read;
  if (read.length === 0) return { refused: `${place} has no items: there is nothing to run` };
  if (read.length > mostJobsOfGroup)
    return {
      refused: `${place} has ${read.length} items; ${mostJobsOfGroup} are the most that one job fans out to`,
    };
  return itemsOf(read, place);
}

/** By a file's ending; what a command prints, and a variable holds, tells by its first character. */
export function formatOf(path: string): ListFormat {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'yml') return 'yaml';
  return ending === 'json' || ending === 'yaml' || ending === 'csv' || ending === 'tsv' ? ending : 'text';
}

function readEntries(text: string, format: ListFormat, place: string): readonly Entry[] | Refusal {
  const clean = text.replace(/^\uFEFF/, '');
  if (format === 'words') return clean.split(/[\s,]+/).filter((word) => word !== '');
  if (format === 'text')
    return clean
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  if (format === 'csv' || format === 'tsv') return readRows(clean, format, place);
  return readDocument(clean, format, place);
}

function readDocument(text: string, format: 'json' | 'yaml', place: string): readonly Entry[] | Refusal {
  let document: unknown;
  try {
    // Aliases are how a short YAML text becomes an endless list.
    document =
      format === 'json'
        ? JSON.parse(text)
        : (parseYaml(text, { maxAliasCount: 0, logLevel: 'silent' }) ?? []);
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    return { refused: `${place} is not ${format.toUpperCase()}: ${line}` };
  }
  const { success, data, error } = entries.safeParse(document);
  if (success) return data;
  const where = error.issues[0]?.path ?? [];
  const which = where.length === 0 ? 'it is no list' : `item ${Number(where[0]) + 1} is neither`;
  return { refused: `${place}: expected a list of texts, or of variables with their values; ${which}` };
}

function readRows(text: string, format: 'csv' | 'tsv', place: string): readonly Entry[] | Refusal {
  const rows = readSeparated(text, format === 'csv' ? ',' : '\t');
  if (!rows) return { refused: `${place}: a quote is opened and never closed` };
  const [header = [], ...others] = rows;
  const odd = header.find((name) => !variableName.safeParse(name).success);
  if (odd !== undefined)
    return {
      refused: `${place}: its first line has to name variables, and ${JSON.stringify(odd)} cannot be one`,
    };
  const short = others.findIndex((row) => row.length !== header.length);
  if (short >= 0)
    return {
      refused: `${place}: item ${short + 1} has ${others[short]?.length} values, the first line names ${header.length} variables`,
    };
  return others.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column] ?? ''])));
}

function itemsOf(read: readonly Entry[], place: string): readonly Item[] | Refusal {
  const items: Item[] = [];
  const places = new Map<string, number>();
  for (const [index, entry] of read.entries()) {
    const reserved =
      typeof entry === 'object' && Object.keys(entry).find((name) => name.startsWith('SLIPWAY_'));
    if (typeof reserved === 'string')
      return {
        refused: `${place}: item ${index + 1} sets ${reserved}; names that begin with SLIPWAY_ are Slipway's own`,
      };
    const item = named(entry, index, read.length);
    const { success, data } = groupItem.safeParse(item);
    if (!success)
      return {
        refused: `${place}: item ${index + 1} cannot be taken: ${reasonsOf(groupItem, item, 1, 'it')}`,
      };
    const before = places.get(data.key);
    if (before !== undefined)
      return {
        refused: `${place}: items ${before + 1} and ${index + 1} are the same, ${JSON.stringify(data.key)}; each may be there once`,
      };
    places.set(data.key, index);
    items.push(data);
  }
  return items;
}

/** GitLab's own names for one of several: tools that share out tests read them. */
function named(entry: Entry, index: number, total: number): Item {
  const { key, variables } = groupItemOf(entry);
  const ITEM = variables['ITEM'] ?? key;
  const node = { CI_NODE_INDEX: String(index + 1), CI_NODE_TOTAL: String(total) };
  return { key: ITEM === '' ? key : ITEM, variables: { ...node, ...variables, ITEM } };
}
