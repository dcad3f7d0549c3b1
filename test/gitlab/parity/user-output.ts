/** The sections in which a user's own commands write, and the heading that both runners give each of them. */
const sections: Readonly<Record<string, string>> = {
  step_script: 'Executing "step_script" stage of the job script',
  after_script: 'Running after_script',
};

/**
 * What a runner says of its own at the end of such a section, after the last word of the user's commands: all that the
 * comparison leaves out, and why it is not the same there.
 */
const lastWords: Readonly<Record<'official' | 'slipway', readonly (readonly [line: RegExp, why: string])[]>> =
  {
    official: [
      [/^Terminated$/, 'bash tells of the command that the runner ended; here the whole shell is ended'],
    ],
    slipway: [
      [
        /^slipway: the step (?:step_script|after_script) ended with exit status \d+$/,
        'the official runner says it below the sections: “Job failed: exit status”',
      ],
      [/^slipway: the step step_script was ended by signal \d+$/, 'likewise'],
      [/^slipway: the step step_script did not end within \d+ s$/, 'likewise: “script timeout”'],
      [
        /^slipway: the job did not end within its wall time of \d+ s$/,
        'likewise: “execution took longer than”',
      ],
      [/^slipway: cancelled$/, 'likewise: “canceled”'],
      [
        /^WARNING: cancelled in GitLab; where the script began, after_script runs and artifacts are taken as after a failure$/,
        'the official runner says it below the section: “script canceled externally (UI, API)”',
      ],
      [
        /^WARNING: after_script failed, but job will continue unaffected: (?:exit status \d+|it took longer than \d+ s)$/,
        'the official runner says it below the section',
      ],
      [
        /^ERROR: after_script failed: exit status \d+$/,
        'the official runner says “Job failed: exit status” alone',
      ],
    ],
  };

/**
 * What the user's commands wrote, and the echo of the commands (`$ …`), byte by byte: the sections of a trace that are
 * theirs, without the heading and the known last words of the runner. Throws for a section that has no such heading.
 */
export function userOutputOf(trace: string): readonly string[] {
  const own = lastWords[trace.includes('Running with Slipway ') ? 'slipway' : 'official'];
  return Object.entries(sections).flatMap(([name, heading]) =>
    textsOf(trace, name).flatMap((text) => {
      // Entered and left at once, for the sources had failed.
      if (text === '') return [];
      const [first = '', ...lines] = text.split('\n');
      if (plain(first) !== heading)
        throw new Error(`the section ${name} begins with ${JSON.stringify(first)}`);
      // What follows the last line feed is no line.
      if (lines.at(-1) === '') lines.pop();
      const end = lines.findLastIndex((line) => !own.some(([pattern]) => pattern.test(plain(line))));
      return lines.slice(0, end + 1).map((line) => withoutPlace(line));
    }),
  );
}

/** A runner may mark where a section begins and ends by `\e[0K`, which clears the rest of a line that is empty. */
function textsOf(trace: string, name: string): readonly string[] {
  const clear = String.raw`(?:${escape}\[0K)*`;
  const pattern = new RegExp(
    String.raw`section_start:\d+:${name}(?:\[[^\]]*\])?\r${clear}(.*?)${clear}section_end:\d+:${name}\r`,
    'gs',
  );
  return [...trace.matchAll(pattern)].map(([, text = '']) => text);
}

const escape = String.raw`\u001b`;
const colours = new RegExp(String.raw`${escape}\[[\d;]*[mK]`, 'g');

const plain = (line: string): string => line.replaceAll(colours, '');

/** What bash says of a program that a signal ended begins with its script's name, a line and a process. */
const withoutPlace = (line: string): string => line.replace(/^\S+: line \d+: +\d+ (?=Killed|Terminated)/, '');
