/** Something that a service cannot do its work without. */
export interface ReadinessCheck {
  /** As the answer of /health/ready shows it: `broker`, `database`. */
  readonly name: string;
  /** Throws, or rejects, with the reason while it is not ready. */
  check(): void | Promise<void>;
}

/** What /health/ready answers: 200 where every check is `ok`, else 503. */
export interface ReadinessReport {
  readonly ready: boolean;
  /** `ok`, or why not. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Longer than this counts as not ready: a probe gives up soon after. */
const checkTimeoutMs = 2_000;

/** The checks of this process. Not ready once it shuts down, whatever they say. */
export class Readiness {
  private readonly checks: ReadinessCheck[] = [];
  private stopping = false;

  add(...checks: readonly ReadinessCheck[]): void {
    this.checks.push(...checks);
  }

  /** From now on not ready, so that a load balancer sends nothing more. */
  stop(): void {
    this.stopping = true;
  }

  async report(): Promise<ReadinessReport> {
    const results = await Promise.all(
      this.checks.map(async (check) => [check.name, await run(check)] as const),
    );
    const checks = Object.fromEntries(this.stopping ? [...results, ['process', 'shutting down']] : results);
    return { ready: Object.values(checks).every((result) => result === 'ok'), checks };
  }
}

async function run(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, checkTimeoutMs, `no answer within ${checkTimeoutMs / 1_000} s`);
  });
  try {
    return await Promise.race([Promise.resolve(check.check()).then(() => 'ok'), timeout]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
