import { type HeardEvent } from './listener.js';

/** Writes for people, on standard error: standard output is the result's. */
export function say(line: string): void {
  const time = new Date().toTimeString().slice(0, 8);
  process.stderr.write(`${time} ${line}\n`);
}

/** One line per event, with the fields that a person would ask for first. */
export function describeEvent({ key, subject, data }: HeardEvent): string {
  const details: Record<string, (data: HeardEvent['data']) => string> = {
    'image.pushed.v1': ({ source }) => `said by ${String(source)}`,
    'credential.used.v1': ({ purpose }) => String(purpose),
    'image.publishing.v1': ({ step, attempt, layers, bytes }) =>
      [
        `step ${String(step)}`,
        typeof layers === 'number' ? `${layers} layers` : '',
        typeof bytes === 'number' ? megabytes(bytes) : '',
        attempt === 1 ? '' : `attempt ${String(attempt)}`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    'image.published.v1': ({ files, bytes, seconds }) =>
      `${String(files)} files, ${megabytes(Number(bytes))}, ${describeSeconds(seconds)}`,
    'ci.job_received.v1': ({ ciJobName, gitlabProject }) =>
      `${String(ciJobName)} of ${String(gitlabProject)}`,
    'ci.job_finished.v1': ({ outcome }) => String(outcome),
    'group.queued.v1': ({ name, items, backend }) =>
      `${String(name)}: ${counted(Array.isArray(items) ? items.length : 1)} for ${String(backend)}`,
    'group.finished.v1': ({ name, outcome }) => `${String(name)}: ${String(outcome)}`,
    'image.publish_failed.v1': ({ code, reason, willRetry }) =>
      `${String(code)}: ${String(reason)}${willRetry === true ? ' (will be tried again)' : ''}`,
  };
  const about = subject.replace(/(sha256:[0-9a-f]{8})[0-9a-f]+/, '$1…');
  return `  event ${key.padEnd(19)} ${about}  ${details[key]?.(data) ?? ''}`.trimEnd();
}

function describeSeconds(seconds: unknown): string {
  return Object.entries(seconds as Record<string, number>)
    .map(([step, value]) => `${step} ${value.toFixed(2)} s`)
    .join(', ');
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

/** What each job of a group says, and that there is more in a log, is for programs. */
export const isWorthALine = ({ key }: HeardEvent): boolean => !/^(job|group\.progressed)\b/.test(key);

const counted = (jobs: number): string => (jobs === 1 ? '1 job' : `${jobs} jobs`);
