import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const NETWORK = "10.79.0";
const DISK_MB = 256;

export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Its own disk. */
  readonly dataDir: string;
  /** Runs a command on this machine. */
  readonly prefix: readonly string[];
}

export interface Network {
  readonly machines: readonly Machine[];
  /** Makes a server of this host's loopback address available to the machines. @returns host and port */
  publish(port: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * Creates machines: network namespaces with an address and a disk of their own, connected by a bridge. Requires root,
 * iproute2 and mount.
 */
export async function openNetwork(count: number): Promise<Network> {
  const id = process.pid;
  const bridge = `bc${id}`;
  const disks = mkdtempSync(path.join(tmpdir(), "machines-"));
  const servers: Server[] = [];
  const undo: (() => void)[] = [() => rmSync(disks, { recursive: true, force: true })];
  const close = async () => {
    for (const server of servers) server.close();
    for (const step of undo.reverse()) {
      try {
        step();
      } catch {
        // The other steps matter more.
      }
    }
  };
  try {
    ip("link", "add", bridge, "type", "bridge");
    undo.push(() => ip("link", "del", bridge));
    ip("addr", "add", `${NETWORK}.1/24`, "dev", bridge);
    ip("link", "set", bridge, "up");
    const machines = Array.from({ length: count }, (_, index): Machine => {
      const [name, link] = [`bc${id}-${index + 1}`, `bv${id}-${index + 1}`];
      const [address, dataDir] = [`${NETWORK}.${index + 11}`, path.join(disks, String(index + 1))];
      ip("netns", "add", name);
      undo.push(() => ip("netns", "del", name));
      ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
      ip("link", "set", link, "master", bridge, "up");
      ip("-n", name, "addr", "add", `${address}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "eth0", "up");
      ip("-n", name, "link", "set", "lo", "up");
      execFileSync("mkdir", [dataDir]);
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", dataDir]);
      undo.push(() => execFileSync("umount", [dataDir]));
      return { name, address, dataDir, prefix: ["ip", "netns", "exec", name] };
    });
    return {
      machines,
      publish: async (port) => {
        const server = createServer((client) => {
          const upstream = connect(port, "127.0.0.1");
          for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
            from.pipe(to);
            from.on("error", () => to.destroy());
            from.on("close", () => to.destroy());
          }
        });
        servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, `${NETWORK}.1`, resolve));
        return `${NETWORK}.1:${(server.address() as AddressInfo).port}`;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
}
