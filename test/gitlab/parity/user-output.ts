/** The sections in which a user's own commands write. */
const OF_USER = ['step_script', 'after_script'];

/** What runners say inside these sections: neither the user's words nor the same in two runners. */
const OF_RUNNER = [
  /^Executing "\w+" stage of the job script$/,
  /^Running after_script$/,
  /^slipway: /,
  /^WARNING: /,
  /^ERROR: /,
  /^Terminated$/,
];

/**
 * The lines that the user's commands wrote, and the echo of the commands (`$ …`): from the sections of a trace that are
 * theirs, without the colours with which a runner marks its own words.
 */
export function userOutputOf(trace: string): readonly string[] {
  const lines: string[] = [];
  for (const name of OF_USER) {
    for (const section of sectionsOf(trace, name)) {
      lines.push(...section.split('\n').map((line) => plain(line)));
    }
  }
  return lines.filter((line) => line !== '' && !OF_RUNNER.some((pattern) => pattern.test(line)));
}

function sectionsOf(trace: string, name: string): readonly string[] {
  const pattern = new RegExp(
    String.raw`section_start:\d+:${name}(?:\[[^\]]*\])?\r(.*?)section_end:\d+:${name}\r`,
    'gs',
  );
  return [...trace.matchAll(pattern)].map(([, text = '']) => text);
}

/** A runner's own colours are `\e[0K`, `\e[0;m`, `\e[32;1m` and the like; a user's red (31) stays, by its code. */
const COLOURS = new RegExp(
  `${String.fromCodePoint(27)}${String.raw`\[(?:0K|0;m|0m|32;1m|36;1m|31;1m|33m|0;33m)`}`,
  'g',
);

function plain(line: string): string {
  const text = line.replaceAll(COLOURS, '').replace(/\r$/, '');
  // What bash says of a program that a signal ended begins with the script's name, a line and a process.
  return text.replace(/^\S+: line \d+: +\d+ (?=Killed|Terminated)/, '');
}
