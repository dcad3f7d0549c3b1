import { changeFields, type Resource, resourceKinds } from '#contracts';
import { z } from 'zod';

/** What is known of a resource besides what was written. */
export const representationFields = {
  id: changeFields.id,
  kind: z.enum(resourceKinds),
  name: changeFields.name,
  version: changeFields.version,
  revision: changeFields.revision,
  at: changeFields.at,
  by: changeFields.by,
};

/** A resource as it is answered; its specification as it was written. */
export const representationOf = <S extends z.ZodType>(resource: Resource<S>) =>
  z.object({ ...representationFields, kind: z.literal(resource.kind), spec: z.unknown() });

/** A resource as it is answered, of any kind. */
export interface Representation<Spec = unknown> {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  readonly revision: number;
  readonly at: string;
  readonly by: string;
  readonly spec: Spec;
}
