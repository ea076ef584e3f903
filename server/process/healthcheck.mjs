/**
 * The health check of the container image: exits with 0 if the web, worker or collect process of this container answers its
 * probe of liveness.
 */
const { PORT, WORKER_PORT, COLLECT_PROBE_PORT } = process.env;
const probes = [
  [PORT, "/api/health/live"],
  [WORKER_PORT, "/live"],
  [COLLECT_PROBE_PORT, "/live"],
];
const isLive = async ([port, path]) => {
  if (!port) return false;
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return response?.ok ?? false;
};
process.exit((await Promise.all(probes.map(isLive))).includes(true) ? 0 : 1);
