import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '#lab';
import { EdgeWorld } from './edge-world.js';
import { bytesOf, linesOf, workOf } from './followed-log.js';
import { runWrapper } from './running-wrapper.js';

const minuteMs = 60_000;

let world: EdgeWorld;

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  await world.start();
});

afterAll(() => world?.close());

describe('a job that is cut off from its monitor for a minute', () => {
  it('runs on, and all that it wrote meanwhile arrives once', async () => {
    const script = 'i=0; while [ ! -e stop ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done';
    const known = await world.queue({ steps: [{ name: 'script', script }] });
    const { directory, ended } = await runWrapper(join(world.directory, 'far node'), world.files(known));
    const before = await waitFor(() => bytesOf(world, known), { what: 'log to arrive' });
    world.wire.cut();
    await pause(minuteMs);
    expect(await world.attempt(known.attemptId)).toMatchObject({ state: 'running', cancel: undefined });
    world.wire.rejoin();
    await waitFor(async () => (await bytesOf(world, known)) > before * 2, {
      what: 'what it wrote meanwhile',
    });
    await writeFile(join(await workOf(directory), 'stop'), '');
    expect((await ended).status).toBe(0);
    const [count, inOrder] = await linesOf(world, known);
    expect(count).toBeGreaterThan(100);
    expect(inOrder).toBe(true);
    expect(await world.log(known.attemptId)).not.toContain('did not arrive');
  }, 180_000);
});
