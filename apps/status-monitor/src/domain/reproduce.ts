import type { JobTemplate } from '#contracts';

/**
 * A command that runs a job's steps on one's own machine, in the same image and with the same variables: by Docker, or
 * by Apptainer where the image is a directory on CVMFS, or by a shell where there is none. Inputs are one's own to fetch.
 */
export function reproduceCommand(
  { image, environment, steps }: Pick<JobTemplate, 'image' | 'environment' | 'steps'>,
  variables: Readonly<Record<string, string>>,
): string {
  const settings = Object.entries({ ...environment, ...variables }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const script = steps
    .filter(({ when }) => when !== 'failure')
    .map((step) => step.script)
    .join('\n');
  const shell = ['sh', '-e', '-c', script];
  return [...runner(image, settings), ...shell].map(quoted).join(' ');
}

function runner(image: string | undefined, settings: readonly string[]): readonly string[] {
  if (image === undefined) return ['env', ...settings];
  const each = (flag: string): string[] => settings.flatMap((setting) => [flag, setting]);
  if (image.startsWith('/')) return ['apptainer', 'exec', '--cleanenv', ...each('--env'), image];
  return ['docker', 'run', '--rm', '--interactive', '--tty', ...each('--env'), image];
}

/** A word as a POSIX shell takes it. */
const quoted = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
