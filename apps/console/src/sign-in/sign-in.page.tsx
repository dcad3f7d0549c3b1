import { Anchor, Box, Button, Divider, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { ProblemError } from '../api/problem.js';
import { request } from '../api/request.js';
import { meQuery, signInQuery } from '../api/session.js';
import { Brand } from '../app/brand.js';
import { ColorSchemeSwitch } from '../app/color-scheme-switch.js';
import { ProblemAlert } from '../parts/problem-alert.js';

/** Where to go afterwards: an address of this page alone, or anybody could make a link that leads elsewhere. */
const ownAddress = (to: string | null): string => (to && /^\/(?![/\\])/.test(to) ? to : '/');

/** By the house's identity provider or by an API key; afterwards one is where one wanted to go. */
export function SignInPage() {
  const [search] = useSearchParams();
  const methods = useQuery(signInQuery);
  const to = ownAddress(search.get('to'));
  const oidc = methods.data?.oidc;
  return (
    <Box mih="100dvh" className="sign-in" p="md">
      <title>Sign in · Slipway</title>
      <Box pos="absolute" top={12} right={12}>
        <ColorSchemeSwitch />
      </Box>
      <Paper component="main" w="100%" maw={400} p={{ base: 'lg', xs: 36 }} shadow="md">
        <Stack gap="lg">
          <Brand size={34} />
          <div>
            <Title order={1} fz={24}>
              Sign in
            </Title>
            <Text c="dimmed" mt={4}>
              Images to CVMFS, jobs to the grid.
            </Text>
          </div>
          {search.get('error') && (
            <ProblemAlert
              title="Signing in did not work"
              error={new ProblemError({ title: '', status: 0, detail: search.get('error') ?? '' })}
            />
          )}
          {methods.error && <ProblemAlert error={methods.error} again={() => void methods.refetch()} />}
          {oidc && (
            <>
              <Button
                component="a"
                href={`${oidc.url}?to=${encodeURIComponent(to)}`}
                size="md"
                leftSection={<IconLogin2 size={18} />}
              >
                Sign in with {oidc.title}
              </Button>
              <Divider label="or" />
            </>
          )}
          {methods.data && <KeyForm to={to} address={methods.data.key.url} isOnlyWay={!oidc} />}
        </Stack>
      </Paper>
    </Box>
  );
}

interface KeyFormProps {
  readonly to: string;
  /** What the key is posted to, for a session. */
  readonly address: string;
  readonly isOnlyWay: boolean;
}

function KeyForm({ to, address, isOnlyWay }: KeyFormProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [key, setKey] = useState('');
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const enter = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await request(address, { method: 'POST', body: { key: key.trim() } });
      await queries.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate(to, { replace: true });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void enter(event)}>
      <Stack>
        {failure !== undefined && <ProblemAlert title="This key does not open Slipway" error={failure} />}
        <PasswordInput
          label="API key"
          description="It opens a session; the key itself is not kept in this browser."
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          required
          withAsterisk={false}
          autoComplete="off"
          autoFocus={isOnlyWay}
          size="md"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key', tabIndex: 0 }}
        />
        <Button type="submit" size="md" variant={isOnlyWay ? 'filled' : 'default'} loading={isBusy}>
          Sign in with the key
        </Button>
        <Text fz="sm" c="dimmed">
          New here? The registry prints a key at its first start; see its log. Programs read the{' '}
          <Anchor href="/api/docs" fz="sm" underline="always">
            interface&apos;s description
          </Anchor>
          .
        </Text>
      </Stack>
    </form>
  );
}
