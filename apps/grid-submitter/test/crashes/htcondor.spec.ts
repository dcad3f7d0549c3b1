import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendResource, jobRequest, jobSubmit } from '#contracts';
import { openDatabase } from '#database';
import { directoryEnvironment, partnersEnvironment } from '#embedded';
import { backendKinds } from '#grid';
import {
  type Condor,
  derivedName,
  gridDeadlineMs,
  isolatedSchema,
  sharedCondor,
  waitFor,
  whyNoGrid,
} from '#lab';
import type { DataSource } from 'typeorm';
import { keyRingText } from '../../../../test/stand-ins/registry.js';
import { GroupStore } from '../../src/storage/group.store.js';
import { storage } from '../../src/storage/index.js';
import { project } from '../submitter-world.js';

const kills = 10;
const jobsOfGroup = 5;
const reason = whyNoGrid();
const main = join(process.cwd(), 'dist/apps/grid-submitter/test/crashes/light-submitter.main.js');

// Real: the run's HTCondor, PostgreSQL, the submitter's process (without broker), SIGKILL. condor_submit is the real one,
// but its answer is late: it is killed when the schedd has the jobs, and before the submitter knows.
(reason === undefined ? describe : describe.skip)(reason ?? 'a submitter before a real HTCondor', () => {
  // Made later: where all of this is skipped, nobody would remove it.
  const directory = join(tmpdir(), `slipway-htcondor-crashes-${randomUUID()}`);
  const tools = join(directory, 'bin');
  const mark = join(directory, 'taken-in');
  const house = derivedName(import.meta.url, '-')
    .slice(-30)
    .replace(/^-+/, '');
  let condor: Condor;
  let dataSource: DataSource;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    mkdirSync(directory, { mode: 0o700 });
    condor = await sharedCondor();
    wrapTools(condor.bin, tools, mark);
    const postgres = await isolatedSchema(import.meta.url);
    dataSource = await openDatabase({ ...storage, ...postgres });
    const backend = { name: 'pool', kind: 'htcondor', tools, transfer: 'backend' };
    const own = directoryEnvironment(directory);
    writeFileSync(
      own.SLIPWAY_CONFIG,
      JSON.stringify({ projects: [project('higgs', { jobs: 1_000 })], backends: [backend] }),
    );
    env = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...own,
      ...partnersEnvironment({ amqpUrl: 'amqp://127.0.0.1:1', keyRing: keyRingText, postgres }),
      SLIPWAY_STATE_DIRECTORY: condor.workDirectory(house),
      SLIPWAY_HOUSE: house,
      SLIPWAY_LEASE_SECONDS: '4',
    };
  }, gridDeadlineMs);
  afterAll(async () => {
    await dataSource?.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  it(`killed ${kills} times before condor_submit's answer, has each job there once`, async () => {
    for (let n = 0; n < kills; n++) {
      await hand(dataSource);
      rmSync(mark, { force: true });
      const child = spawn(process.execPath, [main], { env, stdio: ['pipe', 'inherit', 'inherit'] });
      await waitFor(() => existsSync(mark), { what: 'the schedd to have jobs', deadlineMs: 60_000 });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await count(dataSource, `state = 'submitting'`)).toBeGreaterThanOrEqual(jobsOfGroup);
    }
    writeFileSync(join(directory, 'prompt'), '');
    const last = spawn(process.execPath, [main], { env, stdio: ['pipe', 'inherit', 'inherit'] });
    const isDone = async (): Promise<boolean> => (await count(dataSource, `state <> 'submitted'`)) === 0;
    await waitFor(isDone, { what: 'every attempt to be recorded', deadlineMs: 90_000 });
    last.kill('SIGKILL');
    await once(last, 'exit');
    const found = await jobsIn(condor, house, dataSource);
    const recorded = await dataSource.query<{ id: string; batch_id: string }[]>(
      'select id, batch_id from attempt',
    );
    expect(recorded).toHaveLength(kills * jobsOfGroup);
    expect(found.toSorted()).toEqual(
      recorded.map(({ id, batch_id: batchId }) => `${id} ${batchId}`).toSorted(),
    );
  }, 240_000);
});

/** The real tools; condor_submit's says that it is done, and answers late, as long as it is not told to be prompt. */
function wrapTools(real: string, tools: string, mark: string): void {
  mkdirSync(tools);
  for (const tool of readdirSync(real).filter((name) => name.startsWith('condor_'))) {
    const isSubmit = tool === 'condor_submit';
    const late = `"${real}/${tool}" "$@" || exit\ntouch "${mark}"\n[ -e "${tools}/../prompt" ] || sleep 60\n`;
    writeFileSync(join(tools, tool), `#!/bin/sh\n${isSubmit ? late : `exec "${real}/${tool}" "$@"\n`}`);
    chmodSync(join(tools, tool), 0o755);
  }
}

async function hand(dataSource: DataSource): Promise<void> {
  const over = Array.from({ length: jobsOfGroup }, (_, n) => `set-${n}`);
  const request = jobRequest.parse({ project: 'higgs', script: 'sleep 1', over });
  const asked = { groupId: randomUUID(), requestedBy: 'ada', requestedAt: new Date().toISOString() };
  const group = jobSubmit.schema.parse({ ...request, ...asked });
  await new GroupStore(dataSource).accept(
    group,
    { accepted: true, backend: 'pool', identity: undefined },
    {},
  );
}

async function count(dataSource: DataSource, where: string): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `select count(*)::int as count from attempt where ${where}`,
  );
  return row?.count ?? 0;
}

/** Everything that HTCondor has of every submission that was ever begun, as `<attempt> <batch job>`. */
async function jobsIn(condor: Condor, house: string, dataSource: DataSource): Promise<readonly string[]> {
  const kind = backendKinds.find((one) => one.kind === 'htcondor');
  if (!kind) throw new Error('there is no htcondor backend');
  const settings = backendResource.schema.parse({ name: 'pool', kind: 'htcondor', tools: condor.bin });
  const quiet = { info: () => {}, warn: () => {} };
  const backend = await kind.open({ settings, house, directory: condor.workDirectory(house), logger: quiet });
  const submissions = await dataSource.query<{ id: string; attempts: string[] }[]>(
    `select submission.id, array_agg(attempt.id order by place) as attempts
     from submission join attempt on submission_id = submission.id group by submission.id`,
  );
  const jobs: string[] = [];
  for (const { id, attempts } of submissions) {
    const wanted = attempts.map((attempt) => ({ id: attempt, settings: '' }));
    const call = { signal: AbortSignal.timeout(60_000) };
    for (const { attemptId, batchId } of await backend.find({ id, attempts: wanted }, call))
      jobs.push(`${attemptId} ${batchId}`);
  }
  const ours = await backend.poll(new Set(), { signal: AbortSignal.timeout(60_000) });
  await backend.close();
  // One of a submission that nobody knows of would be one too many.
  return [
    ...jobs,
    ...ours.map(({ batchId }) => batchId).filter((id) => !jobs.some((job) => job.endsWith(` ${id}`))),
  ];
}
