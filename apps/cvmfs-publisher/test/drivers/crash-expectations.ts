import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import type { DriverOptions } from '../../src/drivers/index.js';
import { type DriverTask, unpackTree } from './crash-scenario.js';
import type { DriverLab } from './driver-labs.js';

/** What readers see of a repository: a file's text, or `-> target` for a link, by path. */
export type Content = Record<string, string>;

/** No link leads nowhere, and every tree has its last file. */
export function expectNothingHalf(content: Content): void {
  const trees = Object.keys(content).filter((path) => /^\.flat\/[^/]+\/[^/]+$/.test(path));
  for (const tree of trees) expect(Object.keys(content)).toContain(`${tree}/last`);
  for (const [path, value] of Object.entries(content)) {
    if (value.startsWith('-> ../'))
      expect([path, trees]).toEqual([path, expect.arrayContaining([value.slice(6)])]);
  }
}

/** The driver goes on, and nothing of what was left behind is left. */
export async function expectUsable(lab: DriverLab, driver: CvmfsDriver): Promise<void> {
  const before = lab.content();
  const transaction = await driver.begin();
  unpackTree(transaction, '.flat/zz/after', 'after');
  await transaction.publish();
  const after = lab.content();
  expect(after).toMatchObject({ ...before, '.flat/zz/after/last': 'after' });
  const own = join(driver.root, '.slipway');
  if (!existsSync(own)) return;
  expect(readdirSync(own).filter((name) => name.startsWith('journal'))).toEqual([]);
  expect(readdirSync(join(own, 'transactions'))).toEqual([]);
  expect(readdirSync(join(own, 'trash'))).toEqual([]);
}

/** Work for a process of its own on the lab's repository: the transaction `change` unless told. */
export function task(
  lab: DriverLab,
  more: Partial<DriverTask>,
  options: Partial<DriverOptions> = {},
): DriverTask {
  return { kind: lab.kind, options: { ...lab.options, ...options }, work: 'change', ...more };
}

/** Options by which the stand-in for `cvmfs_server` is told where to hold or fail. */
export function standInEnvironment(lab: DriverLab, more: Record<string, string>): Partial<DriverOptions> {
  return { environment: { ...lab.options.environment, ...more } };
}
