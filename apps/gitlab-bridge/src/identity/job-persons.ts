import { IssuerKeys } from '#access';
import { AppError, toAppError } from '#errors';
import type { CiJob, GitLabServer } from '#gitlab';
import {
  idTokenVariable,
  type PersonFound,
  sayingOfAccount,
  sayingOfClaims,
  sayingOfGitLab,
  valuesOf,
} from '../domain/job-person.js';
import { GitLabAccounts } from './gitlab-accounts.js';

/** What this house asks of CI jobs, and how their GitLab is reached. */
export interface JobPersonsOptions {
  /** What ID tokens have to be made for; undefined: none are taken. */
  readonly audience: string | undefined;
  /** A job without an ID token is refused. */
  readonly requiresIdToken: boolean;
  readonly server: (url: string) => GitLabServer;
}

/** The GitLab that a job came from. */
export interface JobsGitLab {
  readonly url: string;
  /** When the job came: its token has to count then, however much later it is looked at. */
  readonly at: Date;
  /** A token that may read users; undefined where the house has none. */
  readonly apiToken: (() => string) | undefined;
}

/** Finds out who is behind a CI job: by its ID token where it has one, else by what GitLab says of it. */
export class JobPersons {
  private readonly issuers = new Map<string, IssuerKeys>();
  private readonly accounts: GitLabAccounts;

  constructor(private readonly options: JobPersonsOptions) {
    this.accounts = new GitLabAccounts(options.server);
  }

  /** @throws AppError (temporary) where GitLab cannot be asked for what has to be known */
  async of(job: CiJob, gitlab: JobsGitLab): Promise<PersonFound> {
    const [token, ...others] = valuesOf(job, idTokenVariable);
    // The last one counts in the job's own shell: which one GitLab made cannot be told, but it makes one alone.
    if (others.length > 0) return { words: `${idTokenVariable} is set more than once` };
    if (token !== undefined) return this.byToken(job, gitlab, token);
    if (this.options.requiresIdToken)
      return { words: `this Slipway asks every job for an ID token (id_tokens: ${idTokenVariable})` };
    const username = await this.accounts.usernameOf(gitlab, job.job_info.user_id);
    return username === undefined ? sayingOfGitLab(job) : sayingOfAccount(job, username);
  }

  private async byToken(job: CiJob, { url, at }: JobsGitLab, token: string): Promise<PersonFound> {
    const { audience } = this.options;
    if (audience === undefined)
      return { words: `${idTokenVariable} cannot be checked: this Slipway has no audience for ID tokens` };
    try {
      return sayingOfClaims(job, await this.issuer(url).verify(token, [audience], at));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.temporary) throw toAppError(thrown);
      return {
        words: `${idTokenVariable} does not count: ${thrown.message} (its audience has to be ${audience})`,
      };
    }
  }

  private issuer(url: string): IssuerKeys {
    const issuer = url.replace(/\/+$/, '');
    const known = this.issuers.get(issuer) ?? new IssuerKeys({ issuer });
    this.issuers.set(issuer, known);
    return known;
  }
}
