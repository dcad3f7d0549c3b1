import { identityOf, isOfCiJob, personOf } from './claims.js';

describe('who a provider’s claims name', () => {
  it.each([
    ['Keycloak', { groups: ['/atlas/owners', 'cms'] }, ['atlas/owners', 'cms']],
    [
      'GitLab',
      { groups_direct: ['atlas'], 'https://gitlab.org/claims/groups/owner': ['lhcb'] },
      ['atlas', 'lhcb'],
    ],
    ['GitLab’s maintainers', { 'https://gitlab.org/claims/groups/maintainer': ['atlas'] }, ['atlas']],
    ['INDIGO IAM', { 'wlcg.groups': ['/wlcg', '/wlcg/pilots'] }, ['wlcg', 'wlcg/pilots']],
    ['AARC, as one text', { eduperson_entitlement: 'urn:geant:x:group:vo' }, ['urn:geant:x:group:vo']],
    ['nonsense', { groups: [1, null, '', { a: 1 }], 'wlcg.groups': 7 }, []],
    ['the same group twice', { groups: ['a', '/a'] }, ['a']],
  ])('has the groups of %s', (_who, claims, groups) => {
    expect(personOf({ sub: '7', ...claims })?.groups).toEqual(groups);
  });

  it('has no name that people choose themselves', () => {
    expect(personOf({ sub: '7', name: 'admin', nickname: 'admin' })?.name).toBe('7');
    expect(personOf({ sub: '7', preferred_username: 'ada', name: 'admin' })?.name).toBe('ada');
    expect(personOf({ sub: '7', preferred_username: ' ada' })?.name).toBe('7');
  });

  it('is nobody without a subject', () => {
    for (const sub of [undefined, '', 7, 'x'.repeat(256)]) expect(personOf({ sub })).toBeUndefined();
  });
});

describe('what a person may', () => {
  const ada = { subject: '7', name: 'ada', groups: ['atlas'] };
  const roleOf = (admins: string[], allowed: string[] = []): string | undefined =>
    identityOf(ada, 'session', { admins, allowed })?.role;

  it('follows the settings, by subject, name or group', () => {
    expect(roleOf([])).toBe('member');
    for (const entry of ['7', 'ada', 'group:atlas']) expect(roleOf([entry])).toBe('admin');
    for (const entry of ['atlas', 'group:ada', 'group:', '']) expect(roleOf([entry])).toBe('member');
  });

  it('is nothing for whom the settings leave out, unless they are an admin', () => {
    expect(roleOf([], ['bob'])).toBeUndefined();
    expect(roleOf([], ['bob', 'group:atlas'])).toBe('member');
    expect(roleOf(['ada'], ['bob'])).toBe('admin');
  });
});

it('a token of a CI job is told from a person’s by any of its marks', () => {
  for (const claims of [
    { job_id: '1' },
    { pipeline_id: '1' },
    { project_path: 'a/b' },
    { sub: 'project_path:a/b' },
  ])
    expect(isOfCiJob({ sub: '7', ...claims })).toBe(true);
  expect(isOfCiJob({ sub: '7', groups_direct: ['a'] })).toBe(false);
});
