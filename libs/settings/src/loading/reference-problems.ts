import type { Problem } from './problem.js';
import { didYouMean } from './suggestion.js';

/**
 * What no single field can know: names that are doubled, and names that nothing bears. Reads the file as it was
 * written, so that these are told together with what the schema finds.
 */
export function referenceProblems(file: unknown, isWhole: boolean): readonly Problem[] {
  return [
    ...duplicates(file, 'sources', 'name'),
    ...duplicates(file, 'imageRules', 'name'),
    ...duplicates(file, 'cvmfsRepositories', 'name'),
    ...duplicates(file, 'cvmfsRepositories', 'path'),
    ...duplicates(file, 'registries', 'host'),
    ...(isWhole ? danglingRules(file) : []),
  ];
}

function duplicates(file: unknown, list: string, field: string): readonly Problem[] {
  const first = new Map<string, number>();
  return texts(file, list, field).flatMap(({ index, text }) => {
    const earlier = first.get(text);
    if (earlier === undefined) {
      first.set(text, index);
      return [];
    }
    return [{ path: [list, index, field], message: `"${text}" is taken by ${list}[${earlier}]` }];
  });
}

function danglingRules(file: unknown): readonly Problem[] {
  const names = texts(file, 'cvmfsRepositories', 'name').map(({ text }) => text);
  return texts(file, 'imageRules', 'cvmfsRepository')
    .filter(({ text }) => !names.includes(text))
    .map(({ index, text }) => ({
      path: ['imageRules', index, 'cvmfsRepository'],
      message: `"${text}" is not in cvmfsRepositories${didYouMean(text, names)}`,
    }));
}

interface Text {
  readonly index: number;
  readonly text: string;
}

function texts(file: unknown, list: string, field: string): readonly Text[] {
  const entries = isRecord(file) ? file[list] : undefined;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown, index) => {
    const text = isRecord(entry) ? entry[field] : undefined;
    return typeof text === 'string' ? [{ index, text }] : [];
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
