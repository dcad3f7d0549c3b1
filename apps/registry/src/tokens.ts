/** Injection token of TypeORM's `DataSource`, opened on the registry's schema. */
export const DATA_SOURCE = Symbol('registry:data-source');

/** Injection token of the `OutboxRelay`: wake it after a commit that wrote into the outbox. */
export const OUTBOX = Symbol('registry:outbox');

/** Injection token of what the diagnosis looks at. */
export const DIAGNOSIS = Symbol('registry:diagnosis');
