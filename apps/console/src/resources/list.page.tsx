import { useParams } from 'react-router';
import { resourceOfPlural } from '../api/kinds.js';
import { NotFoundPage } from '../app/not-found.page.js';
import { labelOf } from '../forms/fields.js';
import { navigation } from '../app/navigation.js';
import { Page } from '../parts/page.js';
import { ResourceList } from './resource-list.js';
import { PastNotice, TimeTravel } from './time-travel.js';

/** All there is of a kind in the house. */
export function ResourceListPage() {
  const { plural = '' } = useParams();
  const resource = resourceOfPlural(plural);
  if (!resource) return <NotFoundPage />;
  return (
    <Page key={plural} title={titleOf(plural)} about={resource.means} actions={<TimeTravel />}>
      <PastNotice />
      <ResourceList resource={resource} />
    </Page>
  );
}

/** As the navigation calls it; `cvmfs-repositories` as `CVMFS repositories` where that has no line for it. */
export const titleOf = (plural: string): string =>
  navigation.flatMap(({ entries }) => entries).find(({ to }) => to === `/${plural}`)?.label ??
  labelOf(plural);
