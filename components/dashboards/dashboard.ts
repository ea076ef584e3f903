import type { RouterOutputs } from "../trpc";

export type Dashboard = RouterOutputs["dashboards"]["get"];
export type DashboardContent = Dashboard["content"];
export type DashboardSummary = RouterOutputs["dashboards"]["list"][number];
export type Panel = DashboardContent["panels"][number];
export type PanelQuery = NonNullable<Panel["query"]>;
