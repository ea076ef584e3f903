import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "@/server/process/free-port";
import { checkHealth } from "@/server/services/health";
import { TEST_CERTIFICATE, TEST_KEY } from "@/server/testing/certificate";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { runRedis, sendCommand, startRedis, type TestRedis } from "@/server/testing/redis";
import { connectRedis } from "./connect";

let subject: TestContext;
let folder: string;
let port: number;
let redis: TestRedis;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-acl-"));
  redis = await startRedis();
  port = redis.port;
  await sendCommand(port, "ACL SETUSER poor on >poor ~* +ping +info +client");
  await sendCommand(port, "CONFIG SET requirepass right");
  subject = await createTestContext({ redisUrl: `redis://:wrong@127.0.0.1:${port}` });
});
afterAll(async () => {
  await subject.close();
  await redis.remove();
  await rm(folder, { recursive: true, force: true });
});

async function refusal(url: string): Promise<string> {
  const connection = connectRedis(url, { commandTimeout: 2_000, prepare: () => {} });
  const message = await connection
    .run((client) => client.lpush("some_queue", "event"))
    .then(
      () => "connected",
      (error: Error) => error.message,
    );
  await connection.close();
  return message;
}

test.each([
  ["a wrong password", ":wrong@", /rejects the user name or password in REDIS_URL \(WRONGPASS\)/],
  ["no password", "", /requires a password.*NOAUTH/],
  ["a user with insufficient ACL permissions", "poor:poor@", /lacks a permission.*lpush.*Extend its ACL/],
])("%s is reported with its cause", async (_, account, line) => {
  expect(await refusal(`redis://:right@127.0.0.1:${port}`)).toBe("connected");
  expect(await refusal(`redis://${account}127.0.0.1:${port}`)).toMatch(line);
});

test("health reports the cause too", async () => {
  const { parts } = await checkHealth(subject.context);
  expect(parts.queue).toMatchObject({
    state: "down",
    advice: { code: "queue.wrong_password" },
  });
});

test("an untrusted certificate is distinguished from an unreachable server", async () => {
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  await Promise.all([writeFile(key, TEST_KEY), writeFile(cert, TEST_CERTIFICATE)]);
  const [plainPort, tlsPort] = [await freePort(), await freePort()];
  const files = [
    "--tls-cert-file",
    cert,
    "--tls-key-file",
    key,
    "--tls-ca-cert-file",
    cert,
    "--tls-auth-clients",
    "no",
  ];
  const secure = await runRedis(
    ["--port", String(plainPort), "--tls-port", String(tlsPort), "--dir", folder, ...files],
    plainPort,
  );
  expect(await refusal(`rediss://127.0.0.1:${tlsPort}`)).toMatch(
    /certificate of Redis is not trusted.*NODE_EXTRA_CA_CERTS/,
  );
  expect(await refusal(`redis://127.0.0.1:${tlsPort}`)).toMatch(/unreachable.*rediss:/);
  await secure.stop("SIGKILL");
  expect(await refusal(`rediss://127.0.0.1:${tlsPort}`)).toMatch(/unreachable.*ECONNREFUSED/);
});
