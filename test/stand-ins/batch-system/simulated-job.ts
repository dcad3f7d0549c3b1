import { z } from 'zod';
import { jobFault } from '#contracts';

/** A job of the simulated batch system, as it goes over HTTP. */
export const simulatedJob = z.object({
  batchId: z.string(),
  attemptId: z.string(),
  submission: z.string(),
  house: z.string(),
  state: z.enum(['waiting', 'running', 'held', 'ended', 'gone']),
  exitCode: z.int().optional(),
  reason: z.object({ fault: jobFault, words: z.string() }).optional(),
  node: z.string().optional(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  identity: z.string().optional(),
  runningAtOnce: z.int().optional(),
  /** What it keeps of the job for people. */
  ownLog: z.string().optional(),
});

/** A job as tests see and change it; nothing of it runs anywhere. */
export type SimulatedJob = z.output<typeof simulatedJob>;

/** How the simulated batch system behaves from now on. */
export const behaviour = z.object({
  /** Before a submission is taken in, and after it, before it is answered, in milliseconds. */
  delayBeforeMs: z.int().nonnegative().default(0),
  delayAfterMs: z.int().nonnegative().default(0),
  /** Answers every submission with this, and takes none in. */
  refuse: z.enum(['temporary', 'permanent']).optional(),
  words: z.string().default('the simulated batch system says no'),
  /** Answers nothing at all: the connection is closed. */
  down: z.boolean().default(false),
  /** So many requests to end jobs are answered and forgotten. */
  losesCancellations: z.int().nonnegative().default(0),
  /** Jobs begin after so long in the queue and end well after so long on a node; absent: they wait to be told. */
  startsAfterMs: z.int().nonnegative().optional(),
  endsAfterMs: z.int().nonnegative().optional(),
});

/** What tests can have go wrong; what is not told is as the schema has it. */
export type Behaviour = z.output<typeof behaviour>;
