/**
 * What every copy of a service hears, each by a queue of its own that lives as long as the copy: for what all copies must
 * know, where a `Queue` is for work that one of them does.
 */
export interface Listener {
  readonly service: string;
  /** Topic patterns over the routing keys of events: `*` is one word, `#` any number of words. */
  readonly keys: readonly string[];
}

/** Every version of every kind's change: a copy counts them all, so that it notices when it missed one. */
export const everyChange = '*.changed.#';

/** The services that let admins look after dead letters: those of every queue. */
export const deadLetterKeepers: readonly string[] = ['registry'];

/** Every service whose copies listen. A new one is a line here. */
export const listeners: readonly Listener[] = [
  { service: 'webhook-relay', keys: [everyChange] },
  { service: 'cvmfs-publisher', keys: [everyChange] },
  { service: 'grid-submitter', keys: [everyChange] },
  { service: 'status-monitor', keys: [everyChange] },
  { service: 'gitlab-bridge', keys: [everyChange] },
  { service: 'registry', keys: ['#'] },
];
