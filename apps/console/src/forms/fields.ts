import { type Resource, type ResourceKind, resourceKinds } from '#contracts';
import { z } from 'zod';
import type { Spec } from './values.js';

/** What a form asks for, made from a resource's schema: a new kind of resource needs no form of its own. */
export type Field =
  | (FieldFacts & { readonly control: 'text' | 'long-text' | 'quantity' })
  | (FieldFacts & { readonly control: 'number'; readonly isWhole: boolean })
  | (FieldFacts & { readonly control: 'choice'; readonly choices: readonly string[] })
  | (FieldFacts & { readonly control: 'switch' | 'texts' | 'secret' | 'secrets' })
  | (FieldFacts & { readonly control: 'reference'; readonly to: ResourceKind })
  | (FieldFacts & { readonly control: 'group'; readonly fields: readonly Field[] })
  | (FieldFacts & { readonly control: 'yaml' });

interface FieldFacts {
  /** Where it stands in the specification. */
  readonly path: readonly string[];
  readonly label: string;
  readonly help: string | undefined;
  readonly isRequired: boolean;
  /** What holds where nothing is written. */
  readonly fallback: unknown;
}

/** The part of JSON Schema that our schemas use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly maxLength?: number;
}

/** The fields of a resource, those that must be filled in first, groups last. */
export function fieldsOf(resource: Resource): readonly Field[] {
  const schema = z.toJSONSchema(resource.schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return inOrder(fieldsIn(schema, []));
}

/** Those that this specification has; what is written stays, even if it is for another kind. */
export function fieldsFor(resource: Resource, spec: Spec): readonly Field[] {
  return fieldsOf(resource).filter(
    ({ path: [name = ''] }) => spec[name] !== undefined || resource.hasField(spec, name),
  );
}

/** What of this can be there: what was written for a kind that is not chosen any more cannot. */
export const possiblePart = (resource: Resource, spec: Spec): Spec =>
  Object.fromEntries(Object.entries(spec).filter(([name]) => resource.hasField(spec, name)));

function fieldsIn(schema: Schema, path: readonly string[]): readonly Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, of]) =>
    fieldOf(of, [...path, name], schema.required?.includes(name) ?? false),
  );
}

function fieldOf(schema: Schema, path: readonly string[], isRequired: boolean): Field {
  const name = path.at(-1) ?? '';
  const help = schema.description === name ? undefined : capitalized(schema.description);
  const facts = { path, label: labelOf(name), help, isRequired, fallback: schema.default };
  const kind = resourceKinds.find((kind) => camelCase(kind) === name);
  if (kind && schema.type === 'string') return { ...facts, control: 'reference', to: kind };
  if (isSecretReference(schema)) return { ...facts, control: 'secret' };
  if (schema.enum) return { ...facts, control: 'choice', choices: schema.enum.map(String) };
  if (Array.isArray(schema.type)) return { ...facts, control: 'quantity' };
  switch (schema.type) {
    case 'string':
      return { ...facts, control: (schema.maxLength ?? 0) === 1_000 ? 'long-text' : 'text' };
    case 'integer':
    case 'number':
      return { ...facts, control: 'number', isWhole: schema.type === 'integer' };
    case 'boolean':
      return { ...facts, control: 'switch' };
    case 'object':
      // Without fields of its own it holds whatever its reader wants to know.
      return schema.properties
        ? { ...facts, control: 'group', fields: fieldsIn(schema, path) }
        : { ...facts, control: 'yaml' };
    case 'array':
      if (schema.items && isSecretReference(schema.items)) return { ...facts, control: 'secrets' };
      return { ...facts, control: schema.items?.type === 'string' ? 'texts' : 'yaml' };
    default:
      return { ...facts, control: 'yaml' };
  }
}

/** `{env}`, `{file}` or `{credential}`. */
const isSecretReference = ({ anyOf }: Schema): boolean =>
  anyOf?.some(({ properties }) => properties !== undefined && 'credential' in properties) ?? false;

function inOrder(fields: readonly Field[]): readonly Field[] {
  const rank = ({ path, isRequired, control }: Field): number =>
    path[0] === 'name' ? 0 : isRequired ? 1 : control === 'group' ? 3 : 2;
  return fields.toSorted((a, b) => rank(a) - rank(b));
}

const camelCase = (kind: string): string =>
  kind.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const spellings: Readonly<Record<string, string>> = {
  api: 'API',
  ci: 'CI',
  cpus: 'CPUs',
  cvmfs: 'CVMFS',
  gitlab: 'GitLab',
  url: 'URL',
  schedd: 'schedd',
};

/** `gitlabId` as `GitLab id`. */
export function labelOf(name: string): string {
  const words = name
    .split(/(?=[A-Z])|[_-]/)
    .map((word) => spellings[word.toLowerCase()] ?? word.toLowerCase());
  return capitalized(words.join(' ')) ?? '';
}

const capitalized = (text: string | undefined): string | undefined =>
  text && text.charAt(0).toUpperCase() + text.slice(1);
