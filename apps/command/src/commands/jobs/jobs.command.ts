import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from '../../command-definition.js';

const which: ArgumentDefinition = {
  name: 'id',
  means:
    'the id of a group or a job, its beginning where that is enough, or <group>/<number> for one of its jobs',
};

const groupStates = ['active', 'succeeded', 'failed', 'cancelled', 'refused'];
const jobStates = ['queued', 'submitted', 'waiting', 'running', 'succeeded', 'failed', 'cancelled', 'lost'];

const stateFilter = (choices: readonly string[]): OptionDefinition => ({
  flags: '--state <state>',
  means: 'only those in this state',
  values: { from: 'choices', choices },
});

/** What both groups and jobs are searched by. */
const filters = (states: readonly string[]): readonly OptionDefinition[] => [
  { flags: '--project <name>', means: 'only of this project', values: { from: 'names', of: 'projects' } },
  { flags: '--backend <name>', means: 'only on this backend', values: { from: 'names', of: 'backends' } },
  { flags: '--user <name>', means: 'only of this user' },
  stateFilter(states),
  { flags: '--since <time>', means: 'only those handed in since, e.g. 2h or 2026-11-01' },
  { flags: '--until <time>', means: 'only those handed in before' },
];

const yes = { flags: '-y, --yes', means: 'do not ask' };

/** Hands in a group of jobs: `POST /jobs`. */
export const runCommand: CommandDefinition = {
  name: 'run',
  means: 'hand in a job, or a group of jobs, to the grid',
  details:
    'The file says what runs, in YAML or JSON: project, script (or steps), and where needed resources, image, environment, inputs, outputs, over (a list: one job for each) or matrix. With --wait the exit code is 1 when a job did not succeed; Ctrl-C ends the waiting, not the jobs.',
  options: [
    {
      flags: '-f, --file <file>',
      means: 'the job; standard input unless told, or where it is -',
      values: { from: 'files' },
    },
    {
      flags: '--project <name>',
      means: 'its project, in place of the file’s',
      values: { from: 'names', of: 'projects' },
    },
    {
      flags: '--backend <name>',
      means: 'where it runs, in place of the file’s',
      values: { from: 'names', of: 'backends' },
    },
    { flags: '-w, --wait', means: 'wait until all jobs have ended, and show how far they are' },
  ],
  examples: [
    { line: 'slipway run -f job.yml', means: 'Hand in what the file says' },
    { line: 'slipway run -f job.yml --wait', means: 'And wait for the outcome, e.g. in a script' },
  ],
  load: async () => (await import('./run.action.js')).run,
};

/** What the status-monitor's ledger says of groups and jobs, asked through the registry. */
export const jobsCommand: CommandDefinition = {
  name: 'jobs',
  means: 'groups of jobs on the grid, and the jobs in them',
  examples: [
    { line: 'slipway jobs list --state active', means: 'What is under way' },
    { line: 'slipway jobs show 3f0c9a1e', means: 'A group, or a job, in detail' },
  ],
  commands: [
    {
      name: 'list',
      means: 'list groups, the newest first',
      options: [
        ...filters(groupStates),
        { flags: '-q, --query <text>', means: 'only those with this in their name' },
        { flags: '--limit <count>', means: 'at most so many', default: '50' },
      ],
      examples: [{ line: 'slipway jobs list --project higgs', means: 'The groups of a project' }],
      load: async () => (await import('./list.action.js')).list,
    },
    {
      name: 'of',
      means: 'list the jobs of a group',
      arguments: [which],
      options: [
        stateFilter(jobStates),
        { flags: '--limit <count>', means: 'at most so many', default: '200' },
      ],
      examples: [{ line: 'slipway jobs of 3f0c9a1e --state failed', means: 'Which jobs of a group failed' }],
      load: async () => (await import('./search.action.js')).listJobs,
    },
    {
      name: 'search',
      means: 'search the jobs of all groups, the newest first',
      options: [
        ...filters(jobStates),
        {
          flags: '-q, --query <text>',
          means: 'only those with this in their key, or with this id in the batch system',
        },
        { flags: '--limit <count>', means: 'at most so many', default: '50' },
      ],
      examples: [
        {
          line: 'slipway jobs search --project higgs --state failed --since 24h',
          means: 'What failed in a project since yesterday, in whatever group',
        },
        { line: 'slipway jobs search -q 4711.0', means: 'Which job one of the batch system is' },
      ],
      load: async () => (await import('./search.action.js')).search,
    },
    {
      name: 'show',
      means: 'show a group, or a job with its attempts',
      arguments: [which],
      examples: [{ line: 'slipway jobs show 3f0c9a1e/7', means: 'The job of this number in a group' }],
      load: async () => (await import('./show.action.js')).show,
    },
    {
      name: 'wait',
      means: 'wait until all jobs of a group have ended, and show how far they are',
      arguments: [which],
      examples: [
        { line: 'slipway jobs wait 3f0c9a1e', means: 'The exit code is 1 when one did not succeed' },
      ],
      load: async () => (await import('./run.action.js')).wait,
    },
  ],
};

/** What an attempt wrote, or with `--batch` what its batch system wrote of it. */
export const logsCommand: CommandDefinition = {
  name: 'logs',
  means: 'show what a job wrote, as it writes it where asked',
  arguments: [which],
  options: [
    { flags: '-f, --follow', means: 'go on while it runs; a connection that breaks is made again' },
    { flags: '--attempt <number>', means: 'of this attempt; the latest unless told' },
    { flags: '--batch', means: 'what the batch system itself wrote, instead' },
  ],
  examples: [
    { line: 'slipway logs -f 3f0c9a1e/7', means: 'Follow one job of a group' },
    { line: 'slipway logs --batch 9b1d22c4', means: 'Why it never began' },
  ],
  load: async () => (await import('./logs.action.js')).logs,
};

/** Wants the end of what is not over: `POST …/cancel` of the group or job. */
export const cancelCommand: CommandDefinition = {
  name: 'cancel',
  means: 'cancel a job, or all jobs of a group',
  arguments: [which],
  options: [{ flags: '--reason <text>', means: 'for whoever looks later' }, yes],
  examples: [
    { line: 'slipway cancel 3f0c9a1e', means: 'All of a group that have not ended, after a question' },
  ],
  load: async () => (await import('./change.action.js')).cancel,
};

/** Wants one more attempt of what ended without success: `POST …/retry` of the group or job. */
export const retryCommand: CommandDefinition = {
  name: 'retry',
  means: 'try a job again that did not succeed, or all such jobs of a group',
  arguments: [which],
  examples: [
    { line: 'slipway retry 3f0c9a1e', means: 'Those of a group that failed, were cancelled or lost' },
  ],
  load: async () => (await import('./change.action.js')).retry,
};

/** The files that an attempt handed in; without `--output` their names and sizes alone. */
export const outputsCommand: CommandDefinition = {
  name: 'outputs',
  means: 'list or fetch the files that a job brought back',
  arguments: [which],
  options: [
    { flags: '--attempt <number>', means: 'of this attempt; the latest unless told' },
    {
      flags: '-o, --output <file>',
      means: 'fetch all of them as a zip into this file',
      values: { from: 'files' },
    },
  ],
  examples: [{ line: 'slipway outputs 3f0c9a1e/7 -o outputs.zip', means: 'Fetch them' }],
  load: async () => (await import('./outputs.action.js')).outputs,
};
