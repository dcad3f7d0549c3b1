import { access, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { temporary } from '#errors';

/** Some thousand events: who has fallen behind catches up with several reads. */
const mostBytes = 4 * 2 ** 20;
/** HTCondor keeps `EVENT_LOG_MAX_ROTATIONS` old ones: `.old` where that is one, else `.1` and on, the newest first. */
const mostRotations = 100;
const headerBytes = 1_024;

const position = z.object({ file: z.string(), offset: z.int().nonnegative() });

type Position = z.output<typeof position>;

/** What one reading of the event log gave; the position is kept and handed in with the next one. */
export interface LoggedEvents {
  /** Each as it is written, without what it means being looked at. */
  readonly events: readonly unknown[];
  /** Where to read on: an opaque text. */
  readonly next: string;
}

interface LogFile {
  /** Open: it may be renamed meanwhile. */
  readonly handle: FileHandle;
  /** Which file it is, whatever it is called by now. */
  readonly file: string;
  readonly size: number;
}

/**
 * What was written to a schedd's event log (`EVENT_LOG`, as JSON) since a position, across rotations. Without a position
 * it begins at the end; with one in a file that is gone, with the newest file.
 *
 * @throws temporary `grid.unavailable` where it cannot be read, or is no JSON
 */
export async function readEvents(path: string, since: string | undefined): Promise<LoggedEvents> {
  const known = since === undefined ? undefined : parse(since);
  const files: LogFile[] = [];
  try {
    await openFiles(path, known, files);
    const [newest = await unwritten(path)] = files;
    if (!known) return { events: [], next: JSON.stringify({ file: newest.file, offset: newest.size }) };
    return await readFrom(files, known);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw temporary('grid.unavailable', `HTCondor's event log ${path} cannot be read: ${words}`, { cause });
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}

/** HTCondor makes it with the first event, which is to be read. */
async function unwritten(path: string): Promise<Pick<LogFile, 'file' | 'size'>> {
  await access(dirname(path));
  return { file: 'none', size: 0 };
}

function parse(since: string): Position | undefined {
  try {
    return position.parse(JSON.parse(since));
  } catch {
    return undefined;
  }
}

/** @param files the newest first */
async function readFrom(files: readonly LogFile[], known: Position): Promise<LoggedEvents> {
  const at = files.findIndex(({ file }) => file === known.file);
  const events: unknown[] = [];
  let left = mostBytes;
  let next = known;
  // Of an old file nothing is written any more: half an event at its end stays half.
  for (const one of files.slice(0, Math.max(at, 0) + 1).toReversed()) {
    const isKnown = one.file === known.file && known.offset <= one.size;
    const offset = isKnown ? known.offset : 0;
    const part = await readPart(one, offset, left);
    events.push(...part.events);
    next = { file: one.file, offset: part.end };
    left -= part.bytes;
    if (left <= 0) break;
  }
  return { events, next: JSON.stringify(next) };
}

async function readPart(
  { handle, size }: LogFile,
  begin: number,
  most: number,
): Promise<{ readonly events: readonly unknown[]; readonly end: number; readonly bytes: number }> {
  const bytes = Math.min(size - begin, most);
  if (bytes <= 0) return { events: [], end: begin, bytes: 0 };
  const buffer = await bytesOf(handle, begin, bytes);
  const last = buffer.lastIndexOf('\n}\n');
  const isJson = last !== -1 || (buffer[0] === '{'.charCodeAt(0) && bytes < mostBytes);
  if (!isJson) throw new Error('its events are not JSON, as EVENT_LOG_FORMAT_OPTIONS = JSON would make them');
  if (last === -1) return { events: [], end: begin, bytes };
  return { events: eventsIn(buffer.toString('utf8', 0, last)), end: begin + last + 3, bytes };
}

/** Each event is an object whose braces stand alone in their lines; what makes no sense is passed over. */
function eventsIn(text: string): readonly unknown[] {
  return text.split(/^\}$/m).flatMap((part) => {
    const begin = part.search(/^\{$/m);
    if (begin === -1) return [];
    try {
      return [JSON.parse(`${part.slice(begin)}}`) as unknown];
    } catch {
      return [];
    }
  });
}

/** Opens the log, and those before it as far back as the one that is known. */
async function openFiles(path: string, known: Position | undefined, files: LogFile[]): Promise<void> {
  const isFound = (): boolean => known === undefined || files.some(({ file }) => file === known.file);
  for (const name of [path, `${path}.old`]) {
    await openFile(name, files);
    if (isFound()) return;
  }
  for (let number = 1; number <= mostRotations && !isFound(); number += 1)
    if (!(await openFile(`${path}.${number}`, files))) return;
}

async function openFile(path: string, files: LogFile[]): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  const { ino, size } = await handle.stat();
  const header = await bytesOf(handle, 0, Math.min(size, headerBytes));
  // Its first event says which file it is; the rest of that event changes.
  const [identity] = /\bctime=\d+ id=\S+ sequence=\d+/.exec(header.toString('utf8')) ?? [];
  files.push({ handle, size, file: identity ?? `inode ${ino}` });
  return true;
}

async function bytesOf(file: FileHandle, begin: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, begin);
  return buffer.subarray(0, bytesRead);
}
