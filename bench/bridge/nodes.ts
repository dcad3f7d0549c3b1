import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { attemptIdOf, jobIdOf } from '#grid';
import { waitFor } from '#lab';
import { recordEvents } from '../../test/scenarios/recorder.js';
import type { BridgeSite } from './site.js';

/** One job as a worker node runs it, and which CI job it is. */
interface NodeJob {
  readonly attemptId: string;
  readonly ciJobId: number;
}

/** What became of them; times in milliseconds since 1970. */
export interface Ran {
  readonly allBegunAt: number;
  /** When each CI job's grid job ended. */
  readonly ended: ReadonlyMap<number, number>;
}

const line = `${'the quick brown fox jumps over the lazy dog '.repeat(2)}\n`;
/** What a job writes between two calls of its wrapper. */
const piece = line.repeat(45);
const pieces = 4;
const everyMs = 3_000;
/** How many jobs end in a second, once all of them run. */
const endsInSecond = 20;

/** What the worker nodes do of jobs that a simulated batch system does not run: they write their logs, and end. */
export class Nodes {
  private readonly session = randomBytes(16).toString('hex');

  constructor(private readonly site: BridgeSite) {}

  /** Runs so many jobs: all of them are there at once before the first one ends. */
  async run(jobs: number): Promise<Ran> {
    const recorder = await recordEvents(this.site.amqpUrl);
    try {
      const begun: Promise<NodeJob>[] = [];
      const known = new Set<string>();
      await waitFor(
        () => {
          for (const { data } of recorder.named('group.queued')) {
            const groupId = String(data['groupId']);
            const labels = data['labels'] as Readonly<Record<string, string>>;
            if (known.has(groupId) || labels['ci.job'] === undefined) continue;
            known.add(groupId);
            const attemptId = attemptIdOf(jobIdOf(groupId, 0), 1);
            begun.push(this.begin({ attemptId, ciJobId: Number(labels['ci.job']) }));
          }
          return known.size === jobs;
        },
        { what: 'all jobs to be queued', deadlineMs: 400_000, intervalMs: 100 },
      );
      const ended = new Map<number, number>();
      const running = await Promise.all(begun);
      const allBegunAt = Date.now();
      const ending = running.map(async (job, place) => {
        await pause((place * 1_000) / endsInSecond);
        ended.set(job.ciJobId, Date.now());
        await this.say(job, 'POST', 'end', `fault=\nexit=0\nlog=${piece.length * pieces}\n`);
      });
      await Promise.all(ending);
      return { allBegunAt, ended };
    } finally {
      await recorder.close();
    }
  }

  /** Resolves when it has written what it writes. */
  private async begin(job: NodeJob): Promise<NodeJob> {
    await this.say(job, 'POST', 'start', 'node=bench\n');
    for (let n = 0; n < pieces; n++) {
      await this.say(job, 'PUT', `log?offset=${n * piece.length}`, piece);
      await pause(everyMs);
    }
    return job;
  }

  /** Again until it is heard, as the wrapper does. */
  private async say({ attemptId }: NodeJob, method: string, what: string, body: string): Promise<void> {
    const { monitorUrl, ring } = this.site;
    const headers = {
      authorization: `Bearer ${ring.seal(attemptId, 'worker')}`,
      'x-slipway-session': this.session,
      'content-type': 'application/octet-stream',
    };
    for (;;) {
      const url = `${monitorUrl}/worker/v1/attempts/${attemptId}/${what}`;
      const status = await fetch(url, { method, headers, body }).then(
        async (answer) => (await answer.text(), answer.status),
        () => 503,
      );
      if (status === 200) return;
      if (status !== 503) throw new Error(`${what}: ${status}`);
      await pause(500);
    }
  }
}
