import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CvmfsDriver, Transaction } from '../../src/domain/cvmfs-driver.js';
import type { DriverOptions } from '../../src/drivers/index.js';

/** What a process of its own is to do with a driver: the tests kill it, or let several contend. */
export interface DriverTask {
  readonly kind: string;
  readonly options: DriverOptions;
  /** `change`: the transaction of the crash tests. `many`: `count` transactions, one tree each, named by `name`. */
  readonly work: 'change' | 'many' | 'abort';
  readonly name?: string;
  readonly count?: number;
  /** The step (as many as were told before it) at which the process kills itself as by kill -9. */
  readonly killAt?: number;
  /** The process kills itself when this step is told. */
  readonly killAtStep?: string;
  /** This step fails. */
  readonly failAtStep?: string;
}

/** A tree of three files, of which `last` is written last: where it is missing, the tree is half there. */
export function unpackTree(transaction: Transaction, relative: string, content: string): void {
  const tree = transaction.treePath(relative);
  mkdirSync(join(tree, 'etc'), { recursive: true });
  for (const name of ['etc/os', 'etc/user', 'last']) writeFileSync(join(tree, name), content);
}

/** What the crash tests start from. */
export async function seed(driver: CvmfsDriver): Promise<void> {
  const transaction = await driver.begin();
  for (const name of ['aa/one', 'bb/old']) unpackTree(transaction, `.flat/${name}`, name);
  await transaction.link('r/moving:1', '.flat/aa/one');
  await transaction.link('r/staying:1', '.flat/aa/one');
  await transaction.link('r/old:1', '.flat/bb/old');
  await transaction.writeFile('meta/index', Buffer.from('first'));
  await transaction.publish();
}

/** Everything that a transaction can do, at once. */
export async function change(driver: CvmfsDriver): Promise<void> {
  const transaction = await driver.begin();
  for (const name of ['cc/two', 'dd/three']) unpackTree(transaction, `.flat/${name}`, name);
  await transaction.link('r/moving:1', '.flat/cc/two');
  await transaction.link('r/new:1', '.flat/dd/three');
  await transaction.writeFile('meta/index', Buffer.from('second'));
  await transaction.remove('.flat/bb/old');
  await transaction.remove('r/old:1');
  await transaction.publish();
}

/** So many transactions one after another, for processes that contend for a repository. */
export async function many(driver: CvmfsDriver, name: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const transaction = await driver.begin();
    unpackTree(transaction, `.flat/${name}/${i}`, `${name}${i}`);
    await transaction.publish();
  }
}
