import { copySettings } from '#registry-copy';
import { amqpUrlSetting, defineConfig, processSettings, setting, type ValuesOf } from '#service';
import { byteSize } from '#contracts';

const settings = {
  ...processSettings,
  amqpUrl: amqpUrlSetting,
  ...copySettings,
  bodyMemory: setting({
    env: 'SLIPWAY_RELAY_BODY_MEMORY',
    schema: byteSize,
    default: '128 MiB',
    description:
      'Memory for request bodies on their way in, of all sources together; beyond it deliveries are answered 503.',
  }),
} as const;

/** Everything that the relay reads from its environment; the sources are in slipway.yml, or in the registry. */
export const config = defineConfig(settings);

/** The settings once they are read and checked; nothing else of the relay reads the environment. */
export type RelayConfig = ValuesOf<typeof settings>;
