import type { GitLabServer } from '#gitlab';
import { z } from 'zod';
import type { JobsGitLab } from './job-persons.js';

const lastsMs = 600_000;
const mostKept = 10_000;

const account = z.object({ id: z.int(), username: z.string().min(1) });

/** User names by the number of the account: that one no variable can change. */
export class GitLabAccounts {
  private readonly known = new Map<string, { readonly username: string; readonly until: number }>();

  constructor(
    private readonly server: (url: string) => GitLabServer,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Undefined where the house may not ask this GitLab, or it does not say.
   * @throws AppError (temporary) `gitlab.*`
   */
  async usernameOf({ url, apiToken }: JobsGitLab, id: number): Promise<string | undefined> {
    if (!apiToken || id <= 0) return undefined;
    const key = `${url} ${id}`;
    const found = this.known.get(key);
    if (found && found.until > this.now()) return found.username;
    const headers = { 'private-token': apiToken() };
    const answer = await this.server(url).ask({ method: 'GET', path: `users/${id}`, headers });
    const { data } = account.safeParse(answer.json);
    if (answer.status !== 200 || data?.id !== id) return undefined;
    if (this.known.size >= mostKept) this.known.clear();
    this.known.set(key, { username: data.username, until: this.now() + lastsMs });
    return data.username;
  }
}
