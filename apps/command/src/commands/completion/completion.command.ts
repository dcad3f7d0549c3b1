import type { CommandDefinition } from '../../command-definition.js';

/** The script that a shell reads once; while one types it asks `slipway __complete`. */
export const completionCommand: CommandDefinition = {
  name: 'completion',
  means: 'print a script that makes your shell complete commands, options and names',
  details:
    'Names come from the registry while you type; where it does not answer within a second, none are offered.',
  arguments: [
    {
      name: 'shell',
      means: 'bash, zsh or fish',
      values: { from: 'choices', choices: ['bash', 'zsh', 'fish'] },
    },
  ],
  examples: [
    {
      line: 'slipway completion bash > ~/.local/share/bash-completion/completions/slipway',
      means: 'For bash',
    },
    { line: 'slipway completion zsh > "${fpath[1]}/_slipway"', means: 'For zsh' },
    { line: 'slipway completion fish > ~/.config/fish/completions/slipway.fish', means: 'For fish' },
  ],
  load: async () => (await import('./completion.action.js')).completion,
};

/** What those scripts ask. */
export const completeCommand: CommandDefinition = {
  name: '__complete',
  means: 'print what could stand at the last of these words',
  hidden: true,
  arguments: [{ name: 'words', means: 'what was typed so far, after slipway', many: true, optional: true }],
  examples: [{ line: "slipway __complete -- projects get ''", means: 'The names of projects' }],
  load: async () => (await import('./complete.action.js')).complete,
};
