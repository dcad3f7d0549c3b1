import { isolatedVhost } from '#lab';
import { type EventSink, openSink } from './event-sink.js';
import { type RunningRelay, startRelay } from './running-relay.js';
import { secrets, sources } from './sources.js';

/** A relay with the sources of these tests, and what it publishes. */
export interface RelayWorld {
  readonly relay: RunningRelay;
  /** Emptied after each test. */
  readonly sink: EventSink;
}

/** For all tests of a file; give `import.meta.url`. Call it at the top, its parts are there when the tests run. */
export function relayWorld(testPath: string): RelayWorld {
  let relay: RunningRelay;
  let sink: EventSink;
  beforeAll(async () => {
    const { url } = await isolatedVhost(testPath);
    relay = await startRelay({ amqpUrl: url, sources, secrets });
    sink = await openSink(url);
  }, 120_000);
  afterEach(() => sink.take());
  afterAll(async () => {
    await sink.close();
    await relay.kill();
  });
  return {
    get relay() {
      return relay;
    },
    get sink() {
      return sink;
    },
  };
}
