import { Avatar, Badge, Group, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconDevices, IconLogout } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { request } from '../api/request.js';
import type { Me } from '#api';

/** Who is signed in, with what right, and the way out. */
export function PersonMenu({ me }: { readonly me: Me }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signOut = async (): Promise<void> => {
    await request('/auth/logout', { method: 'POST' });
    await navigate('/sign-in');
    queries.clear();
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className="person">
          <span className="visually-hidden">Signed in as {me.name}</span>
          <Avatar size={32} radius="xl" color="harbour" name={me.name} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Group justify="space-between" wrap="nowrap">
            <Text fz="sm" fw={600} truncate c="var(--mantine-color-text)">
              {me.name}
            </Text>
            <Badge>{me.role}</Badge>
          </Group>
        </Menu.Label>
        <Menu.Item component={Link} to="/sessions" leftSection={<IconDevices size={16} />}>
          Sessions
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
