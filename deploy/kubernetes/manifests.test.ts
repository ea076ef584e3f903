import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { environment, loadConfig } from "@/server/process/config";

const run = promisify(execFile);
const FOLDER = "deploy/kubernetes";
const KUBECTL = "/usr/bin/kubectl";

/** The declarations of Kubernetes's API in kubernetes-types, by apiVersion. */
const MODULES: Readonly<Record<string, string>> = {
  v1: "core/v1",
  "apps/v1": "apps/v1",
  "autoscaling/v2": "autoscaling/v2",
  "batch/v1": "batch/v1",
  "networking.k8s.io/v1": "networking/v1",
  "policy/v1": "policy/v1",
};

const kustomization = z.object({
  namespace: z.string(),
  resources: z.array(z.string()),
  images: z.array(z.object({ name: z.string(), newName: z.string(), newTag: z.string() })),
  configMapGenerator: z.array(z.object({ name: z.string(), literals: z.array(z.string()) })),
});
const labels = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const container = z.object({
  image: z.string(),
  args: z.array(z.string()),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  envFrom: z.array(z.record(z.string(), z.object({ name: z.string() }))),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(z.object({ mountPath: z.string() })),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  resources: z
    .object({
      requests: z.object({ cpu: z.string(), memory: z.string() }),
      limits: z.object({ memory: z.string() }),
    })
    .optional(),
});
const volume = z.object({ name: z.string(), emptyDir: z.object({ sizeLimit: z.string().optional() }) });
const template = z.object({
  metadata: z.object({ labels }),
  spec: z.object({
    securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
    terminationGracePeriodSeconds: z.number().optional(),
    containers: z.array(container).length(1),
    volumes: z.array(volume),
  }),
});
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  spec: z.looseObject({}).optional(),
});
type Manifest = z.infer<typeof manifest>;

let manifests: Manifest[];
let settings: z.infer<typeof kustomization>;

beforeAll(async () => {
  settings = kustomization.parse(parse(await readFile(`${FOLDER}/kustomization.yaml`, "utf8")));
  const texts = [...settings.resources, "collect.yaml", "ingress.yaml"].map((file) =>
    readFile(path.join(FOLDER, file), "utf8"),
  );
  manifests = (await Promise.all(texts)).flatMap(readManifests);
});

const readManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => manifest.parse(document.toJS()));
const ofKind = (...kinds: string[]) => manifests.filter(({ kind }) => kinds.includes(kind));
const podsOf = ({ spec }: Manifest) => template.parse(spec?.template);
const isPartOf = (selector: unknown, all: Record<string, string>) =>
  Object.entries(labels.parse(selector)).every(([name, value]) => all[name] === value);

/** Returns the errors of the compiler, which knows every field and its type. */
async function findErrors(documents: readonly Manifest[]): Promise<string> {
  const folder = "node_modules/.cache";
  await mkdir(folder, { recursive: true });
  const inside = await mkdtemp(path.join(folder, "manifests-"));
  try {
    const lines = documents.map(({ apiVersion, kind, ...rest }, index) => {
      const type = `import("kubernetes-types/${MODULES[apiVersion]}").${kind}`;
      return `export const document${index}: ${type} = ${JSON.stringify({ apiVersion, kind, ...rest })};`;
    });
    await writeFile(`${inside}/manifests.ts`, lines.join("\n"));
    const options = ["--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler", "--types", ""];
    const tsc = run("node_modules/.bin/tsc", [...options, "--ignoreConfig", `${inside}/manifests.ts`]);
    return await tsc.then(
      () => "",
      (error: unknown) => z.object({ stdout: z.string() }).parse(error).stdout,
    );
  } finally {
    await rm(inside, { recursive: true, force: true });
  }
}

test("Every field of the manifests exists in Kubernetes's API and has its type, and a wrong one is found", async () => {
  const [deployment] = ofKind("Deployment");
  if (!deployment) throw new Error("There is no Deployment.");
  const wrong = { ...deployment, spec: { ...deployment.spec, replica: 2 } };
  const errors = (await findErrors([...manifests, wrong])).trim().split("\n");
  expect(errors).toEqual([expect.stringContaining(`'"replica"' does not exist in type 'DeploymentSpec'`)]);
});

test("All pods run without privileges, and can write to their data folder and /tmp only", () => {
  const pods = ofKind("Deployment", "Job").map(podsOf);
  expect(pods).toHaveLength(4);
  for (const { spec } of pods) {
    expect(spec.containers[0]?.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(["/data", "/tmp"]);
    if (spec.terminationGracePeriodSeconds !== undefined) {
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(loadConfig({}).shutdownSeconds + 10);
    }
  }
  expect(pods.flatMap(({ spec }) => spec.containers.map(({ args }) => args.join(" ")))).toEqual([
    "cli migrate",
    "web",
    "worker",
    "collect",
  ]);
});

test("Every probe asks a port of its container, and each Deployment has all three", () => {
  for (const deployment of ofKind("Deployment")) {
    const [{ ports, startupProbe, livenessProbe, readinessProbe }] = z
      .tuple([container])
      .parse(podsOf(deployment).spec.containers);
    for (const found of [startupProbe, livenessProbe, readinessProbe]) {
      expect(ports.map(({ name }) => name)).toContain(found?.httpGet.port);
    }
  }
});

test("Every selector and reference finds its object", () => {
  const deployments = ofKind("Deployment");
  const labelsOfPods = deployments.map((deployment) => podsOf(deployment).metadata.labels);
  const found = (selector: unknown) => labelsOfPods.filter((all) => isPartOf(selector, all)).length;
  for (const { spec } of ofKind("Deployment", "PodDisruptionBudget")) {
    expect(found(z.looseObject({ matchLabels: labels }).parse(spec?.selector).matchLabels)).toBe(1);
  }
  for (const { spec } of ofKind("Service")) expect(found(spec?.selector)).toBe(1);
  for (const { spec } of ofKind("HorizontalPodAutoscaler")) {
    const { name } = z.object({ name: z.string() }).parse(spec?.scaleTargetRef);
    expect(deployments.map(({ metadata }) => metadata.name)).toContain(name);
  }
  const [ingress] = ofKind("Ingress");
  expect(JSON.stringify(ingress)).toContain(`"service":{"name":"${ofKind("Service")[0]?.metadata.name}"`);
  const names = new Set([...settings.configMapGenerator.map(({ name }) => name), "batch-console"]);
  for (const pod of ofKind("Deployment", "Job").map(podsOf)) {
    const [{ image, envFrom }] = z.tuple([container]).parse(pod.spec.containers);
    expect(settings.images.map(({ name }) => name)).toContain(image);
    for (const reference of envFrom.flatMap((source) => Object.values(source))) expect(names).toContain(reference.name);
  }
});

/** The settings of the ConfigMap. */
function readVariables(): Record<string, string> {
  const pairs = settings.configMapGenerator.flatMap(({ literals }) => literals);
  return Object.fromEntries(pairs.map((pair) => [pair.split("=", 1)[0] ?? "", pair.replace(/^.*?=/, "")]));
}

test("The settings of the ConfigMap are valid variables", () => {
  const variables = readVariables();
  expect(() => loadConfig(variables)).not.toThrow();
  expect(Object.keys(variables).filter((name) => !Object.keys(environment.shape).includes(name))).toEqual([]);
});

const GIB = 1024 ** 3;
const UNITS: Readonly<Record<string, number>> = { m: 1 / 1000, "": 1, Mi: 1024 ** 2, Gi: GIB };

function quantity(text: string | undefined): number {
  const [, digits = "", unit = ""] = /^(\d+)(m|Mi|Gi|)$/.exec(text ?? "") ?? [];
  return Number.parseInt(digits, 10) * (UNITS[unit] ?? Number.NaN);
}

test("The process of queries over columns fits into the memory and the disk of its pod", () => {
  const { explore } = loadConfig(readVariables());
  // The collector runs no queries.
  const pods = ofKind("Deployment").map(podsOf);
  for (const { spec } of pods.filter(({ spec }) => spec.containers[0]?.args[0] !== "collect")) {
    const { resources } = spec.containers[0] ?? {};
    const memory = quantity(resources?.limits.memory) - quantity(resources?.requests.memory);
    expect(memory).toBeGreaterThan(explore.memoryBytes);
    const disk = quantity(spec.volumes.find(({ name }) => name === "data")?.emptyDir.sizeLimit);
    // Copies of files that were just used may exceed the cache's limit, and files that are written need space.
    expect(disk).toBeGreaterThan(explore.cacheBytes + explore.temporaryBytes + 8 * GIB);
  }
});

test("One search in columns starts no web pod, and as many as run at once in a pod do not start all", () => {
  const scaler = z
    .object({
      minReplicas: z.number(),
      maxReplicas: z.number(),
      metrics: z.tuple([z.object({ resource: z.object({ target: z.object({ averageUtilization: z.number() }) }) })]),
    })
    .parse(ofKind("HorizontalPodAutoscaler")[0]?.spec);
  const web = ofKind("Deployment")
    .map(podsOf)
    .find(({ metadata }) => metadata.labels["app.kubernetes.io/component"] === "web");
  const request = quantity(web?.spec.containers[0]?.resources?.requests.cpu);
  const target = (request * scaler.metrics[0].resource.target.averageUtilization) / 100;
  const { threads } = loadConfig(readVariables()).explore;
  const podsFor = (cores: number) => Math.ceil((cores + scaler.minReplicas * 0.25) / target);
  expect(podsFor(threads)).toBeLessThanOrEqual(scaler.minReplicas);
  // Each further statement adds a thread.
  expect(podsFor(threads + 2)).toBeLessThan(scaler.maxReplicas);
});

/** .ci/run installs kubectl, which contains kustomize. */
test.runIf(existsSync(KUBECTL))("kustomize renders the manifests with namespace, image and settings", async () => {
  const { stdout } = await run(KUBECTL, ["kustomize", FOLDER]);
  const rendered = readManifests(stdout);
  expect(rendered.map(({ kind }) => kind).sort()).toEqual([
    "ConfigMap",
    "Deployment",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Job",
    "Namespace",
    "PodDisruptionBudget",
    "PodDisruptionBudget",
    "Service",
  ]);
  const map = rendered.find(({ kind }) => kind === "ConfigMap")?.metadata.name;
  expect(map).toMatch(/^batch-console-\w{10}$/);
  for (const each of rendered) {
    if (each.kind !== "Namespace") expect(each.metadata.namespace).toBe(settings.namespace);
    if (!["Deployment", "Job"].includes(each.kind)) continue;
    const [{ image, envFrom }] = z.tuple([container]).parse(podsOf(each).spec.containers);
    expect(image).toBe(`${settings.images[0]?.newName}:${settings.images[0]?.newTag}`);
    expect(envFrom).toContainEqual({ configMapRef: { name: map } });
  }
});
