import { gitlabSystem, type InputOf } from '#contracts';
import { type Fields } from '../../domain/fields.js';
import { relay, type RelayedEvent } from '../../domain/parsed.js';
import type { GitlabDelivery } from './gitlab-delivery.js';

type SystemPayload = InputOf<typeof gitlabSystem>;

/**
 * A system hook, or a group hook about members and subgroups: flat payloads, different for each event. E-mail
 * addresses and public keys are left out.
 */
export function systemEvent({ body, source, instance, key }: GitlabDelivery): RelayedEvent {
  const updatedAt = body.moment('updated_at');
  const payload: SystemPayload = {
    source,
    instance,
    event: body.text('event_name', 100) ?? '',
    project: projectOf(body),
    formerPath: body.text('old_path_with_namespace', 500) ?? body.text('old_full_path', 500),
    group: groupOf(body),
    user: userIn(body),
    access: body.text('project_access', 50) ?? body.text('group_access', 50) ?? body.text('access_level', 50),
    refs: body.texts('refs', 100, 500),
    createdAt: body.moment('created_at'),
    updatedAt,
  };
  const about = { path: payload.project?.path ?? payload.group?.path };
  return relay(gitlabSystem, payload, { key, time: updatedAt, about });
}

function projectOf(body: Fields): SystemPayload['project'] {
  const project = body.object('project');
  const id = body.integer('project_id') ?? project.integer('id');
  if (id === undefined) return undefined;
  return {
    id,
    path:
      body.text('project_path_with_namespace', 500) ??
      body.text('path_with_namespace', 500) ??
      project.text('path_with_namespace', 500),
    url: project.text('web_url', 1_000),
  };
}

function groupOf(body: Fields): SystemPayload['group'] {
  const id = body.integer('group_id');
  if (id === undefined) return undefined;
  const path = body.text('full_path', 500) ?? body.text('group_path', 500) ?? body.text('path', 500);
  return { id, path, name: body.text('group_name', 500) ?? body.text('name', 500) };
}

function userIn(body: Fields): SystemPayload['user'] {
  const id = body.integer('user_id');
  const username = body.text('user_username') ?? body.text('username');
  if (id === undefined && username === undefined) return undefined;
  return { id, username, name: body.text('user_name') };
}
