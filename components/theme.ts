import { type CSSVariablesResolver, createTheme, Drawer, Modal } from "@mantine/core";

const CHINESE = '"PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC"';

/** One accent; green, amber and red are kept for what they mean. */
export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 5 },
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
  components: {
    Modal: Modal.extend({ styles: { title: { fontWeight: 650 } } }),
    Drawer: Drawer.extend({ styles: { title: { fontWeight: 650 } } }),
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

/** Quieter secondary text than Mantine's, yet 4.5:1 on both backgrounds. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f7f8fa",
    "--mantine-color-dimmed": "#5b6472",
    "--app-surface": "#ffffff",
    "--app-border": "#e3e6eb",
    "--app-hover": "#f1f4f9",
    "--app-line": "#eff1f4",
    "--app-good": "#087f5b",
    "--app-warn": "#a84300",
    "--app-bad": "#c92a2a",
    "--app-warn-surface": "#fff4e6",
    "--app-bad-surface": "#fff0f0",
    "--app-status-failed": "#a61e2f",
    "--app-status-refused": "#d08700",
    "--app-status-moved": "#8f99a9",
    "--app-status-good": "#5b82e0",
    "--app-status-other": "#7d5aa6",
  },
  dark: {
    "--mantine-color-accent-light": "rgba(108, 143, 230, 0.16)",
    "--mantine-color-accent-light-hover": "rgba(108, 143, 230, 0.24)",
    "--mantine-color-accent-light-color": "var(--mantine-color-accent-2)",
    "--mantine-color-body": "var(--mantine-color-dark-8)",
    "--mantine-color-dimmed": "var(--mantine-color-dark-2)",
    "--app-surface": "var(--mantine-color-dark-7)",
    "--app-border": "var(--mantine-color-dark-5)",
    "--app-hover": "var(--mantine-color-dark-6)",
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
  },
});
