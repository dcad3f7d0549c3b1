import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a service must say together with a change of its own tables: written in the same transaction, said after it. */
@Entity('outbox')
export class OutboxMessage {
  /** Rises with the order of saying. */
  @PrimaryColumn({ type: 'bigint', generated: 'increment' })
  position!: string;

  /** The message's id on the bus, so that saying it twice is one event. */
  @Column({ type: 'uuid' })
  id!: string;

  /** `<name>.v<N>`. */
  @Column({ name: 'routing_key', type: 'text' })
  routingKey!: string;

  @Column({ type: 'jsonb' })
  payload!: unknown;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId!: string | null;

  @Column({ name: 'causation_id', type: 'text', nullable: true })
  causationId!: string | null;

  @Column({ type: 'text', nullable: true })
  traceparent!: string | null;

  @Column({ name: 'occurred_at', type: 'timestamptz' })
  occurredAt!: Date;
}
