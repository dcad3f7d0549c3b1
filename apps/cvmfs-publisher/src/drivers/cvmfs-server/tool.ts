import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { permanent } from '#errors';

/** How a run of `cvmfs_server` ended. */
export interface ToolAnswer {
  /** Exit code; undefined when it was killed. */
  readonly code: number | undefined;
  /** The end of what it said on both of its outputs. */
  readonly text: string;
}

/** Where the tool and its files are, and all that it has as its environment. */
export interface ToolSettings {
  /** The tool itself, and the files that a run keeps: its output and its lock. */
  readonly tool: string;
  readonly outputFile: string;
  readonly lockFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

const longestText = 8_192;
/** From here on a shell's exit code tells the signal that killed the program. */
const killedStatus = 128;
const safeArgument = /^[A-Za-z0-9._/@:+=-]+$/;
const exitLine = /(?:^|\n)slipway: exit (\d+)\n$/;
/** Constant: what varies comes as arguments. */
const runAndTell = '"$@"; code=$?; echo "slipway: exit $code"; exit "$code"';

/**
 * Runs `cvmfs_server` so that it outlives a kill -9 of this process unharmed: its output goes to a file (a pipe
 * without reader would kill it in the middle of a publish), it has its own process group, and a `flock` around it
 * holds a lock for exactly as long as it runs (not its children, of which some stay as daemons). Whoever comes next
 * waits for that lock and reads in the file how it ended.
 */
export class CvmfsTool {
  constructor(private readonly settings: ToolSettings) {}

  async run(command: string, ...args: string[]): Promise<ToolAnswer> {
    const { tool, outputFile, lockFile, environment } = this.settings;
    const unsafe = [command, ...args].find((argument) => !safeArgument.test(argument));
    // Some values reach a shell inside cvmfs_server: $(…) in them would be executed.
    if (unsafe !== undefined) {
      throw permanent('cvmfs.argument_refused', `${JSON.stringify(unsafe)} may not reach cvmfs_server.`);
    }
    const output = openSync(outputFile, 'w', 0o600);
    try {
      const lock = ['--close', '--exclusive', lockFile];
      const child = spawn('flock', [...lock, 'sh', '-c', runAndTell, 'sh', tool, command, ...args], {
        cwd: '/',
        detached: true,
        stdio: ['ignore', output, output],
        env: { ...environment },
      });
      const code = await new Promise<number>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (status) => resolve(status ?? killedStatus));
      });
      // Not the code in the file: on a full disk nothing gets there.
      return { ...(await this.lastAnswer()), code: unlessKilled(code) };
    } finally {
      closeSync(output);
    }
  }

  /** Forgets the last answer, so that it cannot be taken for that of a run which never came to be. */
  forget(): void {
    rmSync(this.settings.outputFile, { force: true });
  }

  /** How the last run ended: of this process or of one before. */
  async lastAnswer(): Promise<ToolAnswer> {
    const tail = await tailOf(this.settings.outputFile);
    const code = Number(exitLine.exec(tail)?.[1] ?? killedStatus);
    return { code: unlessKilled(code), text: tail.replace(exitLine, '').trim() };
  }
}

function unlessKilled(code: number): number | undefined {
  return code < killedStatus ? code : undefined;
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, longestText);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What the tool needs, and nothing of this process's own environment, which holds addresses with passwords. */
export function minimalEnvironment(): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C',
    HOME: '/',
    USER: userName(),
    // A publish with -f otherwise waits a minute for a person to press Ctrl-C.
    CVMFS_FORCE_REMOUNT_WARNING: 'false',
  };
}

function userName(): string {
  const uid = process.getuid?.() ?? 0;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? String(uid);
}
