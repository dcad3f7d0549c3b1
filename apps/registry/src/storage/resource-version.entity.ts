import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One state of a resource, and from when to when it was so. Nothing is overwritten but the end of the latest. */
@Entity('resource_version')
export class ResourceVersion {
  @PrimaryColumn({ type: 'text' })
  kind!: string;

  @PrimaryColumn({ type: 'text' })
  name!: string;

  /** 1 when the name is first used, one more with each change, removal included. */
  @PrimaryColumn({ type: 'int' })
  version!: number;

  /** Of the resource as long as it lives: made again under the same name it is another. */
  @Column({ type: 'uuid' })
  id!: string;

  /** The project whose owners may change it. */
  @Column({ type: 'text', nullable: true })
  project!: string | null;

  /** Of the whole registry; in the order of commits. */
  @Column({ type: 'bigint', unique: true })
  revision!: string;

  @Column({ name: 'valid_from', type: 'timestamptz' })
  validFrom!: Date;

  @Column({ name: 'valid_to', type: 'timestamptz', nullable: true })
  validTo!: Date | null;

  /** As written; null when it was removed. */
  @Column({ type: 'jsonb', nullable: true })
  spec!: unknown;

  @Column({ type: 'boolean' })
  gone!: boolean;

  @Column({ name: 'changed_by', type: 'text' })
  changedBy!: string;

  /** How who changed it was known: `api-key`, `session`, …. */
  @Column({ name: 'changed_via', type: 'text' })
  changedVia!: string;

  /** `<kind>/<name>` of what it names. */
  @Column({ name: 'refers_to', type: 'text', array: true })
  refersTo!: string[];
}
