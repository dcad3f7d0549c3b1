import { looks } from './browser.js';
import { lookAtEveryPage } from './every-page.js';

// The other two: pages.spec.ts.
describe('every page', () => {
  lookAtEveryPage(
    import.meta.url,
    looks.filter(({ name }) => name === 'dark' || name === 'phone'),
  );
});
