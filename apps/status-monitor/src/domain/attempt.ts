import type { AttemptState } from '#contracts';
import type { Reason, Usage } from './report.js';

/** What the batch system said of an attempt's end, kept until the job itself has said how it ended, or had its time to. */
export interface BatchEnd {
  readonly at: Date;
  /** When we heard of it: since when the job has time to say better. */
  readonly heardAt: Date;
  readonly reason?: Reason | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
}

/** That an attempt is to end, and why. */
export interface CancelWish extends Reason {
  readonly at: Date;
  /** How long it may take for its end, where it runs. */
  readonly graceSeconds?: number | undefined;
}

/** What the ledger knows of an attempt, as far as its state goes. */
export interface AttemptRecord {
  readonly state: AttemptState;
  /** Since when it is in this state. */
  readonly stateAt: Date;
  readonly reason?: Reason | undefined;
  readonly batchId?: string | undefined;
  readonly node?: string | undefined;
  readonly startedAt?: Date | undefined;
  readonly endedAt?: Date | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly usage?: Usage | undefined;
  readonly cancel?: CancelWish | undefined;
  readonly batchEnd?: BatchEnd | undefined;
}

/** An attempt as the ledger has it. */
export interface Attempt extends AttemptRecord {
  readonly id: string;
  readonly groupId: string;
  readonly jobId: string;
  /** Which item of the group, from 0. */
  readonly index: number;
  /** 1 for the first attempt of its job. */
  readonly number: number;
  readonly project: string;
  readonly backend: string;
  /** When the ledger first heard of the group: which partition its rows are in. */
  readonly madeAt: Date;
  /** Whether no later attempt of the job exists. */
  readonly isLatest: boolean;
  /** What the first start of the wrapper bound it to; undefined before. */
  readonly session?: string | undefined;
}

/** As much of an attempt as says who may speak for it, and what it is told. */
export type Standing = Pick<Attempt, 'id' | 'madeAt' | 'state' | 'session' | 'cancel'>;

/** As much of an attempt as a piece of its log needs besides: what is said of it to others. */
export type Writing = Standing &
  Pick<Attempt, 'groupId' | 'jobId' | 'index' | 'number' | 'project' | 'backend'>;
