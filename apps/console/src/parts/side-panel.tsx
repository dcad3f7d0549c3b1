import { Drawer, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** The children are there only while it is open, so that a form begins anew each time. */
export interface SidePanelProps {
  readonly isOpen: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Where something is made or changed in place: beside the page, all of it at phone width. */
export function SidePanel({ isOpen, title, onClose, children }: SidePanelProps) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size="min(100vw, 560px)"
      padding="lg"
      // A key that is pressed, or a click beside it, must not lose what was typed.
      closeOnClickOutside={false}
      title={
        <Text fw={650} fz="lg">
          {title}
        </Text>
      }
    >
      {isOpen && children}
    </Drawer>
  );
}
