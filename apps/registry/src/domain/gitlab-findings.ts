import type { Finding } from '#api';
import type { GitLabServerSettings } from '#contracts';

/** How it is known who starts CI jobs there. */
export function gitlabFinding({ name, url, credential }: GitLabServerSettings): Finding {
  const about = { name: `GitLab server ${name}`, ok: true };
  if (credential !== undefined)
    return { ...about, detail: `${url}: it is asked who started a CI job, by ${credential}` };
  return {
    ...about,
    detail: `${url}: who started a CI job without an ID token is believed, for it cannot be asked`,
    advice: 'give it a credential, or set SLIPWAY_REQUIRE_ID_TOKEN for gitlab-bridge',
  };
}
