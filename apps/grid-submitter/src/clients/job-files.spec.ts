import { randomBytes } from 'node:crypto';
import { backendResource, jobTemplate, templateSecretsPurpose } from '#contracts';
import { openKeyRing } from '#secrets';
import type { Picked } from '../storage/pick.store.js';
import { JobFiles } from './job-files.js';

const ring = openKeyRing(`test:${randomBytes(32).toString('base64')}`);
const files = new JobFiles({ monitorUrl: 'https://monitor.example.org', ring });
const backend = (transfer: string) =>
  backendResource.schema.parse({ name: 'pool', kind: 'htcondor', transfer });

const attempt = (id: string, key: string) => ({
  id,
  jobId: 'job',
  index: 0,
  number: 1,
  item: { key, variables: { SET: key } },
});
const picked: Picked = {
  id: 'submission',
  group: {
    id: 'group',
    name: 'a group',
    project: 'higgs',
    backend: 'pool',
    identity: undefined,
    user: 'ada',
    template: jobTemplate.parse({ steps: [{ name: 'script', script: 'true' }] }),
  },
  runningAtOnce: 3,
  attempts: [attempt('first', 'a'), attempt('second', 'b')],
};

const tokenIn = (settings = ''): string => /slipway_token='([^']*)'/.exec(settings)?.[1] ?? '';

describe('what a batch system is given', () => {
  it('has its own variables for each attempt, and a token that opens what is its own alone', () => {
    const { attempts } = files.submissionOf(picked, backend('http'));
    expect(attempts.map(({ settings }) => ring.unseal(tokenIn(settings), 'worker'))).toEqual([
      'first',
      'second',
    ]);
    expect(attempts[1]?.settings).toContain('SET');
    expect(attempts[1]?.settings).not.toContain(tokenIn(attempts[0]?.settings));
    expect(() => ring.unseal(tokenIn(attempts[0]?.settings), 'access')).toThrow();
  });

  it('has no token in what all attempts share, and none at all where worker nodes have no way out', () => {
    const shared = files.submissionOf(picked, backend('http'));
    expect(shared.groupSettings).toContain('https://monitor.example.org');
    expect(shared.groupSettings + shared.wrapper).not.toContain(tokenIn(shared.attempts[0]?.settings));
    const { attempts, groupSettings } = files.submissionOf(picked, backend('backend'));
    expect(groupSettings).not.toContain('monitor.example.org');
    expect(attempts.map(({ settings }) => tokenIn(settings))).toEqual(['', '']);
  });

  it('keeps the order of the attempts, and tells how many may run at once', () => {
    expect(files.submissionOf(picked, backend('http'))).toMatchObject({
      id: 'submission',
      runningAtOnce: 3,
      user: 'ada',
      attempts: [{ id: 'first' }, { id: 'second' }],
    });
  });

  it('has jobs of a large group send their logs less often, and a few as soon as there is something', () => {
    const everySeconds = (jobs: number): string | undefined => {
      const attempts = Array.from({ length: jobs }, (_, place) => attempt(`attempt-${place}`, `${place}`));
      const { groupSettings } = files.submissionOf({ ...picked, attempts }, backend('http'));
      return /slipway_log_every='(\d+)'/.exec(groupSettings)?.[1];
    };
    expect(everySeconds(2)).toBe('1');
    expect(everySeconds(411)).toBe('5');
  });

  it('has what was sealed for its group, and of another group nothing', () => {
    const sealedFor = (groupId: string): Picked => {
      const secrets = {
        environment: { PASSWORD: 'hunter2' },
        inputs: [{ path: 'key', content: 'a private key', executable: false }],
      };
      const sealed = ring.seal(JSON.stringify(secrets), templateSecretsPurpose(groupId));
      return { ...picked, group: { ...picked.group, template: { ...picked.group.template, sealed } } };
    };
    const { groupSettings, template } = files.submissionOf(sealedFor('group'), backend('http'));
    expect(groupSettings).toContain('hunter2');
    expect(groupSettings).toContain('a private key');
    expect(JSON.stringify(template)).not.toContain('hunter2');
    expect(() => files.submissionOf(sealedFor('other'), backend('http'))).toThrow();
  });
});
