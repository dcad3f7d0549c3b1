import type { Resource } from '#contracts';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ProblemError } from '../api/problem.js';
import {
  changeResource,
  createResource,
  etagOf,
  kindKey,
  resourceQuery,
  type Stored,
} from '../api/resources.js';
import { ResourceForm } from '../forms/resource-form.js';
import type { Issue, Spec } from '../forms/values.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';
import { ConflictPanel } from './conflict.js';

/** `onSaved` comes before the panel closes itself; a name that others refer to is locked by itself. */
export interface EditPanelProps {
  readonly resource: Resource;
  /** What to change; undefined: a new one. */
  readonly stored: Stored | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSaved?: (stored: Stored) => void;
  /** What a new one begins with, e.g. its project. */
  readonly start?: Spec;
  readonly locked?: readonly string[];
  /** What is sent beside the specification: write-only fields. */
  readonly besides?: Spec;
  readonly more?: (issues: readonly Issue[]) => ReactNode;
}

/** Makes or changes a resource beside the page. Who comes second is shown what the first one did. */
export function EditPanel(props: EditPanelProps) {
  const { resource, stored, isOpen, onClose } = props;
  const title = stored ? `Change ${resource.title} ${stored.name}` : `New ${resource.title}`;
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title={title}>
      <EditForm {...props} />
    </SidePanel>
  );
}

function EditForm(props: EditPanelProps) {
  const { resource, stored, onClose, onSaved, start = {}, locked = [], besides, more } = props;
  const queries = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  const [base, setBase] = useState(stored);
  const [from, setFrom] = useState<Spec>(stored?.spec ?? start);
  const [theirs, setTheirs] = useState<{ readonly stored: Stored; readonly mine: Spec }>();

  const save = async (spec: Spec): Promise<void> => {
    const body = { ...spec, ...besides };
    try {
      const { value } = base
        ? await changeResource(resource, base.name, body, etagOf(base))
        : await createResource(resource, body, key);
      await queries.invalidateQueries({ queryKey: kindKey(resource) });
      said(`The ${resource.title} ${value.name} is ${base ? 'saved' : 'made'}.`);
      onSaved?.(value);
      onClose();
    } catch (error) {
      if (!base || !(error instanceof ProblemError) || error.status !== 412) throw error;
      const now = await queries.fetchQuery({ ...resourceQuery(resource, base.name), staleTime: 0 });
      setTheirs({ stored: now.value, mine: spec });
    }
  };
  if (theirs && base)
    return (
      <ConflictPanel
        base={base.spec}
        mine={theirs.mine}
        theirs={theirs.stored}
        onCancel={onClose}
        onResolved={(spec) => {
          setBase(theirs.stored);
          setFrom(spec);
          setTheirs(undefined);
        }}
      />
    );
  return (
    <ResourceForm
      resource={resource}
      start={from}
      locked={base ? [...locked, ...nameField(resource, base)] : locked}
      submitLabel={base ? 'Save' : 'Make it'}
      onSubmit={save}
      onCancel={onClose}
      {...(more && { more })}
    />
  );
}

/** The field that names it: what has a name keeps it, for others refer to it. */
const nameField = (_resource: Resource, { name, spec }: Stored): readonly string[] =>
  ['name', 'host'].filter((field) => spec[field] === name);
