/** What the pages need of a JSON Schema (draft 2020-12) as zod writes it. */
export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
}

/** A Markdown table of the fields of an object, those of objects inside it included as `rate.burst`. */
export function fieldTable(schema: FieldSchema): string {
  return [
    '| field | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows(schema, '').map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

function rows(schema: FieldSchema, prefix: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    if (field.properties)
      return [[code(path), 'fields', '', cell(field.description)], ...rows(field, `${path}.`)];
    const required = schema.required?.includes(name) ?? false;
    const row = [code(path), typeOf(field), defaultOf(field, required), cell(field.description)];
    return [row, ...rows(field.items ?? {}, `${path}[].`)];
  });
}

function typeOf(field: FieldSchema): string {
  if (field.title) return field.title;
  if (field.enum) return field.enum.map((value) => code(String(value))).join(', ');
  if (field.anyOf) return 'secret reference';
  if (field.type === 'array')
    return `list of ${field.items?.properties ? 'fields' : typeOf(field.items ?? {})}`;
  const names: Readonly<Record<string, string>> = {
    boolean: 'true or false',
    integer: 'whole number',
    string: 'text',
  };
  return typeof field.type === 'string' ? (names[field.type] ?? field.type) : 'value';
}

function defaultOf(field: FieldSchema, required: boolean): string {
  if (required) return '**required**';
  if (field.default === undefined) return '';
  if (Array.isArray(field.default)) return field.default.map((value) => code(String(value))).join(', ');
  return code(typeof field.default === 'string' ? field.default : JSON.stringify(field.default));
}

/** In a code span, where Markdown takes nothing for markup. */
export const code = (text: string): string => `\`${text}\``;

/** Text in a table's cell. */
export const cell = (text = ''): string =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[<*]/g, String.raw`\$&`)))
    .join('`')
    .replaceAll('|', String.raw`\|`);
