import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { companions } from '../domain/layout.js';

const treeRecord = z.object({
  digest: z.string(),
  files: z.int().nonnegative(),
  directories: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  reusedFiles: z.int().nonnegative(),
  leftOut: z.record(z.string(), z.int().nonnegative()),
  layers: z.array(z.string()),
});

/** What the summary file beside a tree holds: enough to take up a publication that its publisher died over. */
export type TreeRecord = z.infer<typeof treeRecord>;

/** The record as it is published beside the tree. Throws where it is none that could be read back. */
export const summaryFile = (record: TreeRecord): Buffer =>
  Buffer.from(`${JSON.stringify(treeRecord.parse(record), null, 2)}\n`);

/** The record beside a published tree; undefined when there is no such tree. */
export async function readTreeRecord(root: string, digest: string): Promise<TreeRecord | undefined> {
  try {
    return treeRecord.parse(JSON.parse(await readFile(join(root, companions(digest).summary), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
