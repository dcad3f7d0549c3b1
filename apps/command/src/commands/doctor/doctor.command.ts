import type { CommandDefinition } from '../../command-definition.js';

/** Whether this machine, the registry and what is behind it are well, and what to do where they are not. */
export const doctorCommand: CommandDefinition = {
  name: 'doctor',
  means: 'check everything, and say what to do about what is wrong',
  details:
    'Checks this machine’s Node, whether the registry answers and knows you, and what the registry itself finds: broker, database, CVMFS repositories, backends. Where a slipway.yml or the services’ settings are given (--file, SLIPWAY_CONFIG, SLIPWAY_AMQP_URL, SLIPWAY_POSTGRES_URL), it checks from this machine too. Exit code 1 when a check fails.',
  options: [
    {
      flags: '-f, --file <file>',
      means: 'the slipway.yml of this machine’s services',
      values: { from: 'files' },
    },
    { flags: '--local', means: 'only this machine: ask no registry' },
  ],
  examples: [
    { line: 'slipway doctor', means: 'Is everything well?' },
    {
      line: 'slipway doctor --local -f /etc/slipway/slipway.yml',
      means: 'Is this machine ready to publish?',
    },
    { line: 'slipway doctor --json', means: 'For monitoring' },
  ],
  load: async () => (await import('./doctor.action.js')).doctor,
};
