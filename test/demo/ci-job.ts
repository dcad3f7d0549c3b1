import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { openZip } from '#zip';
import type { TestJob, TestProject } from '../gitlab/index.js';
import { expectedArtifacts } from './demo-project.js';

const deadlineMs = 180_000;

/** What became of the demo's CI job, as GitLab has it. */
export interface EndedCiJob {
  readonly state: string;
  /** From the pipeline's start to its final state. */
  readonly seconds: number;
  /** Paths in its artifacts. */
  readonly artifacts: readonly string[];
  /** Where they differ from what they have to be; nothing when all is right. */
  readonly faults: readonly string[];
}

/** `directory` takes the artifacts in; `stopped` ends the showing, not the job. */
export interface CiJobOptions {
  readonly project: TestProject;
  readonly directory: string;
  /** Hears the trace as it arrives in GitLab. */
  readonly write: (trace: string) => void;
  readonly stopped: Promise<'stopped'>;
}

/** Starts the project's pipeline, shows the trace of its job while it grows, and compares the artifacts with what is due. */
export async function showCiJob(options: CiJobOptions): Promise<EndedCiJob | 'stopped'> {
  const { project, directory, write, stopped } = options;
  const begun = Date.now();
  const pipeline = await project.runPipeline();
  const job = pipeline.job('analysis');
  const followed = await Promise.race([follow(job, write), stopped]);
  if (followed === 'stopped') return followed;
  const seconds = (Date.now() - begun) / 1_000;
  const found = await filesOf(job, directory);
  const faults = [
    ...(job.state === 'success' ? [] : [`the CI job ended as ${job.state}: ${job.failureReason ?? ''}`]),
    ...[...expectedArtifacts].flatMap(([path, content]) =>
      found.get(path) === content ? [] : [`artifact ${path}: expected ${content}, found ${found.get(path)}`],
    ),
    ...[...found.keys()].flatMap((path) =>
      expectedArtifacts.has(path) ? [] : [`artifact ${path}: nobody asked for it`],
    ),
  ];
  return { state: job.state, seconds, artifacts: [...found.keys()], faults };
}

async function follow(job: TestJob, write: (trace: string) => void): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  const decoder = new TextDecoder();
  let shown = 0;
  for (;;) {
    const isOver = job.isOver;
    const { trace } = job;
    if (trace.length > shown) write(decoder.decode(trace.subarray(shown), { stream: true }));
    shown = trace.length;
    if (isOver) return;
    if (Date.now() > deadline) throw new Error(`the CI job was not over within ${deadlineMs / 1_000} s`);
    await delay(100);
  }
}

async function filesOf(job: TestJob, directory: string): Promise<ReadonlyMap<string, string>> {
  const archive = job.artifacts.find(({ type }) => type === 'archive');
  const files = new Map<string, string>();
  if (!archive) return files;
  const path = join(directory, 'artifacts.zip');
  await writeFile(path, archive.bytes);
  const zip = await openZip(path);
  try {
    for await (const entry of zip.entries())
      if (!entry.path.endsWith('/')) files.set(entry.path, await text(zip.plain(entry)));
  } finally {
    await zip.close();
  }
  return files;
}
