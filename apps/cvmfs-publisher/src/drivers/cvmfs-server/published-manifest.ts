import { readFile } from 'node:fs/promises';
import { temporary } from '#errors';

/** What `.cvmfspublished` says: lines of a letter and a value, up to a line `--`; a signature follows. */
export interface PublishedManifest {
  /** Line `C`: hash of the root catalog; another one after each publish. */
  readonly rootHash: string;
  /** Line `S`: number of the revision. */
  readonly revision: string | undefined;
}

const patienceMs = 30_000;

/** Reads the manifest from a path or an http(s) URL. Temporary error `cvmfs.manifest_unreadable`. */
export async function readManifest(repository: string, location: string): Promise<PublishedManifest> {
  try {
    const text = (await load(location)).toString('latin1');
    const lines = text.split('\n--', 1)[0]?.split('\n') ?? [];
    const value = (letter: string) => lines.find((line) => line.startsWith(letter))?.slice(1);
    const rootHash = value('C');
    if (rootHash === undefined || !/^[0-9a-f]{40,}(-\w+)?$/.test(rootHash))
      throw new Error('no root hash in it');
    return { rootHash, revision: value('S') };
  } catch (cause) {
    const text = `Cannot read the published manifest of ${repository} from ${location}: is its storage there?`;
    throw temporary('cvmfs.manifest_unreadable', text, { subject: repository, level: 'error', cause });
  }
}

async function load(location: string): Promise<Buffer> {
  if (!/^https?:/.test(location)) return await readFile(location);
  const response = await fetch(location, {
    signal: AbortSignal.timeout(patienceMs),
    headers: { 'cache-control': 'no-cache' },
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
