import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { CondorId } from './classad.js';

/** For people: more than this says no more. */
const mostCharacters = 262_144;

/**
 * A job's events from its cluster's log: each begins with `005 (031.000.000) …` and ends with a line of three dots.
 * Empty where the log cannot be read.
 */
export async function eventsOf(logFile: string, { cluster, proc }: CondorId): Promise<string> {
  const id = new RegExp(`^\\d{3} \\(0*${cluster}\\.0*${proc}\\.\\d+\\) `);
  const lines: string[] = [];
  let size = 0;
  let ours = false;
  try {
    for await (const line of createInterface({ input: createReadStream(logFile, 'utf8') })) {
      if (/^\d{3} \(\d+\.\d+\.\d+\) /.test(line)) ours = id.test(line);
      if (!ours || line === '...') continue;
      size += line.length + 1;
      if (size > mostCharacters) break;
      lines.push(line);
    }
  } catch {
    return '';
  }
  return lines.join('\n');
}

/** The end of what the wrapper itself wrote, empty where there is nothing. */
export async function endOfFile(path: string, bytes = 8_192): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const length = Math.min(size, bytes);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8').trim();
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
