import { looks } from './browser.js';
import { lookAtEveryPage } from './every-page.js';

describe('every page', () => {
  lookAtEveryPage(
    import.meta.url,
    looks.filter(({ name }) => name === 'light' || name === 'phone-dark'),
  );
});
