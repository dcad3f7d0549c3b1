import { type Resource, projectResource, resources } from '#contracts';
import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { resourceQuery, type Stored } from '../api/resources.js';
import { fieldsOf } from '../forms/fields.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { ProblemAlert } from '../parts/problem-alert.js';
import { PublicationList } from '../publications/publication-list.js';
import { Changes } from '../resources/detail.page.js';
import { History } from '../resources/history.js';
import { titleOf } from '../resources/list.page.js';
import { ResourceFacts } from '../resources/resource-facts.js';
import { ResourceList } from '../resources/resource-list.js';
import { placeOf } from '../resources/rights.js';
import { PastNotice, TimeTravel, useAt } from '../resources/time-travel.js';

/** The kinds whose things can belong to a project: each has a tab. */
const kindsInProjects: readonly Resource[] = resources.filter((resource) =>
  fieldsOf(resource).some(({ path }) => path[0] === 'project'),
);

/** What stands in the address; anything else is the first. */
const tabs: readonly string[] = [
  'settings',
  ...kindsInProjects.map(({ plural }) => plural),
  'publications',
  'history',
];

/** A project, with everything that belongs to it. */
export function ProjectPage() {
  const { name = '', tab: asked = 'settings' } = useParams();
  const tab = tabs.includes(asked) ? asked : 'settings';
  const navigate = useNavigate();
  const at = useAt();
  const { data, error, isPending, refetch } = useQuery(resourceQuery(projectResource, name, at));
  const stored = data?.value;
  const description = stored?.spec['description'];
  return (
    <Page
      key={name}
      title={name}
      above={{ to: '/projects', label: 'Projects' }}
      about={typeof description === 'string' ? description : undefined}
      actions={
        <>
          <TimeTravel />
          {stored && at === undefined && <Changes resource={projectResource} stored={stored} />}
        </>
      }
    >
      <PastNotice />
      {error && <ProblemAlert error={error} again={() => void refetch()} />}
      {isPending && <Loading what={name} />}
      {stored && (
        <Tabs
          value={tab}
          onChange={(next) => void navigate(`${placeOf(projectResource, name)}/${next ?? 'settings'}`)}
          keepMounted={false}
          activateTabWithKeyboard={false}
        >
          <Tabs.List mb="lg" className="scrolling-tabs">
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
            {kindsInProjects.map(({ plural }) => (
              <Tabs.Tab key={plural} value={plural}>
                {titleOf(plural)}
              </Tabs.Tab>
            ))}
            <Tabs.Tab value="publications">Publications</Tabs.Tab>
            <Tabs.Tab value="history">History</Tabs.Tab>
          </Tabs.List>
          <ProjectPanels stored={stored} />
        </Tabs>
      )}
    </Page>
  );
}

function ProjectPanels({ stored }: { readonly stored: Stored }) {
  return (
    <>
      <Tabs.Panel value="settings">
        <ResourceFacts resource={projectResource} stored={stored} />
      </Tabs.Panel>
      {kindsInProjects.map((resource) => (
        <Tabs.Panel key={resource.plural} value={resource.plural}>
          <ResourceList resource={resource} project={stored.name} />
        </Tabs.Panel>
      ))}
      <Tabs.Panel value="publications">
        <PublicationList project={stored.name} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <History resource={projectResource} name={stored.name} />
      </Tabs.Panel>
    </>
  );
}
