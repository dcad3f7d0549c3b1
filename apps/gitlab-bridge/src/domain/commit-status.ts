import type { commitStatusSet, GitLabServerSettings, PayloadOf, ProjectSettings } from '#contracts';

/** The states that GitLab's commit statuses can have, as `commit.status_set` tells them. */
export type CommitState = PayloadOf<typeof commitStatusSet>['state'];

/** Where GitLab shows a status: all that is said of one place is in order. */
export interface StatusPlace {
  readonly gitlab: string;
  /** Number or path. */
  readonly gitlabProject: string;
  readonly sha: string;
  readonly ref?: string | undefined;
  readonly name: string;
  readonly pipelineId?: number | undefined;
}

/** How a piece of work goes, as somebody said it. */
export interface StatusWord {
  /** Which piece of work: a group, or what who asks for a status chose. */
  readonly workId: string;
  readonly groupId?: string | undefined;
  readonly state: CommitState;
  readonly at: Date;
  readonly description?: string | undefined;
  readonly targetUrl?: string | undefined;
}

const rank: Readonly<Record<CommitState, number>> = {
  pending: 0,
  running: 1,
  success: 2,
  failed: 2,
  canceled: 2,
};

/** Whether the work has ended: what ends is told at once, what moves may wait for what comes next. */
export const isFinal = (state: CommitState): boolean => rank[state] === rank.success;

type Known = Pick<StatusWord, 'state' | 'at'>;

/**
 * Whether a word tells something new. Late, doubled and disordered ones do not; work that had ended may go on, where
 * somebody has it tried again.
 */
export function isNews(known: Known, said: Known): boolean {
  if (isFinal(known.state))
    return said.at > known.at && said.state !== known.state && said.state !== 'pending';
  return rank[said.state] > rank[known.state];
}

/** What the labels of a group say of a commit; nothing where they say nothing, or nothing that can be. */
export function placeOf(labels: Readonly<Record<string, string>>, group: string): StatusPlace | undefined {
  const { gitlab } = labels;
  const gitlabProject = labels['gitlab.project'];
  const sha = labels['gitlab.sha']?.toLowerCase();
  if (!gitlab || !gitlabProject || !sha || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return undefined;
  // GitLab shows how a CI job goes by itself.
  if (labels['gitlab.job']) return undefined;
  const pipeline = labels['gitlab.pipeline'] ?? '';
  return {
    gitlab,
    gitlabProject,
    sha,
    ref: labels['gitlab.ref'] || undefined,
    name: (labels['gitlab.status'] || group).slice(0, 255),
    pipelineId: /^[1-9]\d{0,14}$/.test(pipeline) ? Number(pipeline) : undefined,
  };
}

/**
 * Whether work of a project may say something on this place: anybody can write any label, and our token reaches further
 * than they do. Where the project's number is known, that counts; a path can be another project's after a move.
 */
export function mayTell(
  { gitlabProject }: Pick<StatusPlace, 'gitlabProject'>,
  project: ProjectSettings | undefined,
  gitlab: Pick<GitLabServerSettings, 'url'>,
): boolean {
  if (!project?.url.toLowerCase().startsWith(`${gitlab.url.toLowerCase()}/`)) return false;
  if (/^\d+$/.test(gitlabProject)) return project.gitlabId === Number(gitlabProject);
  return project.path?.toLowerCase() === gitlabProject.toLowerCase();
}
