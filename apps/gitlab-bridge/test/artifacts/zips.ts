import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ZipWriter } from '#zip';
import type { ArtifactPlan } from '../../src/domain/composing/index.js';

/** A zip as the monitor keeps it. */
export async function zipOf(directory: string, files: Readonly<Record<string, string>>): Promise<Buffer> {
  const path = join(directory, `${randomUUID()}.zip`);
  const file = await open(path, 'wx+');
  const writer = new ZipWriter(file);
  for (const [name, text] of Object.entries(files))
    await writer.add(
      { path: name, mode: 0o100_644, modified: new Date(0) },
      Readable.from([Buffer.from(text)]),
    );
  await writer.end();
  await file.close();
  return readFile(path);
}

/** An upload as a job's `artifacts:` make it, the n-th of its job. */
export const plan = (index = 0, more: Partial<ArtifactPlan> = {}): ArtifactPlan => ({
  directory: `slipway-artifacts/${index}`,
  name: 'artifacts',
  type: 'archive',
  format: 'zip',
  expireIn: '1 week',
  when: 'on_success',
  ...more,
});

/** What is in a zip that everybody can read. */
export async function unzippedIn(
  directory: string,
  bytes: Buffer | undefined,
): Promise<Readonly<Record<string, string>>> {
  const path = join(directory, `${randomUUID()}.zip`);
  await writeFile(path, bytes ?? '');
  execFileSync('unzip', ['-tq', path]);
  const names = execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n');
  const text = (name: string): string => execFileSync('unzip', ['-p', path, name], { encoding: 'utf8' });
  return Object.fromEntries(names.map((name) => [name, text(name)]));
}
