import type { ResourceKind } from '#contracts';
import { mayChange, mayPublish, mayRead, mayReadAudit, mayReference, refusedFields } from './access.js';
import type { Identity } from './identity.js';

const person = (parts: Partial<Identity> = {}): Identity => ({
  subject: 'sub-1',
  name: 'alice',
  via: 'session',
  role: 'member',
  groups: [],
  ...parts,
});
const key = (parts: Partial<Identity> = {}): Identity =>
  person({ subject: 'key:1', name: 'alice', via: 'api-key', ...parts });

const admin = person({ subject: 'sub-0', name: 'root', role: 'admin' });
const owner = person();
const ownerBySubject = person({ name: 'somebody' });
const ownerByGroup = person({ subject: 'sub-2', name: 'bob', groups: ['atlas/maintainers'] });
const stranger = person({ subject: 'sub-3', name: 'carol', groups: ['cms'] });
const reader = person({ role: 'reader' });
const memberKey = key({ onlyProjects: ['analysis'] });
const keyNamedAsAnOwner = key();
const ciToken: Identity = person({
  subject: 'ci:7',
  name: 'alice',
  via: 'ci-token',
  groups: ['atlas/maintainers'],
  onlyProjects: ['analysis'],
  ciRight: 'publish',
});

const analysis = { name: 'analysis', owners: ['alice', 'sub-1'], ownerGroups: ['atlas/maintainers'] };
const other = { name: 'other', owners: ['dave'] };

describe('changing', () => {
  it.each([
    ['an admin', admin, true, true, true],
    ['an owner by name', owner, true, false, false],
    ['an owner by subject', ownerBySubject, true, false, false],
    ['an owner by group', ownerByGroup, true, false, false],
    ['a stranger', stranger, false, false, false],
    ['a reader, even one with an owner’s name', reader, false, false, false],
    ['a key made for the project', memberKey, true, false, false],
    ['a key of no project, even one with an owner’s name', keyNamedAsAnOwner, false, false, false],
    ['a CI token of the project, even one with an owner’s name and groups', ciToken, false, false, false],
  ])('by %s', (_who, identity, ofTheirs, ofOthers, ofNone) => {
    expect(mayChange(identity, 'credential', analysis)).toBe(ofTheirs);
    expect(mayChange(identity, 'project', analysis)).toBe(ofTheirs);
    expect(mayChange(identity, 'credential', other)).toBe(ofOthers);
    expect(mayChange(identity, 'source', undefined)).toBe(ofNone);
    expect(mayChange(identity, 'project', undefined)).toBe(ofNone);
  });

  it('leaves a project’s limits and its place in GitLab to admins', () => {
    const before = {
      name: 'analysis',
      path: 'atlas/analysis',
      limits: { jobs: 1, cpus: 2 },
      owners: ['alice'],
    };
    const after = { ...before, limits: { cpus: 2, jobs: 1 }, owners: ['bob'], description: 'new' };
    expect(refusedFields(owner, 'project', before, after)).toEqual([]);
    const greedy = { ...after, path: 'cms/analysis', gitlabId: 3, limits: { jobs: 2, cpus: 2 } };
    expect(refusedFields(owner, 'project', before, greedy)).toEqual(['gitlabId', 'path', 'limits']);
    expect(refusedFields(admin, 'project', before, greedy)).toEqual([]);
    expect(refusedFields(owner, 'subscription', before, greedy)).toEqual([]);
  });

  it('lets an owner name credentials of the same project alone', () => {
    const credentialOf = (project?: string) => ({ kind: 'credential' as const, project });
    expect(mayReference(owner, credentialOf('analysis'), 'analysis')).toBe(true);
    expect(mayReference(owner, credentialOf('other'), 'analysis')).toBe(false);
    expect(mayReference(owner, credentialOf(), 'analysis')).toBe(false);
    expect(mayReference(owner, credentialOf(), undefined)).toBe(false);
    expect(mayReference(owner, { kind: 'cvmfs_repository', project: undefined }, 'analysis')).toBe(true);
    expect(mayReference(admin, credentialOf('other'), 'analysis')).toBe(true);
  });
});

describe('reading', () => {
  const kinds: readonly ResourceKind[] = ['project', 'credential', 'source', 'image_rule'];

  it('is open to whoever is signed in', () => {
    for (const identity of [admin, owner, stranger, reader, keyNamedAsAnOwner])
      for (const kind of kinds) {
        expect(mayRead(identity, kind, 'analysis')).toBe(true);
        expect(mayRead(identity, kind, undefined)).toBe(true);
      }
  });

  it.each([
    ['key', memberKey],
    ['CI token', ciToken],
  ])('ends for a narrow %s at its projects', (_what, narrow) => {
    expect(mayRead(narrow, 'credential', 'analysis')).toBe(true);
    expect(mayRead(narrow, 'credential', 'other')).toBe(false);
    expect(mayRead(narrow, 'credential', undefined)).toBe(false);
    expect(mayRead(narrow, 'cvmfs_repository', undefined)).toBe(true);
  });

  it('the audit trail is for owners, and admins', () => {
    expect(mayReadAudit(owner, analysis)).toBe(true);
    expect(mayReadAudit(stranger, analysis)).toBe(false);
    expect(mayReadAudit(owner, undefined)).toBe(false);
    expect(mayReadAudit(admin, undefined)).toBe(true);
    expect(mayReadAudit(ciToken, analysis)).toBe(false);
  });
});

describe('publishing now', () => {
  it.each([
    ['read', false, false],
    ['publish', true, false],
    ['change', true, true],
  ] as const)('and changing follow what the project lets CI jobs do: %s', (ciRight, publish, change) => {
    expect(mayPublish({ ...ciToken, ciRight }, analysis)).toBe(publish);
    expect(mayChange({ ...ciToken, ciRight }, 'image_rule', analysis)).toBe(change);
    expect(mayChange({ ...ciToken, ciRight }, 'image_rule', other)).toBe(false);
  });

  it('is for owners, and for the CI jobs of the project itself', () => {
    expect(mayPublish(owner, analysis)).toBe(true);
    expect(mayPublish(ciToken, analysis)).toBe(true);
    expect(mayPublish(ciToken, other)).toBe(false);
    expect(mayPublish(ciToken, undefined)).toBe(false);
    expect(mayPublish(stranger, analysis)).toBe(false);
    expect(mayPublish(reader, analysis)).toBe(false);
    expect(mayPublish(admin, undefined)).toBe(true);
  });
});
