import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { Loading } from '../parts/loading.js';
import { NotFoundPage } from './not-found.page.js';
import { Shell } from './shell.js';

const SignInPage = lazy(async () => ({ default: (await import('../sign-in/sign-in.page.js')).SignInPage }));

/** Each page is a file of its own to the browser, read when somebody goes there. */
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
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </Shell>
  );
}
