import type { Publication, PublishBody } from '#api';
import { Checkbox } from '@mantine/core';
import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { publishNow, unpublish } from '../api/publications.js';
import { useMe } from '../api/session.js';
import { AskedButton } from '../parts/asked-button.js';
import { said } from '../parts/said.js';
import { imageName } from './image-name.js';

/** Publish it (again) now; take it off CVMFS. */
export function PublicationActions({ publication }: { readonly publication: Publication }) {
  const queries = useQueryClient();
  const [isNow, setNow] = useState(false);
  const me = useMe();
  if (!me || me.role === 'reader') return null;
  const name = imageName(publication);
  const heard = (words: string): void => {
    said(words);
    void queries.invalidateQueries({ queryKey: ['publications'] });
  };
  return (
    <>
      <AskedButton
        label="Publish now"
        icon={<IconRefresh size={16} />}
        title="Publish it now?"
        confirmLabel="Publish it"
        isDangerous={false}
        onConfirm={async () => {
          await publishNow(wishOf(publication));
          heard(`${name} is on its way.`);
        }}
      >
        The publisher takes it up as soon as it has its turn; what is there already is not done twice.
      </AskedButton>
      <AskedButton
        label="Unpublish"
        icon={<IconCloudOff size={16} />}
        title="Take it off CVMFS?"
        confirmLabel="Unpublish it"
        onConfirm={async () => {
          await unpublish(publication.id, isNow);
          heard(`${name} is being taken off CVMFS.`);
        }}
      >
        {name} and all its tags go. The tree itself stays for the repository&apos;s grace period, for the jobs
        that still run from it.
        <Checkbox
          mt="md"
          label="At once: jobs that run from it lose their files"
          checked={isNow}
          onChange={(event) => setNow(event.currentTarget.checked)}
        />
      </AskedButton>
    </>
  );
}

function wishOf({ registry, repository, tags: [tag], digest, cvmfsRepository }: Publication): PublishBody {
  return { registry, repository, cvmfsRepository, ...(tag === undefined ? { digest } : { tag }) };
}
