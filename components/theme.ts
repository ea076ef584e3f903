import { type BadgeProps, type CSSVariablesResolver, createTheme, mergeThemeOverrides } from "@mantine/core";

const CHINESE = '"PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC"';

/** One accent color; green, amber and red are reserved for status. */
const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 6,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: `-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", ${CHINESE}, sans-serif`,
  fontFamilyMonospace: `ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", ${CHINESE}, monospace`,
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.4" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  // `Modal.extend` would load these components on every page.
  components: {
    // Mantine's text is 9 to 11 px in all sizes but the largest ones.
    Badge: {
      vars: (_: unknown, { size }: BadgeProps) => ({ root: size === "lg" ? {} : { "--badge-fz": "0.75rem" } }),
    },
    EmptyState: { defaultProps: { size: "sm", variant: "light", color: "gray" } },
    Modal: { styles: { title: { fontWeight: 650 } } },
    Drawer: { styles: { title: { fontWeight: 650 } } },
    // The placeholder is not allowed in a menu. Without it, the first item is focused.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // A `header` in a dialog would be a second banner of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
  },
  colors: {
    accent: [
      "#eef3ff",
      "#dce5fb",
      "#b6c8f3",
      "#8ea9ec",
      "#6c8fe6",
      "#567ee2",
      "#3d68d8",
      "#345ac0",
      "#2c4fac",
      "#1f4398",
    ],
    dark: [
      "#d3d8e0",
      "#b3bac6",
      "#8f98a7",
      "#667081",
      "#3e4756",
      "#303847",
      "#262d3a",
      "#1b212c",
      "#151a23",
      "#0f131a",
    ],
  },
});

/** Returns the theme, with the name of close buttons in the language of the page. */
export function themeWith(close: string) {
  const named = { "aria-label": close };
  return mergeThemeOverrides(theme, {
    components: {
      ModalCloseButton: { defaultProps: named },
      DrawerCloseButton: { defaultProps: named },
    },
  });
}

/** Secondary text with less contrast than Mantine's, but at least 4.5:1 on both backgrounds. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f7f8fa",
    "--mantine-color-dimmed": "#5b6472",
    // Mantine's have a contrast of less than 4.5:1.
    "--mantine-color-teal-light-color": "var(--app-good)",
    "--mantine-color-orange-light-color": "var(--app-warn)",
    "--mantine-color-yellow-light-color": "#8a5300",
    "--mantine-color-red-light-color": "var(--app-status-failed)",
    // White text on Mantine's has a contrast of 3.3:1.
    "--mantine-color-red-filled": "#c92a2a",
    "--mantine-color-red-filled-hover": "#b02525",
    "--app-surface": "#ffffff",
    "--app-border": "#e3e6eb",
    "--app-hover": "#f1f4f9",
    "--app-match": "#ffe08a",
    "--app-match-text": "#1b1f27",
    "--app-line": "#eff1f4",
    "--app-good": "#066b4c",
    "--app-warn": "#a84300",
    "--app-bad": "#c92a2a",
    "--app-warn-surface": "#fff4e6",
    "--app-bad-surface": "#fff0f0",
    "--app-status-failed": "#a61e2f",
    "--app-status-refused": "#d08700",
    "--app-status-moved": "#8f99a9",
    "--app-status-good": "#5b82e0",
    "--app-status-other": "#7d5aa6",
    "--app-status-none": "#b9c1cd",
    "--app-series-0": "#2f6bd8",
    "--app-series-1": "#d9800a",
    "--app-series-2": "#0a8f73",
    "--app-series-3": "#a8559c",
    "--app-series-4": "#53acd8",
    "--app-series-5": "#8a6d2f",
    "--app-series-others": "#a7b0bd",
  },
  dark: {
    "--mantine-color-accent-light": "rgba(108, 143, 230, 0.16)",
    "--mantine-color-accent-light-hover": "rgba(108, 143, 230, 0.24)",
    "--mantine-color-accent-light-color": "var(--mantine-color-accent-2)",
    "--mantine-color-gray-light": "var(--mantine-color-dark-6)",
    "--mantine-color-gray-light-color": "var(--mantine-color-dark-1)",
    "--mantine-color-red-light": "var(--app-bad-surface)",
    "--mantine-color-orange-light": "var(--app-warn-surface)",
    "--mantine-color-body": "var(--mantine-color-dark-8)",
    "--mantine-color-dimmed": "var(--mantine-color-dark-2)",
    "--mantine-color-red-filled": "#c92a2a",
    "--mantine-color-red-filled-hover": "#b02525",
    "--app-surface": "var(--mantine-color-dark-7)",
    "--app-border": "var(--mantine-color-dark-5)",
    "--app-hover": "var(--mantine-color-dark-6)",
    "--app-match": "#7a5c00",
    "--app-match-text": "#ffffff",
    "--app-line": "#222935",
    "--app-good": "#4fd1a5",
    "--app-warn": "#ffa94d",
    "--app-bad": "#ff8787",
    "--app-warn-surface": "#32261a",
    "--app-bad-surface": "#3a1f24",
    "--app-status-failed": "#ff6b78",
    "--app-status-refused": "#ffc266",
    "--app-status-moved": "#76839a",
    "--app-status-good": "#5577cc",
    "--app-status-other": "#b394dd",
    "--app-status-none": "#4d586b",
    "--app-series-0": "#6d9bf3",
    "--app-series-1": "#f5ab4a",
    "--app-series-2": "#3cc7a2",
    "--app-series-3": "#d98bcb",
    "--app-series-4": "#86cdf0",
    "--app-series-5": "#c9a95f",
    "--app-series-others": "#5f6b7d",
  },
});
