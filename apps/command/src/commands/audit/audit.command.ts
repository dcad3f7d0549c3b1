import type { CommandDefinition } from '../../command-definition.js';
import { kinds } from '../resources/kinds.js';

/** The audit trail of the registry, `GET /audit`: who changed what there, and when. */
export const auditCommand: CommandDefinition = {
  name: 'audit',
  means: 'show who changed what, and when; the last first',
  options: [
    { flags: '--by <who>', means: 'only by them' },
    {
      flags: '--kind <kind>',
      means: 'only of this kind, e.g. image_rule',
      values: { from: 'choices', choices: kinds.map(({ kind }) => kind) },
    },
    { flags: '--name <name>', means: 'only of this name' },
    {
      flags: '--project <project>',
      means: 'only of this project; needed unless you are an admin',
      values: { from: 'names', of: 'projects' },
    },
    { flags: '--since <time>', means: 'from then on: 2026-01-31T12:00:00Z, or 2h ago as "2h"' },
    { flags: '--limit <count>', means: 'at most so many', default: '50' },
  ],
  examples: [
    { line: 'slipway audit --since 24h', means: 'The last day' },
    { line: 'slipway audit --kind credential --name hub-webhook', means: 'Who touched this credential?' },
  ],
  load: async () => (await import('./audit.action.js')).audit,
};
