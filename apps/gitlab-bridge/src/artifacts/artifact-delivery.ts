import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '#errors';
import { type JobAddress, patiently, type Tone, type Uploaded, uploadArtifact, waitAfter } from '#gitlab';
import { zipAt, type ZipPart } from '#zip';
import type { DeliveryPlace } from '../domain/ci-job.js';
import type { ArtifactPlan } from '../domain/composing/index.js';
import { fetchOutputs, type OutputsSource } from './fetch-outputs.js';
import { makeArtifact, type Made } from './make-artifact.js';
import { fileNameOf, filesText, sizeText } from './words.js';

/** What one grid job brought back. */
export interface Brought {
  readonly attemptId: string;
  /** The directory of the artifacts that it goes into; absent: none of its own. */
  readonly under?: string | undefined;
}

/** The artifacts of a CI job, and where they come from. */
export interface ToDeliver {
  /** Of the CI job in our own books. */
  readonly id: string;
  readonly job: JobAddress;
  readonly plans: readonly ArtifactPlan[];
  /** In the order in which they lie in the artifacts. */
  readonly brought: readonly Brought[];
  /** How far whoever delivered before came. */
  readonly place: DeliveryPlace;
}

/** What deliveries are made with. The directory is kept over a restart, or the files are made anew. */
export interface DeliveryParts {
  readonly outputs: OutputsSource;
  /** Where artifacts lie until GitLab has them: what it is sent again has to be the same bytes. */
  readonly directory: string;
  /** A line of the trace, and what is kept with it. */
  readonly tell: (tone: Tone, words: string, place: DeliveryPlace) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How it ended where it did: what is not final is tried again inside, or thrown. */
export type Delivered =
  | { readonly is: 'delivered' }
  /** GitLab has not all of them and will not; the trace says why. */
  | { readonly is: 'refused'; readonly words: string };

const fetchesAtOnce = 4;
const longAgoMs = 7 * 86_400_000;

/**
 * Brings artifacts to GitLab, however long that takes. Done again, by whomever and after whatever, it goes on where it
 * was: the same outputs give the same bytes, which GitLab takes twice, and nothing is told twice.
 *
 * @throws AppError temporary `gitlab.aborted` when told to stop, `monitor.*`, `artifacts.*`
 */
export async function deliverArtifacts(toDeliver: ToDeliver, parts: DeliveryParts): Promise<Delivered> {
  const directory = join(parts.directory, toDeliver.id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let { place } = toDeliver;
  for (const [index, plan] of toDeliver.plans.entries()) {
    const path = join(directory, String(index));
    if (place.told < endOf(index))
      place = await deliverOne({ ...toDeliver, place }, { index, plan, path }, parts);
  }
  await rm(directory, { recursive: true, force: true });
  return place.refused === undefined ? { is: 'delivered' } : { is: 'refused', words: place.refused };
}

const beginOf = (index: number): number => 2 * index + 1;
const endOf = (index: number): number => 2 * index + 2;

/** Removes what belongs to jobs that another copy has brought to their end, or nobody ever will. */
export async function sweepArtifacts(directory: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name);
    const { mtimeMs = now } = (await stat(path).catch(() => undefined)) ?? {};
    if (now - mtimeMs > longAgoMs) await rm(path, { recursive: true, force: true });
  }
}

interface OneUpload {
  /** Which one of the job's it is. */
  readonly index: number;
  readonly plan: ArtifactPlan;
  /** Where it is made. */
  readonly path: string;
}

async function deliverOne(
  toDeliver: ToDeliver,
  { index, plan, path }: OneUpload,
  parts: DeliveryParts,
): Promise<DeliveryPlace> {
  const { signal } = parts;
  let { place } = toDeliver;
  const tell = async (tone: Tone, words: string, next = place): Promise<DeliveryPlace> => {
    await parts.tell(tone, words, next);
    return (place = next);
  };
  const made = await make(toDeliver, plan, path, parts);
  // What the node collected says so in the log already where it found nothing.
  if (made === 'nothing') return place;
  const about = `Uploading artifacts as "${plan.type}" to GitLab...`;
  const notTaken = (words: string): Promise<DeliveryPlace> =>
    tell('bad', `ERROR: ${about} ${words}`, { told: endOf(index), refused: place.refused ?? words });
  if ('problem' in made) return notTaken(made.problem);
  const filename = fileNameOf(plan);
  const { type, format, expireIn } = plan;
  if (place.told < beginOf(index))
    await tell('plain', `${about} ${filesText(made.files)}, ${sizeText(made.bytes)}`, {
      ...place,
      told: beginOf(index),
    });
  const upload = (): Promise<Uploaded> =>
    uploadArtifact(toDeliver.job, { path, filename, type, format, expireIn });
  const uploaded = await uploadWithWarning(upload, signal, async (error) => {
    await tell('warning', `WARNING: ${about} ${held(error)}; it is tried again`);
  });
  if (uploaded.is === 'stored')
    return tell('plain', `${about} 201 Created`, { ...place, told: endOf(index) });
  return notTaken(uploaded.is === 'too_large' ? tooLarge(uploaded, made) : refused(uploaded));
}

/** The first time that it has to wait, it says why. */
async function uploadWithWarning(
  upload: () => Promise<Uploaded>,
  signal: AbortSignal,
  warn: (error: AppError) => Promise<void>,
): Promise<Uploaded> {
  try {
    return await upload().catch(async (thrown: unknown) => {
      if (!(thrown instanceof AppError) || !thrown.temporary) throw thrown;
      await warn(thrown);
      await pause(waitAfter(thrown, 1), undefined, { signal }).catch(() => undefined);
      return patiently(upload, { signal });
    });
  } catch (thrown) {
    return asRefusal(thrown);
  }
}

async function make(
  { brought, id }: ToDeliver,
  plan: ArtifactPlan,
  path: string,
  { outputs, directory, signal }: DeliveryParts,
) {
  const fetched = await fetchAll(brought, outputs, join(directory, id), signal);
  const found = brought.flatMap(({ under }, index): readonly ZipPart[] => {
    const zipPath = fetched[index];
    return zipPath === undefined ? [] : [{ zip: zipAt(zipPath), below: plan.directory, under }];
  });
  return makeArtifact(plan, found, path);
}

/** A file for each, in their order; undefined for what brought nothing back. */
async function fetchAll(
  brought: readonly Brought[],
  outputs: OutputsSource,
  directory: string,
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  const paths: (string | undefined)[] = [];
  const waiting = [...brought.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, { attemptId }] = next;
      const path = join(directory, `${attemptId}.zip`);
      paths[index] = (await fetchOutputs(outputs, attemptId, path, signal)) ? path : undefined;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: fetchesAtOnce }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return paths;
}

const held = ({ code, message }: AppError): string =>
  code === 'gitlab.unreachable' ? 'GitLab cannot be reached' : message;

const tooLarge = ({ words }: Extract<Uploaded, { is: 'too_large' }>, { bytes }: Made): string =>
  `413 Request Entity Too Large: ${sizeText(bytes)} are more than GitLab takes${words === '' ? '' : ` (${words})`}`;

const refused = ({ status, words }: { readonly status: number; readonly words: string }): string =>
  `GitLab refuses them: ${status}${words === '' ? '' : ` ${words}`}`;

/** What GitLab answers for good is no reason to lose the job's end. */
function asRefusal(thrown: unknown): Extract<Uploaded, { is: 'refused' }> {
  if (thrown instanceof AppError && !thrown.temporary && thrown.code.startsWith('gitlab.'))
    return { is: 'refused', status: 400, words: thrown.message };
  throw thrown;
}
