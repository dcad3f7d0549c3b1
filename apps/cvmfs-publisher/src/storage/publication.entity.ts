import type { ImageOrigin } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * `waiting` → `publishing` → `published` → `unpublished`; `failed` when trying again will not help. A new push or
 * command makes a failed or unpublished one wait again.
 */
export type PublicationState = 'waiting' | 'publishing' | 'published' | 'failed' | 'unpublished';

/** One image tree in one CVMFS repository: the unit of work, and its outcome. */
@Entity('publication')
export class Publication {
  @PrimaryColumn({ name: 'cvmfs_repository', type: 'text' })
  cvmfsRepository!: string;

  /** Digest of the platform's manifest. */
  @PrimaryColumn({ type: 'text' })
  digest!: string;

  @Column({ type: 'text' })
  registry!: string;

  @Column({ type: 'text' })
  repository!: string;

  @Column({ type: 'text' })
  platform!: string;

  /** Which image source fetches it: `registry` or `docker`. */
  @Column({ name: 'image_source', type: 'text' })
  imageSource!: 'registry' | 'docker';

  @Column({ type: 'text' })
  state!: PublicationState;

  /** Attempts begun since it last waited anew. */
  @Column({ type: 'int' })
  attempt!: number;

  @Column({ name: 'next_attempt_at', type: 'timestamptz' })
  nextAttemptAt!: Date;

  @Column({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  /** The message that asked for it: a redelivery asks nothing new. */
  @Column({ name: 'requested_by', type: 'text' })
  requestedBy!: string;

  @Column({ type: 'text', nullable: true })
  traceparent!: string | null;

  @Column({ name: 'failure_code', type: 'text', nullable: true })
  failureCode!: string | null;

  @Column({ name: 'failure_reason', type: 'text', nullable: true })
  failureReason!: string | null;

  @Column({ name: 'published_at', type: 'timestamptz', nullable: true })
  publishedAt!: Date | null;

  /** Since when no name points at it. */
  @Column({ name: 'unreferenced_at', type: 'timestamptz', nullable: true })
  unreferencedAt!: Date | null;

  /** Since when the tree is to go at once, not at the end of the grace period. */
  @Column({ name: 'remove_at', type: 'timestamptz', nullable: true })
  removeAt!: Date | null;

  /** Digests of the layers, bottom first: what the next publication may take over. */
  @Column({ type: 'jsonb', nullable: true })
  layers!: string[] | null;

  /** Where the image says that it was built. */
  @Column({ type: 'jsonb', nullable: true })
  origin!: ImageOrigin | null;
}
