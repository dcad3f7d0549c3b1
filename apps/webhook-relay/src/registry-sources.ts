import { type SecretReference, sourceResource } from '#contracts';
import { permanent, toAppError } from '#errors';
import type { OpenedSecret, RegistryCopy } from '#registry-copy';
import type { Logger, Scrubber } from '#service';
import { resolveSecret } from '#settings';
import { prepareSources, type SecretText, type Source, type Sources } from './domain/source.js';
import type { SourceBook } from './source-book.js';
import { sourceKinds } from './sources/index.js';

/**
 * The sources that the registry keeps, from this process's copy: a change counts for the next delivery. One source that
 * cannot be used, because a secret of it is missing, leaves the others as they are.
 */
export class RegistrySources implements SourceBook {
  private sources: Sources = new Map();

  constructor(
    private readonly copy: RegistryCopy,
    private readonly scrubber: Scrubber,
    private readonly logger: Logger,
  ) {
    this.reload();
    copy.onChange((kinds) => {
      if (!kinds.has('source') && !kinds.has('credential')) return;
      this.reload();
      this.logger.debug({ sources: this.names }, 'sources as the registry has them');
    });
  }

  find(name: string): Source | 'unavailable' | undefined {
    if (!this.copy.isUsable) return 'unavailable';
    const source = this.sources.get(name);
    return source && source.secrets.length === 0 ? 'unavailable' : source;
  }

  get names(): readonly string[] {
    return [...this.sources.keys()];
  }

  reload(): void {
    const settings = this.copy.all(sourceResource).map((source) => source.settings);
    this.sources = prepareSources(settings, {
      kinds: sourceKinds,
      resolve: (reference, source) => this.resolve(reference, source),
      unusable: (source, error) => this.report(source, error),
      before: this.sources,
      now: Date.now(),
    });
  }

  private resolve(reference: SecretReference, source: string): readonly SecretText[] {
    if ('credential' in reference) {
      const secrets = this.copy.secretsOf(reference.credential);
      const used = (opened: OpenedSecret) => () => this.copy.used(opened, `source ${source}`);
      if (secrets.length > 0) return secrets.map((opened) => ({ ...opened, used: used(opened) }));
      const text = `the credential ${reference.credential} has no secret that counts`;
      throw permanent('settings.secret_missing', text, { subject: reference.credential });
    }
    const secret = resolveSecret(reference);
    this.scrubber.learn(secret);
    return [{ secret }];
  }

  private report(source: string, error: unknown): void {
    const { code, message } = toAppError(error);
    this.logger.error({ source, code, reason: message }, 'a secret of a source cannot be used');
  }
}
