import { temporary } from '#errors';

interface Work<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Work by key that those who want the same share. It is stopped when the last of them has gone. */
export class SharedWork<T> {
  private readonly works = new Map<string, Work<T>>();

  /** Joins the work of this key or begins it; `registry.aborted` once the signal says so. */
  async join(key: string, signal: AbortSignal, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw aborted();
    const work = this.works.get(key) ?? this.begin(key, begin);
    work.waiting++;
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(aborted());
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([work.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (--work.waiting === 0) await this.end(key, work);
    }
  }

  /** Stops everything and waits until it has ended. */
  async stop(): Promise<void> {
    await Promise.all([...this.works].map(([key, work]) => this.end(key, work)));
  }

  private begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Work<T> {
    const controller = new AbortController();
    const work: Work<T> = { result: begin(controller.signal), controller, waiting: 0 };
    this.works.set(key, work);
    return work;
  }

  private async end(key: string, work: Work<T>): Promise<void> {
    work.controller.abort();
    if (this.works.get(key) === work) this.works.delete(key);
    await work.result.catch(() => undefined);
  }
}

const aborted = () => temporary('registry.aborted', 'the fetch was stopped', { level: 'info' });
