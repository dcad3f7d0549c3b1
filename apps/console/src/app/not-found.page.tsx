import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { Page } from '../parts/page.js';

/** At an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <Page title="There is nothing here" about="The address is wrong, or what was here is gone.">
      <Button component={Link} to="/projects" variant="default">
        To the projects
      </Button>
    </Page>
  );
}
