import type { Finding } from '#api';
import type { BackendSettings } from '#contracts';

/** What a server said when it was asked whether it is there: a status, or why there is none. */
export type Asked = { readonly status: number } | { readonly status: undefined; readonly reason: string };

/** The address that tells whether a backend is there; undefined where a tool beside the submitter has to be asked. */
export const addressOf = ({ kind, url }: BackendSettings): string | undefined =>
  kind === 'slurm' || kind === 'diracx' ? url : undefined;

/** What is known of a backend. `asked`: what its server said, where it has an address. */
export function backendFinding({ name: backend, kind, url }: BackendSettings, asked?: Asked): Finding {
  const name = `backend ${backend}`;
  if (kind === 'local') return { name, ok: true, detail: 'local: jobs run beside grid-submitter' };
  if (!asked)
    return {
      name,
      ok: true,
      detail: `${kind}: not asked from here; grid-submitter has its tools, and checks`,
    };
  const of = `${kind} at ${url}`;
  const advice = 'see whether the URL is right, the server runs, and a firewall lets the registry through';
  if (asked.status === undefined)
    return { name, ok: false, detail: `${of} does not answer: ${asked.reason}`, advice };
  // Whether we may come in is for who has the credential to find out; that something speaks HTTP there is enough.
  if (asked.status < 500) return { name, ok: true, detail: `${of} answers (${asked.status})` };
  return { name, ok: false, detail: `${of} answers ${asked.status}`, advice };
}
