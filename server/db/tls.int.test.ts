import { execFileSync } from "node:child_process";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findServerUser } from "@/server/db/embedded/run-as";
import { ConfigError, loadConfig } from "@/server/process/config";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { openClient } from "./connection-url";
import { explainRefusal } from "./explain-refusal";

let folder: string;
let server: TestPostgres;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-tls-"));
  await chmod(folder, 0o755);
  makeAuthority("ca");
  makeAuthority("other");
  await makeCertificate("server", "subjectAltName=DNS:localhost");
  await makeCertificate("client", "extendedKeyUsage=clientAuth");
  const user = process.getuid?.() === 0 ? await findServerUser() : null;
  if (user) await chown(inFolder("server.key"), user.uid, user.gid);
  server = await startPostgres({
    ssl: "on",
    ssl_cert_file: `'${inFolder("server.crt")}'`,
    ssl_key_file: `'${inFolder("server.key")}'`,
    ssl_ca_file: `'${inFolder("ca.crt")}'`,
  });
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const inFolder = (name: string) => path.join(folder, name);

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function makeAuthority(name: string): void {
  openssl(
    "req",
    "-x509",
    ...NEW_KEY,
    "-subj",
    `/CN=${name}`,
    "-days",
    "2",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.crt`,
  );
}

async function makeCertificate(name: string, extension: string): Promise<void> {
  await writeFile(inFolder(`${name}.ext`), extension);
  openssl("req", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
  const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...authority,
    "-days",
    "2",
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.crt`,
  );
  await chmod(inFolder(`${name}.key`), 0o600);
}

/** Connects with the parameters. @returns whether the connection is encrypted, and the client's name in its certificate */
async function connected(host: string, parameters: string): Promise<{ ssl: boolean; client: string | null }> {
  const url = `${server.url().replace("127.0.0.1", host)}?${parameters.replaceAll("FOLDER", folder)}`;
  loadConfig({ DATABASE_URL: url });
  const sql = openClient(url, { max: 1, connect_timeout: 10 });
  try {
    const [row] = await sql<{ ssl: boolean; client: string | null }[]>`
      select ssl, client_dn as client from pg_stat_ssl where pid = pg_backend_pid()`;
    if (!row) throw new Error("no row");
    return { ...row };
  } catch (error) {
    throw explainRefusal(error, url);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const ENCRYPTED = { ssl: true, client: null };

test.each([
  ["127.0.0.1", "sslmode=disable", { ssl: false, client: null }],
  ["127.0.0.1", "sslmode=prefer", ENCRYPTED],
  ["127.0.0.1", "sslmode=require", ENCRYPTED],
  ["127.0.0.1", "sslmode=require&sslrootcert=FOLDER/ca.crt", ENCRYPTED],
  ["127.0.0.1", "sslmode=verify-ca&sslrootcert=FOLDER/ca.crt", ENCRYPTED],
  ["localhost", "sslmode=verify-full&sslrootcert=FOLDER/ca.crt", ENCRYPTED],
  [
    "localhost",
    "sslmode=verify-full&sslrootcert=FOLDER/ca.crt&sslcert=FOLDER/client.crt&sslkey=FOLDER/client.key",
    { ssl: true, client: "/CN=client" },
  ],
])("A connection to %s with %s is made", async (host, parameters, expected) => {
  expect(await connected(host, parameters)).toEqual(expected);
});

test.each([
  ["another name", "127.0.0.1", "sslmode=verify-full&sslrootcert=FOLDER/ca.crt"],
  ["another authority", "localhost", "sslmode=verify-full&sslrootcert=FOLDER/other.crt"],
  ["another authority", "localhost", "sslmode=verify-ca&sslrootcert=FOLDER/other.crt"],
  ["another authority", "localhost", "sslmode=require&sslrootcert=FOLDER/other.crt"],
  ["an unknown authority", "localhost", "sslmode=verify-full"],
  ["an unknown authority", "localhost", "sslmode=verify-ca"],
])("A certificate of %s is refused (%s, %s)", async (_, host, parameters) => {
  await expect(connected(host, parameters)).rejects.toThrow(/^The certificate of PostgreSQL at .* is not accepted/);
});

test.each([
  ["sslmode=verify-full&sslrootcert=/nowhere.crt", /sslrootcert is a readable file in PEM format/],
  ["sslmode=verify-ca&sslrootcert=FOLDER/server.ext", /sslrootcert is a readable file in PEM format/],
  ["sslmode=verify-ca&sslrootcert=system", /sslrootcert=system only where sslmode is verify-full/],
  ["sslrootcert=FOLDER/ca.crt", /sslrootcert only where sslmode is require, verify-ca or verify-full/],
  ["sslmode=require&sslcert=FOLDER/client.crt", /both sslcert and sslkey/],
  ["sslmode=require&sslcert=FOLDER/client.crt&sslkey=FOLDER/other.key", /belong together/],
  ["sslmode=sure", /sslmode is one of/],
])("DATABASE_URL with %s stops the start with one line", async (parameters, message) => {
  const problem = connected("localhost", parameters);
  await expect(problem).rejects.toThrow(ConfigError);
  await expect(problem).rejects.toThrow(message);
});
