import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from '../../command-definition.js';

const image: ArgumentDefinition = {
  name: 'image',
  means: 'host/repository:tag, host/repository@sha256:…, or the id of a publication',
};

const where: OptionDefinition = {
  flags: '--cvmfs-repository <name>',
  means: 'only in this CVMFS repository; all that the image rules name unless told',
  values: { from: 'names', of: 'cvmfs-repositories' },
};

const example = 'registry.example.org/atlas/analysis:v1';

const states = ['waiting', 'preparing', 'publishing', 'published', 'failed', 'unpublishing', 'unpublished'];

/** Images on CVMFS, on their way there, or not there yet: `/publications`. */
export const publicationsCommand: CommandDefinition = {
  name: 'publications',
  means: 'what is published where, what is on its way, and why not yet',
  examples: [
    { line: 'slipway publications list --state failed', means: 'What could not be published' },
    { line: `slipway publications why ${example}`, means: 'Why an image is not on CVMFS yet' },
  ],
  commands: [
    {
      name: 'list',
      means: 'list them, the newest first',
      options: [
        {
          flags: '--state <state>',
          means: `only those in this state, e.g. ${states[0]}`,
          values: { from: 'choices', choices: states },
        },
        where,
        { flags: '--registry <host>', means: 'only of this registry' },
        { flags: '--repository <name>', means: 'only of this repository' },
        { flags: '--tag <tag>', means: 'only with this tag' },
        { flags: '-q, --query <text>', means: 'only those whose image has this in its name' },
        { flags: '--limit <count>', means: 'at most so many', default: '50' },
      ],
      examples: [
        { line: 'slipway publications list', means: 'The newest 50' },
        { line: 'slipway publications list --state failed --json', means: 'Failures, for a program' },
      ],
      load: async () => (await import('./list.action.js')).list,
    },
    {
      name: 'show',
      means: 'show all that is known of one: steps, attempts, history',
      arguments: [image],
      options: [where],
      examples: [{ line: `slipway publications show ${example}`, means: 'Everything about it' }],
      load: async () => (await import('./show.action.js')).show,
    },
    {
      name: 'watch',
      means: 'watch publications as they move, each with a bar',
      details:
        'Without images: all that move, until Ctrl-C. With images: until each is published or has failed for good; the exit code is 1 when one failed.',
      arguments: [{ ...image, name: 'images', many: true, optional: true }],
      options: [where],
      examples: [
        { line: 'slipway publications watch', means: 'Everything that moves' },
        { line: `slipway publications watch ${example}`, means: 'Wait for one image, e.g. in a script' },
      ],
      load: async () => (await import('./watch.action.js')).watch,
    },
    {
      name: 'why',
      means: 'say in a sentence why an image is not there yet',
      arguments: [image],
      options: [where],
      examples: [{ line: `slipway publications why ${example}`, means: 'Why is it not on CVMFS yet?' }],
      load: async () => (await import('./why.action.js')).why,
    },
    {
      name: 'publish',
      means: 'publish an image now, whether or not its registry announced it',
      arguments: [{ name: 'image', means: 'host/repository:tag or host/repository@sha256:…' }],
      options: [
        where,
        { flags: '--platform <platform>', means: 'e.g. linux/arm64; as the image rule says unless told' },
        { flags: '--watch', means: 'wait until it is there' },
      ],
      examples: [
        { line: `slipway publications publish ${example} --watch`, means: 'Publish it, and wait for it' },
      ],
      load: async () => (await import('./publish.action.js')).publish,
    },
    {
      name: 'unpublish',
      means: 'take an image off CVMFS, when its grace period is over',
      arguments: [image],
      options: [
        where,
        { flags: '--all-tags', means: 'the image with all its tags, not only the one that is named' },
        { flags: '--now', means: 'without the grace period: jobs that run from the tree lose their files' },
        { flags: '-y, --yes', means: 'do not ask' },
      ],
      examples: [
        { line: `slipway publications unpublish ${example}`, means: 'Take it away, after a question' },
      ],
      load: async () => (await import('./publish.action.js')).unpublish,
    },
  ],
};
