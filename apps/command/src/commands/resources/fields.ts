import { usage } from '../../errors/usage.js';
import type { Spec } from './resource.js';

/** Names that would reach into what every object has. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** The specification with `key=value` put in; the value is read as YAML, `key=` takes the field away. */
export async function withFields(spec: Spec, fields: readonly string[]): Promise<Spec> {
  const { parse } = await import('yaml');
  let changed: Spec = spec;
  for (const field of fields) {
    const at = field.indexOf('=');
    const path = field.slice(0, Math.max(0, at)).split('.');
    if (at < 1 || path.some((part) => part === '' || forbidden.has(part)))
      throw usage(`"${field}" is no key=value`);
    const text = field.slice(at + 1);
    changed = put(changed, path, text === '' ? undefined : valueOf(parse, text, field));
  }
  return changed;
}

function valueOf(parse: (text: string) => unknown, text: string, field: string): unknown {
  try {
    return parse(text);
  } catch {
    // A pattern such as **, or words with a colon in them: no YAML, and plainly meant as text.
    if (!/^[[{"'|>]/.test(text)) return text;
    throw usage(`the value of "${field}" is no YAML: put it in quotes, as in 'key="…"'`);
  }
}

function put(spec: Spec, [key = '', ...rest]: readonly string[], value: unknown): Spec {
  const { [key]: before, ...others } = spec;
  if (rest.length > 0) {
    const inner = typeof before === 'object' && before !== null && !Array.isArray(before) ? before : {};
    const after = put(inner as Spec, rest, value);
    return Object.keys(after).length === 0 ? others : { ...spec, [key]: after };
  }
  return value === undefined ? others : { ...spec, [key]: value };
}
