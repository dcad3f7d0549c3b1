import type { DataSource } from 'typeorm';
import { ShortMemory } from '../access/short-memory.js';
import { belongingOf, type GitlabProject, isSameProject } from '../domain/event-projects.js';
import { KnownRules } from '../publications/known-rules.js';
import { findGitlabProjects } from '../storage/gitlab-projects.js';

/** Milliseconds: there may be many rules, and events come in bursts. */
const rulesMs = 1_000;

/** To which projects of the registry an event belongs. */
export class EventProjects {
  private readonly rules: ShortMemory<Awaited<ReturnType<KnownRules['projectsOf']>>>;

  constructor(private readonly dataSource: DataSource) {
    const known = new KnownRules(dataSource);
    this.rules = new ShortMemory(() => known.projectsOf(), rulesMs);
  }

  /** Their names; none: it is the house's alone. */
  async of(event: string, data: unknown): Promise<readonly string[]> {
    const belonging = belongingOf(event, data);
    if (belonging.of === 'house') return [];
    if (belonging.of === 'project') return [belonging.name];
    if (belonging.of === 'gitlab') return this.ofGitlab(belonging.project);
    if (belonging.of === 'resource')
      return this.ofResource(belonging.kind, belonging.name, belonging.version);
    return (await this.rules.get('all'))(belonging.image).filter((name) => name !== undefined);
  }

  /** In that version: it may have moved since, and of one that is gone the event does not tell. */
  private async ofResource(kind: string, name: string, version: number): Promise<readonly string[]> {
    const rows = await this.dataSource.query<{ project: string | null }[]>(
      'select project from resource_version where kind = $1 and name = $2 and version = $3',
      [kind, name, version],
    );
    return rows.flatMap(({ project }) => project ?? []);
  }

  private async ofGitlab(said: GitlabProject): Promise<readonly string[]> {
    const found = await findGitlabProjects(this.dataSource, { id: said.id, path: said.path ?? '' });
    return found.filter((project) => isSameProject(project, said)).map(({ name }) => name);
  }
}
