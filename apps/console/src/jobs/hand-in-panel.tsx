import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { handInJobs, jobsKey } from '../api/jobs.js';
import { amount } from '../parts/amounts.js';
import { PanelForm } from '../parts/panel-form.js';
import { said } from '../parts/said.js';
import { SidePanel } from '../parts/side-panel.js';
import { nothingTyped, requestOf } from './hand-in.js';
import { HandInFields } from './hand-in-fields.js';

/** What was typed stays until it was accepted or the panel is closed. */
export interface HandInPanelProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Hands a job, or a group of jobs, in to the grid. */
export function HandInPanel({ isOpen, onClose }: HandInPanelProps) {
  return (
    <SidePanel isOpen={isOpen} onClose={onClose} title="Hand in jobs">
      <HandInForm onClose={onClose} />
    </SidePanel>
  );
}

function HandInForm({ onClose }: Pick<HandInPanelProps, 'onClose'>) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState(nothingTyped);
  const tried = useRef({ text: '', key: '' });
  const handIn = async (): Promise<void> => {
    const request = requestOf(typed);
    const text = JSON.stringify(request);
    if (tried.current.text !== text) tried.current = { text, key: crypto.randomUUID() };
    const { jobs, name, backend } = await handInJobs(request, tried.current.key);
    await queries.invalidateQueries({ queryKey: jobsKey });
    const what = jobs === 1 ? 'one job' : `${amount(jobs)} jobs`;
    said(`${name}, ${what}, is on its way to ${backend}. It comes here once the submitter has it.`);
    onClose();
  };
  return (
    <PanelForm
      label="Hand in jobs"
      submitLabel="Hand in"
      refusal="It was not handed in"
      missing={(['project', 'script'] as const).filter((name) => typed[name].trim() === '')}
      onSubmit={handIn}
      onCancel={onClose}
    >
      {(issues) => <HandInFields typed={typed} onChange={setTyped} issues={issues} />}
    </PanelForm>
  );
}
