import type { CommandDefinition } from '../../command-definition.js';

/** The live stream of events, `GET /events`. */
export const eventsCommand: CommandDefinition = {
  name: 'events',
  means: 'what happens, as it happens',
  examples: [{ line: "slipway events tail --type 'image.*'", means: 'Everything about images' }],
  commands: [
    {
      name: 'tail',
      means: 'show events as they happen, until Ctrl-C',
      details:
        'A connection that breaks is made again, and goes on after the last event that was shown. With --json each event is one line.',
      options: [
        {
          flags: '-t, --type <pattern>',
          means: 'only these: image.published, image.*, # for all (may come many times)',
          many: true,
        },
        { flags: '--count <count>', means: 'end after so many events' },
      ],
      examples: [
        { line: "slipway events tail --type 'image.*'", means: 'Everything about images' },
        { line: 'slipway events tail --json | jq .subject', means: 'For a program' },
      ],
      load: async () => (await import('./tail.action.js')).tail,
    },
  ],
};
