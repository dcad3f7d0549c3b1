import { randomUUID } from 'node:crypto';
import { jobTemplate } from '#contracts';
import type { Submission } from '../../backend.js';
import { submitDescription } from './submit-description.js';

const base = jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] });

const submissionFor = (
  changes: Partial<Submission> = {},
  template: Partial<Submission['template']> = {},
): Submission => ({
  id: randomUUID(),
  name: 'name',
  project: 'higgs',
  wrapper: '',
  groupSettings: '',
  transfer: 'http',
  attempts: [{ id: randomUUID(), settings: '' }],
  ...changes,
  template: { ...base, ...template },
});

function linesOf(
  changes: Partial<Submission> = {},
  template: Partial<Submission['template']> = {},
): string[] {
  const submission = submissionFor(changes, template);
  const options = { house: 'h', directory: '/var/lib/slipway/jobs/x', spooled: false };
  return submitDescription(submission, { ...options, settings: { allowedSubmitCommands: ['rank'] } }).split(
    '\n',
  );
}

const refusal = expect.objectContaining({ code: 'grid.refused', temporary: false }) as Error;

describe('the description of a submission', () => {
  it('is one cluster, with each attempt’s id in the order of the attempts', () => {
    const attempts = [1, 2, 3].map(() => ({ id: randomUUID(), settings: 'secret' }));
    const lines = linesOf({ attempts });
    expect(lines.slice(lines.indexOf('queue slipway_attempt from (') + 1, -2)).toEqual(
      attempts.map(({ id }) => id),
    );
    expect(lines.filter((line) => line.startsWith('queue'))).toHaveLength(1);
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('rounds up to what HTCondor counts in', () => {
    const resources = { cpus: 2, memoryBytes: 2 ** 20 + 1, diskBytes: 1_025, wallTimeSeconds: 60 };
    expect(linesOf({}, { resources })).toEqual(
      expect.arrayContaining(['request_cpus = 2', 'request_memory = 2', 'request_disk = 2']),
    );
  });

  it.each(['a"b', 'a\nqueue 100', 'a\r\nqueue 100', '$(HOME) $ENV(HOME)', 'a\\', '\u2028queue'])(
    'holds no more than a name in the name %j',
    (name) => {
      const lines = linesOf({ name, user: name });
      expect(lines.filter((line) => line.startsWith('queue'))).toHaveLength(1);
      for (const attribute of ['+JobBatchName = ', '+SlipwayUser = ']) {
        const line = lines.find((one) => one.startsWith(attribute)) ?? '';
        expect(line.slice(attribute.length)).toMatch(/^"(?:[^"\\$]|\\.|\$\(DOLLAR\))*"$/);
      }
    },
  );

  it('names an image on CVMFS by its path, and one of a registry by its reference', () => {
    const path = '/cvmfs/unpacked.cern.ch/x:1';
    expect(linesOf({}, { image: path })).toEqual(
      expect.arrayContaining([
        'universe = container',
        `container_image = ${path}`,
        `environment = "SLIPWAY_IMAGE_ENTERED=${path}"`,
      ]),
    );
    expect(linesOf({}, { image: 'registry.cern.ch/a/b@sha256:00' })).toContain(
      'container_image = docker://registry.cern.ch/a/b@sha256:00',
    );
    for (const image of ['a,b', 'a$(B)', 'a;b', 'a"b']) expect(() => linesOf({}, { image })).toThrow(refusal);
  });

  it('leaves the image to the job’s own script where a step is for the node', () => {
    const steps = jobTemplate.shape.steps.parse([
      { name: 'sources', script: 'true', where: 'node' },
      { name: 'script', script: 'true' },
    ]);
    const lines = linesOf({}, { image: '/cvmfs/unpacked.cern.ch/x:1', steps });
    expect(lines).toContain('universe = vanilla');
    expect(lines.join()).not.toContain('/cvmfs/');
  });

  it('takes no attempt whose id is no UUID', () => {
    expect(() => linesOf({ attempts: [{ id: ')\nqueue 5 from (', settings: '' }] })).toThrow(refusal);
  });

  it('keeps its own requirements beside the job’s', () => {
    const rule = linesOf().find((line) => line.startsWith('requirements = '));
    expect(rule).toContain('NumJobStarts == 0');
  });

  it('gives a job a directory of its own where it leaves something behind, and else names its files by its place', () => {
    const own = 'initialdir = /var/lib/slipway/jobs/x/$(Process)';
    expect(linesOf({ transfer: 'backend' })).toContain(own);
    const lines = linesOf({ transfer: 'http' });
    expect(lines).not.toContain(own);
    const named = lines.filter((line) => line.includes('$(Process)'));
    expect(named.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['arguments', 'transfer_input_files', 'output', 'error']),
    );
  });

  it('sends files where nodes do not see them, and else only where it has to', () => {
    const sending = (more: object): string | undefined => {
      const submission = { ...submissionFor(), transfer: 'http' as const };
      const options = { house: 'h', directory: '/var/lib/slipway/jobs/x', spooled: false };
      const settings = { allowedSubmitCommands: [], sharedFiles: true };
      return submitDescription(submission, { ...options, settings, ...more })
        .split('\n')
        .find((line) => line.startsWith('should_transfer_files'));
    };
    expect(sending({ settings: { allowedSubmitCommands: [] } })).toBe('should_transfer_files = YES');
    expect(sending({})).toBe('should_transfer_files = IF_NEEDED');
    expect(sending({ spooled: true })).toBe('should_transfer_files = YES');
  });

  it('has the schedd make many jobs as they are needed', () => {
    const attempts = Array.from({ length: 101 }, () => ({ id: randomUUID(), settings: '' }));
    expect(linesOf({ attempts })).toContain('max_idle = 1000');
    expect(linesOf().filter((line) => line.startsWith('max_idle'))).toEqual([]);
  });
});
