import type { SpawnedService } from '#lab';
import { waitFor } from '#lab';
import type { OpenidStandIn } from '../../../../test/stand-ins/openid-provider/start.js';
import { askingWith } from '../asking.js';

/** Everybody who may come, from nobody to an admin. */
export const everybody = [
  'nobody',
  'expired key',
  'reader',
  'reader of another project',
  'owner of another project',
  'CI job of another project',
  'CI job',
  'owner',
  'owner by group',
  'admin',
] as const;

/** One column of the matrix of rights: a test asks every route as each of them. */
export type Who = (typeof everybody)[number];

/** The token of each; of nobody there is none. */
export type Tokens = Readonly<Record<Who, string | undefined>>;

interface Parts {
  readonly copy: Pick<SpawnedService, 'url'>;
  readonly adminKey: string;
  readonly provider: OpenidStandIn;
  readonly publicUrl: string;
}

/** The project `mine` is owned by one key, a group of the provider's and GitLab's project 42; `theirs` by others. */
export async function tokensOf({ copy, adminKey, provider, publicUrl }: Parts): Promise<Tokens> {
  const admin = askingWith(copy.url, adminKey);
  const keyOf = async (wanted: object): Promise<string> => {
    const made = await admin('POST', '/api/v1/api-keys', { name: 'of the matrix', ...wanted });
    if (made.status !== 201) throw new Error(made.text);
    return String((made.body as { key: unknown }).key);
  };
  const ciToken = async (projectId: number, path: string): Promise<string> => {
    const claims = { aud: publicUrl, sub: `project_path:${path}`, project_path: path, job_id: '1' };
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await provider.sign({ ...claims, project_id: String(projectId), ref_protected: 'true' }),
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    });
    const answer = await fetch(`${copy.url}/api/v1/token`, { method: 'POST', body });
    if (!answer.ok) throw new Error(await answer.text());
    return String(((await answer.json()) as { access_token: unknown }).access_token);
  };
  const expired = await keyOf({ role: 'admin', expiresIn: '1s' });
  const jwt = { sub: '1002', aud: provider.clientId, preferred_username: 'otto', groups: ['/atlas/owners'] };
  const tokens: Tokens = {
    nobody: undefined,
    'expired key': expired,
    reader: await keyOf({ role: 'reader' }),
    'reader of another project': await keyOf({ role: 'reader', onlyProjects: ['theirs'] }),
    'owner of another project': await keyOf({ role: 'member', onlyProjects: ['theirs'] }),
    'CI job of another project': await ciToken(43, 'cms/theirs'),
    'CI job': await ciToken(42, 'atlas/mine'),
    owner: await keyOf({ role: 'member', onlyProjects: ['mine'] }),
    'owner by group': await provider.sign(jwt),
    admin: adminKey,
  };
  const isOver = async (): Promise<boolean> =>
    (await askingWith(copy.url, expired)('GET', '/api/v1/me')).status === 401;
  await waitFor(isOver, { what: 'the end of the key' });
  return tokens;
}
