import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { lastOf, parseCommand, type Stage, variablesOf } from "./dockerfile";

const run = promisify(execFile);
const DEBOOTSTRAP_MS = 300_000;
/** As in the base image. */
const NODE_USER = 1000;
/** Debian's slim images do not contain these. */
const NOT_SLIM = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/info",
  "usr/share/locale",
  "var/cache/apt",
  "var/lib/apt/lists",
];

/**
 * A file system as `docker build` makes one: the stage's COPY, RUN and WORKDIR lines, run in a fresh Debian. This
 * machine's Node.js replaces the one of the base image.
 */
export interface Image {
  readonly root: string;
  readonly bytes: number;
  /** Runs a program in it, read-only but for the volume and /tmp, as the stage's user. */
  start(args: readonly string[], env: Record<string, string>): Container;
  /** Runs the stage's HEALTHCHECK beside a program with the same variables. @returns its exit code */
  checkHealth(env: Record<string, string>): Promise<number | null>;
  remove(): Promise<void>;
}

export interface Container {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** @param copied the folder that replaces the files of another stage, by `PATH` in `COPY --from` */
export async function buildImage(stage: Stage, copied: Record<string, string>): Promise<Image> {
  const root = await mkdtemp(path.join(tmpdir(), "batch-console-image-"));
  const data = `${root}-data`;
  await chmod(root, 0o755);
  try {
    await debootstrap(root, /-(bookworm|trixie)-slim$/.exec(stage.image)?.[1] ?? "");
    let folder = "/";
    for (const { name, text } of stage.instructions) {
      if (name === "WORKDIR") await mkdir(path.join(root, text), { recursive: true });
      if (name === "WORKDIR") folder = text;
      if (name === "RUN") await run("chroot", [root, "sh", "-c", `cd ${folder} && ${text}`]);
      if (name === "COPY") await copy(text, path.join(root, folder), copied);
    }
    await cp(path.join(root, lastOf(stage, "VOLUME")), data, { recursive: true, preserveTimestamps: true });
    await run("chown", ["--reference", path.join(root, lastOf(stage, "VOLUME")), data]);
    await run("chmod", ["--reference", path.join(root, lastOf(stage, "VOLUME")), data]);
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  const { stdout } = await run("du", ["--summarize", "--bytes", "--one-file-system", root]);
  const enter = (args: readonly string[], env: Record<string, string>) => contain({ root, data, stage, args, env });
  return {
    root,
    bytes: Number.parseInt(stdout, 10),
    start: (args, env) => enter([...parseCommand(lastOf(stage, "ENTRYPOINT")), ...args], env),
    checkHealth: async (env) => {
      const code = await enter(parseCommand(lastOf(stage, "HEALTHCHECK")), env).ended;
      return typeof code === "number" ? code : null;
    },
    remove: async () => {
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Installs a minimal Debian from the mirror that this machine uses, with Node.js and its user. */
async function debootstrap(root: string, suite: string): Promise<void> {
  const { stdout } = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
  const mirror = stdout.split("\n").find((uri) => uri !== "" && !uri.includes("security")) ?? "";
  await run("debootstrap", ["--variant=minbase", suite, root, mirror], { timeout: DEBOOTSTRAP_MS });
  for (const folder of NOT_SLIM) await rm(path.join(root, folder), { recursive: true, force: true });
  await cp(process.execPath, path.join(root, "usr/local/bin/node"));
  // libstdc++ is in the base image, not in a minimal Debian.
  const { stdout: libraries } = await run("ldd", [process.execPath]);
  for (const [, file = ""] of libraries.matchAll(/(?:=>|^)\s*(\/\S+)/gm)) {
    await run("cp", ["--no-clobber", "--dereference", file, path.join(root, file)]);
  }
  await run("chroot", [root, "groupadd", "--gid", String(NODE_USER), "node"]);
  await run("chroot", [root, "useradd", "--uid", String(NODE_USER), "--gid", "node", "--create-home", "node"]);
}

async function copy(text: string, folder: string, copied: Record<string, string>): Promise<void> {
  const [, from = "", to = ""] = /^--from=\S+ (\S+) (\S+)$/.exec(text) ?? [];
  const source = copied[from];
  if (source === undefined || to !== "./") throw new Error(`Unsupported: COPY ${text}`);
  await run("cp", ["--archive", `${source}/.`, folder]);
}

/** The mounts are in a namespace of their own and end with its last process. */
const MOUNTS = `set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -o remount,ro,bind "$ROOT"
mount --bind "$DATA" "$ROOT$VOLUME"
mount -t tmpfs tmpfs "$ROOT/tmp"
mount -t proc proc "$ROOT/proc"
exec chroot --userspec="$USER_ID:$USER_ID" "$ROOT" "$@"`;

interface Contained {
  readonly root: string;
  readonly data: string;
  readonly stage: Stage;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

function contain({ root, data, stage, args, env }: Contained): Container {
  if (lastOf(stage, "USER") !== "node") throw new Error("The image runs as another user.");
  const variables = { PATH: "/usr/local/bin:/usr/bin:/bin", ...variablesOf(stage), ...env };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const inFolder = ["sh", "-c", `cd ${lastOf(stage, "WORKDIR")} && exec "$@"`, "sh", ...args];
  const child = spawn(
    "unshare",
    ["--mount", "sh", "-c", MOUNTS, "sh", "env", "--ignore-environment", ...assignments, ...inFolder],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        NODE_ENV: "test",
        PATH: process.env.PATH,
        ROOT: root,
        DATA: data,
        VOLUME: lastOf(stage, "VOLUME"),
        USER_ID: String(NODE_USER),
      },
    },
  );
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk));
  return {
    child,
    output,
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code))),
  };
}
