import { execFile, spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { CHDB_FOLDER, CHDB_VERSION, hasChdb } from "@/server/testing/clickhouse/install";

const run = promisify(execFile);
const print = (text: string) => process.stdout.write(`${text}\n`);

const CHROMIUM_NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/** Limits the time for an unresponsive mirror; apt is the fallback. */
const DOWNLOAD_TIMEOUT_MS = 180_000;

/**
 * Finds redis-server, faketime, PgBouncer and Chromium, or installs them: by Playwright's download (Chromium), then by apt if
 * permitted.
 * @returns environment variables for the tests
 * @throws an Error whose one-line message names what to install
 */
export async function findTools(): Promise<{ CHROMIUM_PATH: string }> {
  if (!(await runs("redis-server", ["--version"]))) {
    if (!(await aptInstall("redis-server"))) throw new Error("The tests need redis-server: install it and try again.");
  }
  if (!(await runs("faketime", ["--version"])) && !(await aptInstall("faketime"))) {
    throw new Error("The tests need faketime: install it (Debian and Ubuntu: faketime) and try again.");
  }
  if (!(await runs("/usr/sbin/pgbouncer", ["--version"])) && !(await runs("pgbouncer", ["--version"]))) {
    if (!(await aptInstall("pgbouncer"))) throw new Error("The tests need pgbouncer: install it and try again.");
  }
  const path = (await findChromium()) ?? (await installChromium());
  if (!path) throw new Error("The tests need a Chromium: install chromium (or google-chrome) and try again.");
  if (!(await hasChineseFont()) && !(await aptInstall("fonts-noto-cjk"))) {
    print("No Chinese font is installed: screenshots will show boxes (install fonts-noto-cjk).");
  }
  return { CHROMIUM_PATH: path };
}

/** Programs that only .ci/run installs: their package, and the tests that run only with them. */
const OPTIONAL = [
  ["python3", "python3", "exports read by Python"],
  ["nginx", "nginx", "deploy/nginx.conf"],
  ["promtool", "prometheus", "deploy/prometheus and deploy/grafana"],
  ["kubectl", "kubernetes-client", "the rendering of deploy/kubernetes"],
  ["systemd-analyze", "systemd", "deploy/systemd"],
  ["radosgw", "radosgw ceph-mon ceph-osd", "the object store Ceph"],
  ["swift-proxy-server", "swift-proxy and its services", "the object store Swift"],
] as const;

/**
 * Installs ClickHouse's engine for its tests, which are skipped without it. It is downloaded by each test run, and not a
 * dependency, because it occupies 550 MB.
 */
export async function installChdb(): Promise<void> {
  if (hasChdb()) return;
  const args = ["install", "--prefix", CHDB_FOLDER, "--no-save", "--no-audit", "--no-fund", `chdb@${CHDB_VERSION}`];
  await passes("npm", args, {});
  if (!hasChdb()) print("chdb cannot be installed: tests of ClickHouse are skipped.");
}

/** Prints one line for each program whose tests are skipped because it is not installed. */
export async function reportMissingTools(): Promise<void> {
  for (const [program, packages, tests] of OPTIONAL) {
    const isInstalled = (await runs("which", [program])) || (await exists(`/usr/sbin/${program}`));
    if (!isInstalled) print(`${program} is not installed: tests of ${tests} are skipped (install ${packages}).`);
  }
}

async function findChromium(): Promise<string | undefined> {
  for (const name of [process.env.CHROMIUM_PATH, ...CHROMIUM_NAMES, chromium.executablePath()]) {
    if (name && (await canBrowse(name))) return name.includes("/") ? name : (await run("which", [name])).stdout.trim();
  }
  return undefined;
}

async function installChromium(): Promise<string | undefined> {
  print("No Chromium here: trying Playwright's download.");
  const withDeps = process.getuid?.() === 0 && (await runs("apt-get", ["--version"])) ? ["--with-deps"] : [];
  await passes("npx", ["playwright", "install", "--only-shell", ...withDeps, "chromium"], {
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "5000",
  });
  const found = await findHeadlessShell();
  if (found) return found;
  await aptInstall("chromium");
  return findChromium();
}

/** `--only-shell` installs the headless shell, whose path is printed by `playwright install --dry-run`. */
async function findHeadlessShell(): Promise<string | undefined> {
  const { stdout } = await run("npx", ["playwright", "install", "--only-shell", "--dry-run", "chromium"]).catch(() => ({
    stdout: "",
  }));
  for (const [, folder] of stdout.matchAll(/Install location:\s+(.*headless.*)/g)) {
    for (const name of ["chrome-linux/headless_shell", "chrome-headless-shell-linux64/chrome-headless-shell"]) {
      const file = `${folder}/${name}`;
      if ((await exists(file)) && (await canBrowse(file))) return file;
    }
  }
  return undefined;
}

/** Checks that it can render a page: a package may be an empty stub, and a download may lack libraries. */
function canBrowse(command: string): Promise<boolean> {
  return runs(
    command,
    ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "data:text/html,<p>ready"],
    30_000,
  );
}

async function hasChineseFont(): Promise<boolean> {
  const { stdout } = await run("fc-list", [":lang=zh"]).catch(() => ({ stdout: "" }));
  return stdout.trim() !== "";
}

let isAptFresh = false;

async function aptInstall(name: string): Promise<boolean> {
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const [command = "", ...args] = [...prefix, "apt-get"];
  if (!(await runs(command, [...args, "--version"]))) return false;
  print(`Installing ${name} with apt.`);
  if (!isAptFresh) await passes(command, [...args, "update", "-qq"]);
  isAptFresh = true;
  return passes(command, [...args, "install", "-y", "-qq", "--no-install-recommends", name], {
    DEBIAN_FRONTEND: "noninteractive",
  });
}

async function runs(command: string, args: string[], timeout = 10_000): Promise<boolean> {
  return run(command, args, { timeout }).then(
    () => true,
    () => false,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Runs a command without output. A failure becomes visible in the next step. @returns whether it succeeded */
function passes(command: string, args: string[], env: Record<string, string> = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: "ignore",
      timeout: DOWNLOAD_TIMEOUT_MS,
    });
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}
