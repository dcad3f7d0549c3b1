export {
  type Brought,
  deliverArtifacts,
  type Delivered,
  type DeliveryParts,
  sweepArtifacts,
  type ToDeliver,
} from './artifact-delivery.js';
