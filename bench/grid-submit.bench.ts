import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { backendResource, jobTemplate } from '#contracts';
import { backendKinds, type GridBackend, openBackend, type Submission } from '#grid';
import { type Condor, startCondor } from '#lab';
import { type Bench, type Figures, type Row, row, sideBySide } from './report.js';

const run = promisify(execFile);

/** As many as the datasets of one campaign in CMS's test. */
const GROUP = 411;
const LARGE = 10_000;

/** From a group until HTCondor has all of its jobs, beside condor_submit of the same jobs by hand. */
export const bench: Bench = {
  title: `grid-submit: ${GROUP} jobs, and ${LARGE} by late materialization, into a real HTCondor`,
  bars: [{ case: `${GROUP} jobs`, metric: 'submitted', peer: 'condor_submit by hand', atMost: 1.5 }],
  measure,
};

async function measure(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-grid-'));
  chmodSync(directory, 0o711);
  const condor = await startCondor({ directory: join(directory, 'condor') });
  try {
    const backend = await openBackend(backendKinds, {
      settings: backendResource.schema.parse({ name: 'pool', kind: 'htcondor', tools: condor.bin }),
      house: 'bench',
      directory: condor.workDirectory('backend'),
      logger: { info: () => {}, warn: () => {} },
    });
    const group = await sideBySide({
      case: `${GROUP} jobs`,
      units: { submitted: 'ms' },
      rounds: 5,
      ours: () => byBackend(condor, backend, GROUP),
      peers: { 'condor_submit by hand': () => byHand(condor, GROUP) },
    });
    const large = await byBackend(condor, backend, LARGE);
    return [...group, row(`${LARGE} jobs`, 'submitted', 'ms', large['submitted'] ?? NaN, {})];
  } finally {
    await condor.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function byBackend(condor: Condor, backend: GridBackend, jobs: number): Promise<Figures> {
  const call = { signal: AbortSignal.timeout(120_000) };
  const submission = submissionOf(jobs);
  const start = performance.now();
  const { length } = await backend.submit(submission, call);
  const submitted = performance.now() - start;
  if (length !== jobs) throw new Error(`${length} jobs of ${jobs}`);
  await emptyQueue(condor);
  return { submitted };
}

/** What somebody would write who knows HTCondor: one cluster, a queue statement over a list, each job its own file. */
async function byHand(condor: Condor, jobs: number): Promise<Figures> {
  const cwd = condor.workDirectory(`by-hand-${randomUUID()}`);
  writeFileSync(join(cwd, 'job.sh'), `${wrapper}\n`, { mode: 0o755 });
  for (let job = 0; job < jobs; job++) {
    mkdirSync(join(cwd, `${job}`));
    writeFileSync(join(cwd, `${job}`, 'input'), settingsOf(job));
  }
  writeFileSync(join(cwd, 'list'), Array.from({ length: jobs }, (_, job) => `${job}\n`).join(''));
  const description = [
    'executable = job.sh',
    'initialdir = $(dataset)',
    'transfer_input_files = input',
    'transfer_output_files = ""',
    'output = out',
    'error = err',
    'log = log',
    'request_memory = 64M',
    'request_disk = 64M',
    'queue dataset from list',
  ];
  writeFileSync(join(cwd, 'job.sub'), `${description.join('\n')}\n`);
  const start = performance.now();
  const { stdout } = await run(join(condor.bin, 'condor_submit'), ['-terse', 'job.sub'], { cwd });
  const submitted = performance.now() - start;
  if (!stdout.trim().endsWith(`.${jobs - 1}`)) throw new Error(`condor_submit: ${stdout}`);
  await emptyQueue(condor);
  return { submitted };
}

/** Each round meets the queue that the first one met. */
async function emptyQueue(condor: Condor): Promise<void> {
  await condor.inside('condor_rm', '-all');
  for (;;) {
    const left = await condor.inside('condor_q', '-allusers', '-autoformat', 'ClusterId');
    if (left.trim() === '') return;
  }
}

const wrapper = '#!/bin/sh\nsleep 600';

const settingsOf = (job: number): string => `DATASET=${job}\nTOKEN=${'x'.repeat(200)}\n`;

function submissionOf(jobs: number): Submission {
  const { resources, priority, batch } = jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] });
  const small = { ...resources, memoryBytes: 64 * 2 ** 20, diskBytes: 64 * 2 ** 20 };
  return {
    id: randomUUID(),
    name: 'bench',
    project: 'bench',
    template: { resources: small, priority, batch },
    wrapper,
    groupSettings: 'GROUP=bench\n',
    attempts: Array.from({ length: jobs }, (_, job) => ({ id: randomUUID(), settings: settingsOf(job) })),
    transfer: 'http',
  };
}
