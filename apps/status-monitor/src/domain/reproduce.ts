import type { JobTemplate } from '#contracts';

type Input = JobTemplate['inputs'][number];
type Step = JobTemplate['steps'][number];

/** As much of a template as says what runs; of `sealed` only whether it is there. */
export type Reproducible = Pick<JobTemplate, 'image' | 'environment' | 'steps' | 'inputs' | 'sealed'>;

/**
 * What runs a job again in an empty directory of one's own machine, as lines for a shell: its inputs are fetched, then
 * its steps run with the same variables in the same image, which sees that directory and CVMFS: by Docker, or by
 * Apptainer where the image is a directory on CVMFS, or by a shell where there is none. What is secret, and what other
 * jobs brought back, is left to who runs it, and said.
 */
export function reproduceCommand(
  { image, environment, steps, inputs, sealed }: Reproducible,
  variables: Readonly<Record<string, string>>,
): string {
  const settings = Object.entries({ ...environment, ...variables }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const run = runsOf(steps).map(
    ({ where, script }) =>
      `${runner(where === 'node' ? undefined : image, settings)} ${words(['sh', '-e', '-c', script])}`,
  );
  const notes = sealed === undefined ? [] : ['# What is secret, variables and inputs, is not in this.'];
  return [...notes, ...inputs.flatMap(given), ...run]
    .map((line, at, all) => (line.startsWith('#') || at === all.length - 1 ? line : `${line} &&`))
    .join('\n');
}

/** What runs when all goes well; steps one after another in the same place are one script. */
function runsOf(steps: readonly Step[]): readonly Pick<Step, 'where' | 'script'>[] {
  const runs: { where: Step['where']; script: string }[] = [];
  for (const { when, where, script } of steps) {
    const last = runs.at(-1);
    if (when === 'failure') continue;
    if (last?.where === where) last.script += `\n${script}`;
    else runs.push({ where, script });
  }
  return runs;
}

function given({ path, url, content, sha256, executable, outputsOf }: Input): readonly string[] {
  if (outputsOf !== undefined) return [`# Here belong the outputs of other jobs: ${JSON.stringify(path)}`];
  const file = path.startsWith('-') ? `./${path}` : path;
  const directory = file.includes('/') ? [words(['mkdir', '-p', file.replace(/\/[^/]*$/, '')])] : [];
  const fetched =
    url === undefined
      ? `${words(['printf', '%s', content ?? ''])} > ${words([file])}`
      : words(['curl', '--fail', '--location', '--silent', '--show-error', '--output', file, url]);
  const checked =
    sha256 === undefined ? [] : [`${words(['echo', `${sha256}  ${file}`])} | sha256sum --check --quiet`];
  return [...directory, fetched, ...checked, ...(executable ? [words(['chmod', '+x', file])] : [])];
}

/** What stands before the shell. `$PWD` is for the shell that one types it into. */
function runner(image: string | undefined, settings: readonly string[]): string {
  if (image === undefined) return words(['env', ...settings]);
  const each = (flag: string): string[] => settings.flatMap((setting) => [flag, setting]);
  if (image.startsWith('/')) {
    const bound = '--bind /cvmfs --bind "$PWD" --pwd "$PWD"';
    // Else it takes what looks like an expression in a value for one.
    return `apptainer exec --cleanenv --no-eval ${bound} ${words([...each('--env'), image])}`;
  }
  // Docker would make /cvmfs where there is none.
  const mounted =
    '$([ ! -d /cvmfs ] || echo --volume /cvmfs:/cvmfs:ro) --volume "$PWD:/work" --workdir /work';
  return `docker run --rm --interactive --tty ${mounted} ${words([...each('--env'), image])}`;
}

/** Words as a POSIX shell takes them. */
const words = (all: readonly string[]): string =>
  all
    .map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
