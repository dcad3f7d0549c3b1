import { cancel } from './ci/cancel.js';
import { commit, type FileContent, git, noCommit, type ObjectFormat, tipOf } from './git/repository.js';
import { pointerTo } from './git/large-files.js';
import { type Job } from './job.js';
import {
  type CommitStatus,
  type HookEvent,
  type Person,
  type Pipeline,
  type Project,
  type ProjectVariable,
} from './model.js';
import { type PipelineOptions, runPipeline } from './pipeline.js';
import { type Hooks, pushPayload } from './rest/hooks.js';
import { type World } from './world.js';

/** What a project begins with; its first commit has these files. */
export interface ProjectOptions {
  /** Group and name; `lhcb/analysis` unless told. */
  readonly path?: string;
  readonly files: Readonly<Record<string, FileContent>>;
  /** SHA-1 unless told. */
  readonly objectFormat?: ObjectFormat;
  readonly owner?: Person;
  readonly variables?: readonly ProjectVariable[];
}

/** The project without its repository, which is made beside it; `owner` is its Owner. */
export function makeProject(
  world: World,
  options: ProjectOptions,
  owner: Person,
  repository: string,
): Project {
  const project: Project = {
    id: world.nextId(),
    namespaceId: world.nextId(),
    path: options.path ?? 'lhcb/analysis',
    defaultBranch: 'main',
    repository,
    objectFormat: options.objectFormat ?? 'sha1',
    largeFiles: new Map(),
    variables: [...(options.variables ?? [])],
    hooks: [],
    statuses: [],
    members: new Map([[owner.id, 50]]),
  };
  world.projects.push(project);
  return project;
}

/** A pipeline that runs, for tests to look at. */
export interface TestPipeline {
  readonly id: number;
  readonly sha: string;
  /** The last try of each job, as the definition has them. */
  jobs(): readonly Job[];
  /** The last try of this job. Throws when the pipeline has none of this name. */
  job(name: string): Job;
  /** Every try of each job, in the order in which they came to be. */
  tries(): readonly Job[];
}

/** What a test does with a project. */
export class TestProject {
  constructor(
    private readonly world: World,
    private readonly hooks: Hooks,
    private readonly project: Project,
    private readonly owner: Person,
  ) {}

  get id(): number {
    return this.project.id;
  }

  get path(): string {
    return this.project.path;
  }

  /** The directory of the bare repository. */
  get repository(): string {
    return this.project.repository;
  }

  get statuses(): readonly CommitStatus[] {
    return this.project.statuses;
  }

  get variables(): ProjectVariable[] {
    return this.project.variables;
  }

  /** Gives a person access: 30 is a Developer, 40 a Maintainer. */
  addMember(person: Person, level: number): void {
    this.project.members.set(person.id, level);
  }

  addHook(url: string, token: string | undefined, events: readonly HookEvent[] = ['push']): void {
    this.project.hooks.push({ id: this.world.nextId(), url, token, events });
  }

  /** Commits to a branch, and calls the push hooks; gives the commit's SHA. */
  async commit(options: {
    readonly files: Readonly<Record<string, FileContent>>;
    readonly message?: string;
    readonly branch?: string;
  }): Promise<string> {
    const { files, message = 'Change', branch = this.project.defaultBranch } = options;
    const ref = `refs/heads/${branch}`;
    const before = (await tipOf(this.repository, ref)) ?? noCommit(this.project.objectFormat);
    const author = `${this.owner.name} <${this.owner.email}>`;
    const after = await commit(this.repository, { branch, message, author, files });
    const payload = pushPayload(this.world, this.project, { ref, before, after, message, user: this.owner });
    this.hooks.send(this.project, 'push', payload);
    return after;
  }

  /** Keeps a file beside the repository, as Git LFS does; gives what is to be committed in its place. */
  keepLargeFile(content: string): string {
    return pointerTo(this.project, Buffer.from(content));
  }

  /** Puts a tag on the tip of the default branch. */
  async tag(name: string): Promise<void> {
    await git(this.repository, ['tag', name, this.project.defaultBranch]);
  }

  /** Starts a pipeline: its jobs are queued as their stages allow. */
  async runPipeline(options: PipelineOptions = {}): Promise<TestPipeline> {
    const pipeline = await runPipeline(this.world, this.project, { user: this.owner, ...options });
    return this.view(pipeline);
  }

  /** Cancels a job as a person does; `isForced` as with its button pressed again. */
  cancel(job: Job, isForced = false): void {
    cancel(job, isForced);
  }

  /** Starts a job that waits for somebody to play it. Throws for one that does not. */
  play(job: Job): void {
    if (job.state !== 'manual') throw new Error(`${job.name} is ${job.state}: Unplayable Job`);
    job.become('pending');
  }

  private view(pipeline: Pipeline): TestPipeline {
    const { world } = this;
    return {
      id: pipeline.id,
      sha: pipeline.sha,
      jobs: () => world.jobsOf(pipeline),
      job: (name) => {
        const found = world.jobsOf(pipeline).find((job) => job.name === name);
        if (!found) throw new Error(`the pipeline has no job ${name}`);
        return found;
      },
      tries: () => world.jobs.filter((job) => job.pipeline === pipeline),
    };
  }
}
