import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#lab';
import type { TestGitLab, TestJob } from '../gitlab/index.js';
import { gitlabWorld } from './gitlab-world.js';
import type { GridService } from './grid-world.js';
import { recordEvents, type Recorder } from './recorder.js';
import { seenLines } from './seen-trace.js';

/** Those that are killed, each in turn. */
export const services: readonly GridService[] = [
  'gitlab-bridge',
  'grid-submitter',
  'status-monitor',
  'registry',
];

/** A CI job that waits for files in the directory `$PLACE`, and has to be the same whoever is killed meanwhile. */
export interface Kind {
  /** Below the job's name in `.gitlab-ci.yml`; `PLACE` is added to its variables. */
  readonly yaml: { readonly variables?: Readonly<Record<string, string>> } & Readonly<
    Record<string, unknown>
  >;
  /** What it waits for. */
  readonly files: readonly string[];
  /** The lines, sorted, that its scripts have written to `$PLACE/count`. */
  readonly counted: readonly string[];
  /** Some of its artifacts. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** How many jobs of the grid each of its groups has. */
  readonly groups: readonly number[];
}

/** A CI job on its way. */
export interface Cell {
  readonly name: string;
  readonly place: string;
  readonly job: TestJob;
}

/** All services as processes, a GitLab of the tests, and a batch system with one place beside the machine. */
export interface KillWorld {
  readonly gitlab: TestGitLab;
  readonly recorder: Recorder;
  begin(name: string): Promise<Cell>;
  /** Makes files that its scripts wait for. */
  go(cell: Cell, ...files: readonly string[]): void;
  /** Waits; what all services wrote is kept in a file where that is in vain. */
  until(cell: Cell, what: string, holds: () => unknown): Promise<unknown>;
  /** Kills it and starts it again. */
  kill(name: GridService): Promise<void>;
  signal(name: GridService, signal: NodeJS.Signals): void;
  countOf(cell: Cell): string;
  over(cell: Cell): Promise<void>;
  /** That it ended once and has all that it has when nobody is killed. */
  expectWhole(cell: Cell): Promise<void>;
  /** After each test: a cell that fails keeps no place from the next one. */
  tidy(): void;
  close(): Promise<void>;
}

/** Give `import.meta.url`. Runs one job undisturbed first: the others have to look as that one did. */
export async function killWorld(testPath: string, kind: Kind): Promise<KillWorld> {
  const world = await gitlabWorld(testPath, { jobs: 1 });
  const { gitlab, project } = world;
  const recorder = await recordEvents(world.common.SLIPWAY_AMQP_URL);
  await world.startBridge();
  await world.registerRunner();
  /** Of all processes that there were, one after the other. */
  const logs: string[] = [];
  const begun: Cell[] = [];

  const begin = async (name: string): Promise<Cell> => {
    const place = join(world.directory, name.replaceAll(' ', '-'));
    mkdirSync(place);
    const variables = { ...kind.yaml.variables, PLACE: place };
    const yaml = JSON.stringify({ job: { ...kind.yaml, variables } });
    const cell = { name, place, job: (await project.runPipeline({ yaml })).job('job') };
    begun.push(cell);
    return cell;
  };
  const go = ({ place }: Cell, ...files: readonly string[]): void => {
    for (const file of files) writeFileSync(join(place, file), '');
  };
  const until = ({ name, job }: Cell, what: string, holds: () => unknown): Promise<unknown> =>
    waitFor(holds, { what, deadlineMs: 120_000, intervalMs: 10 }).catch((error: unknown) => {
      const file = join(tmpdir(), `slipway-${name.replaceAll(' ', '-')}.log`);
      const living = services.flatMap((service) => world.service[service].logs());
      writeFileSync(file, [...logs, ...living, ''].join('\n'));
      const trace = job.trace.toString();
      throw new Error(`${String(error)}; it is ${job.state}; logs: ${file}; its trace:\n${trace}`);
    });
  const said = ({ job }: Cell, name: string) =>
    recorder.named(name).filter(({ data }) => data['ciJobId'] === job.id);
  const over = async (cell: Cell): Promise<void> => {
    await until(cell, 'the CI job to be over', () => cell.job.isOver);
    await until(cell, 'its end to be said', () => said(cell, 'ci.job_finished').length > 0);
  };
  const countOf = ({ place }: Cell): string => {
    const file = join(place, 'count');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const seen = ({ job, place }: Cell): readonly string[] =>
    seenLines(job.trace).map((line) => line.replaceAll(place, '$PLACE'));

  const undisturbed = await begin('undisturbed');
  go(undisturbed, ...kind.files);
  await over(undisturbed);
  const expected = seen(undisturbed);

  const expectWhole = async (cell: Cell): Promise<void> => {
    const { job, place } = cell;
    await over(cell);
    expect(job.history.map(({ state }) => state)).toEqual(['created', 'pending', 'running', 'success']);
    expect(seen(cell)).toEqual(expected);
    expect(job.artifacts.map(({ type }) => type)).toEqual(['archive']);
    const zip = join(place, 'artifacts.zip');
    writeFileSync(zip, job.artifacts[0]?.bytes ?? '');
    for (const [path, text] of Object.entries(kind.artifacts))
      expect(execFileSync('unzip', ['-p', zip, path], { encoding: 'utf8' })).toBe(text);
    expect(countOf(cell).trimEnd().split('\n').sort()).toEqual(kind.counted);
    // Said again under the same id, it is one message.
    for (const name of ['ci.job_received', 'ci.job_finished'])
      expect(new Set(said(cell, name).map(({ id }) => id)).size).toBe(1);
    const [{ data } = { data: {} }] = said(cell, 'ci.job_finished');
    expect(data).toMatchObject({ outcome: 'succeeded' });
    const { groupIds } = data as { readonly groupIds: readonly string[] };
    const attemptsOf = (groupId: string): number =>
      new Set(
        recorder
          .named('job.running')
          .filter(({ data: of }) => of['groupId'] === groupId)
          .map(({ data: of }) => of['attemptId']),
      ).size;
    expect(groupIds.map(attemptsOf).toSorted((one, other) => one - other)).toEqual(kind.groups);
    expect(gitlab.complaints).toEqual([]);
  };

  return {
    gitlab,
    recorder,
    begin,
    go,
    until,
    countOf,
    over,
    expectWhole,
    signal: (name, signal) => world.service[name].signal(signal),
    kill: async (name) => {
      await world.service[name].kill('SIGKILL');
      logs.push(...world.service[name].logs(), `${new Date().toISOString()} ${name} was killed`);
      await world.restart(name);
    },
    tidy: () => {
      for (const cell of begun.splice(0)) go(cell, ...kind.files);
      gitlab.limits.storingPuts = 1;
      gitlab.faults.clear();
    },
    close: async () => {
      await recorder.close();
      await world.close();
    },
  };
}
