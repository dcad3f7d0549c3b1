import { describeJobs, housePrefix, indexIn, jobGroupOf } from './jdl.js';

const submission: Parameters<typeof describeJobs>[0] = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  name: 'fit',
  project: 'higgs',
  template: {
    steps: [],
    resources: { cpus: 2, memoryBytes: 3 * 2 ** 30, diskBytes: 1, wallTimeSeconds: 3_600 },
    priority: 0,
    batch: {},
  },
  wrapper: '',
  groupSettings: '',
  attempts: [{ id: 'a', settings: '' }],
  transfer: 'http',
};
const options = {
  prefix: 'slipway/',
  allowed: ['Site', 'CPUTime', 'BannedSites'],
  shared: 'SB:x|/S3/s',
  own: ['SB:a'],
};
const withBatch = (batch: Record<string, string>): string =>
  describeJobs({ ...submission, template: { ...submission.template, batch } }, options);

describe('the JDL of a submission', () => {
  it('is one job, with what DIRAC has names for', () => {
    expect(describeJobs(submission, options).split('\n')).toEqual([
      'Executable = "/bin/sh";',
      'Arguments = "slipway-job.sh";',
      'JobName = "slipway/0/fit";',
      'JobGroup = "0f8fad5bd9cb469fa16570867728950e";',
      'StdOutput = "std.out";',
      'StdError = "std.err";',
      'InputSandbox = {"SB:x|/S3/s", "SB:a"};',
      'OutputSandbox = {"std.out", "std.err"};',
      'CPUTime = 7800;',
      'MinRAM = 3072;',
      'MinNumberOfProcessors = 2;',
      'MaxNumberOfProcessors = 2;',
      'Priority = 1;',
    ]);
  });

  it('is a parametric one for several attempts, with a sandbox for each', () => {
    const attempts = ['a', 'b'].map((id) => ({ id, settings: '' }));
    const jdl = describeJobs({ ...submission, attempts }, { ...options, own: ['SB:a', 'SB:b'] });
    expect(jdl).toContain('JobName = "slipway/%n/fit";');
    expect(jdl).toContain('InputSandbox = {"SB:x|/S3/s", "%(SANDBOX)s"};');
    expect(jdl).toContain('Parameters = 2;\nParameters.SANDBOX = {"SB:a", "SB:b"};');
  });

  it('brings the files of a job back where worker nodes have no way out', () => {
    expect(describeJobs({ ...submission, transfer: 'backend' }, options)).toContain(
      'OutputSandbox = {"std.out", "std.err", "slipway.log", "slipway-outputs.tar.gz", "slipway-end"};',
    );
  });

  it.each([
    'x"; Executable = "/bin/evil',
    'a;b',
    'a[b]',
    '{x}',
    '%n',
    '%(SANDBOX)s',
    '%j',
    'a\nb',
    'a,b',
    'ä',
    "'",
    '\\',
  ])('takes of the name %j nothing that JDL could understand', (name) => {
    const [line = ''] = describeJobs({ ...submission, name }, options).match(/^JobName.*$/m) ?? [];
    expect(line).toMatch(/^JobName = "slipway\/0\/[A-Za-z0-9_.: +-]*";$/);
  });

  it.each([
    ['Site', 'LCG.CERN.ch"; Executable = "x'],
    ['Site', 'a;b'],
    ['Site', '[a]'],
    ['Site', '%n'],
    ['Site', ''],
    ['CPUTime', '1; Executable = 2'],
    ['CPUTime', '-1'],
    ['BannedSites', 'a,'],
    ['Executable', '/bin/evil'],
    ['Tags', 'MultiProcessor'],
    ['constructor', 'x'],
    ['Site = "x"; Executable', 'x'],
  ])('refuses the field %s with %j', (name, value) => {
    expect(() => withBatch({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'grid.refused', temporary: false }),
    );
  });

  it('takes a field that the backend allows, as a text, a list or a number', () => {
    expect(withBatch({ Site: 'LCG.CERN.ch' })).toContain('Site = "LCG.CERN.ch";');
    expect(withBatch({ BannedSites: 'LCG.A.ch, LCG.B.ch' })).toContain(
      'BannedSites = {"LCG.A.ch", "LCG.B.ch"};',
    );
    expect(withBatch({ CPUTime: '50' })).toContain('CPUTime = 50;');
  });

  it('has a name that DIRAC does not cut', () => {
    const [, name = ''] =
      /JobName = "(.*)"/.exec(describeJobs({ ...submission, name: 'n'.repeat(300) }, options)) ?? [];
    expect(name.length).toBe(128);
    expect(jobGroupOf(submission.id).length).toBe(32);
  });

  it('keeps a priority within what DIRAC has', () => {
    const at = (priority: number): string =>
      describeJobs({ ...submission, template: { ...submission.template, priority } }, options);
    expect(at(1_000)).toContain('Priority = 10;');
    expect(at(-1_000)).toContain('Priority = 0;');
  });
});

describe('the prefix of a house', () => {
  it('is another one for each house, and none begins with another', () => {
    const houses = ['a', 'a/0', 'a b', 'a_b', 'a-b', 'a%', '', 'x'.repeat(60), `${'x'.repeat(60)}y`];
    const prefixes = houses.map(housePrefix);
    expect(new Set(prefixes).size).toBe(houses.length);
    for (const prefix of prefixes) {
      expect(prefix).toMatch(/^[A-Za-z0-9.-]+\/$/);
      expect(prefixes.filter((other) => other.startsWith(prefix))).toEqual([prefix]);
    }
  });

  it('tells which attempt a job is, and that a name is not ours', () => {
    expect(indexIn('slipway/07/fit', 'slipway/')).toBe(7);
    for (const name of ['slipway/x/fit', 'slipway//fit', 'slipwax/0/fit', '', 'slipway/1e3/fit'])
      expect(indexIn(name, 'slipway/')).toBeUndefined();
  });
});
