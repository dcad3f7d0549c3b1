import { projectChange } from '../test/changes.js';
import type { Change } from './change.js';
import { CopyState, type Page } from './copy-state.js';

const kinds = new Set(['project', 'credential'] as const);
const fresh = (): CopyState => new CopyState(kinds);

const page = (after: number, upTo: number, items: readonly Change[], isLast = true): Page => ({
  request: '3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a01',
  after,
  upTo,
  isLast,
  isReset: false,
  items: [...items],
});

const revisions = (state: CopyState): Record<string, number> =>
  Object.fromEntries(state.all('project').map(({ latest }) => [latest.name, latest.revision]));

describe('a copy’s state', () => {
  it('takes changes one after another and knows that nothing is missing', () => {
    const state = fresh();
    state.hear(projectChange(1, 'a'));
    state.hear(projectChange(2, 'b'));
    expect(state.complete).toBe(2);
    expect(state.isBehind).toBe(false);
    expect(state.of('project', 'a')?.usable?.copied.settings).toMatchObject({ limits: { jobs: 100 } });
  });

  it('is the same for every order and every doubling of the same changes', () => {
    const id = '3f0c8a3e-8f0e-4f5e-9d2b-4a8a4d1d0a02';
    const changes = [
      projectChange(1, 'a', { id }),
      projectChange(2, 'b'),
      projectChange(3, 'a', { id, version: 2 }),
      projectChange(4, 'b', { gone: true, version: 2 }),
      projectChange(5, 'c'),
    ];
    for (const order of permutations([...changes.keys()])) {
      const state = fresh();
      for (const index of [...order, ...order]) state.hear(changes[index] as Change);
      expect(state.complete).toBe(5);
      expect(revisions(state)).toEqual({ a: 3, c: 5 });
    }
  });

  it('knows that something is missing before a change that came too early, and uses it already', () => {
    const state = fresh();
    state.hear(projectChange(1, 'a'));
    expect(state.hear(projectChange(3, 'c'))).toBe(true);
    expect(state.isBehind).toBe(true);
    expect(state.complete).toBe(1);
    state.take(page(1, 3, []));
    expect(state.complete).toBe(3);
    expect(state.isBehind).toBe(false);
  });

  it('does not bring back what was removed when an older state of it comes late', () => {
    const state = fresh();
    state.hear(projectChange(1, 'a'));
    state.hear(projectChange(3, 'b', { gone: true }));
    state.hear(projectChange(2, 'b'));
    state.hear(projectChange(2, 'b'));
    expect(revisions(state)).toEqual({ a: 1 });
    state.take(page(0, 2, [projectChange(2, 'b')]));
    expect(revisions(state)).toEqual({ a: 1 });
    expect(state.dump().items).toHaveLength(1);
  });

  it('takes a new resource under the name of a removed one', () => {
    const state = fresh();
    state.hear(projectChange(1, 'a'));
    const again = projectChange(3, 'a', { version: 3 });
    state.hear(again);
    state.hear(projectChange(2, 'a', { version: 2, gone: true }));
    expect(state.of('project', 'a')?.usable?.copied.id).toBe(again.id);
  });

  it('counts the revisions of kinds that it does not keep', () => {
    const state = fresh();
    expect(state.hear(projectChange(1, 'grid', { kind: 'backend' }))).toBe(false);
    expect(state.hear(projectChange(2, 'new', { kind: 'something_new' }))).toBe(false);
    expect(state.complete).toBe(2);
    expect(state.dump().items).toEqual([]);
  });

  it('catches up by pages, each of which counts by itself', () => {
    const state = fresh();
    state.take(page(0, 10, [projectChange(4, 'a'), projectChange(10, 'b')], false));
    expect(state.complete).toBe(10);
    state.take(page(10, 12, [projectChange(12, 'c')]));
    expect(state.complete).toBe(12);
  });

  it('does not take itself for complete when a page is missing', () => {
    const state = fresh();
    state.take(page(10, 12, [projectChange(12, 'c')]));
    expect(state.complete).toBe(0);
    expect(state.isBehind).toBe(true);
    state.take(page(0, 12, [projectChange(4, 'a'), projectChange(12, 'c')]));
    expect(state.isBehind).toBe(false);
    expect(revisions(state)).toEqual({ a: 4, c: 12 });
  });

  it('takes no older state from a page that was under way while changes came', () => {
    const state = fresh();
    state.take(page(0, 1, [projectChange(1, 'a')]));
    const newer = projectChange(3, 'a', { version: 3 });
    state.hear(newer);
    state.take(page(1, 2, [projectChange(2, 'a', { version: 2 })]));
    expect(revisions(state)).toEqual({ a: 3 });
    expect(state.complete).toBe(3);
  });

  it('keeps the last state that it could read when a newer registry has one that it cannot', () => {
    const state = fresh();
    const readable = projectChange(1, 'a');
    state.hear(readable);
    state.hear(
      projectChange(2, 'a', { id: readable.id, version: 2, spec: { name: 'a', invented: 'hunter2' } }),
    );
    const held = state.of('project', 'a');
    expect(held?.usable?.copied.revision).toBe(1);
    expect(held?.problem).toMatch(/invented/);
    expect(held?.problem).not.toContain('hunter2');
    state.hear(projectChange(3, 'b', { spec: { name: 'b', invented: true } }));
    expect(state.of('project', 'b')?.usable).toBeUndefined();
    expect(state.unreadable().map(({ latest }) => latest.name)).toEqual(['a', 'b']);
    expect(state.complete).toBe(3);
  });

  it('does not use a state of another resource of the same name instead', () => {
    const state = fresh();
    state.hear(projectChange(1, 'a'));
    state.hear(projectChange(2, 'a', { version: 3, spec: { invented: true } }));
    expect(state.of('project', 'a')?.usable).toBeUndefined();
  });

  it('is the same after it was saved and read, what cannot be read and what is missing included', () => {
    const state = fresh();
    const readable = projectChange(1, 'a');
    state.hear(readable);
    state.hear(projectChange(2, 'a', { id: readable.id, version: 2, spec: { invented: true } }));
    state.hear(projectChange(4, 'b', { gone: true }));
    const dump = JSON.parse(JSON.stringify(state.dump())) as ReturnType<CopyState['dump']>;
    const again = CopyState.from(dump, kinds);
    expect(again.dump()).toEqual(dump);
    expect(again.of('project', 'a')?.usable?.copied.revision).toBe(1);
    expect(again.complete).toBe(2);
    again.hear(projectChange(3, 'b'));
    expect(again.of('project', 'b')?.usable).toBeUndefined();
  });
});

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
