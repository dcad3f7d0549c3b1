import { type CiJob, ciJob } from '#gitlab';
import { sayingOfAccount, sayingOfClaims, sayingOfGitLab } from './job-person.js';

const jobWith = (variables: Readonly<Record<string, string>>[]): CiJob =>
  ciJob.parse({
    id: 42,
    token: 't',
    job_info: { project_id: 7, user_id: 3 },
    git_info: { sha: 'abc' },
    variables: variables.flatMap((each) => Object.entries(each).map(([key, value]) => ({ key, value }))),
  });
const ada = jobWith([{ GITLAB_USER_LOGIN: 'ada' }]);
const liar = jobWith([{ GITLAB_USER_LOGIN: 'ada' }, { GITLAB_USER_LOGIN: 'root' }]);

const claims = { user_login: 'ada', user_id: '3', project_id: '7', job_id: '42', sha: 'abc' };

describe('who started a CI job', () => {
  it('is whom GitLab names, where nobody says otherwise', () => {
    expect(sayingOfGitLab(ada)).toMatchObject({ person: { name: 'ada', groups: [] } });
  });

  it('is not known where GitLab names nobody, or the job names somebody itself', () => {
    expect(sayingOfGitLab(jobWith([]))).toHaveProperty('words', expect.stringContaining('does not say who'));
    expect(sayingOfGitLab(liar)).toHaveProperty('words', expect.stringContaining('remove that variable'));
  });

  it('is known by the account, against which a variable does not count', () => {
    expect(sayingOfAccount(ada, 'ada')).toMatchObject({ person: { name: 'ada' } });
    const alone = jobWith([{ GITLAB_USER_LOGIN: 'root' }]);
    expect(sayingOfAccount(alone, 'ada')).toHaveProperty(
      'words',
      expect.stringContaining('ada started this job'),
    );
  });

  it('is known by the claims of its token, with the groups', () => {
    const groups_direct = ['atlas', 'atlas/higgs'];
    expect(sayingOfClaims(ada, { ...claims, groups_direct })).toEqual({
      person: { name: 'ada', groups: groups_direct },
      known: 'by its ID token',
    });
    expect(sayingOfClaims(ada, { ...claims, project_id: 7, job_id: 42 })).toMatchObject({
      person: { name: 'ada', groups: [] },
    });
  });

  it.each([
    ['job', { job_id: '43' }],
    ['project', { project_id: '8' }],
    ['commit', { sha: 'def' }],
    ['account', { user_id: '4' }],
  ])('is not known by the token of another %s', (what, other) => {
    expect(sayingOfClaims(ada, { ...claims, ...other })).toHaveProperty(
      'words',
      expect.stringContaining(`another ${what}`),
    );
  });

  it('is not known where the variable and the token disagree, or the token is not of a job', () => {
    expect(sayingOfClaims(ada, { ...claims, user_login: 'eve' })).toHaveProperty(
      'words',
      'GITLAB_USER_LOGIN says ada, but eve started this job: remove that variable',
    );
    expect(sayingOfClaims(liar, claims)).toHaveProperty('words', expect.stringContaining('says root'));
    expect(sayingOfClaims(ada, { sub: '7', user_login: 'ada' })).toHaveProperty(
      'words',
      expect.stringContaining('not the ID token of a CI job'),
    );
  });
});
