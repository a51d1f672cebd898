import {
  Alert,
  Button,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  type MenuProps,
  type NotificationProps,
} from "@mantine/core";
import { WaitingButton } from "./ui/WaitingButton";

const blue: MantineColorsTuple = [
  "#eef1ff",
  "#dbe1fd",
  "#b5c0f6",
  "#8d9df0",
  "#6a7fea",
  "#5169e6",
  "#3553e0",
  "#2c47c4",
  "#233ba6",
  "#182c85",
];

/** Mantine's greys, a little blue: from the text on dark down to what lies under everything. */
const dark: MantineColorsTuple = [
  "#dfe3ea",
  "#c3c9d4",
  "#a2a8b4",
  "#838b99",
  "#4b5361",
  "#343b48",
  "#1a1f29",
  "#11151c",
  "#0c1016",
  "#080a0f",
];

export const theme = createTheme({
  primaryColor: "blue",
  primaryShade: { light: 7, dark: 6 },
  colors: { blue, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  defaultRadius: "md",
  autoContrast: true,
  cursorType: "pointer",
  focusRing: "auto",
  // By their names where no first page shows them: to name the part itself would fetch it with every page.
  components: {
    // Its colour is told by its ground and its sign: yellow words on light yellow are not read.
    Alert: Alert.extend({ styles: { label: { color: "var(--mantine-color-text)" } } }),
    Button: Button.extend({ defaultProps: { component: WaitingButton } }),
    // What it would focus first is no item, and so nothing that a menu may hold.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } satisfies Partial<MenuProps> },
    Notification: {
      defaultProps: { closeButtonProps: { "aria-label": "Close" } } satisfies Partial<NotificationProps>,
      // Below a title it would be too light to be read.
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    },
  },
});

/** What Mantine leaves below the contrast that WCAG 2.2 AA asks for. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#545b66",
    "--mantine-color-placeholder": "#646b76",
    "--mantine-color-error": "#c11f1f",
  },
  dark: {
    "--mantine-color-dimmed": "#a2a8b4",
    "--mantine-color-placeholder": "#959ba7",
    "--mantine-color-error": "#ff8787",
    // On a card it would have the colour of the card.
    "--mantine-color-disabled": "var(--mantine-color-dark-5)",
    "--mantine-color-disabled-color": "var(--mantine-color-dark-2)",
    "--menu-item-hover": "var(--mantine-color-dark-5)",
  },
});
