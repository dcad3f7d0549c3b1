import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registryEnvironment, type SpawnedService, spawnService } from '#lab';

/** How the command ended, and all it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the command reads, nothing unless told, and what is in its environment besides PATH, HOME and TMPDIR. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A registry with a broker and database of its own, and the command as a person runs it. */
export interface CommandWorld {
  readonly registry: SpawnedService;
  readonly amqpUrl: string;
  /** The first key, not yet used. */
  readonly bootstrapKey: string;
  /** A directory for files of the test; the command's home is in it. */
  readonly directory: string;
  /** Everything that the command has written so far. */
  readonly written: readonly string[];
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same with --json: what it answered. Throws where it failed. */
  json<T>(...args: readonly string[]): Promise<T>;
  /** A file in the directory; its path. */
  file(name: string, text: string): string;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));

/** Give `import.meta.url`; and what the registry is told besides, in its environment. */
export async function commandWorld(
  testPath: string,
  more: Readonly<Record<string, string>> = {},
): Promise<CommandWorld> {
  const { amqpUrl, bootstrapKey, env: own } = await registryEnvironment(testPath);
  const registry = await spawnService('registry', { ...own, ...more });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-command-'));
  const written: string[] = [];
  const run = async (args: readonly string[], { stdin = '', env = {} }: RunOptions = {}): Promise<Ended> => {
    const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], {
      cwd: directory,
      env: { PATH: process.env['PATH'], HOME: directory, TMPDIR: directory, ...env },
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    // A command that needs no input may end before it was handed over.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? -1));
    });
    const [stdout, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
    written.push(stdout, stderr);
    return { code, stdout, stderr };
  };
  return {
    registry,
    amqpUrl,
    bootstrapKey,
    directory,
    written,
    run,
    json: async <T>(...args: readonly string[]) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      if (code !== 0) throw new Error(`slipway ${args.join(' ')}: ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    file: (name, text) => {
      const path = join(directory, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    close: async () => {
      await registry.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
