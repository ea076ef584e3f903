// biome-ignore lint/style/noRestrictedImports: types only; the router of the queries has them as its input and output.
export type { ExploreAnswer, ExploreInput, ExploreValue, Measure } from "@/server/services/explore/contract";
