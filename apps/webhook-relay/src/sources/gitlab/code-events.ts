import {
  gitlabMergeRequest,
  gitlabPush,
  gitlabRelease,
  gitlabTagPush,
  gitlabWikiPage,
  type InputOf,
} from '#contracts';
import type { Fields } from '../../domain/fields.js';
import type { RelayedEvent } from '../../domain/parsed.js';
import { commonOf, type GitlabDelivery, labelsOf, projectEvent } from './gitlab-delivery.js';

const noCommit = /^0+$/;

/** Of a push hook. */
export function pushEvent(delivery: GitlabDelivery): RelayedEvent {
  return projectEvent(gitlabPush, delivery, pushFields(delivery), undefined);
}

/** Of a tag push hook. */
export function tagPushEvent(delivery: GitlabDelivery): RelayedEvent {
  return projectEvent(gitlabTagPush, delivery, pushFields(delivery), undefined);
}

function pushFields(delivery: GitlabDelivery): InputOf<typeof gitlabPush> {
  const { body } = delivery;
  return {
    ...commonOf(delivery),
    user: {
      id: body.integer('user_id'),
      username: body.text('user_username'),
      name: body.text('user_name'),
    },
    ref: body.text('ref', 500) ?? '',
    change: changeOf(body),
    before: body.commit('before'),
    after: body.commit('after'),
    checkoutSha: body.commit('checkout_sha'),
    refProtected: body.flag('ref_protected'),
    message: body.text('message', 1_000),
    commits: body.objects('commits', 20).flatMap(commitOf),
    totalCommits: body.integer('total_commits_count'),
  };
}

function changeOf(body: Fields): 'created' | 'updated' | 'deleted' {
  if (noCommit.test(body.text('after') ?? '')) return 'deleted';
  return noCommit.test(body.text('before') ?? '') ? 'created' : 'updated';
}

function commitOf(commit: Fields): InputOf<typeof gitlabPush>['commits'] {
  const id = commit.commit('id');
  if (id === undefined) return [];
  return [
    {
      id,
      title: commit.text('title', 500) ?? commit.text('message', 500)?.split('\n')[0],
      author: commit.object('author').text('name'),
      at: commit.moment('timestamp'),
      url: commit.text('url', 1_000),
    },
  ];
}

/** Of a merge request hook. */
export function mergeRequestEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  const request = body.object('object_attributes');
  const updatedAt = request.moment('updated_at');
  return projectEvent(
    gitlabMergeRequest,
    delivery,
    {
      ...commonOf(delivery),
      id: request.integer('id') ?? -1,
      iid: request.integer('iid') ?? -1,
      title: request.text('title', 1_000),
      state: request.text('state', 50) ?? '',
      action: request.text('action', 50),
      draft: request.flag('draft') ?? request.flag('work_in_progress'),
      mergeStatus: request.text('detailed_merge_status', 100) ?? request.text('merge_status', 100),
      sourceBranch: request.text('source_branch', 500) ?? '',
      targetBranch: request.text('target_branch', 500) ?? '',
      sourceProjectId: request.integer('source_project_id'),
      targetProjectId: request.integer('target_project_id'),
      lastCommit: request.object('last_commit').commit('id'),
      oldRevision: request.commit('oldrev'),
      mergeCommit: request.commit('merge_commit_sha'),
      labels: labelsOf(body.objects('labels', 100)),
      url: request.text('url', 1_000),
      createdAt: request.moment('created_at'),
      updatedAt,
    },
    updatedAt,
  );
}

/** Of a release hook. */
export function releaseEvent(delivery: GitlabDelivery): RelayedEvent {
  const { body } = delivery;
  return projectEvent(
    gitlabRelease,
    delivery,
    {
      ...commonOf(delivery),
      id: body.integer('id'),
      tag: body.text('tag', 500) ?? '',
      name: body.text('name', 500),
      action: body.text('action', 50),
      commit: body.object('commit').commit('id'),
      url: body.text('url', 1_000),
      createdAt: body.moment('created_at'),
      releasedAt: body.moment('released_at'),
      assets: body
        .object('assets')
        .objects('links', 200)
        .flatMap((link) => {
          const [name, url] = [link.text('name', 500), link.text('url', 2_000)];
          return name === undefined || url === undefined
            ? []
            : [{ name, url, type: link.text('link_type', 50) }];
        }),
    },
    undefined,
  );
}

/** Of a wiki page hook. */
export function wikiPageEvent(delivery: GitlabDelivery): RelayedEvent {
  const page = delivery.body.object('object_attributes');
  return projectEvent(
    gitlabWikiPage,
    delivery,
    {
      ...commonOf(delivery),
      slug: page.text('slug', 1_000) ?? '',
      title: page.text('title', 1_000),
      action: page.text('action', 50),
      url: page.text('url', 1_000),
    },
    undefined,
  );
}
