import { NavLink, Stack, Text } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { useMe } from '../api/session.js';
import { navigation } from './navigation.js';

/** Where one can go; some of it is for admins alone. */
export function NavigationLinks() {
  const { pathname } = useLocation();
  const isAdmin = useMe()?.role === 'admin';
  return (
    <Stack gap="md">
      {navigation.map(({ title, entries }) => (
        <div key={title} role="group" aria-label={title}>
          <Text fz="xs" fw={600} c="dimmed" px="sm" pb={4} aria-hidden>
            {title}
          </Text>
          {entries
            .filter(({ adminsOnly }) => isAdmin || !adminsOnly)
            .map(({ to, label, icon: Icon }) => {
              const isHere = pathname === to || pathname.startsWith(`${to}/`);
              return (
                <NavLink
                  key={to}
                  component={Link}
                  to={to}
                  label={label}
                  leftSection={<Icon size={18} stroke={1.6} />}
                  active={isHere}
                  aria-current={isHere ? 'page' : undefined}
                  className="nav-link"
                  py={6}
                />
              );
            })}
        </div>
      ))}
    </Stack>
  );
}
