export {
  type Brought,
  deliverArtifacts,
  type Delivered,
  type DeliveryParts,
  sweepArtifacts,
  type ToDeliver,
} from './artifact-delivery.js';
export { broughtBack, type JobOfStage, type JobsSource, type StageToGather } from './brought-back.js';
