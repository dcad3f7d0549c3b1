import type { Settings } from '#service';
import { cell, code, type FieldSchema, fieldTable } from './field-table.js';

/** A section of the page: what one service reads from the environment. */
export interface ServiceSettings {
  readonly service: string;
  readonly settings: Settings;
}

/** What the page is made of; the services' sections follow each other as they do here. */
export interface ConfigurationPage {
  /** JSON Schema of slipway.yml. */
  readonly file: FieldSchema;
  /** The annotated example. */
  readonly example: string;
  readonly services: readonly ServiceSettings[];
}

/** docs/configuration.md. */
export function configurationPage({ file, example, services }: ConfigurationPage): string {
  return [
    '<!-- Made by `npm run docs` from the schemas; changes here are lost. -->',
    '# Configuration',
    'What Slipway does is told by one file, `slipway.yml`; addresses and secrets come from the environment. Both are read once, at start: a service that is misconfigured names every fault at once and exits with code 78.',
    '## slipway.yml',
    fileIntroduction,
    '### An example',
    'It is [example-slipway.yml](example-slipway.yml), and a test loads it.',
    `\`\`\`yaml\n${example.trim()}\n\`\`\``,
    ...Object.entries(file.properties ?? {}).flatMap(([name, list]) => [
      `### ${name}`,
      sentence(list.description),
      fieldTable(list.items ?? {}),
    ]),
    '## Environment',
    'A variable that is empty counts as not set. A **secret** may be in a file instead: `<NAME>_FILE` is the path of that file; space around the secret is dropped. `--help` of a service shows the same table.',
    ...services.flatMap(({ service, settings }) => [`### ${service}`, settingsTable(settings)]),
    '',
  ].join('\n\n');
}

const fileIntroduction = `Every service that needs it reads the file named by \`SLIPWAY_CONFIG\`. A fault is told as \`slipway.yml:12:9: sources[0].kind: …\`, all of them at once; a field that does not exist is a fault. An editor that knows YAML schemas finds them while you type, with [slipway.schema.json](reference/slipway.schema.json).

- **Patterns.** \`*\` stays within one segment of a path, \`**\` crosses segments, \`?\` is one character, \`[ab]\` one of these, \`{a,b}\` either. \`atlas/**\` is everything below \`atlas\`, not \`atlas\` itself. Case counts; no pattern negates.
- **Secret references.** A secret is never written in the file: \`{ env: NAME }\` names an environment variable, \`{ file: PATH }\` a file. Space around it is dropped; one that is not there is told with its line and field.
- **Sizes** are written \`512 KiB\`, \`1 MiB\`, \`20 GB\`, or as bytes; **durations** \`90s\`, \`15m\`, \`12h\`, \`7d\`.`;

const sentence = (text = ''): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function settingsTable(settings: Settings): string {
  const rows = Object.values(settings).map((setting) => {
    const optional = setting.schema.safeParse(undefined).success;
    const fallback = setting.default === undefined ? (optional ? '' : '**required**') : code(setting.default);
    const secret = setting.secret ? '**Secret.** ' : '';
    return `| ${code(setting.env)} | ${fallback} | ${secret}${cell(setting.description)} |`;
  });
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
