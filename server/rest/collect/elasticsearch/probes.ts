import type { CollectorCall } from "../collector";
import { elasticAnswer } from "./answer";

/** The version that clients see; they adapt their requests to it. */
const VERSION = "8.19.0";
const CLUSTER = "batch-console";

const about = {
  name: CLUSTER,
  cluster_name: CLUSTER,
  cluster_uuid: CLUSTER,
  version: {
    number: VERSION,
    build_flavor: "default",
    build_type: "docker",
    build_hash: "0000000000000000000000000000000000000000",
    build_date: "2025-07-29T00:00:00.000000000Z",
    build_snapshot: false,
    lucene_version: "9.12.2",
    minimum_wire_compatibility_version: "7.17.0",
    minimum_index_compatibility_version: "7.0.0",
  },
  tagline: "You Know, for Search",
};
const license = { status: "active", uid: CLUSTER, type: "basic", mode: "basic" };
const health = {
  cluster_name: CLUSTER,
  status: "green",
  timed_out: false,
  number_of_nodes: 1,
  number_of_data_nodes: 1,
};

/** Settings of indexes, which have no meaning here: each is reported as present, and accepted unchanged. */
const SETTINGS = [
  "_ilm",
  "_index_template",
  "_component_template",
  "_template",
  "_data_stream",
  "_ingest",
  "_alias",
  "_aliases",
];

/** Answers the requests that clients send before events; undefined for a path that no collector needs. */
export function answerProbe({ request: { method }, path }: CollectorCall): Response | undefined {
  const [first = "", second = "", name = ""] = path;
  const isRead = method === "GET" || method === "HEAD";
  if (first === "") return isRead ? elasticAnswer(about) : undefined;
  if (SETTINGS.includes(first)) return isRead ? elasticAnswer(settingOf(first, name || second)) : acknowledged();
  if (!isRead) return first.startsWith("_") ? undefined : acknowledged();
  switch (first) {
    case "_license":
      return elasticAnswer({ license });
    case "_xpack":
      return elasticAnswer({ license, features: { ilm: { available: true, enabled: true } } });
    case "_cluster":
      return second === "health" ? elasticAnswer(health) : undefined;
    case "_cat":
      return second === "health" ? elasticAnswer([{ cluster: CLUSTER, status: health.status }]) : undefined;
    case "_nodes":
      // Without addresses, so that a client that looks for other nodes continues to use its own URL.
      return elasticAnswer({ _nodes: { total: 0, successful: 0, failed: 0 }, cluster_name: CLUSTER, nodes: {} });
    default:
      return first.startsWith("_")
        ? undefined
        : elasticAnswer({ [first]: { aliases: {}, mappings: {}, settings: {} } });
  }
}

function acknowledged(): Response {
  return elasticAnswer({ acknowledged: true, shards_acknowledged: true });
}

function settingOf(kind: string, name: string): object {
  if (kind === "_index_template") return { index_templates: [{ name, index_template: {} }] };
  if (kind === "_component_template") return { component_templates: [{ name, component_template: {} }] };
  if (kind === "_data_stream") return { data_streams: [{ name, status: "GREEN", indices: [] }] };
  if (kind === "_ilm") return { [name]: { version: 1, policy: { phases: {} } } };
  return { [name]: {} };
}
