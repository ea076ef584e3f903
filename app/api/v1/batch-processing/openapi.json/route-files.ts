import type { DocumentedPaths } from "@/server/rest";
import { collectorRoutes } from "@/server/rest/collect";

const files = import.meta.glob<DocumentedPaths[string]>("../**/route.ts");

/** Returns every route file of the interface by its path, as found on disk by the bundler, and the collectors' paths. */
export async function documentedPaths(): Promise<DocumentedPaths> {
  const loaded = await Promise.all(Object.values(files).map((load) => load()));
  return Object.fromEntries([...loaded, ...collectorRoutes].map((file) => [file.GET.template, file]));
}
