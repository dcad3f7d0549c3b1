import { GitLabServer } from '#gitlab';
import { slipwayVersion } from '#service';

/** The GitLabs that are spoken to: one set of connections for each. */
export class GitLabs {
  private readonly open = new Map<string, GitLabServer>();

  of(url: string): GitLabServer {
    const known = this.open.get(url);
    if (known) return known;
    const server = new GitLabServer(url, `slipway ${slipwayVersion()} (gitlab-bridge)`);
    this.open.set(url, server);
    return server;
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((server) => server.close()));
  }
}
