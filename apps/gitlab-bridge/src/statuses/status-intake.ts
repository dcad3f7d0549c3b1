import type { commitSetStatus, GitLabServerSettings, PayloadOf } from '#contracts';
import type { Logger } from '#service';
import { mayTell, placeOf, type StatusPlace, type StatusWord } from '../domain/commit-status.js';
import { type ImageSaid, placeOfImage, type Registered } from '../domain/images/image-status.js';
import type { CommitStatusStore } from '../storage/commit-status.store.js';

/** What decides whether GitLab is to show something: the project that said it, and its GitLab here. */
export interface StatusIntakeParts {
  readonly store: Pick<CommitStatusStore, 'note' | 'end'>;
  readonly configured: Registered & {
    gitlab(name: string): GitLabServerSettings | undefined;
  };
  /** Address of the page, for links. */
  readonly consoleUrl: string | undefined;
  /** How long anything but an end waits for what comes next. */
  readonly pauseMs: number;
  readonly traceparent: () => string | undefined;
  /** There is something to tell. */
  readonly noted: () => void;
  readonly log: Logger;
}

interface GroupSaid {
  readonly groupId: string;
  readonly name: string;
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Hears how work goes and writes down what of it GitLab is to show. Most groups are no work on a commit. */
export class StatusIntake {
  constructor(private readonly parts: StatusIntakeParts) {}

  async group({ groupId, name, project, labels }: GroupSaid, word: StatusWord | undefined): Promise<void> {
    const place = word && placeOf(labels, name);
    if (!place) return;
    await this.note(place, { ...word, targetUrl: this.page(`jobs/groups/${groupId}`) }, project);
  }

  async image(said: ImageSaid, word: StatusWord | undefined): Promise<void> {
    const place = word && placeOfImage(said, this.parts.configured);
    if (!place) return;
    await this.note(place, { ...word, targetUrl: this.page(`publications/${word.workId}`) }, place.project);
  }

  /** Nobody will go on with it: where GitLab shows that it runs, it has to hear that it does not. */
  async end(word: StatusWord): Promise<void> {
    if (await this.parts.store.end(word)) this.parts.noted();
  }

  async command(said: PayloadOf<typeof commitSetStatus>): Promise<void> {
    const { gitlab, gitlabProject, sha, ref, name, pipelineId, project } = said;
    const { workId, groupId, state, at, description, targetUrl } = said;
    const place = { gitlab, gitlabProject, sha, ref, name, pipelineId };
    await this.note(place, { workId, groupId, state, at: new Date(at), description, targetUrl }, project);
  }

  private page(path: string): string | undefined {
    const { consoleUrl } = this.parts;
    return consoleUrl && `${consoleUrl.replace(/\/+$/, '')}/${path}`;
  }

  private async note(place: StatusPlace, word: StatusWord, project: string): Promise<void> {
    const { configured, store, pauseMs, log } = this.parts;
    const gitlab = configured.gitlab(place.gitlab);
    // Without a credential the house wants none shown.
    if (!gitlab?.credential) return;
    if (
      !mayTell(
        place,
        configured.projects.find((one) => one.name === project),
        gitlab,
      )
    ) {
      const { gitlabProject } = place;
      log.warn(
        { project, gitlab: gitlab.name, gitlabProject },
        'a commit status of another project is not set',
      );
      return;
    }
    if (await store.note(place, word, pauseMs, this.parts.traceparent())) this.parts.noted();
  }
}
