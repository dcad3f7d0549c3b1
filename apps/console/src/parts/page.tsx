import { Anchor, Box, Group, Text, Title } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'react-router';

/** The title is the page’s one heading of the first order; in words it names the browser’s window too. */
export interface PageProps {
  readonly title: ReactNode;
  /** The page's title in words, where `title` is more than a text. */
  readonly name?: string;
  /** One sentence: what one sees and does here. */
  readonly about?: ReactNode;
  /** The page above it. */
  readonly above?: { readonly to: string; readonly label: string };
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

let hasShownOne = false;

/** A page: its heading, what can be done, its content. Moving to it moves the focus to its heading. */
export function Page({ title, name, about, above, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The browser itself begins at the top of the first one.
    if (hasShownOne) heading.current?.focus();
    hasShownOne = true;
  }, []);
  const words = name ?? (typeof title === 'string' ? title : 'Slipway');
  return (
    <Box maw={1240} mx="auto">
      <title>{`${words} · Slipway`}</title>
      {above && (
        <Group component="nav" aria-label="Breadcrumb" gap={4} mb={6} wrap="nowrap">
          <Anchor component={Link} to={above.to} fz="sm">
            {above.label}
          </Anchor>
          <IconChevronRight size={14} aria-hidden />
        </Group>
      )}
      <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
        <Box flex="1 1 280px" miw={0}>
          <Title order={1} fz={26} ref={heading} tabIndex={-1} className="breakable">
            {title}
          </Title>
          {about && (
            <Text c="dimmed" mt={4} maw={720}>
              {about}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}
