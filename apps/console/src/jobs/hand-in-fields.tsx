import { Fieldset, SimpleGrid } from '@mantine/core';
import {
  type HandInFieldsProps,
  LinesField,
  NumberField,
  ReferenceField,
  TextField,
} from './hand-in-controls.js';

/** What is run, where, for what, and what it takes of a node. */
export function HandInFields(form: HandInFieldsProps) {
  return (
    <>
      <ReferenceField {...form} name="project" label="Project" isRequired />
      <ReferenceField {...form} name="backend" label="Backend" help="Empty: the one of the project" />
      <TextField
        {...form}
        name="name"
        label="Name"
        help="What people call it; empty: the name of the project"
      />
      <WhatIsRun {...form} />
      <TakenOfNode {...form} />
      <LinesField
        {...form}
        name="inputs"
        label="Inputs"
        help="Where it lies, a space, its http address; a line each"
      />
      <LinesField
        {...form}
        name="outputs"
        label="Outputs"
        help="Files to bring back, * and ? as in a shell; a line each"
      />
    </>
  );
}

function WhatIsRun(form: HandInFieldsProps) {
  return (
    <>
      <LinesField
        {...form}
        name="script"
        label="Script"
        help="What each job runs, by sh -e"
        isRequired
        minRows={6}
      />
      <LinesField
        {...form}
        name="over"
        label="One job for each"
        help="A line each, which is its $ITEM; empty: a single job"
      />
      <NumberField
        {...form}
        name="runningAtOnce"
        label="Running at once"
        help="At most so many of them; empty: no limit"
      />
      <TextField
        {...form}
        name="image"
        label="Image"
        help="A path on CVMFS, or a reference; empty: the node as it is"
      />
      <LinesField {...form} name="environment" label="Variables" help="NAME=value, a line each" />
    </>
  );
}

function TakenOfNode(form: HandInFieldsProps) {
  return (
    <Fieldset legend="What each takes of a node">
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberField {...form} name="cpus" label="Cores" help="Empty: 1" />
        <TextField {...form} name="memory" label="Memory" help="E.g. 4 GiB" />
        <TextField {...form} name="disk" label="Disk" help="E.g. 20 GB" />
        <TextField {...form} name="wallTime" label="Wall time" help="E.g. 2h; then it is ended" />
      </SimpleGrid>
    </Fieldset>
  );
}
