import type { Publication } from '#api';
import { Anchor, Badge, Box, Group, Paper, Text } from '@mantine/core';
import { Link } from 'react-router';
import { amount, bytes, seconds } from '../parts/amounts.js';
import { When } from '../parts/when.js';
import { imageName, shortDigest } from './image-name.js';
import { StateBadge } from './state-badge.js';
import { StepProgress } from './step-progress.js';

/** One publication in a list: what, where to, how far, and why not yet. */
export function PublicationCard({ publication }: { readonly publication: Publication }) {
  const { id, state, cvmfsRepository, tags, digest, steps, whyNotYet, result, failure, at } = publication;
  const current = steps.at(-1);
  const isMoving = state === 'publishing' || state === 'unpublishing';
  return (
    <Paper component="li" p="md" className="publication">
      <Group justify="space-between" align="flex-start" gap="xs" wrap="nowrap">
        <Box miw={0}>
          <Anchor component={Link} to={`/publications/${id}`} className="result-link breakable">
            {imageName(publication)}
          </Anchor>
          <Text fz="sm" c="dimmed" className="breakable">
            in {cvmfsRepository}
            {digest !== undefined && ` · ${shortDigest(digest)}`}
          </Text>
        </Box>
        <StateBadge state={state} />
      </Group>
      {tags.length > 1 && (
        <Group gap={6} mt="xs">
          {tags.map((tag) => (
            <Badge key={tag} color="gray">
              {tag}
            </Badge>
          ))}
        </Group>
      )}
      {isMoving && current && (
        <Box mt="sm">
          <StepProgress progress={current} isCurrent />
        </Box>
      )}
      {whyNotYet !== undefined && !isMoving && (
        <Text fz="sm" mt="xs" className="breakable">
          {whyNotYet}
        </Text>
      )}
      {whyNotYet === undefined && failure !== undefined && state === 'failed' && (
        <Text fz="sm" mt="xs" className="breakable">
          {failure.reason}
        </Text>
      )}
      <Text fz="sm" c="dimmed" mt="xs" className="numeric">
        {result !== undefined &&
          state === 'published' &&
          `${amount(result.files)} files · ${bytes(result.bytes)} · in ${seconds(result.seconds.total)} · `}
        <When at={at} isRelative />
      </Text>
    </Paper>
  );
}
