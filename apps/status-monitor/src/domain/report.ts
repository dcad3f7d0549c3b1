import type { AttemptState, JobFault } from '#contracts';

/** Why an attempt is in its state: whose fault, and in whose words. */
export interface Reason {
  readonly fault: JobFault;
  readonly words: string;
}

/** Who says something of an attempt. The `monitor` itself decides what nobody says: that one is lost, or late. */
export type Reporter = 'worker' | 'backend' | 'submitter' | 'monitor';

/** What is told of an attempt besides its state. */
export interface Facts {
  readonly batchId?: string | undefined;
  readonly node?: string | undefined;
  readonly startedAt?: Date | undefined;
  readonly endedAt?: Date | undefined;
  /** The script's, 0 to 255. */
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly usage?: Usage | undefined;
}

/** What an attempt took of its node. */
export interface Usage {
  readonly cpuSeconds?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly diskBytes?: number | undefined;
  /** Of each input as it came to the node, in the template's order; null: not told. */
  readonly inputBytes?: readonly (number | null)[] | undefined;
}

/**
 * One thing that somebody says of an attempt. It may come twice, late and in any order.
 *
 * `ended` is the batch system's word that it is over: how, the job itself knows better, and has some time to say so.
 * `cancelling`: it was asked to end, for the reason given. No state: facts alone.
 */
export interface Report {
  readonly from: Reporter;
  readonly state?: Exclude<AttemptState, 'queued'> | 'ended' | 'cancelling' | undefined;
  /** When it came to be so, by the clock of who says it. */
  readonly at: Date;
  readonly reason?: Reason | undefined;
  readonly facts?: Facts | undefined;
  /** Of `cancelling`: how long it may take for its end. */
  readonly graceSeconds?: number | undefined;
}
