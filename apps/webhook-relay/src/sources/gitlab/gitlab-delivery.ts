import type { InputOf, Message } from '#contracts';
import { type Fields } from '../../domain/fields.js';
import { relay, type RelayedEvent } from '../../domain/parsed.js';

/** A GitLab payload with what its request says about it. */
export interface GitlabDelivery {
  readonly body: Fields;
  /** Name of the source. */
  readonly source: string;
  /** URL of the GitLab instance; older ones do not say. */
  readonly instance: string | undefined;
  readonly key: string;
}

/** A GitLab event’s fields that are read alike in all. */
export function commonOf({ body, source, instance }: GitlabDelivery): {
  source: string;
  instance: string | undefined;
  project: {
    id: number;
    path: string | undefined;
    url: string | undefined;
    defaultBranch: string | undefined;
  };
  user: ReturnType<typeof userOf>;
} {
  const project = body.object('project');
  const url = project.text('web_url', 1_000) ?? body.object('repository').text('homepage', 1_000);
  const id =
    project.integer('id') ??
    body.integer('project_id') ??
    body.object('object_attributes').integer('project_id') ??
    body.object('object_attributes').integer('target_project_id');
  return {
    source,
    instance,
    project: {
      // Without one the event is unreadable: -1 fits no schema.
      id: id ?? -1,
      path: project.text('path_with_namespace', 500) ?? pathIn(url, instance),
      url,
      defaultBranch: project.text('default_branch', 500),
    },
    user: userOf(body.object('user')),
  };
}

/** Who, without the e-mail address. */
export function userOf(
  user: Fields,
): { id: number | undefined; username: string | undefined; name: string | undefined } | undefined {
  if (!user.present) return undefined;
  return { id: user.integer('id'), username: user.text('username'), name: user.text('name') };
}

/** The merge request that a hook about something else names. */
export function mergeRequestOf(body: Fields):
  | {
      id: number | undefined;
      iid: number;
      sourceBranch: string | undefined;
      targetBranch: string | undefined;
    }
  | undefined {
  const request = body.object('merge_request');
  const iid = request.integer('iid');
  if (iid === undefined) return undefined;
  return {
    id: request.integer('id'),
    iid,
    sourceBranch: request.text('source_branch', 500),
    targetBranch: request.text('target_branch', 500),
  };
}

/** The titles of labels. */
export function labelsOf(labels: readonly Fields[]): string[] {
  return labels.flatMap((label) => label.text('title') ?? []);
}

/** An event about one project. What the payload lacks is found out by {@link isReadable}. */
export function projectEvent<M extends Message>(
  message: M,
  delivery: GitlabDelivery,
  payload: InputOf<M> & { project: { path?: string | undefined } },
  at: string | undefined,
): RelayedEvent {
  const path = payload.project.path;
  return relay(message, payload, { key: delivery.key, time: at, about: { path } });
}

/** Whether the payload had all that its message needs. */
export function isReadable(event: RelayedEvent): boolean {
  return event.message.schema.safeParse(event.payload).success;
}

/** Job payloads of older versions name the project by its page alone. */
function pathIn(url: string | undefined, instance: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const root = instance !== undefined && URL.canParse(instance) ? new URL(instance).pathname : '/';
  const { pathname } = new URL(url);
  const inside = pathname.startsWith(root) ? pathname.slice(root.length) : pathname;
  return inside.replace(/^\/+|\/+$/g, '').slice(0, 500) || undefined;
}
