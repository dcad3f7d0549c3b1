import {
  attemptProgress,
  type AttemptState,
  type groupFinished,
  hasEnded,
  type jobFailed,
  type jobLog,
  type PayloadOf,
} from '#contracts';

/** The latest attempt of the job of a group of one. */
export interface AttemptNews {
  readonly id: string;
  readonly number: number;
  readonly state: AttemptState;
  readonly backend: string;
  readonly node?: string | undefined;
  readonly batchId?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly reason?: PayloadOf<typeof jobFailed>['reason'];
}

/** What was heard of a stage's group. */
export interface StageNews {
  readonly refused?: { readonly code: string; readonly reason: string } | undefined;
  readonly backend?: string | undefined;
  readonly identity?: string | undefined;
  readonly attempt?: AttemptNews | undefined;
  /** Of that attempt. */
  readonly logBytes?: number | undefined;
  readonly states?: PayloadOf<typeof groupFinished>['states'] | undefined;
  /** Set once all its jobs have ended and none is tried again. */
  readonly outcome?: PayloadOf<typeof groupFinished>['outcome'] | undefined;
}

/** A stage of a CI job: a group on the grid, and what was heard of it. */
export interface Stage {
  readonly groupId: string;
  readonly name: string;
  readonly jobs: number;
  readonly news: StageNews;
}

/** What one message tells. */
export type Saying =
  | {
      readonly of: 'group';
      readonly news: Pick<StageNews, 'refused' | 'backend' | 'identity' | 'states' | 'outcome'>;
    }
  | { readonly of: 'attempt'; readonly attempt: AttemptNews }
  | { readonly of: 'log'; readonly log: PayloadOf<typeof jobLog> };

/** Whether it is of any use: of the jobs of a stage that has many, what is counted says enough. */
export const counts = ({ of }: Saying, jobs: number): boolean => jobs === 1 || of === 'group';

/** The news with one more saying: late, doubled and disordered ones change nothing. */
export function heard(news: StageNews, saying: Saying): StageNews {
  if (saying.of === 'group') return { ...news, ...(isLate(news, saying.news) ? {} : saying.news) };
  if (saying.of === 'attempt') return hearAttempt(news, saying.attempt);
  const { attempt, logBytes } = saying.log;
  if (news.attempt && news.attempt.number !== attempt) return news;
  return { ...news, logBytes: Math.max(news.logBytes ?? 0, logBytes) };
}

/** Counts from before the end of the group. */
const isLate = (known: StageNews, said: Pick<StageNews, 'states' | 'outcome'>): boolean =>
  known.outcome !== undefined && said.states !== undefined && said.outcome === undefined;

function hearAttempt(news: StageNews, attempt: AttemptNews): StageNews {
  const known = news.attempt;
  if (!known || attempt.number > known.number) return { ...news, attempt, logBytes: undefined };
  if (attempt.number < known.number || attemptProgress[attempt.state] < attemptProgress[known.state])
    return news;
  if (hasEnded(known.state)) return news;
  const told = Object.fromEntries(Object.entries(attempt).filter(([, value]) => value !== undefined));
  return { ...news, attempt: { ...known, ...told } };
}
