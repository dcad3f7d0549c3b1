import { type Diracx, gridDeadlineMs, sharedDiracx, whyNoDiracx } from '#lab';

const reason = whyNoDiracx();

// Real: the run's DiracX server.
(reason === undefined ? describe : describe.skip)(reason ?? 'the DiracX of a test run', () => {
  let diracx: Diracx;
  beforeAll(async () => void (diracx = await sharedDiracx()), gridDeadlineMs);

  const exchange = (authorization: string): Promise<Response> => {
    const [preferred_username] = diracx.users;
    const query = new URLSearchParams({ preferred_username, scope: `vo:${diracx.vo} group:${diracx.group}` });
    return fetch(`${diracx.url}/api/auth/legacy-exchange?${query.toString()}`, {
      headers: { authorization },
    });
  };

  it('gives a token to whoever has its key, and to nobody else', async () => {
    expect((await exchange(`Bearer ${diracx.key}`)).status).toBe(200);
    expect((await exchange(`Bearer diracx:legacy:${'A'.repeat(43)}=`)).status).toBe(401);
  });

  it('takes a job', async () => {
    const token = (await (await exchange(`Bearer ${diracx.key}`)).json()) as {
      readonly access_token: string;
    };
    const response = await fetch(`${diracx.url}/api/jobs/jdl`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(['Executable = "/bin/true"; JobName = "lab"']),
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject([{ Status: 'Received' }]);
  });

  it('is one for all test files', async () => {
    expect((await sharedDiracx()).url).toBe(diracx.url);
  });
});
