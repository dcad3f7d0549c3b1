import { pathInJob } from '#contracts';
import { parseAllowedFailures } from './allowed-failures.js';
import { type FanOut, isRefusal, type Over, type Refusal } from './fan-out.js';
import { formatOf, readList } from './read-list.js';

/** The variables that are read here, each with what it may hold: the table of the page, and what else is refused. */
const fanOutVariables = [
  'SLIPWAY_FANOUT',
  'SLIPWAY_FANOUT_AT_ONCE',
  'SLIPWAY_FANOUT_FAILURES',
  'SLIPWAY_FANOUT_STOP_EARLY',
  'SLIPWAY_FANOUT_SETUP',
  'SLIPWAY_FANOUT_MERGE',
  'SLIPWAY_FANOUT_ARTIFACTS',
] as const;

type Name = (typeof fanOutVariables)[number];

/**
 * What a CI job's variables ask for; undefined where it does not fan out. `expand` puts variables into a text, as GitLab
 * means `$NAME` in a variable; scripts are left to the shell, for which a dollar sign means more.
 */
export function fanOutOf(
  variables: Readonly<Record<string, string>>,
  expand: (text: string) => string = (text) => text,
): FanOut | Refusal | undefined {
  const unknown = Object.keys(variables).find(
    (name) => /^SLIPWAY_FANOUT(?:_|$)/.test(name) && !fanOutVariables.some((known) => known === name),
  );
  if (unknown !== undefined)
    return { refused: `${unknown} means nothing; there are ${fanOutVariables.slice(1).join(', ')}` };
  const raw = (name: Name): string | undefined => {
    const value = variables[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const written = raw('SLIPWAY_FANOUT');
  const alone = fanOutVariables.slice(1).find((name) => raw(name) !== undefined);
  if (written === undefined)
    return alone === undefined
      ? undefined
      : { refused: `${alone} is set, and SLIPWAY_FANOUT says over what to fan out is not` };
  const over = overOf(written, expand);
  return isRefusal(over)
    ? over
    : policyOf(over, (name) => optional(raw(name), expand), {
        setUp: raw('SLIPWAY_FANOUT_SETUP'),
        merge: raw('SLIPWAY_FANOUT_MERGE'),
      });
}

function overOf(written: string, expand: (text: string) => string): Over | Refusal {
  const [, kind, rest = ''] = /^(file|command):\s*([^]*)$/.exec(written) ?? [];
  if (kind === 'command') {
    if (rest === '') return { refused: 'SLIPWAY_FANOUT: no command after "command:"' };
    return { kind, script: rest };
  }
  if (kind === 'file') {
    const path = expand(rest)
      .trim()
      .replace(/^(?:\.\/)+/, '');
    if (!pathInJob.safeParse(path).success)
      return {
        refused: `SLIPWAY_FANOUT: expected the path of a file in the repository after "file:", not ${JSON.stringify(path)}`,
      };
    return { kind, path, format: formatOf(path) };
  }
  const list = expand(written);
  const format = list.startsWith('[') ? 'json' : list.includes('\n') ? 'text' : 'words';
  const items = readList(list, format, 'SLIPWAY_FANOUT');
  return isRefusal(items) ? items : { kind: 'list', items };
}

function policyOf(
  over: Over,
  value: (name: Name) => string | undefined,
  { setUp, merge }: Pick<FanOut, 'setUp' | 'merge'>,
): FanOut | Refusal {
  const atOnce = value('SLIPWAY_FANOUT_AT_ONCE');
  if (atOnce !== undefined && !/^[1-9]\d{0,5}$/.test(atOnce))
    return { refused: `SLIPWAY_FANOUT_AT_ONCE: expected a number of jobs, not ${JSON.stringify(atOnce)}` };
  const failures = value('SLIPWAY_FANOUT_FAILURES') ?? '0';
  const allOrNothing = failures === 'all-or-nothing';
  const allowedFailures = parseAllowedFailures(allOrNothing ? '0' : failures);
  if (!allowedFailures)
    return {
      refused: `SLIPWAY_FANOUT_FAILURES: expected how many may fail (3, 5%, all) or all-or-nothing, not ${JSON.stringify(failures)}`,
    };
  const stopEarly = value('SLIPWAY_FANOUT_STOP_EARLY') ?? 'false';
  if (stopEarly !== 'true' && stopEarly !== 'false')
    return { refused: `SLIPWAY_FANOUT_STOP_EARLY: expected true or false, not ${JSON.stringify(stopEarly)}` };
  const artifacts = value('SLIPWAY_FANOUT_ARTIFACTS') ?? 'all';
  if (artifacts !== 'all' && artifacts !== 'merged')
    return { refused: `SLIPWAY_FANOUT_ARTIFACTS: expected all or merged, not ${JSON.stringify(artifacts)}` };
  if (artifacts === 'merged' && merge === undefined)
    return { refused: 'SLIPWAY_FANOUT_ARTIFACTS is merged, and there is no SLIPWAY_FANOUT_MERGE' };
  return {
    over,
    allowedFailures,
    stopEarly: allOrNothing || stopEarly === 'true',
    artifacts,
    ...(atOnce === undefined ? {} : { runningAtOnce: Number(atOnce) }),
    ...(setUp === undefined ? {} : { setUp }),
    ...(merge === undefined ? {} : { merge }),
  };
}

const optional = (text: string | undefined, expand: (text: string) => string): string | undefined =>
  text === undefined ? undefined : expand(text).trim();
