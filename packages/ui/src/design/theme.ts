import {
  ActionIcon,
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from '@mantine/core';

/** The one accent: a blue that reads on white and, two steps lighter, on near-black. */
const accent: MantineColorsTuple = [
  '#eef2ff',
  '#dce4fd',
  '#b8c7fb',
  '#92a9f8',
  '#7490f4',
  '#5c7cec',
  '#4767e0',
  '#3558d4',
  '#2a48b4',
  '#213a92',
];

const dark: MantineColorsTuple = [
  '#d5d9e0',
  '#b4bac5',
  '#9aa2af',
  '#5f6775',
  '#3b424e',
  '#2d333d',
  '#232831',
  '#181c23',
  '#13161c',
  '#0d0f14',
];

const small = { defaultProps: { size: 'xs' } };
const quick = { duration: 90, transition: 'fade' as const };

export const theme: MantineThemeOverride = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.5' },
  spacing: { xs: '6px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 28 } }),
    Button: small,
    NumberInput: small,
    Select: small,
    SegmentedControl: small,
    Tabs: { defaultProps: { keepMounted: false } },
    TextInput: small,
    Autocomplete: small,
    Switch: small,
    Kbd: small,
    Popover: { defaultProps: { shadow: 'md', transitionProps: quick } },
    Modal: {
      defaultProps: { transitionProps: quick, centered: true, closeButtonProps: { 'aria-label': 'Close' } },
    },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, transitionProps: quick, fz: 'xs' } },
  },
});

/** What Mantine has no names for: the surfaces, lines and states that both themes share. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--bar-height': '44px' },
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1a1e26',
    '--mantine-color-dimmed': '#5a6270',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-anchor': '#3558d4',
    '--surface': '#f7f8fa',
    '--line': '#e3e6eb',
    '--hover': '#eceff4',
    '--selected': '#e3e9fd',
    '--accent-mark': '#3558d4',
    '--error-mark': '#e03131',
    '--ok-mark': '#2b8a3e',
    '--warn-mark': '#b35c00',
  },
  dark: {
    '--mantine-color-body': '#13161c',
    '--mantine-color-text': '#dfe2e8',
    '--mantine-color-dimmed': '#98a0ae',
    '--mantine-color-placeholder': '#868e9c',
    '--mantine-color-error': '#ff7a7a',
    '--mantine-color-anchor': '#92a9f8',
    '--surface': '#181c23',
    '--line': '#2a303a',
    '--hover': '#222832',
    '--selected': '#233056',
    '--accent-mark': '#6d8bf3',
    '--error-mark': '#ff6b6b',
    '--ok-mark': '#51cf66',
    '--warn-mark': '#ffa94d',
  },
});
