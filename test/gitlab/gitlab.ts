import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRepository } from './git/repository.js';
import { gitRoutes } from './git/http.js';
import { largeFileRoutes } from './git/large-files.js';
import { type Faults } from './http/faults.js';
import { type RecordedRequest } from './http/record.js';
import { ApiServer, type Route } from './http/server.js';
import { type Job } from './job.js';
import { type Limits, type Person, type Project, type Runner } from './model.js';
import { makeIdTokens } from './oidc.js';
import { makeProject, type ProjectOptions, TestProject } from './project.js';
import { hookRoutes, Hooks } from './rest/hooks.js';
import { pipelineRoutes } from './rest/pipelines.js';
import { jobRoutes } from './rest/jobs.js';
import { projectRoutes } from './rest/projects.js';
import { statusRoutes } from './rest/statuses.js';
import { artifactRoutes } from './runner-api/artifacts.js';
import { jobRequestRoute } from './runner-api/job-request.js';
import { runnerRoutes } from './runner-api/runners.js';
import { stateRoute } from './runner-api/state.js';
import { traceRoute } from './runner-api/trace.js';
import { World } from './world.js';

/** How this GitLab differs from one out of the box. */
export interface GitLabOptions {
  readonly limits?: Partial<Limits>;
  /** Whether runners that can have to confirm each job; so unless told. */
  readonly twoPhases?: boolean;
  /** The port to listen on; a free one unless told. */
  readonly port?: number;
}

/** Which jobs a runner may have, as an admin sets it on its page. */
export interface RunnerOptions {
  readonly tags?: readonly string[];
  /** Also jobs without tags; so when it has no tags itself. */
  readonly runUntagged?: boolean;
  /** Only jobs of these projects. */
  readonly projects?: readonly TestProject[];
}

const watchMs = 500;

/** A GitLab for tests: what a runner, git and a few tools need of one, as strict as the real one. */
export class TestGitLab {
  private constructor(
    private readonly world: World,
    private readonly server: ApiServer,
    private readonly directory: string,
    private readonly watch: NodeJS.Timeout,
    /** Calls of hooks. */
    readonly hooks: Hooks,
  ) {}

  static async start(options: GitLabOptions): Promise<TestGitLab> {
    const idTokens = makeIdTokens();
    const world = new World(idTokens);
    Object.assign(world.limits, options.limits);
    world.twoPhases = options.twoPhases ?? true;
    const keys: Route = {
      name: 'keys',
      method: 'GET',
      pattern: '/oauth/discovery/keys',
      handle: () => ({ status: 200, body: { keys: idTokens.keys() } }),
    };
    const discovery: Route = {
      name: 'discovery',
      method: 'GET',
      pattern: '/.well-known/openid-configuration',
      handle: () => ({
        status: 200,
        body: {
          issuer: world.url,
          jwks_uri: `${world.url}/oauth/discovery/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        },
      }),
    };
    const server = new ApiServer([
      keys,
      discovery,
      ...runnerRoutes(world),
      jobRequestRoute(world),
      traceRoute(world),
      stateRoute(world),
      ...artifactRoutes(world),
      ...statusRoutes(world),
      ...hookRoutes(world),
      ...pipelineRoutes(world),
      ...projectRoutes(world),
      ...jobRoutes(world),
      ...largeFileRoutes(world),
      ...gitRoutes(world),
    ]);
    await server.open(options.port);
    world.url = server.url;
    const directory = await mkdtemp(join(tmpdir(), 'slipway-gitlab-'));
    const watch = setInterval(() => {
      world.dropSilent();
    }, watchMs).unref();
    return new TestGitLab(world, server, directory, watch, new Hooks(world));
  }

  get url(): string {
    return this.server.url;
  }

  /** Changing one changes what is done from now on. */
  get limits(): Limits {
    return this.world.limits;
  }

  /** Whether runners that can have to confirm each job from now on. */
  set twoPhases(isAsked: boolean) {
    this.world.twoPhases = isAsked;
  }

  /** Every request that came, in order. */
  get requests(): readonly RecordedRequest[] {
    return this.server.requests;
  }

  get faults(): Faults {
    return this.server.faults;
  }

  /** What a real GitLab would have let pass, and a good client does not do. */
  get complaints(): readonly string[] {
    return this.world.complaints;
  }

  get jobs(): readonly Job[] {
    return this.world.jobs;
  }

  /** The requests of one kind, such as `trace`. */
  requestsOf(call: string): readonly RecordedRequest[] {
    return this.requests.filter((request) => request.call === call);
  }

  addPerson(login: string): Person {
    const id = this.world.nextId();
    const person = { id, login, name: login, email: `${login}@example.org` };
    this.world.people.push(person);
    return person;
  }

  /** A personal access token of this person. */
  addToken(person: Person): string {
    const token = `glpat-${randomBytes(15).toString('base64url')}`;
    this.world.tokens.set(token, person);
    return token;
  }

  /** A project whose repository has these files in its first commit; its owner is `owner`, or a new `alice`. */
  async createProject(options: ProjectOptions): Promise<TestProject> {
    const owner = options.owner ?? this.world.people[0] ?? this.addPerson('alice');
    const repository = join(this.directory, `${this.world.nextId()}.git`);
    const project: Project = makeProject(this.world, options, owner, repository);
    await makeRepository(repository, project.defaultBranch, project.objectFormat);
    const made = new TestProject(this.world, this.hooks, project, owner);
    await made.commit({ files: options.files, message: 'Begin' });
    return made;
  }

  /** A runner as its page in GitLab makes it; its token is what it is registered with. */
  createRunner(options: RunnerOptions = {}): Runner {
    const tags = options.tags ?? [];
    const runner: Runner = {
      id: this.world.nextId(),
      token: `glrt-${randomBytes(15).toString('base64url')}`,
      tags,
      runUntagged: options.runUntagged ?? tags.length === 0,
      projects: options.projects?.map(({ id }) => id),
      managers: new Map(),
      paused: false,
      queueValue: randomBytes(16).toString('hex'),
    };
    this.world.runners.push(runner);
    return runner;
  }

  /** From now on nobody answers; connections are cut. */
  async goDown(): Promise<void> {
    this.world.endWaits();
    await this.server.close();
  }

  /** Answers again, at the same address. */
  async comeBack(): Promise<void> {
    await this.server.open();
  }

  async close(): Promise<void> {
    clearInterval(this.watch);
    this.world.endWaits();
    await this.server.close();
    await this.hooks.settled();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Starts a GitLab, on a free port unless told which; close it in the end. */
export async function startGitLab(options: GitLabOptions = {}): Promise<TestGitLab> {
  return TestGitLab.start(options);
}
