import { imagePushed, type InputOf } from '#contracts';

/** Messages before the clock starts, so that compiled code is compared with compiled code. */
export const warmUp = 5_000;
/** Publishes in flight, and messages held unacknowledged. */
export const window = 100;

const filler = (length: number): string => 'abcdefghijklmnop'.repeat(length / 16 + 1).slice(0, length);

/** An `image.pushed` of 1 KB as JSON; each message another tag. */
export const payload = (number: number): InputOf<typeof imagePushed> => ({
  registry: 'registry.example.org:5000',
  repository: `group/project/${filler(200)}`,
  tag: `v${number}`,
  digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
  mediaType: `application/vnd.oci.image.index.v1+json; ${filler(180)}`,
  actor: filler(250),
  source: 'harbor-main',
  verified: true,
  pushedAt: '2026-01-02T03:04:05.678Z',
});

/** What a contestant is told. `messages` are measured; `warmUp` more go before them. */
export interface Job {
  readonly url: string;
  readonly messages: number;
}

/** What a contestant hands back, of the measured messages alone. */
export interface Figures {
  /** Messages per second. */
  readonly rate: number;
  /** Client CPU time, user and system, in microseconds per message. */
  readonly cpu: number;
}

/** A stopwatch over wall-clock and this process's CPU time. */
export function stopwatch(): (messages: number) => Figures {
  const since = performance.now();
  const cpuSince = process.cpuUsage();
  return (messages) => {
    const { user, system } = process.cpuUsage(cpuSince);
    return { rate: (messages / (performance.now() - since)) * 1000, cpu: (user + system) / messages };
  };
}
