import { crc32 } from 'node:zlib';

const toLineStart = '\r\x1b[0K';

/** How loud a line of ours is among those of the job. */
export type Tone = 'plain' | 'heading' | 'good' | 'warning' | 'bad';

const colours: Readonly<Record<Tone, string>> = {
  plain: '\x1b[0K',
  heading: '\x1b[0K\x1b[36;1m',
  good: '\x1b[32;1m',
  warning: '\x1b[0;33m',
  bad: '\x1b[31;1m',
};

/** A line of ours in the trace, in the colours that GitLab's own runner has for it. */
export function noticeLine(tone: Tone, text: string): string {
  return `${colours[tone]}${oneLine(text)}\x1b[0;m\n`;
}

/** A line that the next one of its kind takes the place of. */
export function renewedLine(text: string): string {
  return `${toLineStart}${oneLine(text)}`;
}

/** What comes from others may hold no line and no colour of its own. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** The checksum of a trace that grows (IEEE CRC 32), as GitLab wants it in the end. */
export function traceChecksum(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before);
}
