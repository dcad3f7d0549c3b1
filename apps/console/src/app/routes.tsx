import { type ComponentType, lazy, Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { Loading } from '../parts/loading.js';
import { NotFoundPage } from './not-found.page.js';
import { Shell } from './shell.js';

/** A page that is a file of its own to the browser, read when somebody goes there. */
const page = <N extends string>(name: N, load: () => Promise<Readonly<Record<N, ComponentType>>>) =>
  lazy(async () => ({ default: (await load())[name] }));

const SignInPage = page('SignInPage', () => import('../sign-in/sign-in.page.js'));
const ResourceListPage = page('ResourceListPage', () => import('../resources/list.page.js'));
const ResourceDetailPage = page('ResourceDetailPage', () => import('../resources/detail.page.js'));
const ProjectPage = page('ProjectPage', () => import('../projects/project.page.js'));
const PublicationsPage = page('PublicationsPage', () => import('../publications/publications.page.js'));
const PublicationPage = page('PublicationPage', () => import('../publications/publication.page.js'));
const EventsPage = page('EventsPage', () => import('../events/events.page.js'));
const ApiKeysPage = page('ApiKeysPage', () => import('../keys/api-keys.page.js'));
const SessionsPage = page('SessionsPage', () => import('../sessions/sessions.page.js'));
const AuditPage = page('AuditPage', () => import('../audit/audit.page.js'));
const DeadLettersPage = page('DeadLettersPage', () => import('../dead-letters/dead-letters.page.js'));
const DeadLetterPage = page('DeadLetterPage', () => import('../dead-letters/dead-letter.page.js'));
const JobsPage = page('JobsPage', () => import('../jobs/jobs.page.js'));
const GroupPage = page('GroupPage', () => import('../jobs/group.page.js'));
const JobPage = page('JobPage', () => import('../jobs/job.page.js'));
const DiagnosisPage = page('DiagnosisPage', () => import('../diagnosis/diagnosis.page.js'));

/** Which page is at which address; each is loaded when it is first needed. */
export function AppRoutes() {
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route path="/sign-in" element={<SignInPage />} />
        <Route path="*" element={<InsideRoutes />} />
      </Routes>
    </Suspense>
  );
}

function InsideRoutes() {
  return (
    <Shell>
      <Routes>
        <Route index element={<Navigate to="/projects" replace />} />
        <Route path="/projects/:name/:tab?" element={<ProjectPage />} />
        <Route path="/publications" element={<PublicationsPage />} />
        <Route path="/publications/:id" element={<PublicationPage />} />
        <Route path="/jobs" element={<JobsPage />} />
        <Route path="/jobs/search" element={<JobsPage />} />
        <Route path="/jobs/groups/:id" element={<GroupPage />} />
        <Route path="/jobs/:id" element={<JobPage />} />
        <Route path="/events" element={<EventsPage />} />
        <Route path="/api-keys" element={<ApiKeysPage />} />
        <Route path="/sessions" element={<SessionsPage />} />
        <Route path="/audit" element={<AuditPage />} />
        <Route path="/dead-letters" element={<DeadLettersPage />} />
        <Route path="/dead-letters/:queue/:id" element={<DeadLetterPage />} />
        <Route path="/diagnosis" element={<DiagnosisPage />} />
        <Route path="/:plural" element={<ResourceListPage />} />
        <Route path="/:plural/:name" element={<ResourceDetailPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </Shell>
  );
}
