import { permanent } from '#errors';

/** What of an image's configuration says how to start it. Everything is optional, and null counts as absent. */
export interface StartConfig {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NAME=value`, in order. */
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Empty when the configuration names none. */
  readonly workingDirectory: string;
}

/** Reads an image's configuration (OCI or Docker). Throws `image.config_invalid`. */
export function startConfig(config: Buffer): StartConfig {
  const settings = recordOf(recordOf(parse(config))['config']);
  return {
    entrypoint: listOf(settings['Entrypoint'], 'Entrypoint'),
    command: listOf(settings['Cmd'], 'Cmd'),
    environment: listOf(settings['Env'], 'Env'),
    labels: labelsOf(settings['Labels']),
    workingDirectory: typeof settings['WorkingDir'] === 'string' ? settings['WorkingDir'] : '',
  };
}

function parse(config: Buffer): unknown {
  try {
    return JSON.parse(config.toString('utf8'));
  } catch (error) {
    throw permanent('image.config_invalid', "the image's configuration is no JSON", {
      cause: error,
    });
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw permanent('image.config_invalid', `the image's configuration has an unusable ${name}`);
}

function labelsOf(value: unknown): Record<string, string> {
  const labels = Object.entries(recordOf(value)).filter(
    (label): label is [string, string] => typeof label[1] === 'string',
  );
  return Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
}
