import { connectionWords } from '#errors';
import type { Asked } from '../domain/backend-findings.js';

const patienceMs = 3_000;

/** Whether something speaks HTTP at an address that an admin wrote. Nothing is sent along, followed or read. */
export async function askAddress(url: string): Promise<Asked> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
    await response.body?.cancel();
    return { status: response.status };
  } catch (error) {
    return { status: undefined, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return isLate ? `nothing came within ${patienceMs / 1_000} s` : connectionWords(error);
}
