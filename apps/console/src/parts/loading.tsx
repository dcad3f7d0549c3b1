import { Center, Loader } from '@mantine/core';

/** Stands where something is still being fetched. */
export function Loading({ what = 'the page' }: { readonly what?: string }) {
  return (
    <Center mih={160} role="status" aria-label={`Loading ${what}`}>
      <Loader type="dots" />
    </Center>
  );
}
