import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#lab';
import type { TestGitLab } from '../gitlab/index.js';
import { type GitLabWorld, gitlabWorld } from './gitlab-world.js';
import type { GridService } from './grid-processes.js';
import { type Cell, countOf, expectArtifacts, go, type Kind, seenOf } from './kill-cell.js';
import { recordEvents, type RecordedEvent, type Recorder } from './recorder.js';

/** Those that are killed, each in turn. */
export const services: readonly GridService[] = [
  'gitlab-bridge',
  'grid-submitter',
  'status-monitor',
  'registry',
];

/** Give `import.meta.url`. Resolves once a job has run that nobody disturbed. */
export async function killWorld(testPath: string, kind: Kind): Promise<KillWorld> {
  const around = await gitlabWorld(testPath, { jobs: 1 });
  const world = new KillWorld(around, kind, await recordEvents(around.common.SLIPWAY_AMQP_URL));
  try {
    await around.startBridge();
    await around.registerRunner();
    await world.runUndisturbed();
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** All services as processes, a GitLab of the tests, and a batch system with one place beside the machine. */
export class KillWorld {
  readonly gitlab: TestGitLab;
  /** Of all processes that there were, one after the other. */
  private readonly logs: string[] = [];
  private readonly begun: Cell[] = [];
  /** What is seen of one that nobody disturbs. */
  private undisturbed: readonly string[] = [];

  constructor(
    private readonly world: GitLabWorld,
    private readonly kind: Kind,
    readonly recorder: Recorder,
  ) {
    this.gitlab = world.gitlab;
  }

  async begin(name: string): Promise<Cell> {
    const place = join(this.world.directory, name.replaceAll(' ', '-'));
    mkdirSync(place);
    const { yaml } = this.kind;
    const job = { ...yaml, variables: { ...yaml.variables, PLACE: place } };
    const pipeline = await this.world.project.runPipeline({ yaml: JSON.stringify({ job }) });
    const cell = { name, place, job: pipeline.job('job') };
    this.begun.push(cell);
    return cell;
  }

  /** Waits; what all services wrote is kept in a file where that is in vain. */
  until({ name, job }: Cell, what: string, holds: () => unknown): Promise<unknown> {
    return waitFor(holds, { what, deadlineMs: 120_000, intervalMs: 10 }).catch((error: unknown) => {
      const file = join(tmpdir(), `slipway-${name.replaceAll(' ', '-')}.log`);
      const living = services.flatMap((service) => this.world.service[service].logs());
      writeFileSync(file, [...this.logs, ...living, ''].join('\n'));
      const trace = job.trace.toString();
      throw new Error(`${String(error)}; it is ${job.state}; logs: ${file}; its trace:\n${trace}`);
    });
  }

  async over(cell: Cell): Promise<void> {
    await this.until(cell, 'the CI job to be over', () => cell.job.isOver);
    await this.until(cell, 'its end to be said', () => this.said(cell, 'ci.job_finished').length > 0);
  }

  /** Kills it and starts it again. */
  async kill(name: GridService): Promise<void> {
    const service = this.world.service[name];
    await service.kill('SIGKILL');
    this.logs.push(...service.logs(), `${new Date().toISOString()} ${name} was killed`);
    await this.world.restart(name);
  }

  signal(name: GridService, signal: NodeJS.Signals): void {
    this.world.service[name].signal(signal);
  }

  /** Runs one while nobody is killed: the others have to look as that one did. */
  async runUndisturbed(): Promise<void> {
    const cell = await this.begin('undisturbed');
    go(cell, ...this.kind.files);
    await this.over(cell);
    this.undisturbed = seenOf(cell);
  }

  /** That it ended once and has all that it has when nobody is killed. */
  async expectWhole(cell: Cell): Promise<void> {
    await this.over(cell);
    const states = cell.job.history.map(({ state }) => state);
    expect(states).toEqual(['created', 'pending', 'running', 'success']);
    expect(seenOf(cell)).toEqual(this.undisturbed);
    expectArtifacts(cell, this.kind.artifacts);
    expect(countOf(cell).trimEnd().split('\n').sort()).toEqual(this.kind.counted);
    // Said again under the same id, it is one message.
    for (const name of ['ci.job_received', 'ci.job_finished'])
      expect(new Set(this.said(cell, name).map(({ id }) => id)).size).toBe(1);
    const [{ data } = { data: {} }] = this.said(cell, 'ci.job_finished');
    expect(data).toMatchObject({ outcome: 'succeeded' });
    const { groupIds } = data as { readonly groupIds: readonly string[] };
    const attempts = groupIds.map((groupId) => this.attemptsOf(groupId));
    expect(attempts.toSorted((one, other) => one - other)).toEqual(this.kind.groups);
    expect(this.gitlab.complaints).toEqual([]);
  }

  /** After each test: a cell that fails keeps no place from the next one. */
  tidy(): void {
    for (const cell of this.begun.splice(0)) go(cell, ...this.kind.files);
    this.gitlab.limits.storingPuts = 1;
    this.gitlab.faults.clear();
  }

  async close(): Promise<void> {
    await this.recorder.close();
    await this.world.close();
  }

  /** What was said of the CI job under that name. */
  private said({ job }: Cell, name: string): readonly RecordedEvent[] {
    return this.recorder.named(name).filter(({ data }) => data['ciJobId'] === job.id);
  }

  /** How many attempts of a group ran. */
  private attemptsOf(groupId: string): number {
    const running = this.recorder.named('job.running').filter(({ data }) => data['groupId'] === groupId);
    return new Set(running.map(({ data }) => data['attemptId'])).size;
  }
}
