import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './programs.js';
import { corruptLayer, truncatedLayer } from './gunzip.js';

/** A blob that a program decompresses into a pipe. */
export interface RunningProgram {
  /** The pipe's reading end, open; to be closed by `close`. */
  readonly pipe: number;
  /** Resolves when the program ended well; rejects with `layer.truncated` or `layer.corrupt`. */
  readonly finished: Promise<void>;
  /** Ends the program if it runs and closes the pipe. The reader must not be in a read any more. */
  close(): void;
  /** Ends the program, so that who reads the pipe comes to its end. */
  kill(): void;
}

/** Eight times as fast as zstd in JavaScript; gzip needs none. */
const zstdProgram = 'zstd';
/** How it says that its input ends too early. */
const saysTruncated = /premature end|unknown header/;

/** Bytes of a blob below which starting programs takes longer than decompressing it in this thread. */
const worthAProgram = 512 * 1024;

/** Starts the program for zstd. Undefined where it, or a way to make a pipe, is missing, and for small blobs. */
export function startUnzstd(blob: string): RunningProgram | undefined {
  const program = findProgram(zstdProgram);
  const mkfifo = findProgram('mkfifo');
  if (program === undefined || mkfifo === undefined || statSync(blob).size < worthAProgram) return undefined;
  const pipe = makePipe(mkfifo);
  if (pipe === undefined) return undefined;
  const input = openSync(blob, 'r');
  try {
    const child = spawn(program, ['-d', '-c'], {
      cwd: '/',
      env: {},
      stdio: [input, pipe.write, 'pipe'],
    });
    return running(child, pipe.read);
  } finally {
    closeSync(input);
    closeSync(pipe.write);
  }
}

function running(child: ChildProcess, pipe: number): RunningProgram {
  const finished = outcome(child);
  // Whoever stopped the work does not ask how the program ended.
  finished.catch(() => undefined);
  let open = true;
  const kill = (): void => {
    if (child.exitCode === null) child.kill('SIGKILL');
  };
  return {
    pipe,
    finished,
    kill,
    close() {
      kill();
      if (open) closeSync(pipe);
      open = false;
    },
  };
}

/** Both ends of a pipe that blocks its readers, which a child's standard output from Node would not. */
function makePipe(mkfifo: string): { read: number; write: number } | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-layer-'));
  const path = join(directory, 'pipe');
  try {
    if (spawnSync(mkfifo, ['-m', '600', path], { env: {} }).status !== 0) return undefined;
    // The first reader does not wait for a writer, so that the writer need not wait for a reader.
    const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const write = openSync(path, constants.O_WRONLY);
    const read = openSync(path, constants.O_RDONLY);
    closeSync(first);
    return { read, write };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Enough of what the program says to know which error it is. */
const stderrCharacters = 4096;

async function outcome(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < stderrCharacters) said += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  if (saysTruncated.test(said)) throw truncatedLayer();
  throw corruptLayer(said.includes('header') ? 'incorrect header' : 'incorrect data');
}
