import type { ImageOrigin } from '#contracts';

/** A wish for an image on CVMFS, once rules are matched and the registry has named the digest. */
export interface PublicationRequest {
  readonly cvmfsRepository: string;
  readonly registry: string;
  readonly repository: string;
  /** `:v1`, or `@sha256:…` for an image that was asked for by digest. */
  readonly name: string;
  /** Digest of the platform's manifest. */
  readonly digest: string;
  /** Digest that the name has at the registry: of an index, or the same. */
  readonly pushedDigest: string;
  readonly platform: string;
  readonly origin?: ImageOrigin | undefined;
  readonly imageSource: 'registry' | 'docker';
  readonly pushedAt: Date;
  /** Id of the message that asked for it. */
  readonly requestedBy: string;
  readonly traceparent: string | undefined;
}

/** What a registry says is gone: a tag, an image, or with neither the whole repository. */
export interface Deletion {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  readonly at: Date;
}

/** What people want off CVMFS: a tag, or an image with all its tags. */
export interface Withdrawal {
  readonly cvmfsRepository: string;
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  /** Without the grace period. */
  readonly now: boolean;
  readonly at: Date;
}
