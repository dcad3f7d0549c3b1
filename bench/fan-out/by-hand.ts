import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Condor } from '#lab';
import type { Figures } from '../report.js';

const run = promisify(execFile);

/**
 * What somebody would do who knows HTCondor: one cluster over a list, and wait for its log to say that all are done.
 *
 * @param result a file that each job makes and HTCondor brings back, with what the job said, to a place of its own
 */
export async function byHand(
  condor: Condor,
  items: readonly string[],
  script: string,
  result?: string,
): Promise<Figures> {
  const cwd = condor.workDirectory(`by-hand-${randomUUID()}`);
  writeFileSync(join(cwd, 'job.sh'), `#!/bin/sh\nITEM=$1\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(cwd, 'list'), items.map((item) => `${item}\n`).join(''));
  const description = [
    'executable = job.sh',
    'arguments = $(item)',
    ...(result === undefined
      ? ['transfer_output_files = ""']
      : [
          'should_transfer_files = YES',
          'when_to_transfer_output = ON_EXIT',
          `transfer_output_files = ${result}`,
          `transfer_output_remaps = "${result} = ${result}.$(item)"`,
        ]),
    'output = out.$(Process)',
    'error = err.$(Process)',
    'log = log',
    'request_memory = 64M',
    'request_disk = 64M',
    'queue item from list',
  ];
  writeFileSync(join(cwd, 'job.sub'), `${description.join('\n')}\n`);
  const start = performance.now();
  await run(join(condor.bin, 'condor_submit'), ['-terse', 'job.sub'], { cwd });
  await run(join(condor.bin, 'condor_wait'), ['log'], { cwd, maxBuffer: 2 ** 26 });
  const total = (performance.now() - start) / 1_000;
  const brought = readdirSync(cwd).filter((name) => result !== undefined && name.startsWith(`${result}.`));
  if (result !== undefined && brought.length !== items.length)
    throw new Error(`${brought.length} of ${items.length} results are there`);
  return { total };
}
