import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Condor } from '#lab';
import type { Figures } from '../report.js';
import { emptyQueue } from './queue.js';

const run = promisify(execFile);

/** What somebody would write who knows HTCondor: one cluster, a queue statement over a list, each job its own file. */
export async function byHand(condor: Condor, jobs: number): Promise<Figures> {
  const cwd = condor.workDirectory(`by-hand-${randomUUID()}`);
  writeFileSync(join(cwd, 'job.sh'), '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
  for (let job = 0; job < jobs; job++) {
    mkdirSync(join(cwd, `${job}`));
    writeFileSync(join(cwd, `${job}`, 'input'), `DATASET=${job}\n${'x'.repeat(200)}\n`);
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
