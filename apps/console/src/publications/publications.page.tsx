import { Page } from '../parts/page.js';
import { PublicationList } from './publication-list.js';

/** All publications, live. */
export function PublicationsPage() {
  return (
    <Page title="Publications" about="Images on their way to CVMFS, there, and gone from it; as it happens.">
      <PublicationList />
    </Page>
  );
}
