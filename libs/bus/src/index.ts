export { type PublishOptions } from './announcer.js';
export { connectBus, type Bus, type BusState } from './bus.js';
export { brokerDefinitions } from './definitions.js';
export { type DeadReason } from './fate.js';
export { causedBy, type Handler, type HandlerContext } from './handler.js';
export {
  defaultHouse,
  silentLogger,
  type BusLimits,
  type BusLogger,
  type BusOptions,
  type BusTrace,
} from './options.js';
export { type AnswerOptions } from './answer.js';
export { type Heard, type Listening, type ListenOptions } from './listening.js';
export { policy, type Policy } from './policy.js';
export { topologyOf, type House, type Topology } from './topology.js';
export { attachBus, BUS, BusModule } from './nest/bus.module.js';
export { Consume, ConsumeAll } from './nest/consume.decorator.js';
export { type DeadLetter } from './dead-letters/dead-letter.js';
export {
  dropDead,
  listDead,
  lookAtQueues,
  type QueueLook,
  replayDead,
  showDead,
  withBroker,
  type Selection,
  type WholeDeadLetter,
} from './dead-letters/dead-letters.js';
export { permissionsOf, type Permissions, topicPermissionsOf, type TopicPermissions } from './permissions.js';
