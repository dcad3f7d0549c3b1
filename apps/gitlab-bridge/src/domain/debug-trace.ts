import type { CiJob } from '#gitlab';

/** Whether its trace shows what the shell does, with what stands in variables, as a job may ask for. */
export const hasDebugTrace = ({ variables }: CiJob): boolean =>
  /^(?:1|t|true)$/i.test(variables.findLast(({ key }) => key === 'CI_DEBUG_TRACE')?.value ?? '');
