import type { BackendSettings } from '#contracts';
import { temporary } from '#errors';
import type { Call, GridIdentity } from '../../backend.js';
import { type CredentialPlace, withCredential } from './credentials.js';
import { refusalOf } from './refusals.js';
import type { RunTool, ToolResult } from './tools.js';

/** Queries and removals, in milliseconds. */
const queryTimeout = 60_000;

/** Which schedd is spoken to, as whom where a call names nobody (`own`), and by which tools. */
export interface ScheddOptions extends CredentialPlace {
  readonly settings: Pick<BackendSettings, 'pool' | 'schedd'>;
  readonly own?: GridIdentity | undefined;
  /** This backend's, private: credentials lie there for the time of a call. */
  readonly directory: string;
  readonly run: RunTool;
}

/** A tool's own arguments; which schedd they are for is added. It has 60 s unless told. */
export interface Invocation {
  readonly args: readonly string[];
  readonly input?: string;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** A ClassAd as the tools print it with `-json`: attributes that were not asked for are absent. */
export type Ad = Readonly<Record<string, unknown>>;

/** One schedd, by the command-line tools: the local one, or the one named in the settings. */
export class Schedd {
  /** The schedd is on another machine and cannot read our files. */
  readonly isRemote: boolean;
  private readonly where: readonly string[];

  constructor(private readonly options: ScheddOptions) {
    const { pool, schedd } = options.settings;
    this.isRemote = schedd !== undefined;
    const inPool = pool === undefined ? [] : ['-pool', pool];
    this.where = schedd === undefined ? [] : [...inPool, '-name', schedd];
  }

  /** Runs a tool on this schedd and gives what it printed. Throws as `GridBackend` says. */
  async ask(tool: string, invocation: Invocation, call: Call): Promise<string> {
    const result = await this.attempt(tool, invocation, call);
    if (result.exitCode !== 0) throw refusalOf(tool, result);
    return result.stdout;
  }

  /** Like `ask`, for who takes a failure for an answer. */
  async attempt(tool: string, invocation: Invocation, call: Call): Promise<ToolResult> {
    return withCredential(call.identity ?? this.options.own, this.options, async ({ env }) =>
      this.run(tool, invocation, env, call.signal),
    );
  }

  /**
   * Submits; the description may name the proxy's file, which is there as long as this runs. condor_submit starts while it
   * is made, which takes both about as long.
   */
  async submit(
    describe: (proxy: string | undefined) => Promise<string>,
    cwd: string,
    timeoutMs: number,
    call: Call,
  ): Promise<string> {
    const where = this.where.map((word) => (word === '-name' ? '-remote' : word));
    return withCredential(call.identity ?? this.options.own, this.options, async ({ env, proxy }) => {
      const input = describe(proxy);
      const { run } = this.options;
      const args = ['-terse', ...where, '-'];
      try {
        const ended = run('condor_submit', { args, input, env, cwd, timeoutMs, signal: call.signal });
        input.then(call.handed, () => {});
        const result = await ended;
        if (result.exitCode !== 0) throw refusalOf('condor_submit', result);
        return result.stdout;
      } finally {
        // Whoever cleans up after a failure must not meet it half-way.
        await input.catch(() => undefined);
      }
    });
  }

  /** Jobs in the queue, all users'. */
  async jobs(constraint: string, attributes: readonly string[], call: Call): Promise<readonly Ad[]> {
    const args = ['-allusers', '-json', '-attributes', attributes.join(','), '-constraint', constraint];
    return adsOf(await this.ask('condor_q', { args }, call));
  }

  /** Clusters whose jobs are made as they are needed. */
  async factories(constraint: string, attributes: readonly string[], call: Call): Promise<readonly Ad[]> {
    const args = [
      '-factory',
      '-allusers',
      '-json',
      '-attributes',
      attributes.join(','),
      '-constraint',
      constraint,
    ];
    return adsOf(await this.ask('condor_q', { args }, call));
  }

  /** Jobs that have left the queue since, newest first; reads back no further. */
  async left(
    constraint: string,
    attributes: readonly string[],
    since: Date,
    call: Call,
  ): Promise<readonly Ad[]> {
    const oldest = Math.floor(since.getTime() / 1_000);
    const args = ['-json', '-attributes', attributes.join(','), '-constraint', constraint];
    args.push('-since', `EnteredCurrentStatus < ${oldest}`);
    return adsOf(await this.ask('condor_history', { args }, call));
  }

  /** Of the tools here; the schedd's may be another. */
  async version({ signal }: Call): Promise<string> {
    const { run, directory } = this.options;
    const call = { args: [], cwd: directory, timeoutMs: queryTimeout, signal };
    const { stdout } = await run('condor_version', call);
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'of an unknown version';
  }

  private run(
    tool: string,
    { args, input, cwd, timeoutMs }: Invocation,
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { run, directory } = this.options;
    return run(tool, {
      args: [...this.where, ...args],
      ...(input !== undefined && { input }),
      env,
      cwd: cwd ?? directory,
      timeoutMs: timeoutMs ?? queryTimeout,
      signal,
    });
  }
}

function adsOf(output: string): readonly Ad[] {
  // No match prints nothing at all.
  if (output.trim() === '') return [];
  try {
    const ads: unknown = JSON.parse(output);
    if (Array.isArray(ads)) return ads as Ad[];
  } catch {
    // Falls through to the error.
  }
  throw temporary('grid.unavailable', `HTCondor's answer is no JSON: ${output.slice(0, 200)}`);
}
