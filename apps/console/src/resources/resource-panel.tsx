import { lazyPanel } from '../parts/lazy-panel.js';
import type { EditPanelProps } from './edit-panel.js';

const EditPanel = lazyPanel<EditPanelProps>(async () => (await import('./edit-panel.js')).EditPanel);

const CredentialPanel = lazyPanel<EditPanelProps>(
  async () => (await import('../credentials/credential-panel.js')).CredentialPanel,
);

/** Makes or changes a resource of any kind; a credential with its secret. */
export function ResourcePanel(props: EditPanelProps) {
  return props.resource.kind === 'credential' ? <CredentialPanel {...props} /> : <EditPanel {...props} />;
}
