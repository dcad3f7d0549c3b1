import { gitlabFinding } from './gitlab-findings.js';

const server = { name: 'main', url: 'https://gitlab.example.org' };

describe('what the diagnosis says of a GitLab server', () => {
  it('is that names are believed where it cannot be asked, and what to do about it', () => {
    expect(gitlabFinding(server)).toEqual({
      name: 'GitLab server main',
      ok: true,
      detail:
        'https://gitlab.example.org: who started a CI job without an ID token is believed, for it cannot be asked',
      advice: 'give it a credential, or set SLIPWAY_REQUIRE_ID_TOKEN for gitlab-bridge',
    });
    expect(gitlabFinding({ ...server, credential: 'api' })).toEqual({
      name: 'GitLab server main',
      ok: true,
      detail: 'https://gitlab.example.org: it is asked who started a CI job, by api',
    });
  });
});
