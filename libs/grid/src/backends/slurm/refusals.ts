import { type AppError, permanent, temporary } from '#errors';

/** What passes: Slurm is away, busy, or has no room for further jobs right now. */
const passes =
  /unable to contact|connection (?:refused|reset|timed out)|connect failure|socket timed out|timed? ?out on send|zero bytes|communication|temporarily unable|resource temporarily|try again|controller .*standby|slurm.*not ready|job submit limit|submit limit|MaxSubmit|QOSMaxSubmit|AssocMaxSubmit|in standby mode|I\/O error writing/i;

const unauthorized =
  /authentication|authenticate|invalid user id|access\/permission denied|permission denied|unauthorized|user not found|token/i;

/**
 * Slurm's refusal as one of the errors that a backend has. `final`: a refusal that says neither that it passes nor that
 * somebody may not is one for good; else it counts as trouble that passes.
 */
export function refusal(words: string, { final, subject }: { final: boolean; subject: string }): AppError {
  const text = words.trim().slice(0, 2_000) || 'Slurm gave no reason';
  if (passes.test(text)) return temporary('grid.unavailable', text, { subject });
  if (unauthorized.test(text)) return permanent('grid.unauthorized', text, { subject });
  return final
    ? permanent('grid.refused', text, { subject })
    : temporary('grid.unavailable', text, { subject });
}
