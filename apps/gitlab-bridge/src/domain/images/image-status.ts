import type {
  GitLabServerSettings,
  ImageRule,
  imagePublished,
  imagePublishFailed,
  imagePublishing,
  imageUnpublished,
  PayloadOf,
  ProjectSettings,
} from '#contracts';
import { compileImageRules, publicationId, type PublicationIdentity } from '#settings';
import type { CommitState, StatusPlace, StatusWord } from '../commit-status.js';

type Published = PayloadOf<typeof imagePublished>;

/** An image as the events about its publication tell of it. */
export type ImageSaid = PublicationIdentity & Pick<Published, 'platform' | 'origin'>;

/** What decides whose commit an image may be shown at. */
export interface Registered {
  readonly projects: readonly ProjectSettings[];
  readonly imageRules: readonly ImageRule[];
  readonly gitlabServers: readonly GitLabServerSettings[];
}

/** Whose commit, and where it is shown. */
export interface ImagePlace extends StatusPlace {
  readonly project: string;
}

/**
 * The commit at which GitLab shows how an image is published: the one that the image names, where the project is the one
 * that it names too and has an image rule of its own that publishes it. Labels are anybody's word: whoever may push to
 * where a project's rule looks is trusted by that project, and nobody else speaks of its commits.
 */
export function placeOfImage(image: ImageSaid, known: Registered): ImagePlace | undefined {
  const { origin } = image;
  if (!origin) return undefined;
  const address = addressOf(origin.source);
  const project = known.projects.find(
    ({ name, url }) =>
      addressOf(url) === address && isPublished(image, rulesOf(name, image, known.imageRules)),
  );
  const gitlabProject = project?.gitlabId?.toString() ?? project?.path;
  const gitlab = known.gitlabServers.find(({ url }) => isBelow(url, project?.url));
  if (!project || gitlabProject === undefined || !gitlab) return undefined;
  const name = statusName(image, project);
  return { gitlab: gitlab.name, gitlabProject, sha: origin.revision, name, project: project.name };
}

const rulesOf = (
  project: string,
  { cvmfsRepository }: ImageSaid,
  rules: readonly ImageRule[],
): readonly ImageRule[] =>
  rules.filter((rule) => rule.project === project && rule.cvmfsRepository === cvmfsRepository);

/** An image whose tags moved on while it was published is still whose it was: its repository tells. */
function isPublished({ registry, repository, tags }: ImageSaid, rules: readonly ImageRule[]): boolean {
  if (tags.length === 0)
    return (
      compileImageRules(rules.map((rule) => ({ ...rule, untagged: true })))({ registry, repository }).length >
      0
    );
  const matching = compileImageRules(rules);
  return tags.some((tag) => matching({ registry, repository, tag }).length > 0);
}

/** Without what people write or leave out as they like. */
function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`;
}

const isBelow = (root: string, url: string | undefined): boolean =>
  url?.toLowerCase().startsWith(`${root.toLowerCase()}/`) === true;

/** One for each image of a commit, so that one that is published hides none that failed. */
function statusName({ cvmfsRepository, repository, platform }: ImageSaid, { path }: ProjectSettings): string {
  const own = path?.toLowerCase();
  const isOwn = own !== undefined && (repository === own || repository.startsWith(`${own}/`));
  const image = isOwn ? repository.slice(own.length) : `/${repository}`;
  const made = platform === undefined || platform === 'linux/amd64' ? '' : ` (${platform})`;
  return `slipway/${cvmfsRepository}${image}${made}`.slice(0, 255);
}

/** What the events about an image's publication mean for its commit; `at` is when they happened. */
export const imageWordOf = {
  /** Undefined where it only tells how far a step is. */
  publishing: (said: PayloadOf<typeof imagePublishing>, at: string): StatusWord | undefined =>
    said.bytesDone === undefined && said.filesDone === undefined
      ? word(said, 'running', at, `on its way to ${said.cvmfsRepository}`)
      : undefined,

  published: (said: Published, at: string): StatusWord =>
    word(said, 'success', at, `readable as ${said.links[0] ?? said.path}, after ${secondsOf(said)} s`),

  failed: (said: PayloadOf<typeof imagePublishFailed>, at: string): StatusWord =>
    said.willRetry
      ? word(said, 'running', at, `attempt ${said.attempt} failed, it is tried again: ${said.reason}`)
      : word(said, 'failed', at, said.reason),

  /** Only for work that is not over: of a tree that was published, it tells that it is gone after its time. */
  unpublished: (said: PayloadOf<typeof imageUnpublished>, at: string): StatusWord =>
    word(said, 'canceled', at, 'taken back before it was published'),
};

const secondsOf = ({ seconds }: Published): number => Math.round(seconds.total);

const word = (image: ImageSaid, state: CommitState, at: string, description: string): StatusWord => ({
  workId: publicationId(image),
  state,
  at: new Date(at),
  // GitLab shows 255 characters; the reason of a failure may be long.
  description: description.slice(0, 1_000),
});
