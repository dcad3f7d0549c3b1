import { gitlabIssue, gitlabNote } from '#contracts';
import type { RelayedEvent } from '../../domain/parsed.js';
import { commonOf, type GitlabDelivery, labelsOf, mergeRequestOf, projectEvent } from './gitlab-delivery.js';

/** What is confidential in GitLab must not be readable by every subscriber of the bus. */
const confidentialTypes: ReadonlySet<string> = new Set([
  'confidential_issue',
  'confidential_note',
  'confidential_work_item',
]);

function isConfidential({ body }: GitlabDelivery): boolean {
  return (
    confidentialTypes.has(body.text('event_type') ?? '') ||
    body.object('object_attributes').flag('confidential') === true ||
    body.object('object_attributes').flag('internal') === true ||
    body.object('issue').flag('confidential') === true
  );
}

/** Of a comment hook; without the text of what is confidential. */
export function noteEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  const note = body.object('object_attributes');
  const confidential = isConfidential(delivery);
  const updatedAt = note.moment('updated_at');
  return projectEvent(
    gitlabNote,
    delivery,
    {
      ...commonOf(delivery),
      id: note.integer('id') ?? -1,
      on: note.text('noteable_type', 50) ?? '',
      action: note.text('action', 50),
      confidential,
      system: note.flag('system'),
      text: confidential ? undefined : note.text('note', 10_000),
      discussionId: note.text('discussion_id', 100),
      url: note.text('url', 1_000),
      createdAt: note.moment('created_at'),
      updatedAt,
      commit: note.commit('commit_id'),
      mergeRequest: mergeRequestOf(body),
      issueIid: body.object('issue').integer('iid'),
    },
    updatedAt,
  );
}

/** Issues, and the work items that GitLab sends separately (tasks, incidents, …) but describes alike. */
export function issueEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  const issue = body.object('object_attributes');
  const confidential = isConfidential(delivery);
  const updatedAt = issue.moment('updated_at');
  const labels = body.objects('labels', 100);
  return projectEvent(
    gitlabIssue,
    delivery,
    {
      ...commonOf(delivery),
      id: issue.integer('id') ?? -1,
      iid: issue.integer('iid') ?? -1,
      type: issue.text('type', 50),
      title: confidential ? undefined : issue.text('title', 1_000),
      confidential,
      state: issue.text('state', 50) ?? '',
      action: issue.text('action', 50),
      labels: labelsOf(labels.length > 0 ? labels : issue.objects('labels', 100)),
      url: issue.text('url', 1_000),
      createdAt: issue.moment('created_at'),
      updatedAt,
      closedAt: issue.moment('closed_at'),
    },
    updatedAt,
  );
}
