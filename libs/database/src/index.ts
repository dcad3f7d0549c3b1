export { openDatabase, type DatabaseOptions } from './open-database.js';
export { OutboxMessage } from './outbox-message.entity.js';
export { addAllToOutbox, addToOutbox, type OutboxEntry } from './outbox.js';
export { OutboxRelay, type OutboxPublisher, type OutboxRelayOptions } from './outbox-relay.js';
export { createOutbox } from './outbox.migration.js';
export { holdAdvisoryLock, type AdvisoryLock } from './advisory-lock.js';
export { openServiceDatabase } from './service-database.js';
export { databaseError } from './database-error.js';
export { preparedQuery, type PreparedQuery } from './prepared-query.js';
