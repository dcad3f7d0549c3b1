/** A CI job that GitLab goes away from, and what it has to be in the end. */
export interface OutageJob {
  readonly name: string;
  /** Where it is when GitLab goes away, or what becomes of it meanwhile. */
  readonly when: string;
  /** In place of `.gitlab-ci.yml`'s lines below the job's name. */
  readonly yaml: string;
  readonly state: 'success' | 'failed';
  readonly exitCode?: number;
  /** On a machine of two cores it still waits for one as GitLab goes away, and never runs. */
  readonly mayWait?: boolean;
  /** Lines `line 1` to `line n` in its trace. */
  readonly lines?: number;
  /** Files in its artifacts, and what is in them. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Beside `here`, with one place: who runs there first keeps the other waiting. */
export const narrow = { name: 'narrow', kind: 'local', jobs: 1 };

/** @param count the file in which each run of a script writes a line */
export function outageJobs(outageSeconds: number, count: (name: string) => string): readonly OutageJob[] {
  const job = (
    name: string,
    script: readonly string[],
    {
      more = [],
      isNarrow = false,
      ...of
    }: Omit<OutageJob, 'name' | 'yaml'> & {
      readonly more?: readonly string[];
      readonly isNarrow?: boolean;
    },
  ): OutageJob => {
    const lines = [`echo once >> ${count(name)}`, ...script].map((line) => `    - ${JSON.stringify(line)}\n`);
    // No repository can be had while GitLab is away.
    const bare = `variables: {GIT_STRATEGY: none, SLIPWAY_BACKEND: ${isNarrow ? narrow.name : 'here'}}`;
    const yaml = [bare, ...more].map((line) => `  ${line}\n`).join('');
    return { ...of, name, yaml: `${name}:\n${yaml}  script:\n${lines.join('')}` };
  };
  const counting = (lines: number): string => `for n in $(seq 1 ${lines}); do echo "line $n"; sleep 1; done`;
  const growing = outageSeconds + 30;
  const ending = Math.ceil(outageSeconds / 2);
  const largeBytes = 300_000;
  const results = 'mkdir results; echo result > results/size.txt';
  return [
    job('growing', [counting(growing)], {
      when: 'runs all the time, its log grows',
      state: 'success',
      lines: growing,
    }),
    job('ending', [results, counting(ending), 'exit 7'], {
      when: 'fails in the middle of it, with artifacts',
      isNarrow: true,
      more: ['artifacts: {paths: [results], when: always}'],
      state: 'failed',
      exitCode: 7,
      lines: ending,
      files: { 'results/size.txt': 'result\n' },
    }),
    job('uploading', [`head -c ${largeBytes} /dev/zero > large`], {
      when: 'its artifacts are on their way as it begins',
      more: ['artifacts: {paths: [large]}'],
      state: 'success',
      files: { large: '\0'.repeat(largeBytes) },
    }),
    job('finishing', ['echo line 1'], {
      when: 'its end was told, and not yet taken, as it begins',
      state: 'success',
      lines: 1,
    }),
    job('cancelled', ['sleep 100000'], {
      when: 'cancelled on the grid meanwhile',
      state: 'failed',
      mayWait: true,
    }),
    job('queued', [counting(3)], {
      when: 'waits for a place, which it gets meanwhile',
      isNarrow: true,
      state: 'success',
      lines: 3,
    }),
  ];
}
