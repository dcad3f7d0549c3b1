import { type Resource, resources } from '#contracts';
import type { Problem } from './problem.js';
import { didYouMean } from './suggestion.js';

/**
 * What no single field can know: names that are doubled, and names that nothing bears. Reads the file as it was
 * written, so that these are told together with what the schema finds.
 */
export function referenceProblems(file: unknown, isWhole: boolean): readonly Problem[] {
  return [
    ...resources.flatMap((resource) => duplicates(file, resource.section, nameField(resource))),
    ...duplicates(file, 'cvmfsRepositories', 'path'),
    ...(isWhole ? resources.flatMap((resource) => dangling(file, resource)) : []),
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

/** Names that are in none of the lists that they should be in. What the schema refuses is left to it. */
function dangling(file: unknown, resource: Resource): readonly Problem[] {
  const { section, schema } = resource;
  return entries(file, section).flatMap((entry, index) => {
    const parsed = schema.safeParse(withoutSecret(section, entry));
    if (!parsed.success) return [];
    return resource.references(parsed.data).flatMap(({ kind, name, path }) => {
      const target = resources.find((candidate) => candidate.kind === kind);
      if (!target) return [];
      const names = texts(file, target.section, nameField(target)).map(({ text }) => text);
      if (names.includes(name)) return [];
      const message = `"${name}" is not in ${target.section}${didYouMean(name, names)}`;
      return [{ path: [section, index, ...path], message }];
    });
  });
}

/** In the file a credential says where its secret is; what the registry keeps of it does not. */
function withoutSecret(section: string, entry: unknown): unknown {
  if (section !== 'credentials' || !isRecord(entry)) return entry;
  const { secret: _, ...specification } = entry;
  return specification;
}

const nameField = ({ kind }: Resource): string => (kind === 'container_registry' ? 'host' : 'name');

interface Text {
  readonly index: number;
  readonly text: string;
}

function texts(file: unknown, list: string, field: string): readonly Text[] {
  return entries(file, list).flatMap((entry, index) => {
    const text = isRecord(entry) ? entry[field] : undefined;
    return typeof text === 'string' ? [{ index, text }] : [];
  });
}

function entries(file: unknown, list: string): readonly unknown[] {
  const found = isRecord(file) ? file[list] : undefined;
  return Array.isArray(found) ? found : [];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
