import { asWritten, changeFields, type Resource, resourceKinds } from '#contracts';
import { z } from 'zod';
import { shownBeside } from './beside.js';

/** What is known of a resource besides what was written. */
const representationFields = {
  id: changeFields.id,
  kind: z.enum(resourceKinds),
  name: changeFields.name,
  version: changeFields.version,
  revision: changeFields.revision,
  at: changeFields.at,
  by: changeFields.by,
};

/** A resource as it is answered; its specification as it was written. */
export const representationOf = (resource: Resource) =>
  z
    .object({
      ...representationFields,
      kind: z.literal(resource.kind),
      spec: asWritten(resource.schema),
      ...shownBeside[resource.kind],
    })
    .meta({ id: pascal(resource.kind), description: resource.means });

/** One state of a resource in its history. */
export const pastRepresentationOf = (resource: Resource) =>
  z
    .object({
      ...representationFields,
      kind: z.literal(resource.kind),
      via: z.string().describe('how who changed it was known'),
      gone: changeFields.gone,
      spec: asWritten(resource.schema).optional(),
    })
    .meta({
      id: `Past${pascal(resource.kind)}`,
      description: `one state of a ${resource.title} in its history`,
    });

const pascal = (kind: string): string =>
  kind.replaceAll(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());

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

/** One state of a resource in its history. */
export interface PastRepresentation<Spec = unknown> extends Omit<Representation<Spec>, 'spec'> {
  readonly via: string;
  readonly gone: boolean;
  readonly spec?: Spec | undefined;
}
