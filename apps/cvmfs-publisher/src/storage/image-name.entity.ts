import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tag in a CVMFS repository, the image that it should name and the one that it names there now. */
@Entity('image_name')
export class ImageNameRow {
  @PrimaryColumn({ name: 'cvmfs_repository', type: 'text' })
  cvmfsRepository!: string;

  @PrimaryColumn({ type: 'text' })
  registry!: string;

  @PrimaryColumn({ type: 'text' })
  repository!: string;

  /** `:v1`, or `@sha256:…` for an image that was asked for by digest. */
  @PrimaryColumn({ type: 'text' })
  name!: string;

  /** Digest of the platform's manifest that it should name. */
  @Column({ type: 'text' })
  digest!: string;

  /** Digest that was pushed: of an index, or the same. */
  @Column({ name: 'pushed_digest', type: 'text' })
  pushedDigest!: string;

  /** Of two pushes of a tag the later wins, whatever order they arrive in. */
  @Column({ name: 'pushed_at', type: 'timestamptz' })
  pushedAt!: Date;

  /** Digest that the link on CVMFS leads to. */
  @Column({ name: 'linked_digest', type: 'text', nullable: true })
  linkedDigest!: string | null;

  /** Since when the registry has no such tag. */
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  /** Since when the link is to go at once, not at the end of the grace period. */
  @Column({ name: 'remove_at', type: 'timestamptz', nullable: true })
  removeAt!: Date | null;
}
