import { describe, expect, it } from "vitest";
import { loadConfig } from "@/server/process/config";
import { exposureWarning } from "./describe-sign-in";

const SECRET = "a secret that is long enough to be one";
const warning = (env: Record<string, string>) => exposureWarning(loadConfig(env));

describe("binding to a public address", () => {
  it.each(["0.0.0.0", "::", "192.168.1.10", "logs.example.com"])(
    "warns that %s is reachable without a configured secret and password",
    (HOST) => {
      const text = warning({ HOST });
      expect(text).toContain(`WARNING: HOST is ${HOST}`);
      expect(text).toContain("APP_SECRET is not set");
      expect(text).toContain("ADMIN_PASSWORD is not set");
      expect(text).toContain("APP_URL is http");
    },
  );

  it("lists only missing settings", () => {
    const env = { HOST: "0.0.0.0", APP_SECRET: SECRET, APP_URL: "https://logs.example.com" };
    expect(warning(env)).not.toContain("APP_SECRET");
    expect(warning(env)).toContain("ADMIN_PASSWORD is not set");
    expect(warning({ ...env, ADMIN_PASSWORD: "correct horse battery" })).toBe("");
  });

  it.each(["127.0.0.1", "127.0.0.53", "::1", "localhost"])("prints no warning on loopback: %s", (HOST) => {
    expect(warning({ HOST })).toBe("");
  });
});
