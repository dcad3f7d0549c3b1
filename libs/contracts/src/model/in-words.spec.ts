import { inWords, messages, reasonsOf, resources } from '#contracts';
import { z } from 'zod';

const schema = z
  .strictObject({
    text: z.string(),
    whole: z.int(),
    size: z.int().min(1).max(9),
    name: z.string().min(2).max(3),
    list: z.array(z.string()).max(1),
    kind: z.enum(['a', 'b']),
    version: z.literal(2),
    id: z.uuid(),
    at: z.iso.datetime(),
    code: z.string().regex(/^c/),
    own: z.string().regex(/^o/, 'expected a word that begins with o'),
    either: z.union([z.string(), z.array(z.string())]),
    form: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('p') }),
      z.object({ kind: z.literal('q') }),
    ]),
    names: z.record(z.string().regex(/^n/), z.string()),
  })
  .partial();

const said = (value: unknown): string => reasonsOf(schema, value, 5, '(all)');

describe('what a schema finds wrong', () => {
  it.each([
    [{ text: null }, 'text: expected text, got nothing'],
    [{ text: ['hunter2'] }, 'text: expected text, got a list'],
    [{ whole: 'hunter2' }, 'whole: expected a number, got text'],
    [{ whole: 1.5 }, 'whole: expected a whole number, got a number'],
    [{ size: 0 }, 'size: expected at least 1'],
    [{ size: 10 }, 'size: expected at most 9'],
    [{ name: 'n' }, 'name: expected at least 2 characters'],
    [{ list: ['a', 'b'] }, 'list: expected at most 1 item'],
    [{ kind: 'hunter2' }, 'kind: expected one of a, b'],
    [{ version: 3 }, 'version: expected 2'],
    [{ id: 'hunter2' }, 'id: expected a UUID'],
    [{ at: 'hunter2' }, 'at: expected a time such as 2026-01-31T12:00:00Z'],
    [{ code: 'hunter2' }, 'code: expected what matches /^c/'],
    [{ own: 'hunter2' }, 'own: expected a word that begins with o'],
    [{ either: 3 }, 'either: is not of a form that is known here'],
    [{ form: { kind: 'hunter2' } }, 'form.kind: expected one of p, q'],
    [{ names: { o: 'hunter2' } }, 'names.o: has a name that is not allowed'],
    [{ other: 'hunter2' }, '(all): has no field "other"'],
    ['hunter2', '(all): expected fields, got text'],
  ])('in %j is told in words, without the value', (value, words) => {
    expect(said(value)).toBe(words);
  });

  it('is told field by field where several are missing, the first few of them', () => {
    const several = z.object({
      text: z.string(),
      list: z.array(z.string()),
      form: z.object({}),
      on: z.boolean(),
    });
    expect(reasonsOf(several, { list: [] }, 2, '(all)')).toBe(
      'text: is missing: expected text; form: is missing: expected fields',
    );
  });

  it('in what the house knows is never told in the words of programs', () => {
    const schemas = [...messages, ...resources].map((each) => each.schema);
    const odd = [undefined, null, {}, [], '', 'x'.repeat(10_000), -1, 1.5, true, { kind: 'x' }, [[]], ['']];
    const words = schemas.flatMap((known) => {
      const fields = Object.keys(
        z.toJSONSchema(known, { io: 'input', unrepresentable: 'any' }).properties ?? {},
      );
      const values = odd.flatMap((value) => [
        value,
        Object.fromEntries(fields.map((field) => [field, value])),
      ]);
      return values.flatMap((value) => known.safeParse(value, inWords).error?.issues ?? []);
    });
    expect(words.length).toBeGreaterThan(1_000);
    const raw = words.filter(({ message }) => /Invalid|^Too |Unrecognized|received/.test(message));
    expect([...new Set(raw.map(({ code, message }) => `${code}: ${message}`))]).toEqual([]);
  });
});
