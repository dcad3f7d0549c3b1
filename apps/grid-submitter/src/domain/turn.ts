/** A group that has something to submit: the one that is next in its project. */
export interface Candidate {
  readonly groupId: string;
  readonly project: string;
  /** When the project had its last turn at this backend, in milliseconds since the epoch. */
  readonly lastTurn: number | undefined;
}

/** How many attempts of a project a batch system has, or is being given. */
export interface InFlight {
  readonly backend: string;
  readonly project: string;
  readonly jobs: number;
}

/** Which project may submit next to one backend, and all that is weighed for it. */
export interface Question {
  readonly backend: string;
  /** How many jobs the backend takes at once, of all projects. */
  readonly jobs: number;
  /** At most one of each project. */
  readonly candidates: readonly Candidate[];
  /** At all backends. */
  readonly inFlight: readonly InFlight[];
  /** How many jobs a project may have at once, at all backends together. */
  limitOf(project: string): number | undefined;
}

/** What may be picked before the question is asked anew. */
export interface Turn {
  readonly candidate: Candidate;
  /** How many of its attempts may go now. */
  readonly most: number;
}

/**
 * Whose turn it is: the project that has the fewest jobs at the backend, among equals who had no turn for the longest.
 * It gets its part of what is free, so that who has ten thousand waiting leaves room for who has three; alone it gets all.
 */
export function whoseTurn(question: Question): Turn | undefined {
  const { backend, inFlight, candidates } = question;
  const here = inFlight.filter((each) => each.backend === backend);
  const free = question.jobs - sum(here);
  if (free <= 0) return undefined;
  const eligible = candidates
    .map((candidate) => ({ candidate, room: roomOf(candidate, question), has: sum(of(candidate, here)) }))
    .filter(({ room }) => room > 0)
    .sort((a, b) => a.has - b.has || turnOf(a.candidate) - turnOf(b.candidate));
  const [next] = eligible;
  if (!next) return undefined;
  const part = Math.ceil(free / eligible.length);
  return { candidate: next.candidate, most: Math.min(part, next.room) };
}

const sum = (counts: readonly InFlight[]): number => counts.reduce((total, { jobs }) => total + jobs, 0);

const of = ({ project }: Candidate, counts: readonly InFlight[]): readonly InFlight[] =>
  counts.filter((each) => each.project === project);

const turnOf = ({ lastTurn }: Candidate): number => lastTurn ?? 0;

/** A project that is registered no more has none: its jobs wait. */
const roomOf = (candidate: Candidate, question: Question): number =>
  (question.limitOf(candidate.project) ?? 0) - sum(of(candidate, question.inFlight));
