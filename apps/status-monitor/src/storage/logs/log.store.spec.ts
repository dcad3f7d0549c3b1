import { randomUUID } from 'node:crypto';
import { openDatabase } from '#database';
import { isolatedSchema } from '#lab';
import type { DataSource } from 'typeorm';
import { storage } from '../index.js';
import { LogStore } from './log.store.js';
import type { LogOf } from './piece-writer.js';

// Real: PostgreSQL.
let dataSource: DataSource;
let logs: LogStore;

const limit = 100_000;

beforeAll(async () => {
  const { url, schema } = await isolatedSchema(import.meta.url);
  dataSource = await openDatabase({ ...storage, url, schema });
  logs = new LogStore(dataSource, limit);
}, 90_000);
afterAll(() => dataSource?.destroy());

const madeAt = new Date();
const someLog = (): LogOf => ({ id: randomUUID(), madeAt });
const someLogs = (count: number): readonly LogOf[] => Array.from({ length: count }, someLog);

async function textOf(of: LogOf): Promise<string> {
  const { bytes } = await logs.head(of);
  const pieces: Buffer[] = [];
  for await (const piece of logs.read(of, 0, bytes)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** The n-th piece of a log: some are compressed, some are too short to be. */
const pieceOf = ({ id }: LogOf, n: number): string => `${id} ${n}\n`.repeat(n % 3 === 0 ? 1 : 20 * n);

const append = (of: LogOf, offset: number, text: string) => logs.append(of, offset, Buffer.from(text));

/** As a job does it: what comes next begins where it is told to go on. */
async function appendAll(of: LogOf, pieces: readonly string[], store = logs): Promise<void> {
  const all = Buffer.from(pieces.join(''));
  let [at, end] = [0, 0];
  for (const piece of pieces) {
    end += piece.length;
    if (at < end) ({ next: at } = await store.append(of, at, all.subarray(at, end)));
  }
  expect(at).toBe(all.length);
}

describe('pieces of many logs that come at once', () => {
  it('are each in their own, in their order, and their lines counted', async () => {
    const all = someLogs(150);
    const piecesOf = (of: LogOf): readonly string[] => [1, 2, 3, 4, 5].map((n) => pieceOf(of, n));
    await Promise.all(all.map((of) => appendAll(of, piecesOf(of))));
    for (const of of all) {
      const text = piecesOf(of).join('');
      expect(await textOf(of)).toBe(text);
      const lines = text.split('\n').length - 1;
      expect(await logs.head(of)).toEqual({ bytes: text.length, lines, isCut: false });
    }
  });

  it('are written although one of them does not join what is there', async () => {
    const [torn, ...others] = [someLog(), ...someLogs(20)] as const;
    await Promise.all([torn, ...others].map((of) => append(of, 0, 'one ')));
    const [gap, ...rest] = await Promise.all(
      [torn, ...others].map((of, at) => append(of, at ? 4 : 9, 'two')),
    );
    expect(gap).toMatchObject({ hasGap: true, next: 4 });
    expect(rest.every(({ hasGap, next }) => !hasGap && next === 7)).toBe(true);
    expect(await textOf(torn)).toBe('one ');
    for (const of of others) expect(await textOf(of)).toBe('one two');
  });

  it('are written although the database refuses one of them', async () => {
    const others = someLogs(20);
    // No table holds that month.
    const refused: LogOf = { id: randomUUID(), madeAt: new Date('1999-01-01') };
    const [failed, ...rest] = await Promise.allSettled(
      [refused, ...others].map((of) => append(of, 0, 'one')),
    );
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'database.refused' } });
    expect(rest.every(({ status }) => status === 'fulfilled')).toBe(true);
    for (const of of others) expect(await textOf(of)).toBe('one');
  });

  it('go each as far as its log may be long', async () => {
    const all = someLogs(3);
    await Promise.all(all.map((of) => append(of, 0, 'x'.repeat(limit - 10))));
    const more = await Promise.all(all.map((of, at) => append(of, limit - 10, 'y'.repeat(9 + at))));
    expect(more.map(({ isCut }) => isCut)).toEqual([false, false, true]);
    expect(await textOf(all[2] ?? someLog())).toMatch(/^x+y{10}\n.*the log is cut here.*\n$/);
  });
});

describe('pieces of one log that come at once', () => {
  it('twice are kept once, with nothing of the others lost', async () => {
    const [one, ...others] = [someLog(), ...someLogs(10)] as const;
    const doubled = [one, one, ...others, one];
    for (const [offset, text] of [
      [0, 'first '],
      [6, 'second'],
    ] as const) {
      const answers = await Promise.all(doubled.map((of) => append(of, offset, text)));
      expect(answers.every(({ hasGap, next }) => !hasGap && next === offset + 6)).toBe(true);
    }
    for (const of of doubled) expect(await textOf(of)).toBe('first second');
  });

  it('and overlap are joined where they meet', async () => {
    const of = someLog();
    await append(of, 0, 'abc');
    const answers = await Promise.all([
      append(of, 1, 'bcde'),
      append(of, 3, 'defghi'),
      append(of, 2, 'cdef'),
    ]);
    expect(answers.every(({ hasGap }) => !hasGap)).toBe(true);
    expect(await textOf(of)).toBe('abcdefghi');
  });

  it('through two copies of the service are kept once', async () => {
    const all = someLogs(30);
    const pieces = ['one ', 'two '.repeat(100), 'three'];
    const other = new LogStore(dataSource, limit);
    await Promise.all([
      ...all.map((of) => appendAll(of, pieces)),
      ...all.toReversed().map((of) => appendAll(of, pieces, other)),
    ]);
    for (const of of all) expect(await textOf(of)).toBe(pieces.join(''));
  });

  it('are kept whatever their size', async () => {
    const of = someLog();
    const roomy = new LogStore(dataSource, 2 ** 30);
    const large = Array.from({ length: 30_000 }, () => randomUUID()).join('\n');
    await appendAll(of, ['small\n', large, '\nsmall'], roomy);
    expect(await textOf(of)).toBe(`small\n${large}\nsmall`);
  });
});
