import type { GitLabServerSettings } from '#contracts';
import { AppError, toAppError } from '#errors';
import { type GitLabServer, setCommitStatus, waitAfter } from '#gitlab';
import { type Logger, WakeUp } from '#service';
import type { CommitStatusStore, StatusToTell } from '../storage/commit-status.store.js';

/** What is told with. After `giveUpMs` a status is dropped; `keepDays` is how long one is remembered. */
export interface StatusSenderParts {
  readonly store: CommitStatusStore;
  readonly configured: {
    gitlab(name: string): GitLabServerSettings | undefined;
    secretOf(credential: string, purpose: string): string;
  };
  readonly server: (url: string) => GitLabServer;
  /** A GitLab that does not answer is asked again after this time at the latest. */
  readonly longestRetryMs: number;
  readonly giveUpMs: number;
  readonly keepDays: number;
  /** There is something in the outbox. */
  readonly said: () => void;
  readonly log: Logger;
}

const atOnce = 32;
/** Renewed while GitLab takes its time: so long waits what a copy that died had in its hand. */
const leaseMs = 15_000;
const pollMs = 1_000;
/** What an admin has to cure is tried this often. */
const refusedMs = 60_000;
const forgetMs = 3_600_000;

/** Tells GitLab what was written down, until GitLab has it. */
export class StatusSender {
  private readonly wakeUp = new WakeUp();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private forgottenAt = 0;

  constructor(private readonly parts: StatusSenderParts) {}

  start(): void {
    this.running ??= this.run();
  }

  wake(): void {
    this.wakeUp.ring();
  }

  /** Waits for what is on its way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    // A GitLab that takes its time holds up no other.
    const onTheirWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      let taken = 0;
      try {
        const room = atOnce - onTheirWay.size;
        const due = room > 0 ? await this.parts.store.take(room, leaseMs) : [];
        taken = due.length;
        for (const status of due) {
          const telling: Promise<void> = this.hold(status).finally(() => {
            onTheirWay.delete(telling);
            this.wakeUp.ring();
          });
          onTheirWay.add(telling);
        }
        await this.forget();
      } catch (thrown) {
        this.complain(thrown);
      }
      if (taken === 0) await this.wakeUp.wait(pollMs, signal);
    }
    await Promise.all(onTheirWay);
  }

  private complain(thrown: unknown): void {
    const { code, message } = toAppError(thrown);
    this.parts.log.warn({ code, words: message }, 'commit statuses cannot be told now');
  }

  private async hold(status: StatusToTell): Promise<void> {
    const { store, log } = this.parts;
    const renew = (): void =>
      void store
        .renew(status, leaseMs)
        .catch((error: unknown) => log.warn({ err: error }, 'a commit status cannot be kept'));
    const beat = setInterval(renew, leaseMs / 3);
    // Where the database does not take the outcome, the lease runs out and it is told again.
    await this.tell(status)
      .catch((error: unknown) => this.complain(error))
      .finally(() => clearInterval(beat));
  }

  private async tell(status: StatusToTell): Promise<void> {
    const { store, configured, server, said, log } = this.parts;
    const about = {
      gitlab: status.gitlab,
      project: status.gitlabProject,
      sha: status.sha,
      state: status.state,
    };
    try {
      const gitlab = configured.gitlab(status.gitlab);
      if (!gitlab?.credential)
        return await this.laterOrNever(status, refusedMs, 'GitLab has no credential here');
      const token = configured.secretOf(gitlab.credential, 'commit statuses');
      const project = /^\d+$/.test(status.gitlabProject)
        ? Number(status.gitlabProject)
        : status.gitlabProject;
      const answer = await setCommitStatus(server(gitlab.url), token, { ...status, project });
      // No such step: GitLab has it already, for we were cut off after it took it.
      if (answer.is === 'set' || answer.is === 'no_such_step') {
        await store.told(status, answer.is === 'set' ? answer : {});
        said();
        return;
      }
      const words = `GitLab answered ${answer.status}: ${answer.words}`;
      log.warn({ ...about, words }, 'GitLab does not take a commit status');
      if (answer.status === 400 || answer.status === 422) await store.giveUp(status, words);
      else await this.laterOrNever(status, refusedMs * 2 ** Math.min(status.tries, 5), words);
    } catch (thrown) {
      const error = toAppError(thrown);
      log.warn({ ...about, code: error.code, words: error.message }, 'a commit status is to be told again');
      await this.laterOrNever(status, this.waitAfter(error, status.tries), error.message);
    }
  }

  private waitAfter(error: AppError, tries: number): number {
    if (!error.temporary) return refusedMs;
    const asked = (error.retryAfterSeconds ?? 0) * 1_000;
    return Math.max(asked, Math.min(this.parts.longestRetryMs, waitAfter(error, tries + 1)));
  }

  private async laterOrNever(status: StatusToTell, waitMs: number, problem: string): Promise<void> {
    const { store, giveUpMs, log } = this.parts;
    if (Date.now() - status.openSince.getTime() < giveUpMs) return store.later(status, waitMs, problem);
    const { gitlab, gitlabProject: project, sha, state } = status;
    log.error({ gitlab, project, sha, state, words: problem }, 'a commit status is given up');
    await store.giveUp(status, problem);
  }

  private async forget(): Promise<void> {
    if (Date.now() - this.forgottenAt < forgetMs) return;
    this.forgottenAt = Date.now();
    await this.parts.store.forget(this.parts.keepDays, 10_000);
  }
}
