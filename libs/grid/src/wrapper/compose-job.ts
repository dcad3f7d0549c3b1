import type { JobTemplate } from '#contracts';
import { jobScript } from './job-script.js';
import { assignments, exporting, pattern, quoted } from './shell-text.js';

/** What the wrapper needs of a group. */
export interface GroupToRun {
  readonly groupId: string;
  readonly name: string;
  readonly project: string;
  readonly backend: string;
  readonly template: JobTemplate;
}

/** What the wrapper needs of an attempt. */
export interface AttemptToRun {
  readonly jobId: string;
  readonly attemptId: string;
  readonly index: number;
  /** 1 for the first one. */
  readonly attempt: number;
  readonly item: { readonly key: string; readonly variables: Readonly<Record<string, string>> };
}

/** How jobs talk to the monitor. Seconds. */
export interface WayToMonitor {
  /** Absent: worker nodes have no way out, and the batch system brings back what the job leaves. */
  readonly monitorUrl?: string | undefined;
  /** Certificates (PEM) that the monitor's is to be checked by; absent: those of the node. */
  readonly monitorCa?: string | undefined;
  /** How often a job says that it lives: 30. */
  readonly heartbeatSeconds?: number | undefined;
  /** After how long a silence a job lets the monitor hold a call of its, to hear of a cancellation at once: 20. */
  readonly silentSeconds?: number | undefined;
  /** How often what came to the log is sent: 1; the monitor may slow it down. */
  readonly logSeconds?: number | undefined;
  /** How long a job tries to reach the monitor before its begin and after its end: 3,600. */
  readonly patienceSeconds?: number | undefined;
  /** The longest wait between two tries: 30. */
  readonly retrySeconds?: number | undefined;
  /** From being asked to end to being ended: 10. */
  readonly graceSeconds?: number | undefined;
}

/** The texts of a job's three files; only the last one is secret. */
export interface ComposedJob {
  readonly wrapper: string;
  readonly groupSettings: string;
  readonly attemptSettings: string;
}

/** Log that one call carries, in blocks of 4 KiB. */
const chunkBlocks = 256;

/** The files that a batch system puts before a job. Pure: what they hold depends on nothing else. */
export const composeJob = (
  group: GroupToRun,
  attempt: AttemptToRun,
  way: WayToMonitor & { readonly token?: string | undefined },
): ComposedJob => ({
  wrapper: jobScript(),
  groupSettings: composeGroup(group, way),
  attemptSettings: composeAttempt(attempt, way.token),
});

/** slipway-group.sh: the same for all attempts of a group, so that ten thousand need one. */
export function composeGroup(group: GroupToRun, way: WayToMonitor): string {
  const { environment, image, resources, steps, inputs, outputs } = group.template;
  return [
    assignments({
      protocol: 1,
      group_id: group.groupId,
      group_name: group.name,
      project: group.project,
      backend: group.backend,
      monitor: way.monitorUrl === undefined ? '' : new URL(way.monitorUrl).href.replace(/\/+$/, ''),
      ca: way.monitorCa?.trim(),
      heartbeat: way.heartbeatSeconds ?? 30,
      silent: way.silentSeconds ?? 20,
      log_every: way.logSeconds ?? 1,
      chunk_blocks: chunkBlocks,
      patience: way.patienceSeconds ?? 3_600,
      most_wait: way.retrySeconds ?? 30,
      silence: 60,
      grace: way.graceSeconds ?? 10,
      input_tries: 5,
      image,
      variables: Object.keys(environment).join(' '),
      cpus: resources.cpus,
      memory_bytes: resources.memoryBytes,
      disk_bytes: resources.diskBytes,
      wall_time: resources.wallTimeSeconds,
      steps: steps.length,
      inputs: inputs.length,
      outputs: outputs.length,
    }),
    ...steps.map((step, index) => stepSettings(step, index + 1)),
    ...inputs.map((input, index) => inputSettings(input, index + 1)),
    ...outputs.map((path, index) =>
      assignments({ [`output_${index + 1}`]: pattern(path), [`output_name_${index + 1}`]: path }),
    ),
    exporting('group_environment', environment),
    `slipway_make() {\nmkdir "$@"${directoriesOf(inputs)
      .map((path) => ` "$slipway_work"/${quoted(path)}`)
      .join('')}\n}\n`,
  ].join('');
}

/** A command line has room for these at least, whatever their names. */
const mostDirectories = 20;

/** Where inputs lie, each directory after the one that it is in: made together with the job's own, by one program. */
function directoriesOf(inputs: JobTemplate['inputs']): readonly string[] {
  const found = new Set<string>();
  for (const { path } of inputs) {
    const names = path.split('/').slice(0, -1);
    if (names.includes('') || names.includes('.')) continue;
    for (const end of names.keys()) found.add(names.slice(0, end + 1).join('/'));
  }
  return [...found].slice(0, mostDirectories);
}

/** slipway-attempt.sh: of one attempt, and for it alone to read. */
export const composeAttempt = (attempt: AttemptToRun, token: string | undefined): string =>
  [
    assignments({
      job_id: attempt.jobId,
      attempt_id: attempt.attemptId,
      attempt: attempt.attempt,
      index: attempt.index,
      item: attempt.item.key,
      item_variables: Object.keys(attempt.item.variables).join(' '),
    }),
    exporting('attempt_environment', attempt.item.variables),
    `slipway_token=${quoted(token ?? '')}\n`,
  ].join('');

const stepSettings = (step: JobTemplate['steps'][number], number: number): string =>
  assignments({
    [`step_name_${number}`]: step.name,
    // What GitLab takes for the name of a section.
    [`step_section_${number}`]: step.name.replaceAll(' ', '_'),
    [`step_when_${number}`]: step.when,
    [`step_where_${number}`]: step.where,
    [`step_spared_${number}`]: step.evenCancelled ? 1 : '',
    [`step_timeout_${number}`]: step.timeoutSeconds ?? 0,
    [`step_script_${number}`]: step.script,
  });

const inputSettings = (input: JobTemplate['inputs'][number], number: number): string =>
  assignments({
    [`input_path_${number}`]: input.path,
    // Written into curl's settings between quotes: in a URL nothing is left that ends them.
    [`input_url_${number}`]: input.url === undefined ? '' : new URL(input.url).href.replaceAll('"', '%22'),
    [`input_content_${number}`]: input.content,
    [`input_outputs_${number}`]: input.outputsOf === undefined ? '' : 1,
    [`input_sha256_${number}`]: input.sha256,
    [`input_executable_${number}`]: input.executable ? 1 : 0,
  });
