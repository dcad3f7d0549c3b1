import { randomBytes } from 'node:crypto';
import { ciJob, Masker, maskRulesOf } from '#gitlab';
import { type Bench, type Figures, type Row, sideBySide } from './report.js';

const secrets = Array.from({ length: 20 }, () => randomBytes(24).toString('base64url'));
const chunkBytes = 256 * 1024;
const megabytes = 64;
const everyBytes = 16 * 1024;

/**
 * What GitLab is sent of a log without its secrets, beside passes that know nothing of what is cut between two pieces, nor
 * of tokens and parameters of addresses, for which each job is looked through too.
 */
export const bench: Bench = {
  title: `masker: ${megabytes} MB of log in pieces of 256 KiB, ${secrets.length} secrets, one of them each 16 KiB`,
  bars: [],
  measure,
};

/** @param args how many rounds; 3 unless told */
async function measure([rounds = '3']: readonly string[]): Promise<readonly Row[]> {
  const chunk = aChunk();
  const alternatives = new RegExp(secrets.join('|'), 'g');
  const phrases = secrets.map((secret) => Buffer.from(secret));
  const variables = secrets.map((value, index) => ({ key: `SECRET_${index}`, value, masked: true }));
  const rules = maskRulesOf(ciJob.parse({ id: 1, token: randomBytes(24).toString('base64url'), variables }));
  return sideBySide({
    case: `${secrets.length} secrets`,
    units: { rate: 'MB/s' },
    rounds: Number(rounds),
    ours: async () => {
      const masker = new Masker(rules);
      return rate(() => masker.write(chunk));
    },
    peers: {
      'indexOf of each': async () => rate(() => phrases.forEach((phrase) => placesOf(phrase, chunk))),
      'one regular expression': async () =>
        rate(() => Buffer.from(chunk.toString('latin1').replace(alternatives, '[MASKED]'), 'latin1')),
    },
  });
}

function rate(work: () => unknown): Figures {
  const times = (megabytes * 2 ** 20) / chunkBytes;
  const began = process.hrtime.bigint();
  for (let n = 0; n < times; n++) work();
  return { rate: megabytes / (Number(process.hrtime.bigint() - began) / 1e9) };
}

function placesOf(phrase: Buffer, bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(phrase); at !== -1; at = bytes.indexOf(phrase, at + phrase.length)) count++;
  return count;
}

function aChunk(): Buffer {
  const line = 'DaVinciInitAlg SUCCESS Exceeded the number of events, 1234567 of them, in 12.3 s\n';
  const chunk = Buffer.from(line.repeat(Math.ceil(chunkBytes / line.length)).slice(0, chunkBytes));
  for (let at = 100, n = 0; at + 100 < chunkBytes; at += everyBytes, n++)
    chunk.write(secrets[n % secrets.length] ?? '', at);
  return chunk;
}
