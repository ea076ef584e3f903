import { createServer } from "node:net";

/** `preferred` when nothing listens there on the loopback address, else a port that the system picks. */
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
