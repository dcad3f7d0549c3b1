import type { Scrubber } from '#service';
import { loadSlipwayFile, resolveSecret } from '#settings';
import { prepareSources, type SecretText, type Source, type Sources } from './domain/source.js';
import type { SourceBook } from './source-book.js';
import { sourceKinds } from './sources/index.js';

/** The sources of slipway.yml. Read anew, they replace all that were: a source is never half old. */
export class FileSources implements SourceBook {
  private sources: Sources;

  /** @throws AppError `settings.invalid`, `settings.secret_missing` or `relay.bad_secret` (permanent) */
  constructor(
    private readonly file: string,
    private readonly scrubber: Scrubber,
  ) {
    this.sources = this.read();
  }

  find(name: string): Source | undefined {
    return this.sources.get(name);
  }

  get names(): readonly string[] {
    return [...this.sources.keys()];
  }

  reload(): void {
    this.sources = this.read();
  }

  private read(): Sources {
    const resolve = (reference: Parameters<typeof resolveSecret>[0]): readonly SecretText[] => {
      const secret = resolveSecret(reference);
      this.scrubber.learn(secret);
      return [{ secret }];
    };
    return prepareSources(loadSlipwayFile(this.file).sources, {
      kinds: sourceKinds,
      resolve,
      now: Date.now(),
    });
  }
}
