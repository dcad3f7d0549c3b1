import type { JobRequestAsWritten } from '#contracts';
import type { Issue } from '../forms/values.js';

/** The form as it is filled in: lists and settings a line each. */
export const nothingTyped = {
  project: '',
  backend: '',
  name: '',
  script: '',
  over: '',
  runningAtOnce: '',
  image: '',
  environment: '',
  cpus: '',
  memory: '',
  disk: '',
  wallTime: '',
  inputs: '',
  outputs: '',
};

/** What the controls hold: texts alone, as they were typed, for `requestOf` to read. */
export type TypedJob = typeof nothingTyped;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** `NAME=value` lines. */
const settingsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    linesOf(text).map((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );

/** `path address` lines. */
const inputsOf = (text: string) =>
  linesOf(text).map((line) => {
    const [path = '', url = ''] = line.split(/\s+/, 2);
    return { path, url };
  });

const numberOf = (text: string): number | undefined => (text === '' ? undefined : Number(text));
const textOf = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim());
const listOf = <T>(list: readonly T[]): T[] | undefined => (list.length === 0 ? undefined : [...list]);

/** What `POST /api/v1/jobs` takes; what was left empty is not told, and what is wrong with it the API says. */
export function requestOf(typed: TypedJob): JobRequestAsWritten {
  const environment = settingsOf(typed.environment);
  const resources = {
    cpus: numberOf(typed.cpus),
    memory: textOf(typed.memory),
    disk: textOf(typed.disk),
    wallTime: textOf(typed.wallTime),
  };
  return {
    project: typed.project,
    script: typed.script,
    name: textOf(typed.name),
    backend: textOf(typed.backend),
    image: textOf(typed.image),
    runningAtOnce: numberOf(typed.runningAtOnce),
    over: listOf(linesOf(typed.over)),
    environment: Object.keys(environment).length === 0 ? undefined : environment,
    resources: Object.values(resources).some((one) => one !== undefined) ? resources : undefined,
    inputs: listOf(inputsOf(typed.inputs)),
    outputs: listOf(linesOf(typed.outputs)),
  };
}

const ofResources: ReadonlySet<keyof TypedJob> = new Set(['cpus', 'memory', 'disk', 'wallTime']);

/** What is said against a control; against one line of a list with its number, for the list is one control. */
export function issueOf(issues: readonly Issue[], name: keyof TypedJob): string | undefined {
  const within = ofResources.has(name) ? ['resources', name] : [name];
  const own = issues.filter(({ path }) => within.every((step, index) => path[index] === step));
  if (own.length === 0) return undefined;
  const said = own.map(({ path, message }) => {
    const [place] = path.slice(within.length);
    if (place === undefined) return message;
    return `${typeof place === 'number' ? `line ${place + 1}` : place}: ${message}`;
  });
  return [...new Set(said)].join('; ');
}
