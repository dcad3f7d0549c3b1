import { randomUUID } from 'node:crypto';
import { type Answer, jsonBody, refuse, required } from '../http/answer.js';
import { type Route } from '../http/server.js';
import { type Job } from '../job.js';
import { type HookEvent, type Person, type Project } from '../model.js';
import { type World } from '../world.js';
import { personOf, projectOf } from './identity.js';

const titles: Readonly<Record<HookEvent, string>> = {
  push: 'Push Hook',
  tag_push: 'Tag Push Hook',
  pipeline: 'Pipeline Hook',
  job: 'Job Hook',
};
const hookEvents = Object.keys(titles) as readonly HookEvent[];

/** One delivery of a project's hook. */
export interface Delivery {
  readonly event: HookEvent;
  readonly url: string;
  /** Undefined when nobody answered. */
  readonly status: number | undefined;
}

/** Calls hooks as GitLab does, each in its own time. */
export class Hooks {
  readonly deliveries: Delivery[] = [];
  private readonly underway = new Set<Promise<void>>();

  constructor(private readonly world: World) {
    world.onChange.push((job) => {
      this.send(job.pipeline.project, 'job', jobPayload(job));
    });
  }

  send(project: Project, event: HookEvent, payload: object): void {
    for (const hook of project.hooks.filter(({ events }) => events.includes(event))) {
      const work = this.deliver(hook.url, hook.token, event, payload).finally(() =>
        this.underway.delete(work),
      );
      this.underway.add(work);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.underway);
  }

  private async deliver(
    url: string,
    token: string | undefined,
    event: HookEvent,
    payload: object,
  ): Promise<void> {
    const headers = {
      'content-type': 'application/json',
      'User-Agent': 'GitLab/18.5.0',
      'X-Gitlab-Event': titles[event],
      'X-Gitlab-Instance': this.world.url,
      'X-Gitlab-Webhook-UUID': randomUUID(),
      'X-Gitlab-Event-UUID': randomUUID(),
      'Idempotency-Key': randomUUID(),
      ...(token === undefined ? {} : { 'X-Gitlab-Token': token }),
    };
    const status = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(10_000),
    }).then(
      (response) => response.status,
      () => undefined,
    );
    this.deliveries.push({ event, url, status });
  }
}

/** `POST /projects/:id/hooks`, for Maintainers and above. */
export function hookRoutes(world: World): readonly Route[] {
  return [
    {
      name: 'add-hook',
      method: 'POST',
      pattern: '/api/v4/projects/:project/hooks',
      handle: async (call): Promise<Answer> => {
        const person = personOf(world, call);
        const project = projectOf(world, call, person);
        if ((project.members.get(person.id) ?? 0) < 40) throw refuse(403);
        const body = await jsonBody(call);
        const url = required(body, 'url');
        if (!URL.canParse(url)) throw refuse(422, '422 Unprocessable Entity - Invalid url given');
        const events = hookEvents.filter(
          (event) => body[`${event}_events`] === true || (event === 'push' && body['push_events'] !== false),
        );
        const hook = { id: world.nextId(), url, token: body['token'] as string | undefined, events };
        project.hooks.push(hook);
        return { status: 201, body: { id: hook.id, url, project_id: project.id } };
      },
    },
  ];
}

/** What a push hook tells. */
export function pushPayload(
  world: World,
  project: Project,
  push: {
    readonly ref: string;
    readonly before: string;
    readonly after: string;
    readonly message: string;
    readonly user: Person;
  },
): object {
  const kind = push.ref.startsWith('refs/tags/') ? 'tag_push' : 'push';
  const url = `${world.url}/${project.path}`;
  return {
    object_kind: kind,
    event_name: kind,
    before: push.before,
    after: push.after,
    ref: push.ref,
    ref_protected: push.ref === `refs/heads/${project.defaultBranch}`,
    checkout_sha: push.after,
    user_id: push.user.id,
    user_name: push.user.name,
    user_username: push.user.login,
    user_email: '',
    project_id: project.id,
    project: {
      id: project.id,
      name: project.path.split('/').at(-1),
      web_url: url,
      git_http_url: `${url}.git`,
      namespace: project.path.split('/')[0],
      path_with_namespace: project.path,
      default_branch: project.defaultBranch,
      visibility_level: 0,
    },
    commits: [
      {
        id: push.after,
        message: push.message,
        title: push.message.split('\n')[0],
        timestamp: new Date().toISOString(),
        url: `${url}/-/commit/${push.after}`,
        author: { name: push.user.name, email: push.user.email },
        added: [],
        modified: [],
        removed: [],
      },
    ],
    total_commits_count: 1,
    repository: { name: project.path.split('/').at(-1), url: `${url}.git`, homepage: url },
  };
}

function jobPayload(job: Job): object {
  const { pipeline } = job;
  return {
    object_kind: 'build',
    ref: pipeline.ref,
    tag: pipeline.tag,
    before_sha: pipeline.beforeSha,
    sha: pipeline.sha,
    build_id: job.id,
    build_name: job.name,
    build_stage: job.definition.stage,
    build_status: job.state,
    build_failure_reason: job.failureReason ?? 'unknown_failure',
    build_allow_failure: job.definition.allowFailure === true,
    pipeline_id: pipeline.id,
    project_id: pipeline.project.id,
    project_name: pipeline.project.path,
    user: {
      id: pipeline.user.id,
      name: pipeline.user.name,
      username: pipeline.user.login,
      email: pipeline.user.email,
    },
  };
}
