import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

/** A file of a commit: its content, its content with another mode, a commit of a submodule, or undefined to take it away. */
export type FileContent =
  | string
  | Buffer
  | { readonly content: string | Buffer; readonly mode: '100755' | '120000' }
  | { readonly submodule: string }
  | undefined;

/** What the objects of a repository are named by. */
export type ObjectFormat = 'sha1' | 'sha256';

/** What stands for a commit where there is none. */
export const noCommit = (format: ObjectFormat): string => '0'.repeat(format === 'sha1' ? 40 : 64);

/** A commit on top of its branch; files that it does not name stay as they are. */
export interface CommitOptions {
  readonly branch: string;
  readonly message: string;
  readonly author: string;
  readonly files: Readonly<Record<string, FileContent>>;
}

/** Runs git and gives what it printed. Throws with its words when it fails. */
export async function git(directory: string, args: readonly string[], input?: Buffer): Promise<string> {
  const child = spawn('git', ['-C', directory, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [output, errors, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
  if (code !== 0)
    throw new Error(`git ${args[0] ?? ''} ended with ${String(code)}: ${errors.toString('utf8')}`);
  return output.toString('utf8').trim();
}

/** An empty bare repository, from which any commit may be fetched, as from GitLab. */
export async function makeRepository(
  directory: string,
  defaultBranch: string,
  objectFormat: ObjectFormat,
): Promise<void> {
  await git('/', [
    'init',
    '--quiet',
    '--bare',
    `--initial-branch=${defaultBranch}`,
    `--object-format=${objectFormat}`,
    directory,
  ]);
  await git(directory, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  await git(directory, ['config', 'uploadpack.allowFilter', 'true']);
}

/** Adds a commit to a branch, which begins with it if it is new; gives the commit's SHA. */
export async function commit(directory: string, options: CommitOptions): Promise<string> {
  const { branch, message, author, files } = options;
  const ref = `refs/heads/${branch}`;
  const parent = await tipOf(directory, ref);
  const now = Math.floor(Date.now() / 1_000);
  const parts: Buffer[] = [
    Buffer.from(`commit ${ref}\nauthor ${author} ${now} +0000\ncommitter ${author} ${now} +0000\n`),
    data(Buffer.from(message)),
    Buffer.from(parent === undefined ? '' : `from ${parent}\n`),
  ];
  for (const [path, content] of Object.entries(files)) parts.push(...change(path, content));
  await git(directory, ['fast-import', '--quiet', '--date-format=raw'], Buffer.concat(parts));
  const tip = await tipOf(directory, ref);
  if (tip === undefined) throw new Error(`no commit on ${branch}`);
  return tip;
}

/** The commit that a ref is at; undefined when there is none. */
export async function tipOf(directory: string, ref: string): Promise<string | undefined> {
  const line = await git(directory, ['for-each-ref', '--format=%(refname) %(objectname)', ref]);
  const [name, sha] = line.split('\n')[0]?.split(' ') ?? [];
  return name === ref ? sha : undefined;
}

function change(path: string, content: FileContent): readonly Buffer[] {
  if (content === undefined) return [Buffer.from(`D ${path}\n`)];
  if (typeof content === 'object' && 'submodule' in content) {
    return [Buffer.from(`M 160000 ${content.submodule} ${path}\n`)];
  }
  const isPlain = typeof content === 'string' || Buffer.isBuffer(content);
  const bytes = Buffer.from(isPlain ? content : content.content);
  return [Buffer.from(`M ${isPlain ? '100644' : content.mode} inline ${path}\n`), data(bytes)];
}

function data(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}
