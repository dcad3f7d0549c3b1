import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** Mantine's own soft tints are too pale to read at the size of a badge: these have 4.5:1 on theirs (WCAG 2.2 AA). */
const onTint: Readonly<Record<string, string>> = {
  green: '#1a5f29',
  red: '#9c1c1c',
  yellow: '#6b4200',
  orange: '#7d3200',
  blue: '#134d88',
  gray: '#3b4249',
  harbour: '#06535e',
};

/** Mantine as this page wants it: the house's colours, fonts of the machine alone, labels that are read aloud. */
export const theme = createTheme({
  primaryColor: 'harbour',
  primaryShade: { light: 8, dark: 8 },
  colors: {
    harbour: [
      '#e9f7f9',
      '#d6eff2',
      '#a9dde4',
      '#79cad5',
      '#52bac8',
      '#38b0c0',
      '#209daf',
      '#0e7f8e',
      '#0b6b78',
      '#06535e',
    ],
    dark: [
      '#d5dbdf',
      '#b8c1c7',
      '#a3aeb5',
      '#93a0a8',
      '#3b464d',
      '#2c343a',
      '#232a2f',
      '#1c2226',
      '#171c1f',
      '#121618',
    ],
  },
  black: '#1b2329',
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, Cantarell, 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'Cascadia Mono', Menlo, 'DejaVu Sans Mono', 'Liberation Mono', monospace",
  headings: { fontWeight: '650' },
  components: {
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 600 } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    Paper: { defaultProps: { withBorder: true, radius: 'lg' } },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, radius: 'lg', closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
});

/** Mantine's colours, with the contrast that small text needs. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#535e67',
    '--mantine-color-placeholder': '#66717b',
    '--mantine-color-error': '#c02626',
    '--mantine-color-default-border': '#c9d1d6',
    '--slipway-ground': '#f5f7f8',
    '--slipway-line': '#e2e7ea',
    ...Object.fromEntries(
      Object.entries(onTint).map(([name, value]) => [`--mantine-color-${name}-light-color`, value]),
    ),
  },
  dark: {
    '--mantine-color-error': '#ff9c9c',
    '--slipway-ground': '#14181b',
    '--slipway-line': '#2e373d',
  },
});
