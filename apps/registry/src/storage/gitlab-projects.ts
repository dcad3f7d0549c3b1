import type { DataSource } from 'typeorm';
import { projectResource, type SettingsOf } from '#contracts';

/** The projects that have this number or path in GitLab, whichever GitLab it is. */
export async function findGitlabProjects(
  dataSource: DataSource,
  { id, path }: { readonly id: number; readonly path: string },
): Promise<readonly SettingsOf<typeof projectResource>[]> {
  const rows = await dataSource.query<{ readonly spec: unknown }[]>(
    `select spec from resource_version
     where kind = 'project' and valid_to is null and not gone
       and (spec ->> 'gitlabId' = $1 or lower(spec ->> 'path') = lower($2))
     order by name limit 50`,
    [String(id), path],
  );
  return rows.map(({ spec }) => projectResource.schema.parse(spec));
}
