import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendResource } from '#contracts';
import { backendKinds, type GridBackend, type GridIdentity, openBackend } from '#grid';
import { submissionOf } from './conformance.js';

const claims = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1_000) + 600 })).toString(
  'base64url',
);
const token = `e30.${claims}.c2lnbmF0dXJl`;
const proxy = '-----BEGIN CERTIFICATE-----\nsecretproxy\n-----END CERTIFICATE-----';

/** Writes down what it was given: arguments, environment, and whatever file the environment names. */
const tool = (log: string, exit: number): string => `#!/bin/sh
exec >>'${log}' 2>&1 3>&1
echo "ARGS $*"
env | sed 's/^/ENV /'
for file in "\${_condor_SEC_TOKEN_DIRECTORY:-/none}"/* "$BEARER_TOKEN_FILE" "$X509_USER_PROXY"; do
  [ -f "$file" ] && { ls -l "$file" | sed 's/^/FILE /'; sed 's/^/SECRET /' "$file"; }
done
sed 's/^/INPUT /'
exit ${exit}
`;

// Real: files and processes. Stand-in: HTCondor's tools, which write down what they are given.
describe('a credential in a call of HTCondor’s tools', () => {
  let directory = '';
  let backend: GridBackend;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-credentials-'));
    const settings = backendResource.schema.parse({ name: 'pool', kind: 'htcondor', tools: directory });
    const logger = { info: () => {}, warn: () => {} };
    backend = await openBackend(backendKinds, { settings, house: 'house', directory, logger });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function submitted(identity: Pick<GridIdentity, 'type' | 'secret'>, exit = 0): Promise<string> {
    const log = join(directory, 'log');
    await writeFile(join(directory, 'condor_submit'), tool(log, exit), { mode: 0o755 });
    const call = { identity: { name: 'ada', ...identity }, signal: AbortSignal.timeout(30_000) };
    // Its answer is none of HTCondor's.
    const error: unknown = await backend
      .submit(submissionOf(['true']), call)
      .catch((cause: unknown) => cause);
    expect(String(error)).not.toContain(identity.secret());
    return existsSync(log) ? readFile(log, 'utf8') : '';
  }
  const linesOf = (log: string, kind: string): readonly string[] =>
    log.split('\n').flatMap((line) => (line.startsWith(`${kind} `) ? line.slice(kind.length + 1) : []));
  const left = async (): Promise<readonly string[]> =>
    (await readdir(join(directory, 'htcondor', 'pool'))).filter((name) => name.startsWith('credential'));

  it.each([
    ['an IDTOKEN', 'htcondor-idtoken', token, '_condor_SEC_TOKEN_DIRECTORY'],
    ['an X.509 proxy', 'x509-proxy', proxy, 'X509_USER_PROXY'],
  ] as const)(
    '%s is a file of 0600 for that call alone, and in no argument',
    async (_, type, secret, variable) => {
      for (const exit of [0, 1]) {
        const log = await submitted({ type, secret: () => secret }, exit);
        expect(linesOf(log, 'SECRET').join('\n')).toContain(secret);
        for (const file of linesOf(log, 'FILE')) expect(file).toMatch(/^-rw-------/);
        expect(linesOf(log, 'ENV').some((line) => line.startsWith(`${variable}=${directory}/`))).toBe(true);
        for (const kind of ['ARGS', 'ENV', 'INPUT']) {
          expect(linesOf(log, kind).join('\n')).not.toContain(secret.split('\n')[1] ?? secret);
          expect(linesOf(log, kind).join('\n')).not.toContain(token);
        }
        expect(await left()).toEqual([]);
      }
    },
  );

  it('a tool hears nothing of the service’s own environment', async () => {
    process.env['SLIPWAY_TEST_SECRET'] = 'leaked';
    try {
      const log = await submitted({ type: 'htcondor-idtoken', secret: () => token });
      expect(linesOf(log, 'ENV')).toContainEqual(expect.stringMatching(/^PATH=/));
      expect(log).not.toContain('leaked');
    } finally {
      delete process.env['SLIPWAY_TEST_SECRET'];
    }
  });

  it('a credential that HTCondor does not know reaches no tool', async () => {
    expect(await submitted({ type: 'diracx-key', secret: () => token })).toBe('');
    expect(await left()).toEqual([]);
  });
});
