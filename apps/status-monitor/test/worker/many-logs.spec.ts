import { randomBytes } from 'node:crypto';
import { attemptIdOf, jobIdOf } from '#grid';
import { waitFor } from '#lab';
import { EdgeWorld, tokenOf } from './edge-world.js';

// Real: the service, PostgreSQL, the broker. Made up: the jobs, which speak for themselves here.
let world: EdgeWorld;

beforeAll(async () => {
  world = await EdgeWorld.create(import.meta.url);
  await world.start();
}, 120_000);
afterAll(() => world?.close());

const jobs = 40;
const kills = 2;
const headers = (attemptId: string) => ({
  authorization: `Bearer ${tokenOf(attemptId)}`,
  'x-slipway-session': session,
});
const session = randomBytes(16).toString('hex');

/** What the monitor said; undefined where nobody heard. */
async function say(id: string, what: string, body: string): Promise<string | undefined> {
  const method = what.startsWith('log') ? 'PUT' : 'POST';
  const url = `${world.wire.url}/worker/v1/attempts/${id}/${what}`;
  try {
    const answer = await fetch(url, { method, headers: headers(id), body });
    const text = await answer.text();
    return answer.ok ? text : undefined;
  } catch {
    return undefined;
  }
}

/** A job that writes until it is told to stop, and says again what it had no answer to. */
class WritingJob {
  text = '';
  /** Answered as written. */
  heard = 0;

  constructor(readonly id: string) {}

  async write(isOver: () => boolean): Promise<void> {
    for (let line = 1; !isOver() || this.heard < this.text.length; line++) {
      if (!isOver()) this.text += `line ${line} of ${this.id}\n`.repeat(1 + (line % 5));
      const [from, more] = [this.heard, this.text.slice(this.heard)];
      const speak = () => say(this.id, `log?offset=${from}`, more);
      const said = await waitFor(speak, { what: 'an answer', deadlineMs: 120_000 });
      this.heard = Number(/^next=(\d+)$/m.exec(said)?.[1]);
    }
  }
}

describe('jobs that write at once, whose monitor is killed (kill -9) while it writes pieces of many', () => {
  it('find everything that was answered in their logs, and nothing twice, lost or in the log of another', async () => {
    const keys = Array.from({ length: jobs }, (_, index) => String(index));
    const { groupId } = await world.queue({ steps: [{ name: 'script', script: 'true' }] }, { keys });
    const writing = keys.map((_, index) => new WritingJob(attemptIdOf(jobIdOf(groupId, index), 1)));
    const begun = writing.map(({ id }) => waitFor(() => say(id, 'start', ''), { what: 'its begin' }));
    await Promise.all(begun);
    let isOver = false;
    const done = Promise.all(writing.map((job) => job.write(() => isOver)));
    for (let kill = 0; kill < kills; kill++) {
      const before = writing.map(({ heard }) => heard);
      await waitFor(() => writing.every(({ heard }, at) => heard > (before[at] ?? 0)), {
        what: 'logs to grow',
      });
      await world.services.at(-1)?.kill('SIGKILL');
      for (const { id, heard } of writing) expect((await world.log(id)).length).toBeGreaterThanOrEqual(heard);
      await world.start();
    }
    isOver = true;
    await done;
    for (const { id, text } of writing) expect(await world.log(id)).toBe(text);
  }, 180_000);
});
