import { itemDirectories, type JobOutputs, type JobTemplate } from '#contracts';
import { databaseError } from '#database';
import { zipAt, type ZipPart } from '#zip';
import type { DataSource } from 'typeorm';
import type { Attempt } from '../domain/attempt.js';
import type { OutputStore } from '../storage/outputs/output.store.js';

/** Parts of the zips that make the input, in order; or why the job cannot have it, for its log. */
export type FoundInput =
  | { readonly kind: 'found'; readonly parts: readonly ZipPart[] }
  | { readonly kind: 'refused'; readonly why: string };

interface Source {
  readonly id: string;
  readonly made_at: Date;
  readonly index: number;
}

/** What a job is given of what other jobs of its project brought back: its template says which, and it nothing else. */
export class JobInputs {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outputs: OutputStore,
  ) {}

  /**
   * @param number of the input, from 1
   * @throws temporary `database.unavailable`
   */
  async find(attempt: Attempt, number: number): Promise<FoundInput> {
    const [group] = await this.query<{ template: Pick<JobTemplate, 'inputs'> | null }>(
      'select template from job_group where id = $1',
      [attempt.groupId],
    );
    const wanted = group?.template?.inputs[number - 1]?.outputsOf;
    if (!wanted) return refused(`the job has no input ${number} that other jobs brought back`);
    return wanted.groupId === undefined
      ? this.ofJob(attempt, wanted)
      : this.ofGroup(attempt, wanted.groupId, wanted.path);
  }

  private async ofJob({ project }: Attempt, { jobId, path }: JobOutputs): Promise<FoundInput> {
    const [source] = await this.query<Source>(
      `select id, made_at, index from attempt
       where job_id = $1 and project = $2 and state = 'succeeded' order by number desc limit 1`,
      [jobId, project],
    );
    if (!source) return refused(`no job ${jobId} of the project ${project} has succeeded`);
    const parts = await this.partsOf([source], path);
    return parts.length === 0
      ? refused(`the job ${jobId} brought nothing back`)
      : { kind: 'found', parts: parts.map(({ part }) => part) };
  }

  private async ofGroup(
    { project }: Attempt,
    groupId: string,
    path: string | undefined,
  ): Promise<FoundInput> {
    const sources = await this.query<Source>(
      `select id, made_at, index from attempt
       where group_id = $1 and is_latest and state = 'succeeded' and project = $2 order by index`,
      [groupId, project],
    );
    if (sources.length === 0)
      return refused(`no job of a group ${groupId} of the project ${project} has succeeded`);
    const jobs = await this.query<{ key: string }>('select key from job where group_id = $1 order by index', [
      groupId,
    ]);
    const directories = itemDirectories(jobs.map(({ key }) => key));
    const parts = await this.partsOf(sources, path);
    return {
      kind: 'found',
      parts: parts.map(({ part, index }) => ({ ...part, under: directories[index] ?? String(index) })),
    };
  }

  /** Of those that brought something back. */
  private async partsOf(
    sources: readonly Source[],
    below: string | undefined,
  ): Promise<readonly { readonly part: ZipPart; readonly index: number }[]> {
    const found: { part: ZipPart; index: number }[] = [];
    for (const { id, made_at: madeAt, index } of sources) {
      const zipPath = await this.outputs.zipOf({ id, madeAt });
      if (zipPath !== undefined) found.push({ part: { zip: zipAt(zipPath), below: tidy(below) }, index });
    }
    return found;
  }

  private query<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.dataSource.query<Row[]>(text, [...values]).catch((thrown: unknown) => {
      throw databaseError(thrown) ?? thrown;
    });
  }
}

const refused = (why: string): FoundInput => ({ kind: 'refused', why });

/** As names in the zip are: `./a//b/` is `a/b`. */
const tidy = (path: string | undefined): string | undefined =>
  path
    ?.split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');
