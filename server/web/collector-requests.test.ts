import { request as send } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "@/server/process/free-port";
import { prepareCollector } from "./collector-requests";
import { type HttpServer, listen } from "./http-server";

let http: HttpServer;
let port: number;
beforeAll(async () => {
  port = await freePort();
  http = await listen(port, "127.0.0.1", { prepare: prepareCollector });
  http.handle((request, response) => {
    response.statusCode = Number(request.headers["x-status"] ?? 200);
    response.end(request.url);
  });
});
afterAll(() => http.stop(1_000));

/** The status and the URL that the server read, or the error of the connection. */
function ask(path: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve) => {
    send({ port, path, headers, agent: false }, (response) => {
      response.on("data", (body: Buffer) => resolve(`${response.statusCode} ${body}`));
    })
      .on("error", (error) => resolve(error.message))
      .end();
  });
}

it.each([
  ["/api/collect/elasticsearch/", "/api/collect/elasticsearch"],
  ["/api/collect/elasticsearch//_bulk?a=//", "/api/collect/elasticsearch/_bulk?a=//"],
  ["//api/collect/splunk//services/collector/?x=?", "/api/collect/splunk/services/collector?x=?"],
  ["/api//v1/", "/api//v1/"],
])("The path of a collector has no empty segments: %s", async (path, read) => {
  expect(await ask(path)).toBe(`200 ${read}`);
});

it("rsyslog, which has no User-Agent, gets a broken connection instead of a status that it would ignore", async () => {
  const path = "/api/collect/elasticsearch/_bulk";
  for (const status of ["401", "403", "429", "500", "503"]) {
    expect(await ask(path, { "x-status": status })).toBe("socket hang up");
    expect(await ask(path, { "x-status": status, "user-agent": "Filebeat" })).toBe(`${status} ${path}`);
  }
  expect(await ask(path, { "x-status": "400" })).toBe(`400 ${path}`);
});
