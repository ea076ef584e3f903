import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "@/server/process/free-port";
import { TEST_CERTIFICATE, TEST_KEY } from "@/server/testing/certificate";

const NGINX = "/usr/sbin/nginx";

export const hasNginx = existsSync(NGINX);

export interface NginxProxy {
  readonly port: number;
  readonly plainPort: number;
  /** Text that nginx wrote, such as warnings about its configuration. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/**
 * Runs Debian's nginx with deploy/nginx.conf in front of a web process. Only names, ports and files are replaced.
 * @param webPort of the web process
 * @param port on which it listens with TLS, as localhost
 */
export async function startNginx(webPort: number, port: number): Promise<NginxProxy> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-nginx-"));
  await chmod(folder, 0o755);
  const plainPort = await freePort();
  const sample = await readFile("deploy/nginx.conf", "utf8");
  const site = sample
    .replace(/^ +listen \[::\].*\n/gm, "")
    .replace("listen 80;", `listen 127.0.0.1:${plainPort};`)
    .replace("listen 443 ", `listen 127.0.0.1:${port} `)
    .replaceAll("logs.example.com;", "localhost;")
    .replace("127.0.0.1:3000", `127.0.0.1:${webPort}`)
    .replaceAll("/etc/nginx/tls/logs.example.com", `${folder}/localhost`);
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
  await writeFile(`${folder}/localhost.pem`, TEST_CERTIFICATE);
  await writeFile(`${folder}/localhost.key`, TEST_KEY, { mode: 0o600 });
  await writeFile(`${folder}/site.conf`, site);
  await writeFile(
    `${folder}/nginx.conf`,
    `daemon off; pid ${folder}/pid; error_log stderr; events {}
    http { access_log off; ${temporary} include ${folder}/site.conf; }`,
  );
  const child = spawn(NGINX, ["-c", `${folder}/nginx.conf`, "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => (output += chunk));
  return {
    port,
    plainPort,
    output: () => output,
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
