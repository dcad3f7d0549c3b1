import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { usage } from '../errors/usage.js';
import type { Environment } from '../context.js';

/** The variables that the command reads, for docs/command.md. */
export const variables: Readonly<Record<string, string>> = {
  SLIPWAY_URL: 'the registry to talk to, instead of the one signed in to last',
  SLIPWAY_TOKEN: 'an API key or token, instead of the stored one',
  SLIPWAY_TOKEN_FILE: 'file that holds it',
  XDG_CONFIG_HOME: 'where slipway/servers.json is; ~/.config unless told',
  'VISUAL, EDITOR': 'what `edit` opens; vi unless told',
  'NO_COLOR, FORCE_COLOR': 'no colours at all; colours also where the output is no terminal',
  SLIPWAY_CONFIG: '`doctor`: the services’ slipway.yml on this machine',
  'SLIPWAY_AMQP_URL, SLIPWAY_POSTGRES_URL':
    '`doctor`: the services’ broker and database; each also as `…_FILE`',
};

/** The environment, read once, at start. */
export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): Environment {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  return {
    url: text('SLIPWAY_URL'),
    token: text('SLIPWAY_TOKEN'),
    tokenFile: text('SLIPWAY_TOKEN_FILE'),
    directory: join(text('XDG_CONFIG_HOME') ?? join(text('HOME') ?? homedir(), '.config'), 'slipway'),
    editor: text('VISUAL') ?? text('EDITOR') ?? 'vi',
    path: text('PATH') ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    noColour: text('NO_COLOR') !== undefined || text('TERM') === 'dumb',
    forceColour: text('FORCE_COLOR') !== undefined && text('FORCE_COLOR') !== '0',
    settingsFile: text('SLIPWAY_CONFIG'),
    amqpUrl: text('SLIPWAY_AMQP_URL') ?? fileText('SLIPWAY_AMQP_URL_FILE', text),
    postgresUrl: text('SLIPWAY_POSTGRES_URL') ?? fileText('SLIPWAY_POSTGRES_URL_FILE', text),
    dockerHost: text('DOCKER_HOST'),
  };
}

function fileText(name: string, text: (name: string) => string | undefined): string | undefined {
  const path = text(name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw usage(
      `${name}: ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    );
  }
}
