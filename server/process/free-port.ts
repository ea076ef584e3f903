import { createServer } from "node:net";

/** Returns `preferred` if that port is free on the loopback address, otherwise a port chosen by the system. */
export async function freePort(preferred = 0): Promise<number> {
  const port = await probe(preferred);
  return port ?? freePort(0);
}

function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => (port === 0 ? reject(error) : resolve(undefined)));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
