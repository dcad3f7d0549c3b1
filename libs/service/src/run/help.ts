import type { Settings } from '../config/define-config.js';

/** What `--help` tells of a service; `description` says what it does, for whoever sets it up. */
export interface HelpParts {
  readonly name: string;
  readonly description: string;
  readonly settings: Settings;
}

const width = 100;
const indent = '      ';

/** The text of `--help`: what the service does and every setting. */
export function helpText({ name, description, settings }: HelpParts): string {
  const entries = Object.values(settings).map((setting) => {
    const optional = setting.schema.safeParse(undefined).success;
    const state =
      setting.default !== undefined ? `default: ${setting.default}` : optional ? 'optional' : 'required';
    const file = setting.secret ? `; or ${setting.env}_FILE with the path of a file` : '';
    return [`  ${setting.env}  (${state}${file})`, ...wrapped(setting.description)].join('\n');
  });
  return [
    `slipway ${name}`,
    '',
    ...wrapped(description, ''),
    '',
    'Options:',
    '  --help     show this and exit',
    '  --version  show the version and exit',
    '',
    'Environment:',
    ...entries,
    '',
    'Endpoints: /health/live, /health/ready, /metrics',
    'Signals: SIGTERM or SIGINT finishes the work in progress and exits; a second one exits at once.',
    '',
  ].join('\n');
}

function wrapped(text: string, prefix = indent): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && prefix.length + last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => prefix + line);
}
