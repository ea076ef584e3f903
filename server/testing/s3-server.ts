import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort } from "@/server/process/free-port";

const SERVERS = {
  /** The S3 server of Ceph. */
  radosgw: {
    script: "radosgw.sh",
    programs: ["/usr/bin/radosgw", "/usr/bin/ceph-mon", "/usr/bin/ceph-osd"],
    credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
  },
  /** The S3 server of OpenStack, which is as strict as Aliyun OSS. */
  swift: {
    script: "swift.sh",
    programs: ["/usr/bin/swift-proxy-server", "/usr/bin/swift-object-server"],
    credentials: { accessKeyId: "test:tester", secretAccessKey: "testing" },
  },
} as const;

export type S3ServerName = keyof typeof SERVERS;

export interface TestS3 {
  /** The value of FILES_URL for an existing, empty bucket. */
  readonly url: string;
  /** The AWS variables of its credentials. */
  readonly env: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and deletes its data. */
  remove(): Promise<void>;
}

/** Returns whether the programs of the server are installed. */
export function hasS3Server(name: S3ServerName): boolean {
  return SERVERS[name].programs.every((program) => existsSync(program));
}

const run = promisify(execFile);
const START_TIMEOUT_MS = 240_000;
const PORTS = 30;

/** Starts an S3 server on free ports of the loopback address, and creates a bucket. */
export async function startS3(name: S3ServerName): Promise<TestS3> {
  // The client warns in each process that releases after January 2027 need Node.js 22.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { script, credentials } = SERVERS[name];
  const folder = await mkdtemp(path.join(tmpdir(), "bc-s3-"));
  const file = path.join(process.cwd(), "server/testing/s3", script);
  const port = await freePorts();
  const start = async () => void (await run("bash", [file, folder, String(port)], { timeout: START_TIMEOUT_MS }));
  const stop = async () => void (await run("bash", [file, folder, "stop"]));
  await start();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: "console" }));
  client.destroy();
  return {
    url: `s3://console/files?endpoint=${endpoint}&path_style=true`,
    env: { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    stop,
    start,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the first of several consecutive free ports. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await freePort();
    if (first + PORTS > 65_535) continue;
    const ports = await Promise.all(Array.from({ length: PORTS }, (_, index) => freePort(first + index)));
    if (ports.every((port, index) => port === first + index)) return first;
  }
}
