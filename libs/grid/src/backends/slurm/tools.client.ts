import { randomBytes } from 'node:crypto';
import type { Call, GridIdentity } from '../../backend.js';
import { asArguments, type JobDescription } from './job-description.js';
import { refusal } from './refusals.js';
import { runTool, type ToolAnswer } from './run-tool.js';
import { parseSacct, sacctFields } from './sacct.js';
import type { SlurmClient } from './slurm-client.js';
import { inRanges, type SlurmJob } from './slurm-job.js';
import { parseSqueue, squeueFormat } from './squeue.js';
import { type SlurmToken, tokenOf } from './token.js';

const idsAtOnce = 200;

/** Slurm by sbatch, squeue, scancel, scontrol, sinfo and sacct, as the service's own user or with a token. */
export class ToolsClient implements SlurmClient {
  readonly #tools: string | undefined;
  readonly #own: GridIdentity | undefined;

  constructor(tools: string | undefined, own: GridIdentity | undefined) {
    this.#tools = tools;
    this.#own = own;
  }

  async version(call: Call): Promise<string> {
    const said = await this.#asked('scontrol', ['show', 'config'], call);
    return /SLURM_VERSION\s*=\s*(\S+)/.exec(said.stdout)?.[1] ?? 'of an unknown version';
  }

  async submit(job: JobDescription, call: Call): Promise<string> {
    const answer = await this.#run('sbatch', asArguments(job), call, job.script);
    // `123`, and `123;cluster` among several.
    const id = /^(\d+)(?:;.*)?$/m.exec(answer.stdout)?.[1];
    if (answer.code === 0 && id !== undefined) return id;
    throw refusal(wordsOf(answer), { final: true, subject: 'sbatch' });
  }

  async jobsWith(comment: string, call: Call): Promise<readonly SlurmJob[]> {
    // Whoever may submit may write any comment: only one's own count.
    const token = this.#token(call);
    const jobs = await this.#squeue([token === undefined ? '--me' : `--user=${token.user}`], call);
    return jobs.filter((job) => job.comment === comment);
  }

  jobs(call: Call): Promise<readonly SlurmJob[]> {
    return this.#squeue([], call);
  }

  async accounted(jobIds: readonly string[], call: Call): Promise<readonly SlurmJob[] | undefined> {
    const found: SlurmJob[] = [];
    for (const ids of chunks(jobIds)) {
      const args = [
        '--noheader',
        '--parsable2',
        '--noconvert',
        `--format=${sacctFields}`,
        `--jobs=${ids.join(',')}`,
      ];
      const { code, stdout, stderr } = await this.#run('sacct', args, call);
      if (/accounting storage is disabled/i.test(stderr)) return undefined;
      if (code !== 0) throw refusal(stderr, { final: false, subject: 'sacct' });
      found.push(...parseSacct(stdout));
    }
    return found;
  }

  async cancel(batchIds: readonly string[], call: Call): Promise<void> {
    for (const ids of chunks(inRanges(batchIds))) {
      const answer = await this.#run('scancel', [...ids], call);
      const words = wordsOf(answer)
        .split('\n')
        .filter((line) => !/invalid job id|already complet/i.test(line))
        .join('\n');
      if (words !== '') throw refusal(words, { final: true, subject: 'scancel' });
    }
  }

  async show(batchId: string, call: Call): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.#run('scontrol', ['show', 'job', '--details', batchId], call);
    if (code === 0) return stdout.trim();
    if (/invalid job id/i.test(stderr)) return undefined;
    throw refusal(stderr, { final: false, subject: 'scontrol' });
  }

  async nodesHaveDisk(call: Call): Promise<boolean> {
    const { stdout } = await this.#asked('sinfo', ['--noheader', '--format=%d'], call);
    return stdout.split('\n').some((line) => Number.parseInt(line, 10) > 0);
  }

  async #squeue(which: readonly string[], call: Call): Promise<readonly SlurmJob[]> {
    const nonce = randomBytes(12).toString('hex');
    const args = ['--states=all', '--array', '--noheader', squeueFormat(nonce), ...which];
    return parseSqueue((await this.#asked('squeue', args, call)).stdout, nonce);
  }

  async #asked(tool: string, args: readonly string[], call: Call): Promise<ToolAnswer> {
    const answer = await this.#run(tool, args, call);
    if (answer.code !== 0) throw refusal(wordsOf(answer), { final: false, subject: tool });
    return answer;
  }

  #run(tool: string, args: readonly string[], call: Call, input?: string): Promise<ToolAnswer> {
    const token = this.#token(call);
    const env = { SLURM_TIME_FORMAT: '%s', ...(token !== undefined && { SLURM_JWT: token.jwt }) };
    return runTool(tool, args, { tools: this.#tools, env, input, signal: call.signal });
  }

  /** Without one, the tools speak for the user that the service runs as. */
  #token({ identity = this.#own }: Call): SlurmToken | undefined {
    return identity === undefined ? undefined : tokenOf(identity);
  }
}

/** What a tool said, without its own name before each line. */
function wordsOf({ stderr, code }: ToolAnswer): string {
  const words = stderr.replaceAll(/^\w+: (?:error: )?/gm, '').trim();
  return words === '' && code !== 0 ? `exit code ${code} without a word` : words;
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += idsAtOnce) yield ids.slice(at, at + idsAtOnce);
}
